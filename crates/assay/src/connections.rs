//! How many connections there may be, in all and from one client network, and who has how many.
//!
//! Without a cap a few programs that open connections and say nothing take every descriptor of the process, and nobody
//! else gets in.

use app::throttle::ClientNetwork;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Descriptors that are kept for the database, logs, callbacks and mail.
const RESERVED: u64 = 128;
/// Beyond so many descriptors more of them change nothing.
const MOST_DESCRIPTORS: u64 = 1 << 20;
/// Connections that are enough for one server, whatever its descriptors would allow.
const MOST_CONNECTIONS: u64 = 20_000;

/// Raises the number of descriptors this process may have to the most its owner allows, and gives it. Many systems begin
/// with 1,024 although they allow far more.
pub fn raise_descriptors() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let most = limit.maximum.unwrap_or(MOST_DESCRIPTORS).min(MOST_DESCRIPTORS);
    let present = limit.current.unwrap_or(MOST_DESCRIPTORS);
    if present >= most {
        return present;
    }
    match setrlimit(Resource::Nofile, Rlimit { current: Some(most), maximum: limit.maximum }) {
        Ok(()) => most,
        Err(error) => {
            tracing::warn!(%error, present, most, "the limit of open files could not be raised");
            present
        }
    }
}

/// The most connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    pub total: usize,
    /// From one address (a /64 of IPv6). A trusted proxy is no client: its connections count in the total only.
    pub per_network: usize,
}

impl ConnectionLimits {
    /// What settings and descriptors come to. Each connection may hold a second descriptor, for a file it brings; one
    /// client network never has more than half of all, so that others always find a place.
    #[must_use]
    pub fn new(total: Option<usize>, per_network: Option<usize>, descriptors: u64) -> Self {
        let possible = (descriptors.saturating_sub(RESERVED) / 2).clamp(16, MOST_CONNECTIONS);
        let possible = usize::try_from(possible).unwrap_or(usize::MAX);
        let total = total.unwrap_or(possible).max(2);
        Self { total, per_network: per_network.unwrap_or(total).min(total / 2) }
    }
}

/// The connections of one listening socket.
#[derive(Clone)]
pub struct Connections(Arc<Mutex<Counts>>, ConnectionLimits);

#[derive(Default)]
struct Counts {
    total: usize,
    by_network: HashMap<ClientNetwork, usize>,
}

impl Connections {
    #[must_use]
    pub fn new(limits: ConnectionLimits) -> Self {
        Self(Arc::default(), limits)
    }

    /// A place for a connection of a client, or of a trusted proxy; none when there are too many.
    #[must_use]
    pub fn admit(&self, client: Option<IpAddr>) -> Option<ConnectionPlace> {
        let network = client.map(|address| ClientNetwork::of(Some(address)));
        let mut counts = self.counts();
        if counts.total >= self.1.total {
            return None;
        }
        if let Some(network) = network {
            let own = counts.by_network.entry(network).or_default();
            if *own >= self.1.per_network {
                return None;
            }
            *own += 1;
        }
        counts.total += 1;
        Some(ConnectionPlace { connections: self.clone(), network })
    }

    #[must_use]
    pub fn open(&self) -> usize {
        self.counts().total
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place that is free again once it is dropped.
pub struct ConnectionPlace {
    connections: Connections,
    network: Option<ClientNetwork>,
}

impl Drop for ConnectionPlace {
    fn drop(&mut self) {
        let mut counts = self.connections.counts();
        counts.total = counts.total.saturating_sub(1);
        let Some(network) = self.network else { return };
        if let Some(own) = counts.by_network.get_mut(&network) {
            *own = own.saturating_sub(1);
            if *own == 0 {
                counts.by_network.remove(&network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(last: u8) -> Option<IpAddr> {
        Some(IpAddr::from([192, 0, 2, last]))
    }

    #[test]
    fn one_network_never_has_more_than_half_and_a_place_is_free_once_it_is_dropped() {
        let connections = Connections::new(ConnectionLimits::new(Some(10), None, 1024));
        let of_one: Vec<_> = (0..8).map_while(|_| connections.admit(from(1))).collect();
        assert_eq!(of_one.len(), 5);
        let of_others: Vec<_> = (2..20).map_while(|last| connections.admit(from(last))).collect();
        assert_eq!((of_others.len(), connections.open()), (5, 10));
        drop(of_one);
        assert_eq!(connections.open(), 5);
        assert!(connections.admit(from(1)).is_some());
    }

    #[test]
    fn a_trusted_proxy_may_have_them_all() {
        let connections = Connections::new(ConnectionLimits::new(Some(10), Some(3), 1024));
        assert_eq!((0..20).map_while(|_| connections.admit(None)).collect::<Vec<_>>().len(), 10);
    }

    #[test]
    fn connections_and_files_they_bring_stay_below_the_descriptors() {
        for descriptors in [0, 256, 1024, 4096, 1 << 20] {
            let limits = ConnectionLimits::new(None, Some(2048), descriptors);
            assert!(limits.per_network * 2 <= limits.total && limits.per_network >= 1, "{limits:?}");
            assert!(descriptors < 256 || 2 * limits.total as u64 + RESERVED <= descriptors.max(256), "{limits:?}");
        }
    }

    #[test]
    fn the_limit_of_descriptors_is_raised_and_told() {
        let raised = raise_descriptors();
        assert_eq!(getrlimit(Resource::Nofile).current.unwrap_or(MOST_DESCRIPTORS), raised);
    }
}
