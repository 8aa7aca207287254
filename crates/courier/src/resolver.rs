//! Names: asked of the system, and every address that may not be dialled is left out. The client
//! dials what is given here and nothing else, so a name that leads elsewhere a moment later leads
//! nowhere.

use crate::ssrf::AddressPolicy;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::error::Error;
use std::net::SocketAddr;

pub(crate) struct GuardedResolver {
    pub(crate) reach: AddressPolicy,
}

/// A name leads only to addresses that are not dialled.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to no address that may be dialled")]
pub(crate) struct ForbiddenAddress;

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.reach;
        Box::pin(async move {
            // The port is the URL's; the client puts it in.
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let allowed: Vec<SocketAddr> =
                found.iter().copied().filter(|address| reach.allows(address.ip())).collect();
            if allowed.is_empty() && !found.is_empty() {
                return Err(Box::new(ForbiddenAddress) as Box<dyn Error + Send + Sync>);
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}
