//! Values that are nobody's handle.

use domain::{Handle, HandleKind};
use wildmatch::WildMatch;

/// Placeholders that telephone systems, shops and forms send where they know nothing.
const PLACEHOLDERS: [&str; 22] = [
    "",
    "-",
    "-1",
    "0",
    "anonymous",
    "blocked",
    "false",
    "guest",
    "n/a",
    "na",
    "nil",
    "none",
    "null",
    "private",
    "restricted",
    "test",
    "true",
    "unavailable",
    "undefined",
    "unknown",
    "void",
    "withheld",
];

/// Mailboxes that send and are not read, or that forms are filled with.
const MAILBOXES: [&str; 8] = [
    "anonymous@*",
    "mailer-daemon@*",
    "no-reply@*",
    "none@*",
    "noreply@*",
    "null@*",
    "test@test.*",
    "unknown@*",
];

/// So many equal digits at its end, and a number was made up.
const REPEATED: usize = 7;

/// What blocks a handle: the placeholders known everywhere, and the company's own patterns.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Blocklist {
    patterns: Vec<(Option<HandleKind>, WildMatch)>,
    placeholders_pass: bool,
    service_lines_pass: bool,
}

impl Blocklist {
    /// Blocks what the pattern matches: `*` stands for any text, `?` for one character. It is
    /// compared, without case, with the one spelling of the handle's value.
    #[must_use]
    pub fn and(mut self, kind: Option<HandleKind>, pattern: &str) -> Self {
        self.patterns.push((kind, WildMatch::new_case_insensitive(pattern)));
        self
    }

    /// Lets the placeholders known everywhere pass.
    #[must_use]
    pub fn without_placeholders(mut self) -> Self {
        self.placeholders_pass = true;
        self
    }

    /// Lets service lines pass, such as 400 and 95 numbers in China.
    #[must_use]
    pub fn without_service_lines(mut self) -> Self {
        self.service_lines_pass = true;
        self
    }

    /// Whether the handle is nobody's.
    #[must_use]
    pub fn blocks(&self, handle: &Handle) -> bool {
        (!self.placeholders_pass && is_placeholder(handle))
            || (!self.service_lines_pass && handle.is_service_line())
            || self.patterns.iter().any(|(kind, pattern)| {
                kind.is_none_or(|kind| kind == handle.kind) && pattern.matches(&handle.value)
            })
    }
}

fn is_placeholder(handle: &Handle) -> bool {
    let value = handle.value.to_lowercase();
    match handle.kind {
        HandleKind::Phone => repeated(&value) >= REPEATED,
        HandleKind::Email => {
            MAILBOXES.iter().any(|mailbox| WildMatch::new(mailbox).matches(&value))
        }
        HandleKind::Crm
        | HandleKind::WechatUnionid
        | HandleKind::WecomExternal
        | HandleKind::WecomUser
        | HandleKind::WechatOpenid
        | HandleKind::WhatsappUser
        | HandleKind::Account => {
            PLACEHOLDERS.contains(&value.as_str())
                || value.chars().all(|c| matches!(c, '0' | '-'))
                || (value.len() >= REPEATED && repeated(&value) == value.len())
        }
    }
}

/// How many equal characters end the text.
fn repeated(text: &str) -> usize {
    let last = text.chars().next_back();
    text.chars().rev().take_while(|c| Some(*c) == last).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Assurance;

    fn account(value: &str) -> Handle {
        Handle::account(HandleKind::Account, "shop", value, Assurance::Attested).unwrap()
    }

    fn phone(value: &str) -> Handle {
        Handle::phone(value, "US", Assurance::Attested).unwrap()
    }

    fn email(value: &str) -> Handle {
        Handle::email(value, Assurance::Attested).unwrap()
    }

    #[test]
    fn placeholders_are_nobody() {
        let list = Blocklist::default();
        for handle in [
            account("0"),
            account("NULL"),
            account("00000000-0000-0000-0000-000000000000"),
            account("9999999"),
            phone("+1 202 000 0000"),
            email("NoReply@shop.example.com"),
        ] {
            assert!(list.blocks(&handle), "{}", handle.value);
            assert!(!list.clone().without_placeholders().blocks(&handle), "{}", handle.value);
        }
        for handle in
            [account("10"), account("77"), phone("+1 202 555 0100"), email("anna@example.com")]
        {
            assert!(!list.blocks(&handle), "{}", handle.value);
        }
    }

    #[test]
    fn a_company_blocks_its_own() {
        let list = Blocklist::default()
            .and(Some(HandleKind::Phone), "+1202555*")
            .and(None, "*@Shop.example.com");
        assert!(
            list.blocks(&phone("+1 202 555 0100")) && list.blocks(&email("a@shop.example.com"))
        );
        assert!(!list.blocks(&phone("+1 203 555 0100")) && !list.blocks(&account("+12025550100")));
    }
}
