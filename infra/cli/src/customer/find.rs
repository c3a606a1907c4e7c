//! The way from what a person knows of a customer to the customer.

use crate::config::in_force;
use crate::trouble::Trouble;
use domain::{Assurance, CustomerId, Handle, HandleKey, HandleKind, InvalidHandle, Mailboxes};
use identity::Group;
use state::{Identities, Settings};

/// A customer, with the profile by which it was found.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Found {
    /// The profile of the id that was asked for, or that holds the handle.
    pub(crate) profile: CustomerId,
    /// The customer.
    pub(crate) group: Group,
}

/// Finds a customer by id, phone number, e-mail address, or `kind:scope:value`.
pub(crate) async fn find(
    store: &(impl Identities + Settings),
    text: &str,
) -> Result<Found, Trouble> {
    // The text may be a handle: it is personal, and no error repeats it.
    let missing = || Trouble::Missing {
        what: "customer of this id or handle".into(),
        remedy: "Look at some: omnicord customer list",
    };
    let profile = if text.starts_with("cus_") {
        CustomerId::from_stored(text)
    } else {
        let key = key(store, text).await?;
        let mut links = store.links(std::slice::from_ref(&key)).await?;
        links.remove(&key).ok_or_else(missing)?.home
    };
    let group = store.group(&profile).await?.ok_or_else(missing)?;
    Ok(Found { profile, group })
}

/// The key of a handle, by the region and the mailboxes that are configured, if any are.
pub(crate) async fn key(store: &impl Settings, text: &str) -> Result<HandleKey, Trouble> {
    let (region, mailboxes) = match store.current_version().await? {
        Some(_) => {
            let rules = in_force(store).await?;
            (rules.config().company.region.clone(), rules.identity().mailboxes.clone())
        }
        None => (String::new(), Mailboxes::default()),
    };
    let handle = handle(text, &region).map_err(Trouble::Handle)?;
    Ok(handle.in_mailbox(&mailboxes).key())
}

fn handle(text: &str, region: &str) -> Result<Handle, InvalidHandle> {
    let mut parts = text.splitn(3, ':');
    let kind = parts
        .next()
        .and_then(|name| HandleKind::ALL.into_iter().find(|kind| kind.as_str() == name));
    if let (Some(kind), Some(scope), Some(value)) = (kind, parts.next(), parts.next()) {
        return match kind {
            HandleKind::Phone => Handle::phone(value, region, Assurance::Claimed),
            HandleKind::Email => Handle::email(value, Assurance::Claimed),
            HandleKind::Crm
            | HandleKind::WechatUnionid
            | HandleKind::WecomExternal
            | HandleKind::WecomUser
            | HandleKind::WechatOpenid
            | HandleKind::WhatsappUser
            | HandleKind::Account => Handle::account(kind, scope, value, Assurance::Claimed),
        };
    }
    if text.contains('@') {
        Handle::email(text, Assurance::Claimed)
    } else {
        Handle::phone(text, region, Assurance::Claimed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_may_be_written_as_people_do() {
        let cases = [
            ("0151 1234 5678", "phone::+4915112345678"),
            ("+1 202-555-0123", "phone::+12025550123"),
            ("phone::0151/12345678", "phone::+4915112345678"),
            ("Anna@Shop.Example.com", "email::anna@shop.example.com"),
            ("wechat_openid:wx1:oA:b", "wechat_openid:wx1:oA:b"),
            ("crm:tryton:4", "crm:tryton:4"),
        ];
        for (text, key) in cases {
            assert_eq!(handle(text, "DE").unwrap().key().as_str(), key);
        }
    }

    #[test]
    fn without_a_region_a_number_needs_its_country() {
        assert_eq!(handle("0151 1234 5678", ""), Err(InvalidHandle::Phone));
        assert!(handle("+49 151 1234 5678", "").is_ok());
    }
}
