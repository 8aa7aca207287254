//! How requests reach the server: over a connection of one's own, or over a bounded number that all
//! share.

use crate::http::{LoadConnection, LoadReply, LoadRequest, ServerAddress};
use std::io::{Error, ErrorKind, Result};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// One participant's way to the server.
pub struct ServerConnection {
    address: Arc<ServerAddress>,
    way: ConnectionMode,
}

enum ConnectionMode {
    Own(Option<LoadConnection>),
    Shared(Arc<ConnectionPool>),
}

/// At most so many connections, open ones first.
pub struct ConnectionPool {
    free: Semaphore,
    idle: Mutex<Vec<LoadConnection>>,
}

impl ConnectionPool {
    pub fn of(connections: usize) -> Arc<Self> {
        Arc::new(Self { free: Semaphore::new(connections), idle: Mutex::default() })
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<LoadConnection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ServerConnection {
    pub fn own(address: &Arc<ServerAddress>) -> Self {
        Self { address: address.clone(), way: ConnectionMode::Own(None) }
    }

    pub fn shared(address: &Arc<ServerAddress>, pool: &Arc<ConnectionPool>) -> Self {
        Self { address: address.clone(), way: ConnectionMode::Shared(pool.clone()) }
    }

    /// Sends a request, opening a connection where none is open; waiting for a shared one counts.
    ///
    /// # Errors
    /// The connection was refused or broke, the reply was not HTTP, or took too long.
    pub async fn exchange(&mut self, request: &LoadRequest<'_>) -> Result<LoadReply> {
        let within = self.address.reply_within;
        let requested = tokio::time::timeout(within, self.exchange_at_leisure(request));
        requested.await.unwrap_or_else(|_| Err(Error::from(ErrorKind::TimedOut)))
    }

    async fn exchange_at_leisure(&mut self, request: &LoadRequest<'_>) -> Result<LoadReply> {
        match &mut self.way {
            ConnectionMode::Own(connection) => {
                let (reply, reusable) = over(connection.take(), &self.address, request).await?;
                *connection = reusable;
                Ok(reply)
            }
            ConnectionMode::Shared(pool) => {
                let _permit =
                    pool.free.acquire().await.map_err(|_| Error::from(ErrorKind::NotConnected))?;
                let idle = pool.idle().pop();
                let (reply, reusable) = over(idle, &self.address, request).await?;
                pool.idle().extend(reusable);
                Ok(reply)
            }
        }
    }
}

async fn over(
    connection: Option<LoadConnection>,
    address: &ServerAddress,
    request: &LoadRequest<'_>,
) -> Result<(LoadReply, Option<LoadConnection>)> {
    let connection = match connection.filter(LoadConnection::is_open) {
        Some(connection) => connection,
        None => LoadConnection::open(address).await?,
    };
    connection.exchange(address, request).await
}
