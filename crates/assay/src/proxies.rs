//! Who the client is behind reverse proxies. A header that tells addresses is believed only as far
//! as trusted proxies wrote it: whatever stands left of the first address that is not a proxy's may
//! be made up.

use hyper::HeaderMap;
use hyper::header::{FORWARDED, HeaderName};
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

domain::string_enum! {
    /// The header that the proxies write. The other one is never looked at: proxies hand it on as
    /// the client sent it.
    pub enum ForwardedHeader {
        XForwardedFor = "x-forwarded-for",
        Forwarded = "forwarded",
    }
}

/// Addresses whose word is believed, and where they say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedProxies {
    pub networks: Vec<IpNet>,
    pub header: ForwardedHeader,
}

impl Default for TrustedProxies {
    fn default() -> Self {
        Self { networks: Vec::new(), header: ForwardedHeader::XForwardedFor }
    }
}

impl TrustedProxies {
    /// Whether a proxy at this address is believed; mapped addresses of version 4 count as such.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// The last address, from the connection's own towards the client, that is no trusted proxy's.
    /// Where something is written that is no address, whoever wrote it is as far as can be seen.
    #[must_use]
    pub fn client(&self, headers: &HeaderMap, peer: SocketAddr) -> SocketAddr {
        if !self.contains(peer.ip()) {
            return peer;
        }
        let name = match self.header {
            ForwardedHeader::XForwardedFor => X_FORWARDED_FOR,
            ForwardedHeader::Forwarded => FORWARDED,
        };
        let lines: Vec<&str> =
            headers.get_all(name).iter().map(|line| line.to_str().unwrap_or_default()).collect();
        let mut seen = peer;
        for entry in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
            let address = match self.header {
                ForwardedHeader::XForwardedFor => address_of(entry),
                ForwardedHeader::Forwarded => address_of(for_parameter(entry)),
            };
            let Some(address) = address else { return seen };
            seen = address;
            if !self.contains(address.ip()) {
                return address;
            }
        }
        seen
    }
}

/// The address of `for=` in one element of `Forwarded` (RFC 7239), without its quotation marks.
fn for_parameter(element: &str) -> &str {
    let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let found = pairs
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"))
        .map(|(_, value)| value.trim())
        .next();
    found.unwrap_or_default().trim_matches('"')
}

/// An address alone or with a port, IPv6 with or without brackets.
fn address_of(text: &str) -> Option<SocketAddr> {
    let text = text.trim();
    let alone = || {
        text.trim_matches(['[', ']'])
            .parse::<IpAddr>()
            .ok()
            .map(|address| SocketAddr::new(address, 0))
    };
    text.parse().ok().or_else(alone)
}

/// Addresses and networks separated by commas; none when one of them is neither.
#[must_use]
pub fn networks(text: &str) -> Option<Vec<IpNet>> {
    let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    let network = |entry: &str| {
        entry.parse::<IpNet>().ok().or_else(|| entry.parse::<IpAddr>().ok().map(IpNet::from))
    };
    entries.map(network).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(list: &str, header: ForwardedHeader) -> TrustedProxies {
        TrustedProxies { networks: networks(list).unwrap(), header }
    }

    fn client(proxies: &TrustedProxies, name: &'static str, lines: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(name, line.parse().unwrap());
        }
        proxies.client(&headers, "10.0.0.9:4711".parse().unwrap()).ip().to_string()
    }

    #[test]
    fn the_last_address_that_is_no_trusted_proxy_counts_and_what_stands_before_it_is_not_believed()
    {
        let trusted = proxies("10.0.0.0/8, 2001:db8::/32", ForwardedHeader::XForwardedFor);
        let of = |lines: &[&str]| client(&trusted, "x-forwarded-for", lines);
        assert_eq!(of(&["203.0.113.9, 198.51.100.7"]), "198.51.100.7");
        assert_eq!(of(&["203.0.113.9, 198.51.100.7, 10.1.1.1"]), "198.51.100.7");
        assert_eq!(
            of(&["203.0.113.9", "198.51.100.7, 10.1.1.1", "[2001:db8::5]:80"]),
            "198.51.100.7"
        );
        assert_eq!(of(&["10.2.2.2, 10.1.1.1"]), "10.2.2.2");
        assert_eq!(of(&["203.0.113.9, unknown, 10.1.1.1"]), "10.1.1.1");
        assert_eq!(of(&["203.0.113.9, "]), "10.0.0.9");
        assert_eq!(of(&[]), "10.0.0.9");
    }

    #[test]
    fn nobody_else_is_believed_and_the_header_that_proxies_do_not_write_is_not_looked_at() {
        let untrusted = proxies("192.0.2.1", ForwardedHeader::XForwardedFor);
        assert_eq!(client(&untrusted, "x-forwarded-for", &["198.51.100.7"]), "10.0.0.9");
        assert_eq!(
            client(&TrustedProxies::default(), "x-forwarded-for", &["198.51.100.7"]),
            "10.0.0.9"
        );
        let trusted = proxies("10.0.0.9", ForwardedHeader::XForwardedFor);
        assert_eq!(client(&trusted, "forwarded", &["for=198.51.100.7"]), "10.0.0.9");
    }

    #[test]
    fn forwarded_is_read_in_its_several_forms() {
        let trusted = proxies("10.0.0.0/8", ForwardedHeader::Forwarded);
        for (line, wanted) in [
            ("for=198.51.100.7;proto=https;by=10.0.0.9", "198.51.100.7"),
            ("For=\"198.51.100.7:4711\"", "198.51.100.7"),
            ("for=203.0.113.9, for=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17"),
            ("for=198.51.100.7, proto=https;for=10.3.3.3", "198.51.100.7"),
            ("for=_hidden", "10.0.0.9"),
            ("proto=https", "10.0.0.9"),
        ] {
            assert_eq!(client(&trusted, "forwarded", &[line]), wanted, "{line}");
        }
    }

    #[test]
    fn addresses_come_in_several_forms() {
        for (text, wanted) in [
            ("198.51.100.7", Some("198.51.100.7:0")),
            ("198.51.100.7:4711", Some("198.51.100.7:4711")),
            ("2001:db8::1", Some("[2001:db8::1]:0")),
            ("[2001:db8::1]:80", Some("[2001:db8::1]:80")),
            ("[2001:db8::1]", Some("[2001:db8::1]:0")),
            ("unknown", None),
            ("", None),
        ] {
            assert_eq!(
                address_of(text).map(|address| address.to_string()).as_deref(),
                wanted,
                "{text}"
            );
        }
    }

    #[test]
    fn a_list_of_networks_is_taken_whole_or_not_at_all() {
        assert_eq!(networks("").unwrap().len(), 0);
        assert_eq!(networks("127.0.0.1, 10.0.0.0/8,::1").unwrap().len(), 3);
        for wrong in ["true", "10.0.0.0/33", "127.0.0.1, proxy.example.org", "10.0.0"] {
            assert!(networks(wrong).is_none(), "{wrong}");
        }
    }
}
