//! How many connections there may be, in all and from one client network, and who has how many.
//!
//! Without a cap a few programs that open connections and say nothing take every descriptor of the
//! process, and nobody else gets in.

use app::throttle::ClientNetwork;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Descriptors that are kept for the database, logs, callbacks and mail.
const RESERVED: u64 = 128;
/// Beyond so many descriptors more of them change nothing.
const MOST_DESCRIPTORS: u64 = 1 << 20;
/// Connections that are enough for one server, whatever its descriptors would allow.
const MOST_CONNECTIONS: u64 = 20_000;

/// Raises the number of descriptors this process may have to the most its owner allows, and gives
/// it. Many systems begin with 1,024 although they allow far more.
pub fn raise_file_limit() -> u64 {
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
    /// From one address (a /64 of IPv6). A trusted proxy is no client: its connections count in the
    /// total only.
    pub per_network: usize,
}

impl ConnectionLimits {
    /// What settings and descriptors come to. Each connection may hold a second descriptor, for a
    /// file it brings; one client network never has more than half of all, so that others always
    /// find a place.
    #[must_use]
    pub fn new(total: Option<usize>, per_network: Option<usize>, descriptors: u64) -> Self {
        let possible = (descriptors.saturating_sub(RESERVED) / 2).clamp(16, MOST_CONNECTIONS);
        let possible = usize::try_from(possible).unwrap_or(usize::MAX);
        let total = total.unwrap_or(possible).max(2);
        Self { total, per_network: per_network.unwrap_or(total).min(total / 2) }
    }
}

/// Connections that were told to end and have not yet, at most: beyond it nobody is told to.
const MOST_LEAVING: usize = 64;

/// The connections of one listening socket. When there is no place left, the oldest that has not
/// sent a request yet ends: whoever opens connections and says nothing keeps nobody out.
#[derive(Clone)]
pub struct ConnectionLimiter(Arc<Mutex<ConnectionCounts>>, ConnectionLimits);

#[derive(Default)]
struct ConnectionCounts {
    total: usize,
    by_network: HashMap<ClientNetwork, OfNetwork>,
    /// Those of clients that have not sent a request yet, oldest first.
    silent: BTreeMap<u64, (ClientNetwork, Arc<Displaced>)>,
    /// Told to end and not yet ended.
    leaving: usize,
    next: u64,
}

#[derive(Default)]
struct OfNetwork {
    open: usize,
    silent: BTreeSet<u64>,
}

/// Whether a connection has to make room for another.
#[derive(Default)]
struct Displaced {
    is_displaced: AtomicBool,
    notified: Notify,
}

impl ConnectionLimiter {
    /// No connection is open yet; clones share the counts.
    #[must_use]
    pub fn new(limits: ConnectionLimits) -> Self {
        Self(Arc::default(), limits)
    }

    /// A place for a connection of a client, or of a trusted proxy; none when there are too many
    /// that have a request.
    #[must_use]
    pub fn admit(&self, client: Option<IpAddr>) -> Option<ConnectionPermit> {
        let network = client.map(|address| ClientNetwork::of(Some(address)));
        let mut counts = self.counts();
        if let Some(network) = network
            && counts.by_network.get(&network).is_some_and(|of| of.open >= self.1.per_network)
        {
            let oldest = counts.by_network.get(&network).and_then(|of| of.silent.first().copied());
            counts.displace(oldest?)?;
        }
        if counts.total >= self.1.total {
            let oldest = counts.silent.first_key_value().map(|(id, _)| *id);
            counts.displace(oldest?)?;
        }
        let (id, displaced) = (counts.next, Arc::<Displaced>::default());
        counts.next += 1;
        counts.total += 1;
        if let Some(network) = network {
            let of = counts.by_network.entry(network).or_default();
            of.open += 1;
            of.silent.insert(id);
            counts.silent.insert(id, (network, displaced.clone()));
        }
        Some(ConnectionPermit { connections: self.clone(), network, id, displaced })
    }

    /// How many connections are open now, whoever's.
    #[must_use]
    pub fn open(&self) -> usize {
        self.counts().total
    }

    fn counts(&self) -> MutexGuard<'_, ConnectionCounts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ConnectionCounts {
    /// Tells a silent connection to end; its place is free at once.
    fn displace(&mut self, id: u64) -> Option<()> {
        if self.leaving >= MOST_LEAVING {
            return None;
        }
        let (network, displaced) = self.silent.get(&id).cloned()?;
        self.speaks(id, Some(network));
        self.leave(Some(network));
        self.leaving += 1;
        displaced.is_displaced.store(true, Ordering::SeqCst);
        displaced.notified.notify_one();
        Some(())
    }

    fn speaks(&mut self, id: u64, network: Option<ClientNetwork>) {
        self.silent.remove(&id);
        if let Some(of) = network.and_then(|network| self.by_network.get_mut(&network)) {
            of.silent.remove(&id);
        }
    }

    fn leave(&mut self, network: Option<ClientNetwork>) {
        self.total = self.total.saturating_sub(1);
        let Some(network) = network else { return };
        if let Some(of) = self.by_network.get_mut(&network) {
            of.open = of.open.saturating_sub(1);
            if of.open == 0 {
                self.by_network.remove(&network);
            }
        }
    }
}

/// A place that is free again once it is dropped.
pub struct ConnectionPermit {
    connections: ConnectionLimiter,
    network: Option<ClientNetwork>,
    id: u64,
    displaced: Arc<Displaced>,
}

impl ConnectionPermit {
    /// The connection has sent a request: it is no more asked to make room.
    pub fn speaks(&self) {
        self.connections.counts().speaks(self.id, self.network);
    }

    /// Ready when the connection has to make room for another.
    pub async fn displaced(&self) {
        self.displaced.notified.notified().await;
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        let mut counts = self.connections.counts();
        if self.displaced.is_displaced.load(Ordering::SeqCst) {
            counts.leaving = counts.leaving.saturating_sub(1);
        } else {
            counts.speaks(self.id, self.network);
            counts.leave(self.network);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(last: u8) -> Option<IpAddr> {
        Some(IpAddr::from([192, 0, 2, last]))
    }

    /// So many places of an address whose connections all have a request.
    fn speaking(connections: &ConnectionLimiter, last: u8, count: usize) -> Vec<ConnectionPermit> {
        let places: Vec<_> = (0..count)
            .map_while(|_| connections.admit(from(last)).inspect(ConnectionPermit::speaks))
            .collect();
        places
    }

    fn is_displaced(place: &ConnectionPermit) -> bool {
        place.displaced.is_displaced.load(Ordering::SeqCst)
    }

    #[test]
    fn one_network_never_has_more_than_half_and_a_place_is_free_once_it_is_dropped() {
        let connections = ConnectionLimiter::new(ConnectionLimits::new(Some(10), None, 1024));
        let of_one = speaking(&connections, 1, 8);
        assert_eq!(of_one.len(), 5);
        let of_others: Vec<_> = (2..20).flat_map(|last| speaking(&connections, last, 1)).collect();
        assert_eq!((of_others.len(), connections.open()), (5, 10));
        drop(of_one);
        assert_eq!(connections.open(), 5);
        assert!(connections.admit(from(1)).is_some());
    }

    /// Finding security M7, from one address and from many.
    #[test]
    fn whoever_says_nothing_makes_room_and_whoever_has_a_request_does_not_m7() {
        let connections = ConnectionLimiter::new(ConnectionLimits::new(Some(10), None, 1024));
        let at_work = speaking(&connections, 1, 2);
        let mut silent: Vec<_> = (0..6).filter_map(|_| connections.admit(from(1))).collect();
        assert_eq!((silent.len(), connections.open()), (6, 5), "the share of one address");
        assert_eq!(
            silent.iter().map(is_displaced).collect::<Vec<_>>(),
            [true, true, true, false, false, false]
        );
        silent.extend((2..12).filter_map(|last| connections.admit(from(last))));
        assert_eq!((silent.len(), connections.open()), (16, 10));
        assert_eq!(silent.iter().filter(|place| is_displaced(place)).count(), 8);
        let honest = speaking(&connections, 77, 1);
        assert_eq!((honest.len(), connections.open()), (1, 10));
        assert!(!at_work.iter().chain(&honest).any(is_displaced));
        drop(silent);
        assert_eq!(connections.open(), 3, "what was displaced is not taken off twice");
        assert_eq!(connections.counts().leaving, 0);
        assert!(connections.counts().silent.is_empty());
    }

    #[test]
    fn those_that_have_to_leave_are_never_many_m7() {
        let connections = ConnectionLimiter::new(ConnectionLimits::new(Some(10), None, 1024));
        let silent: Vec<_> = (0..500).map_while(|_| connections.admit(from(1))).collect();
        assert_eq!(silent.len(), 5 + MOST_LEAVING, "until some of them have gone");
        drop(silent);
        assert!(connections.admit(from(1)).is_some());
    }

    #[test]
    fn connections_and_files_they_bring_stay_below_the_descriptors() {
        for descriptors in [0, 256, 1024, 4096, 1 << 20] {
            let limits = ConnectionLimits::new(None, Some(2048), descriptors);
            assert!(
                limits.per_network * 2 <= limits.total && limits.per_network >= 1,
                "{limits:?}"
            );
            assert!(
                descriptors < 256 || 2 * limits.total as u64 + RESERVED <= descriptors.max(256),
                "{limits:?}"
            );
        }
    }

    #[test]
    fn the_limit_of_descriptors_is_raised_and_told() {
        let raised = raise_file_limit();
        assert_eq!(getrlimit(Resource::Nofile).current.unwrap_or(MOST_DESCRIPTORS), raised);
    }
}
