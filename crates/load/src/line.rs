//! How requests reach the server: over a connection of one's own, or over a bounded number that all share.

use crate::wire::{Address, Connection, Reply, Request};
use std::io::{Error, ErrorKind, Result};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// One participant's way to the server.
pub struct Line {
    address: Arc<Address>,
    way: Way,
}

enum Way {
    Own(Option<Connection>),
    Shared(Arc<Pool>),
}

/// At most so many connections, open ones first.
pub struct Pool {
    free: Semaphore,
    idle: Mutex<Vec<Connection>>,
}

impl Pool {
    pub fn of(connections: usize) -> Arc<Self> {
        Arc::new(Self { free: Semaphore::new(connections), idle: Mutex::default() })
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    pub fn own(address: &Arc<Address>) -> Self {
        Self { address: address.clone(), way: Way::Own(None) }
    }

    pub fn shared(address: &Arc<Address>, pool: &Arc<Pool>) -> Self {
        Self { address: address.clone(), way: Way::Shared(pool.clone()) }
    }

    /// Sends a request, opening a connection where none is open; waiting for a shared one counts.
    ///
    /// # Errors
    /// The connection was refused or broke, the reply was not HTTP, or took too long.
    pub async fn exchange(&mut self, request: &Request<'_>) -> Result<Reply> {
        let within = self.address.reply_within;
        let asked = tokio::time::timeout(within, self.exchange_at_leisure(request));
        asked.await.unwrap_or_else(|_| Err(Error::from(ErrorKind::TimedOut)))
    }

    async fn exchange_at_leisure(&mut self, request: &Request<'_>) -> Result<Reply> {
        match &mut self.way {
            Way::Own(connection) => {
                let (reply, kept) = over(connection.take(), &self.address, request).await?;
                *connection = kept;
                Ok(reply)
            }
            Way::Shared(pool) => {
                let _permit = pool.free.acquire().await.map_err(|_| Error::from(ErrorKind::NotConnected))?;
                let idle = pool.idle().pop();
                let (reply, kept) = over(idle, &self.address, request).await?;
                pool.idle().extend(kept);
                Ok(reply)
            }
        }
    }
}

async fn over(
    connection: Option<Connection>,
    address: &Address,
    request: &Request<'_>,
) -> Result<(Reply, Option<Connection>)> {
    let connection = match connection.filter(Connection::is_open) {
        Some(connection) => connection,
        None => Connection::open(address).await?,
    };
    connection.exchange(address, request).await
}
