//! Where a media URL may lead, decided before anything is resolved or connected.
//!
//! A URL comes from a payload or from a look-up; only hosts of Meta's media and those of the configuration get a request and our token.

use std::{collections::HashSet, net::IpAddr};

use url::{Host, Origin, Url};

use super::{ConfigError, address::is_public, resolver::PrivateAddress};

/// Meta's own; `*.` stands for any name below.
const META: [&str; 3] = ["lookaside.fbsbx.com", "*.fbcdn.net", "mmg.whatsapp.net"];

/// Why nothing was fetched.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    #[error("the file's address cannot be read as a URL")]
    NotAUrl,
    #[error("the id of the file has characters that no media id has")]
    NotAMediaId,
    #[error(
        "the file lies on a host that is not on the list; if it is the channel's own, add it to `media_hosts`"
    )]
    Host,
    #[error("the file's address is not https")]
    NotHttps,
    #[error("the file's address leads into a private network")]
    PrivateAddress,
    #[error("the file's host answered with a redirect, which is not followed")]
    Redirect,
}

pub(super) struct Destinations {
    /// Allowed as they are, private or without TLS: the operator wrote them down.
    origins: Vec<Origin>,
    trusted_names: HashSet<String>,
    /// Allowed over https at public addresses.
    hosts: Vec<String>,
}

impl Destinations {
    pub(super) fn new(base_url: &Url, extra: &[String]) -> Result<Self, ConfigError> {
        let mut all = Self {
            origins: Vec::new(),
            trusted_names: HashSet::new(),
            hosts: META.map(str::to_owned).to_vec(),
        };
        all.trust(base_url);
        for entry in extra {
            let name = entry.strip_prefix("*.").unwrap_or(entry);
            let is_name = name.contains('.')
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b))
                && name.parse::<IpAddr>().is_err();
            if is_name {
                all.hosts.push(entry.to_ascii_lowercase());
                continue;
            }
            match Url::parse(entry) {
                Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => all.trust(&url),
                _ => {
                    return Err(ConfigError::Setting {
                        name: "media_hosts",
                        value: entry.chars().take(100).collect(),
                        expected: "write a host (cdn.example.com, *.example.com) or an origin (http://127.0.0.1:4000)",
                    });
                }
            }
        }
        Ok(all)
    }

    fn trust(&mut self, url: &Url) {
        self.origins.push(url.origin());
        self.trusted_names.extend(url.host_str().map(str::to_owned));
    }

    /// The names that may resolve to private addresses.
    pub(super) fn trusted_names(&self) -> HashSet<String> {
        self.trusted_names.clone()
    }

    /// The URL, if a request with our token may go there.
    pub(super) fn admit(&self, text: &str) -> Result<Url, Refusal> {
        let url = Url::parse(text).map_err(|_| Refusal::NotAUrl)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::Host);
        }
        if self.origins.contains(&url.origin()) {
            return Ok(url);
        }
        match url.host() {
            None => return Err(Refusal::NotAUrl),
            Some(Host::Ipv4(v4)) if !is_public(v4.into()) => return Err(Refusal::PrivateAddress),
            Some(Host::Ipv6(v6)) if !is_public(v6.into()) => return Err(Refusal::PrivateAddress),
            Some(Host::Domain(name)) if self.is_listed(name) => {}
            Some(_) => return Err(Refusal::Host),
        }
        if url.scheme() != "https" {
            return Err(Refusal::NotHttps);
        }
        if url.port().is_some() { Err(Refusal::Host) } else { Ok(url) }
    }

    fn is_listed(&self, name: &str) -> bool {
        self.hosts.iter().any(|listed| match listed.strip_prefix("*.") {
            Some(parent) => {
                name.strip_suffix(parent).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
            }
            None => listed == name,
        })
    }
}

/// Whether a connection was not made because of [`PrivateAddress`].
pub(super) fn is_private_address(error: &reqwest::Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        if error.is::<PrivateAddress>() {
            return true;
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn admits_only_what_is_listed() {
        let base = "http://127.0.0.1:4000".parse().unwrap();
        let extra = ["cdn.example.com".to_owned(), "http://sandbox:4001".to_owned()];
        let all = Destinations::new(&base, &extra).unwrap();
        for good in [
            "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&hash=a",
            "https://LOOKASIDE.fbsbx.com:443/",
            "https://scontent.xx.fbcdn.net/v/t62.jpg",
            "https://mmg.whatsapp.net/d/f/x.enc",
            "https://cdn.example.com/a",
            "http://127.0.0.1:4000/media/1",
            "http://sandbox:4001/media/1",
        ] {
            assert!(all.admit(good).is_ok(), "{good}");
        }
        for (bad, refusal) in [
            ("", Refusal::NotAUrl),
            ("/media/1", Refusal::NotAUrl),
            ("file:///etc/passwd", Refusal::NotAUrl),
            ("data:text/plain,hi", Refusal::NotAUrl),
            ("ftp://lookaside.fbsbx.com/", Refusal::NotHttps),
            ("http://lookaside.fbsbx.com/", Refusal::NotHttps),
            ("https://lookaside.fbsbx.com:8443/", Refusal::Host),
            ("https://lookaside.fbsbx.com./", Refusal::Host),
            ("https://lookaside.fbsbx.com.evil.example/", Refusal::Host),
            ("https://lookaside.fbsbx.com@evil.example/", Refusal::Host),
            ("https://user@lookaside.fbsbx.com/", Refusal::Host),
            ("https://user:word@lookaside.fbsbx.com/", Refusal::Host),
            ("https://evil.example/#lookaside.fbsbx.com", Refusal::Host),
            ("https://fbcdn.net/", Refusal::Host),
            ("https://.fbcdn.net/", Refusal::Host),
            ("https://evilfbcdn.net/", Refusal::Host),
            ("https://8.8.8.8/", Refusal::Host),
            ("http://127.0.0.1/media/1", Refusal::PrivateAddress),
            ("http://127.0.0.1:4002/", Refusal::PrivateAddress),
            ("https://127.0.0.1:4000/", Refusal::PrivateAddress),
            ("http://2130706433:5432/", Refusal::PrivateAddress),
            ("http://0x7f.1/", Refusal::PrivateAddress),
            ("http://[::1]:4000/", Refusal::PrivateAddress),
            ("http://[::ffff:169.254.169.254]/latest/meta-data/", Refusal::PrivateAddress),
            ("https://169.254.169.254/latest/meta-data/", Refusal::PrivateAddress),
            ("http://localhost:4000/", Refusal::Host),
        ] {
            assert_eq!(all.admit(bad).err(), Some(refusal), "{bad}");
        }
    }

    #[test]
    fn says_how_a_media_host_is_written() {
        let base = "https://graph.facebook.com".parse().unwrap();
        for bad in ["", "127.0.0.1", "127.0.0.1:4000", "ftp://x.example", "a b.example", "*"] {
            let error = Destinations::new(&base, &[bad.to_owned()]).err().map(|e| e.to_string());
            assert!(error.is_some_and(|said| said.contains("write a host")), "{bad}");
        }
    }
}
