//! Which addresses belong to the public internet.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where an address leads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// Across the internet.
    Public,
    /// Into a network of one's own, or to this very machine.
    Private,
    /// Nowhere that a webhook may go: metadata services, multicast, documentation, tunnels whose
    /// far end is an address of another kind.
    Reserved,
}

const fn v4(a: u8, b: u8, c: u8, d: u8, length: u8) -> IpNet {
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length))
}

const fn v6(first: u16, second: u16, length: u8) -> IpNet {
    let address = Ipv6Addr::new(first, second, 0, 0, 0, 0, 0, 0);
    IpNet::V6(Ipv6Net::new_assert(address, length))
}

/// Networks of one's own. Every entry is at home in
/// <https://www.iana.org/assignments/iana-ipv4-special-registry> or
/// <https://www.iana.org/assignments/iana-ipv6-special-registry>.
const PRIVATE: [IpNet; 7] = [
    v4(10, 0, 0, 0, 8),
    v4(172, 16, 0, 0, 12),
    v4(192, 168, 0, 0, 16),
    v4(100, 64, 0, 0, 10), // behind a carrier's NAT, RFC 6598
    v4(127, 0, 0, 0, 8),
    IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128)),
    v6(0xfc00, 0, 7),
];

/// What is neither public nor one's own, from the same registries.
const RESERVED: [IpNet; 16] = [
    v4(0, 0, 0, 0, 8),
    // Link-local, RFC 3927. EC2's, ECS's and EKS's metadata services live here.
    v4(169, 254, 0, 0, 16),
    v4(192, 0, 0, 0, 24),
    v4(192, 0, 2, 0, 24),   // documentation, RFC 5737
    v4(192, 88, 99, 0, 24), // 6to4 relays, RFC 7526
    v4(198, 18, 0, 0, 15),  // benchmarks, RFC 2544
    v4(198, 51, 100, 0, 24),
    v4(203, 0, 113, 0, 24),
    v4(224, 0, 0, 0, 4),    // multicast, RFC 5771
    v4(240, 0, 0, 0, 4),    // with the broadcast address
    v6(0xfd00, 0x0ec2, 32), // metadata over IPv6: fd00:ec2::254, fd00:ec2::23
    v6(0x2001, 0, 23),      // Teredo (RFC 4380), ORCHID, benchmarks
    v6(0x2001, 0x0db8, 32), // documentation, RFC 3849
    v6(0x2002, 0, 16),      // 6to4, RFC 3056
    v6(0x3fff, 0, 20),      // documentation, RFC 9637
    v6(0xfec0, 0, 10),      // site-local, RFC 3879
];

/// All of IPv6 that was ever given out as global unicast, RFC 4291. What lies outside embeds an
/// IPv4 address (mapped, compatible, NAT64), stays on the link, or means a group.
const UNICAST: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Where the address leads.
#[must_use]
pub fn reach(address: IpAddr) -> Reach {
    let within = |nets: &[IpNet]| nets.iter().any(|net| net.contains(&address));
    if within(&RESERVED) {
        return Reach::Reserved;
    }
    if within(&PRIVATE) {
        return Reach::Private;
    }
    match address {
        IpAddr::V4(_) => Reach::Public,
        IpAddr::V6(address) if UNICAST.contains(&address) => Reach::Public,
        IpAddr::V6(_) => Reach::Reserved,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_kind_of_address_is_told_apart() {
        let table = [
            ("8.8.8.8", Reach::Public),
            ("100.63.255.255", Reach::Public),
            ("100.128.0.0", Reach::Public),
            ("172.15.255.255", Reach::Public),
            ("172.32.0.0", Reach::Public),
            ("223.255.255.255", Reach::Public),
            ("2606:4700:4700::1111", Reach::Public),
            ("2a00:1450:4001::1", Reach::Public),
            ("2001:200::1", Reach::Public),
            ("10.0.0.0", Reach::Private),
            ("10.255.255.255", Reach::Private),
            ("100.64.0.1", Reach::Private),
            ("127.0.0.1", Reach::Private),
            ("127.255.255.255", Reach::Private),
            ("172.16.0.1", Reach::Private),
            ("172.31.255.255", Reach::Private),
            ("192.168.1.1", Reach::Private),
            ("::1", Reach::Private),
            ("fc00::1", Reach::Private),
            ("fdff:ffff::1", Reach::Private),
            ("0.0.0.0", Reach::Reserved),
            ("0.1.2.3", Reach::Reserved),
            ("169.254.169.254", Reach::Reserved),
            ("169.254.170.2", Reach::Reserved),
            ("192.0.0.170", Reach::Reserved),
            ("192.0.2.1", Reach::Reserved),
            ("192.88.99.1", Reach::Reserved),
            ("198.18.0.1", Reach::Reserved),
            ("198.19.255.255", Reach::Reserved),
            ("198.51.100.7", Reach::Reserved),
            ("203.0.113.7", Reach::Reserved),
            ("224.0.0.1", Reach::Reserved),
            ("239.255.255.255", Reach::Reserved),
            ("240.0.0.1", Reach::Reserved),
            ("255.255.255.255", Reach::Reserved),
            ("::", Reach::Reserved),
            ("::7f00:1", Reach::Reserved),
            ("::ffff:8.8.8.8", Reach::Reserved),
            ("::ffff:127.0.0.1", Reach::Reserved),
            ("::ffff:169.254.169.254", Reach::Reserved),
            ("64:ff9b::7f00:1", Reach::Reserved),
            ("64:ff9b:1::a00:1", Reach::Reserved),
            ("100::1", Reach::Reserved),
            ("2001::1", Reach::Reserved),
            ("2001:2::1", Reach::Reserved),
            ("2001:db8::1", Reach::Reserved),
            ("2002:7f00:1::", Reach::Reserved),
            ("3fff::1", Reach::Reserved),
            ("5f00::1", Reach::Reserved),
            ("fd00:ec2::254", Reach::Reserved),
            ("fe80::1", Reach::Reserved),
            ("fec0::1", Reach::Reserved),
            ("ff02::1", Reach::Reserved),
        ];
        for (address, expected) in table {
            assert_eq!(reach(address.parse().unwrap()), expected, "{address}");
        }
    }

    proptest! {
        /// The standard library's own classification, where stable Rust has one.
        #[test]
        fn nothing_that_std_knows_to_be_special_is_public(bits in any::<u32>()) {
            let address = Ipv4Addr::from(bits);
            let special = address.is_private() || address.is_loopback() || address.is_link_local()
                || address.is_broadcast() || address.is_documentation() || address.is_multicast()
                || address.is_unspecified();
            prop_assert!(!special || reach(address.into()) != Reach::Public);
        }

        #[test]
        fn no_ipv6_spelling_of_an_ipv4_address_is_public(bits in any::<u32>()) {
            let v4 = Ipv4Addr::from(bits);
            let [a, b, c, d] = v4.octets();
            let [high, low] = [u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])];
            for address in [
                v4.to_ipv6_mapped(),
                v4.to_ipv6_compatible(),
                Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
                Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
                Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, !high, !low),
            ] {
                // ::1 alone is this machine, and private.
                prop_assert!(reach(address.into()) != Reach::Public, "{address}");
            }
        }
    }
}
