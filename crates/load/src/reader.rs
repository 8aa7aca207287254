//! An integrator that reads the task's listing from its first page to its last, again and again, as
//! often as its key may.

use crate::connection_pool::ServerConnection;
use crate::http::LoadRequest;
use crate::request_samples::{RequestKind, RequestSample};
use serde::Deserialize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until};

/// Requests and seconds where the server names no limit: the one it has by default.
const QUOTA: (u64, u64) = (6000, 60);

pub struct ResultsReader {
    pub line: ServerConnection,
    pub key: String,
    pub task: String,
    pub mode: String,
    pub limit: u32,
    pub begin: Instant,
    /// Set when the exam is over.
    pub stop: Arc<AtomicBool>,
}

#[derive(Deserialize)]
struct ReaderListPage {
    pagination: ReaderPagination,
}

#[derive(Deserialize)]
struct ReaderPagination {
    next: Option<String>,
}

impl ResultsReader {
    /// Reads until told to stop.
    pub async fn read(mut self) -> Vec<RequestSample> {
        let mut samples = Vec::new();
        let first = format!("?mode={}&limit={}", self.mode, self.limit);
        let (mut query, mut quota) = (first.clone(), QUOTA);
        sleep_until(self.begin).await;
        let mut ticks = pace(quota);
        while !self.stop.load(Ordering::Relaxed) {
            ticks.tick().await;
            let path =
                format!("/api/integration/rest/v1/tasks/{}/test-instances{query}", self.task);
            let wished = Instant::now();
            let request =
                LoadRequest { method: "GET", path: &path, token: Some(&self.key), body: None };
            let replied = self.line.exchange(&request).await;
            let status = replied.as_ref().map_or(0, |reply| reply.status);
            samples.push(RequestSample::of(RequestKind::List, status, self.begin, wished));
            let Ok(reply) = replied else { continue };
            if let Some(seconds) = reply.retry_after {
                sleep(Duration::from_secs(seconds)).await;
                continue;
            }
            if let Some(reported) = reply.quota.filter(|reported| *reported != quota) {
                (quota, ticks) = (reported, pace(reported));
            }
            let next =
                reply.json::<ReaderListPage>().ok().and_then(|listed| listed.pagination.next);
            query = next.unwrap_or_else(|| first.clone());
        }
        samples
    }
}

fn pace((requests, seconds): (u64, u64)) -> tokio::time::Interval {
    let requests = u32::try_from(requests).unwrap_or(u32::MAX).max(1);
    let mut ticks =
        interval((Duration::from_secs(seconds) / requests).max(Duration::from_millis(1)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
