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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::whatsapp::client::destination::is_private_address;

    /// What happens to a request for a name that leads to this machine.
    async fn ask(trusted: &[&str]) -> reqwest::Error {
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let trusted = trusted.iter().map(|name| (*name).to_owned()).collect();
        let http = reqwest::Client::builder()
            .no_proxy()
            .dns_resolver(std::sync::Arc::new(GuardedResolver::new(trusted)))
            .build()
            .unwrap();
        http.get(format!("http://localhost:{}/", closed.port())).send().await.unwrap_err()
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_refused_before_a_connection() {
        assert!(is_private_address(&ask(&[]).await));
        let refused_by_the_port = ask(&["localhost"]).await;
        assert!(!is_private_address(&refused_by_the_port));
        assert!(refused_by_the_port.is_connect());
    }
}
