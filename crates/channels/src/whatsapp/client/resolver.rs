//! Names become addresses here, once for each connection, and only public addresses come out.
//!
//! The client connects to exactly what this returned, so that a name cannot be public when checked and private when used.

use std::{collections::HashSet, net::SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address::is_public;

/// A name of the outside that leads inside.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to a private address")]
pub(super) struct PrivateAddress;

pub(super) struct GuardedResolver {
    /// Names that the operator wrote into the configuration.
    trusted: HashSet<String>,
}

impl GuardedResolver {
    pub(super) fn new(trusted: HashSet<String>) -> Self {
        Self { trusted }
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let is_trusted = self.trusted.contains(name.as_str());
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            // One private address among public ones is an attack or a mistake; neither is guessed around.
            if !is_trusted && !found.iter().all(|address| is_public(address.ip())) {
                return Err(PrivateAddress.into());
            }
            Ok::<Addrs, _>(Box::new(found.into_iter()))
        })
    }
}
