//! Copying a task: next month's intake begins with the settings of this month's.

use super::{NewConduct, NewPrerequisite, NewStep, NewTask, TaskStepView, TaskView};
use crate::validation::copied_title;
use domain::access::prerequisite::Prerequisite;
use domain::access::settings::{AccessSwitch, InterfaceLang, ProgramOrStage};
use domain::id::StepId;
use domain::time::TimeWindow;

impl TaskView {
    /// A task like this one, without its candidates and dates. It is switched on as this one is.
    #[must_use]
    pub fn to_copy(&self) -> NewTask {
        let names = |list: &[ProgramOrStage]| list.iter().map(|entry| entry.name.clone()).collect();
        NewTask {
            title: copied_title(&self.title),
            switch: without_dates(self.switch),
            access_method: self.access_method,
            access_form: self.access_form.clone(),
            lang: InterfaceLang::parse(&self.lang).unwrap_or(InterfaceLang::Default),
            folder: self.folder.clone(),
            favorite: self.favorite,
            labels: self.labels.clone(),
            tags: self.tags.clone(),
            programs: names(&self.programs),
            stages: names(&self.stages),
            email_templates: self.email_templates.clone(),
            steps: self.steps.iter().map(|step| self.copied_step(step)).collect(),
        }
    }

    fn copied_step(&self, step: &TaskStepView) -> NewStep {
        let conduct = step.conduct.clone();
        let conditions = conduct.prerequisites.iter();
        NewStep {
            test: step.test.clone(),
            title: Some(step.title.clone()),
            switch: without_dates(step.switch),
            attempt_limit: step.attempt_limit,
            conduct: NewConduct {
                prerequisites: Some(
                    conditions.filter_map(|condition| self.copied_condition(condition)).collect(),
                ),
                webcam_recording: Some(conduct.webcam_recording),
                screen_recording: Some(conduct.screen_recording),
                fullscreen: Some(conduct.fullscreen),
                identity_photo: Some(conduct.identity_photo),
                documents: Some(conduct.documents),
                practice_mode: Some(conduct.practice_mode),
                sharing: Some(conduct.sharing),
                review: Some(conduct.review),
                share_when: Some(conduct.share_when),
                confirmation_mail: Some(conduct.confirmation_mail),
            },
        }
    }

    /// A condition in words that hold in another task; none when it names a step that is gone.
    fn copied_condition(&self, condition: &Prerequisite) -> Option<NewPrerequisite> {
        let number = |id: &StepId| Some(self.steps.iter().position(|step| step.id == *id)? + 1);
        Some(match condition {
            Prerequisite::Stage { stages } => {
                NewPrerequisite::Stage { stages: stages.iter().cloned().collect() }
            }
            Prerequisite::Program { programs } => {
                let named = self.programs.iter().filter(|entry| programs.contains(&entry.uuid));
                NewPrerequisite::Program {
                    programs: named.map(|entry| entry.name.clone()).collect(),
                }
            }
            Prerequisite::Completion { step } => {
                NewPrerequisite::Completion { step: number(step)? }
            }
            Prerequisite::Score { step, figure, minimum } => {
                NewPrerequisite::Score { step: number(step)?, figure: *figure, minimum: *minimum }
            }
        })
    }
}

const fn without_dates(switch: AccessSwitch) -> AccessSwitch {
    AccessSwitch { active: switch.active, window: TimeWindow { after: None, before: None } }
}
