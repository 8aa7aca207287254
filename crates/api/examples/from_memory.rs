//! Serves the files of a folder from memory under the layers of the real server: the yardstick of
//! `bench/listing`.
//!
//! `cargo run --release -p assay-api --example from_memory -- ADDRESS FOLDER`

use assay_api::layers::{LayerConfig, apply_layers};
use axum::Router;
use axum::http::header;
use axum::routing::get;
use bytes::Bytes;
use domain::id::RequestId;
use mimalloc::MiMalloc;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

/// The binary's own.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(address), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("usage: from_memory ADDRESS FOLDER".into());
    };
    let mut routes = Router::new();
    for file in std::fs::read_dir(folder)? {
        let file = file?;
        let body = Bytes::from(std::fs::read(file.path())?);
        let answer = move || {
            let body = body.clone();
            async move { ([(header::CONTENT_TYPE, "application/json")], body) }
        };
        routes = routes.route(&format!("/{}", file.file_name().to_string_lossy()), get(answer));
    }
    let surroundings = LayerConfig {
        base_url: "http://127.0.0.1".into(),
        new_request_id: Arc::new(|| RequestId::from("Rq000000000000000000")),
        timeout: Duration::from_secs(60),
        meters: None,
        not_found: None,
    };
    let listener = tokio::net::TcpListener::bind(address).await?;
    axum::serve(listener, apply_layers(routes, surroundings)).await?;
    Ok(())
}
