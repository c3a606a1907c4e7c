//! Which addresses a mail provider delivers to one mailbox.

use super::email;
use std::collections::{BTreeMap, BTreeSet};

/// What a provider's addresses have that does not tell mailboxes apart.
///
/// The standard leaves a local part to its domain alone (RFC 5321, section 2.3.11), so that nothing
/// is assumed of a domain that is not named here. An alias is resolved first: the rules are those
/// of the domain that it stands for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Mailboxes {
    tagged: BTreeSet<String>,
    dotted: BTreeSet<String>,
    aliases: BTreeMap<String, String>,
}

/// Why a rule about a provider cannot be taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InvalidMailbox {
    /// Not a domain name, in Unicode or in ASCII.
    #[error("is no domain name")]
    Domain,
    /// The alias would stand for itself, directly or by way of others.
    #[error("is an alias of itself")]
    Circle,
    /// The alias stands for another domain already.
    #[error("is an alias of another domain already")]
    Ambiguous,
}

impl Mailboxes {
    /// In this domain, `anna+shop` is `anna` (subaddressing, RFC 5233).
    ///
    /// # Errors
    /// [`InvalidMailbox::Domain`] where the text is no domain.
    pub fn ignore_tags(&mut self, domain: &str) -> Result<(), InvalidMailbox> {
        self.tagged.insert(ascii(domain)?);
        Ok(())
    }

    /// In this domain, `an.na` is `anna`.
    ///
    /// # Errors
    /// [`InvalidMailbox::Domain`] where the text is no domain.
    pub fn ignore_dots(&mut self, domain: &str) -> Result<(), InvalidMailbox> {
        self.dotted.insert(ascii(domain)?);
        Ok(())
    }

    /// Addresses of `alias` reach the same mailboxes as those of `domain`, such as
    /// `googlemail.com` those of `gmail.com`.
    ///
    /// # Errors
    /// An [`InvalidMailbox`] where either text is no domain, or the alias has no one meaning.
    pub fn alias(&mut self, alias: &str, domain: &str) -> Result<(), InvalidMailbox> {
        let (alias, domain) = (ascii(alias)?, ascii(domain)?);
        let domain = self.aliases.get(&domain).cloned().unwrap_or(domain);
        if alias == domain {
            return Err(InvalidMailbox::Circle);
        }
        if self.aliases.get(&alias).is_some_and(|known| *known != domain) {
            return Err(InvalidMailbox::Ambiguous);
        }
        // What stood for the alias stands for its domain now: no alias leads to another.
        for known in self.aliases.values_mut().filter(|known| **known == alias) {
            known.clone_from(&domain);
        }
        self.aliases.insert(alias, domain);
        Ok(())
    }

    /// The address that stands for all of the mailbox's. What would leave no name is left as it is.
    pub(super) fn canonical(&self, address: &str) -> Option<String> {
        let (mut local, domain) = address.split_once('@')?;
        let domain = self.aliases.get(domain).map_or(domain, String::as_str);
        if self.tagged.contains(domain)
            && let Some((name, _tag)) = local.split_once('+').filter(|(name, _)| !name.is_empty())
        {
            local = name;
        }
        let undotted = local.replace('.', "");
        if self.dotted.contains(domain) && !undotted.is_empty() {
            local = &undotted;
        }
        Some(format!("{local}@{domain}"))
    }
}

fn ascii(domain: &str) -> Result<String, InvalidMailbox> {
    email::domain(domain.trim()).ok_or(InvalidMailbox::Domain)
}
