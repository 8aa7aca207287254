//! Which addresses may be dialled: those of the public internet, by the registries of
//! special-purpose addresses.

use reqwest::Url;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How far messages may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressPolicy {
    /// Public addresses only.
    Public,
    /// Anywhere, also into the operator's own network: for development.
    Anywhere,
}

impl AddressPolicy {
    /// Whether an address may be dialled.
    #[must_use]
    pub fn allows(self, address: IpAddr) -> bool {
        self == Self::Anywhere || is_public(address)
    }

    /// Whether a URL may be asked for as far as its host alone tells; a name is judged when it is
    /// resolved.
    pub(crate) fn allows_host(self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        literal.map_or(!host.is_empty(), |address| self.allows(address))
    }
}

/// Whether an address is one of the public internet.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => is_public_v4(four),
        IpAddr::V6(six) => is_public_v6(six),
    }
}

/// Networks of version 4 that are not public: first address and length of the prefix.
const CLOSED_V4: [([u8; 4], u32); 16] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 31, 196, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

fn is_public_v4(address: Ipv4Addr) -> bool {
    let within = |(network, length): &([u8; 4], u32)| {
        let differing = address.to_bits() ^ Ipv4Addr::from(*network).to_bits();
        differing.leading_zeros() >= *length
    };
    !CLOSED_V4.iter().any(within)
}

/// Networks of version 6 within 2000::/3 that are not public.
const CLOSED_V6: [([u16; 8], u32); 5] = [
    // Protocols, Teredo and benchmarks among them.
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
    // Documentation.
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32),
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20),
    // 6to4: leads to an address of version 4.
    ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16),
    // Direct delegation.
    ([0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48),
];

fn is_public_v6(address: Ipv6Addr) -> bool {
    let within = |network: [u16; 8], length| {
        let differing = address.to_bits() ^ Ipv6Addr::from(network).to_bits();
        differing.leading_zeros() >= length
    };
    // An address of version 4 in the clothes of version 6, by mapping or by a translator.
    let tail = || {
        let octets = address.octets();
        Ipv4Addr::new(octets[12], octets[13], octets[14], octets[15])
    };
    if within([0, 0, 0, 0, 0, 0xffff, 0, 0], 96) || within([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96) {
        return is_public_v4(tail());
    }
    // Only this eighth is given out; local, link-local, multicast and unspecified ones lie
    // elsewhere.
    within([0x2000, 0, 0, 0, 0, 0, 0, 0], 3)
        && !CLOSED_V6.iter().any(|(network, length)| within(*network, *length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_of_the_own_network_and_of_no_network_are_not_public() {
        let closed = [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "192.0.0.8",
            "198.18.0.1",
            "224.0.0.1",
            "239.1.1.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "fe80::1",
            "fec0::1",
            "fc00::1",
            "fd12:3456::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "2002:7f00:1::1",
            "100::1",
        ];
        for address in closed {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn other_addresses_are_public() {
        for address in [
            "1.1.1.1",
            "100.128.0.1",
            "172.32.0.1",
            "169.253.1.1",
            "2606:4700::1111",
            "::ffff:1.1.1.1",
            "64:ff9b::101:101",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn an_address_is_known_in_every_spelling_a_url_may_have() {
        let spellings = [
            "http://127.1/",
            "http://0x7f000001/",
            "http://2130706433/",
            "http://0177.0.0.1/",
            "http://[::1]:8080/",
            "http://[::ffff:7f00:1]/",
            "http://127.0.0.1./",
            "http://\u{ff11}27.0.0.1/",
        ];
        for spelling in spellings {
            assert!(
                !AddressPolicy::Public.allows_host(&Url::parse(spelling).unwrap()),
                "{spelling}"
            );
        }
        assert!(AddressPolicy::Public.allows_host(&Url::parse("https://example.org/").unwrap()));
        assert!(AddressPolicy::Anywhere.allows_host(&Url::parse("http://127.0.0.1/").unwrap()));
    }

    proptest! {
        #[test]
        fn a_mapped_address_is_as_public_as_itself(bits: u32) {
            let four = Ipv4Addr::from_bits(bits);
            prop_assert_eq!(is_public(IpAddr::V6(four.to_ipv6_mapped())), is_public(IpAddr::V4(four)));
        }
    }
}
