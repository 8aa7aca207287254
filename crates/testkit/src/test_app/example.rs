//! The worked example of the domain rules (2.10): its candidate A, and what staff give for it.

use super::{TestApp, write};
use crate::fixtures::slot;
use app::Failure;
use app::administration::InstanceStatus;
use app::evaluation::{EvaluationBatch, NewEvaluation};
use domain::id::InstanceId;

impl TestApp {
    /// Candidate A of the worked example, submitted.
    pub async fn submit_candidate_a(&self) -> InstanceId {
        self.submit_candidate_a_as("a").await
    }

    /// The same, begun with another client token.
    pub async fn submit_candidate_a_as(&self, token: &str) -> InstanceId {
        let visitor = self.enter().await;
        let instance = self.start(&visitor, token).await.unwrap();
        for page in 1..=3 {
            self.go(&visitor, &instance, page).await.unwrap();
        }
        let answers = [
            ("q1", r#"["a","d"]"#),
            ("q2", r#""12.1""#),
            ("q3", r#"{"i1":"o1","i2":"o4"}"#),
            ("q4", r#"["b"]"#),
            ("q5", r#""Because it was due.""#),
        ];
        for (question, response) in answers {
            self.answer(&visitor, &instance, write(slot(question), 1, response)).await;
        }
        self.complete(&visitor, &instance, "c").await.unwrap();
        instance
    }

    /// Evaluates slots of the task's instance.
    pub async fn evaluate(
        &self,
        instance: &InstanceId,
        token: &str,
        list: Vec<NewEvaluation>,
    ) -> Result<InstanceStatus, Failure> {
        let request = EvaluationBatch { client_token: token.into(), list, note: None };
        self.app.evaluation().evaluate(&self.operator(), &self.task, instance, request).await
    }
}
