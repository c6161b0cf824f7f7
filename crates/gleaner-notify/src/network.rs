//! Which addresses a message may be sent to.
//!
//! A user names a host, and its name server says where that is, each time anew. A check of the name, or of an earlier
//! answer, therefore proves nothing: [`Guarded`] stands between the name server and the connection, and hands out only
//! addresses that are public or allowed. Connections are made to those and to nothing else.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use thiserror::Error;

/// Networks in CIDR notation, or single addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks(Vec<IpNet>);

impl FromStr for Networks {
    type Err = String;

    /// Reads `10.0.0.0/8, 192.168.1.20`; nothing is no network.
    fn from_str(text: &str) -> Result<Self, String> {
        let network = |part: &str| {
            part.parse::<IpNet>().or_else(|_| part.parse::<IpAddr>().map(IpNet::from)).map_err(|_| {
                format!("'{part}' is no network such as 10.0.0.0/8 and no address such as 192.168.1.20")
            })
        };
        text.split([',', ' '])
            .filter(|part| !part.is_empty())
            .map(network)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl Networks {
    /// Whether a connection to an address is allowed: one that everybody can reach, or one inside these networks.
    #[must_use]
    pub fn allow(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        is_public(address) || self.0.iter().any(|network| network.contains(&address))
    }
}

/// Whether an address belongs to the public internet, by the registries of special addresses of RFC 6890 and its
/// successors.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

#[expect(clippy::unnested_or_patterns, reason = "a line for each network reads as the registries do")]
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !matches!(
        (a, b, c),
        // This network, private, shared with a provider's customers, loopback, link-local (clouds tell secrets there).
        (0 | 10 | 127, ..)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 168, _)
            // Protocol assignments, documentation, the former 6to4 relays, benchmarks.
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (198, 18..=19, _)
            | (198, 51, 100)
            | (203, 0, 113)
            // Multicast, reserved, broadcast.
            | (224..=255, ..)
    )
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    // NAT64: what counts is the address behind it.
    if (a, b) == (0x64, 0xff9b) {
        let [.., c, d] = address.segments();
        let behind = Ipv4Addr::from((u32::from(c) << 16) | u32::from(d));
        return address.segments()[2..6] == [0; 4] && is_public_v4(behind);
    }
    // Only this eighth is given out; in it are protocol assignments with Teredo, documentation, and 6to4.
    (0x2000..0x4000).contains(&a)
        && !(a == 0x2001 && (b < 0x200 || b == 0xdb8))
        && a != 0x2002
        && !(a == 0x3fff && b < 0x1000)
}

/// Where names come from.
pub trait Resolver: Send + Sync {
    /// The addresses of a host.
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>>;
}

/// The system's own.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        async move { Ok(tokio::net::lookup_host((host, 0)).await?.map(|found| found.ip()).collect()) }.boxed()
    }
}

/// The refusal of a target inside a private network.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "{host} is at {address}, inside a private network: allow it with notify_allow in the configuration if that is meant"
)]
pub struct Private {
    /// The host as it was given.
    pub host: String,
    /// Where it is.
    pub address: IpAddr,
}

/// A resolver whose answers are looked at before anybody connects to them.
#[derive(Clone)]
pub(crate) struct Guarded {
    pub(crate) resolver: Arc<dyn Resolver>,
    pub(crate) allowed: Networks,
}

impl fmt::Debug for Guarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guarded").field("allowed", &self.allowed).finish_non_exhaustive()
    }
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let guarded = self.clone();
        Box::pin(async move {
            let host = name.as_str();
            let found = guarded.resolver.resolve(host).await?;
            // One bad address among good ones is an attack or a mistake; neither is to be tried.
            if let Some(&address) = found.iter().find(|&&address| !guarded.allowed.allow(address)) {
                return Err(Private { host: host.to_owned(), address }.into());
            }
            Ok(Box::new(found.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(text: &str) -> bool {
        is_public(text.parse().unwrap())
    }

    #[test]
    fn private_addresses_in_every_writing_are_refused() {
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:10::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!public(address), "{address}");
        }
    }

    #[test]
    fn public_addresses_are_allowed() {
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.20.0.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00:1450::1",
            "64:ff9b::808:808",
            "::ffff:8.8.8.8",
        ] {
            assert!(public(address), "{address}");
        }
    }

    #[test]
    fn a_network_can_be_allowed_and_no_other_with_it() {
        let allowed: Networks = "10.1.0.0/16, 192.168.1.20 fd00::/8".parse().unwrap();
        let allow = |text: &str| allowed.allow(text.parse().unwrap());
        assert!(allow("10.1.2.3") && allow("::ffff:10.1.2.3") && allow("192.168.1.20") && allow("fd00::5"));
        assert!(!allow("10.2.0.1") && !allow("192.168.1.21") && !allow("127.0.0.1") && !allow("fe80::1"));
        assert_eq!("".parse(), Ok(Networks::default()));
        for wrong in ["10.0.0.0/33", "home", "10.0.0"] {
            assert!(wrong.parse::<Networks>().unwrap_err().contains(wrong), "{wrong}");
        }
    }
}
