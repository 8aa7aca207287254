//! A file as the body of a request of a script: handed on piece by piece.

use app::Failure;
use app::media::FileReceiver;
use axum::body::{Body, HttpBody as _};
use std::future::poll_fn;
use std::pin::Pin;
use tokio::time::timeout;

/// Hands the body on.
pub async fn pour<R: FileReceiver>(mut receiving: R, mut body: Body) -> Result<R::Stored, Failure> {
    receiving.check_declared_size(body.size_hint().lower())?;
    loop {
        let next = poll_fn(|context| Pin::new(&mut body).poll_frame(context));
        let Ok(frame) = timeout(receiving.chunk_timeout(), next).await else {
            return Err(receiving.timeout_failure());
        };
        match frame {
            None => return receiving.finish().await,
            // Whoever sent it is gone and is told nothing.
            Some(Err(_)) => return Err(receiving.timeout_failure()),
            Some(Ok(frame)) => {
                if let Ok(bytes) = frame.into_data() {
                    receiving.write_chunk(&bytes).await?;
                }
            }
        }
    }
}
