//! The way from what a person knows of a customer to the customer.

use crate::trouble::Trouble;
use domain::{Assurance, Customer, CustomerId, Handle, HandleKind, InvalidHandle};
use state::dynamo::Store;
use state::{Customers, Identities, Settings};

/// Finds a customer by id, phone number, e-mail address, or `kind:scope:value`.
pub(super) async fn find(store: &Store, text: &str) -> Result<Customer, Trouble> {
    // The text may be a handle: it is personal, and no error repeats it.
    let missing = || Trouble::Missing {
        what: "customer of this id or handle".into(),
        remedy: "Look at some: omnicord customer list",
    };
    let id = if text.starts_with("cus_") {
        CustomerId::from_stored(text)
    } else {
        let region = region(store).await?;
        let key = handle(text, &region).map_err(Trouble::Handle)?.key();
        let mut owners = store.owners(std::slice::from_ref(&key)).await?;
        owners.remove(&key).ok_or_else(missing)?
    };
    store.customer(&id).await?.ok_or_else(missing)
}

/// The configured region of phone numbers; empty where there is no configuration that tells.
async fn region(store: &Store) -> Result<String, Trouble> {
    let Some(version) = store.current_version().await? else { return Ok(String::new()) };
    let config = store.config(version).await?.and_then(|config| rules::parse(&config.text).ok());
    Ok(config.map_or_else(String::new, |config| config.company.region))
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
