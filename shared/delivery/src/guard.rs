//! Which URLs a webhook may be posted to.

use crate::{Reach, reach};
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr};
use url::{Host, Url};

/// Why a URL or what its name leads to is refused.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum Forbidden {
    /// It is no URL.
    #[error("no address; write https://…, or http:// to this machine")]
    Unreadable,
    /// Customers' data travel over TLS, or stay on this machine.
    #[error("no address; write https://…, or http:// to this machine")]
    Scheme,
    /// The configuration is no place for secrets.
    #[error("leave out the user and password: what signs the request is in `secret`")]
    Credentials,
    /// Other protocols live there.
    #[error("port {0} is not one that webhooks use; use 443 or one from 1024")]
    Port(u16),
    /// The host is inside one's own network.
    #[error("the address is private; name its network under `allow_private` if that is meant")]
    Private,
    /// The host is a metadata service, or nothing that answers.
    #[error("the address is reserved, and no webhook can go there")]
    Reserved,
}

/// Lets webhooks out to the public internet, and to the private networks that it was told.
///
/// Link-local addresses stay shut whatever it was told: metadata services give out credentials.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub struct Guard {
    allowed: Vec<IpNet>,
}

impl Guard {
    /// Lets these private networks be reached as well.
    #[must_use]
    pub fn new(allowed: &[IpNet]) -> Self {
        Self { allowed: allowed.to_vec() }
    }

    /// Judges the address that a connection is about to be made to.
    ///
    /// # Errors
    /// [`Forbidden::Private`] and [`Forbidden::Reserved`].
    pub fn admit(&self, address: IpAddr) -> Result<(), Forbidden> {
        match reach(address) {
            Reach::Public => Ok(()),
            Reach::Private if self.allowed.iter().any(|net| net.contains(&address)) => Ok(()),
            Reach::Private => Err(Forbidden::Private),
            Reach::Reserved => Err(Forbidden::Reserved),
        }
    }

    /// Judges a URL. The addresses behind a name are left to [`Guard::admit`], at the moment of
    /// connecting: a name may lead elsewhere by then.
    ///
    /// The parser has by now turned every spelling of an IPv4 address (octal, hexadecimal, short,
    /// one number) into the usual one: <https://url.spec.whatwg.org/#concept-ipv4-parser>.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn check(&self, url: &str) -> Result<Url, Forbidden> {
        let url = Url::parse(url).map_err(|_| Forbidden::Unreadable)?;
        let secure = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(Forbidden::Scheme),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Forbidden::Credentials);
        }
        let address = match url.host().ok_or(Forbidden::Unreadable)? {
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address)),
            Host::Domain(name) => is_this_machine(name).then_some(Ipv4Addr::LOCALHOST.into()),
        };
        let local = address.is_some_and(|address| address.is_loopback());
        if !secure && !local {
            return Err(Forbidden::Scheme);
        }
        address.map_or(Ok(()), |address| self.admit(address))?;
        match url.port() {
            Some(port @ 0..1024) if !local => Err(Forbidden::Port(port)),
            Some(_) | None => Ok(url),
        }
    }
}

/// RFC 6761: these names mean the loopback interface, whoever is asked.
fn is_this_machine(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn judged(url: &str, allowed: &[&str]) -> Option<Forbidden> {
        let allowed: Vec<IpNet> = allowed.iter().map(|net| net.parse().unwrap()).collect();
        Guard::new(&allowed).check(url).err()
    }

    #[test]
    fn what_is_public_may_be_posted_to() {
        for url in [
            "https://erp.example.com/hook",
            "https://erp.example.com:443/hook",
            "https://erp.example.com:8443/hook?x=1",
            "https://8.8.8.8/",
            "https://[2606:4700:4700::1111]/",
        ] {
            assert_eq!(judged(url, &[]), None, "{url}");
        }
    }

    #[test]
    fn the_rest_is_refused_with_a_reason() {
        use Forbidden::{Credentials, Port, Private, Reserved, Scheme, Unreadable};
        for (url, why) in [
            ("", Unreadable),
            ("erp.example.com", Unreadable),
            ("https://", Unreadable),
            ("https://1.2.3.4.5/", Unreadable),
            ("http://erp.example.com/", Scheme),
            ("http://8.8.8.8/", Scheme),
            ("http://10.0.0.1/", Scheme),
            ("ftp://erp.example.com/", Scheme),
            ("file:///etc/passwd", Scheme),
            ("gopher://127.0.0.1:25/", Scheme),
            ("https://user@erp.example.com/", Credentials),
            ("https://:pass@erp.example.com/", Credentials),
            ("https://127.0.0.1:80@erp.example.com/", Credentials),
            ("https://erp.example.com:25/", Port(25)),
            ("https://erp.example.com:22/", Port(22)),
            ("https://erp.example.com:80/", Port(80)),
            ("http://127.0.0.1:8080/", Private),
            ("http://localhost:8080/", Private),
            ("https://LOCALHOST/", Private),
            ("https://a.localhost./", Private),
            ("http://[::1]/", Private),
            ("https://10.1.2.3/", Private),
            ("https://[fd12::1]/", Private),
            ("https://169.254.169.254/latest/meta-data/", Reserved),
            ("https://[fd00:ec2::254]/", Reserved),
            ("https://[::ffff:10.0.0.1]/", Reserved),
            ("https://[::ffff:8.8.8.8]/", Reserved),
            ("https://0/", Reserved),
        ] {
            assert_eq!(judged(url, &[]), Some(why), "{url}");
        }
    }

    #[test]
    fn no_spelling_of_an_address_hides_it() {
        for url in [
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0x7f.0.0.1/",
            "https://0177.0.0.1/",
            "https://017700000001/",
            "https://127.0.0.1./",
            "https://%31%32%37.0.0.1/",
            "https://１２７.０.０.１/",
            "https://127。0。0。1/",
            "https://\t127.0.0.1/",
            "https:\\\\127.0.0.1\\",
        ] {
            assert_eq!(judged(url, &[]), Some(Forbidden::Private), "{url}");
        }
    }

    #[test]
    fn a_private_network_is_open_to_whom_it_was_opened() {
        assert_eq!(judged("http://127.0.0.1:8080/", &["127.0.0.0/8"]), None);
        assert_eq!(judged("http://127.0.0.1:80/", &["127.0.0.0/8"]), None);
        assert_eq!(judged("http://localhost:8080/", &["127.0.0.0/8"]), None);
        assert_eq!(judged("http://[::1]:8080/", &["::1/128"]), None);
        assert_eq!(judged("https://10.0.0.7/", &["10.0.0.0/24"]), None);
        assert_eq!(judged("http://10.0.0.7/", &["10.0.0.0/24"]), Some(Forbidden::Scheme));
        assert_eq!(judged("https://10.0.1.7/", &["10.0.0.0/24"]), Some(Forbidden::Private));
        for url in ["https://169.254.169.254/", "https://[fd00:ec2::254]/", "https://[fe80::1]/"] {
            assert_eq!(judged(url, &["0.0.0.0/0", "::/0"]), Some(Forbidden::Reserved), "{url}");
        }
    }

    proptest! {
        #[test]
        fn an_ipv4_address_fares_alike_in_every_spelling(bits in any::<u32>()) {
            let address = Ipv4Addr::from(bits);
            let [a, b, c, d] = address.octets();
            let expected = Guard::default().admit(address.into()).err();
            for host in [
                format!("{address}"),
                format!("{bits}"),
                format!("{bits:#x}"),
                format!("0{bits:o}"),
                format!("{a:#x}.0{b:o}.{c}.{d:#x}"),
                format!("{a}.{b}.{}", u32::from(c) << 8 | u32::from(d)),
            ] {
                prop_assert_eq!(judged(&format!("https://{host}/"), &[]), expected, "{}", host);
            }
        }

        #[test]
        fn no_text_lets_a_request_into_the_inside(text in ".{0,40}") {
            if let Ok(url) = Guard::default().check(&format!("https://{text}")) {
                let inside = match url.host().unwrap() {
                    Host::Ipv4(address) => reach(address.into()) != Reach::Public,
                    Host::Ipv6(address) => reach(address.into()) != Reach::Public,
                    Host::Domain(name) => is_this_machine(name),
                };
                prop_assert!(!inside, "{}", url);
            }
        }
    }
}
