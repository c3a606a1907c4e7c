//! Text without what tells of a person.

/// What stands for what was taken out.
const MASKED: &str = "***";

/// A word this long that mixes letters with digits is taken for a token.
const TOKEN: usize = 16;
/// Digits that make a number personal: phones and cards have more, years and statuses have fewer.
const DIGITS: usize = 6;

/// Takes e-mail addresses, telephone numbers, long numbers and tokens out of a text that somebody
/// else wrote. It rather takes too much: whoever reads the rest wants to know what went wrong, not
/// with whom.
#[must_use]
pub fn mask(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut word = String::new();
    for character in text.chars() {
        if belongs(character) {
            word.push(character);
        } else {
            settle(&mut word, &mut masked);
            masked.push(character);
        }
    }
    settle(&mut word, &mut masked);
    numbers(&masked)
}

/// What may be part of an address or a token.
fn belongs(character: char) -> bool {
    character.is_alphanumeric() || "@＠.+-_%~!#$&*/=?^`|".contains(character)
}

fn settle(word: &mut String, masked: &mut String) {
    let address = word.contains(['@', '＠']);
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    let digits = word.chars().filter(|c| c.is_numeric()).count();
    let token = letters + digits >= TOKEN && digits > 0 && letters > 0;
    if address || token {
        masked.push_str(MASKED);
    } else {
        masked.push_str(word);
    }
    word.clear();
}

/// Takes out runs of digits that are together long enough, across what people put between them.
fn numbers(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut masked = String::with_capacity(text.len());
    let mut rest = characters.as_slice();
    while let Some(first) = rest.first() {
        let length = number(rest);
        let (run, after) = rest.split_at(length.max(1));
        if run.iter().filter(|c| c.is_numeric()).count() >= DIGITS {
            masked.push_str(MASKED);
        } else if length > 0 {
            masked.extend(run);
        } else {
            masked.push(*first);
        }
        rest = after;
    }
    masked
}

/// How many characters from the beginning on are one number: digits, and whatever else than words
/// and line ends stands between one digit and the next.
fn number(characters: &[char]) -> usize {
    let digit = |character: &char| character.is_numeric();
    if !characters.first().is_some_and(digit) {
        return 0;
    }
    let ends = |character: &char| {
        !digit(character) && (character.is_alphabetic() || character.is_control())
    };
    let end = characters.iter().position(ends).unwrap_or(characters.len());
    let last = characters.get(..end).unwrap_or(characters).iter().rposition(digit);
    last.map_or(0, |last| last + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_went_wrong_stays_readable() {
        for text in [
            "",
            r#"{"error":"unknown field `colour`","status":422}"#,
            "line 12, column 7: expected an object",
            "order A1 is closed since 2026",
            "käputt 坏了",
        ] {
            assert_eq!(mask(text), text);
        }
    }

    #[test]
    fn whom_it_concerns_does_not() {
        for (text, masked) in [
            ("no mailbox anna.b+x@example.com here", "no mailbox *** here"),
            (r#"{"email":"anna@example.com"}"#, r#"{"email":"***"}"#),
            ("call +1 202 555 0123 now", "call +*** now"),
            ("call (202) 555-0123 now", "call (*** now"),
            ("tel:+4915112345678", "tel:+***"),
            ("card 4111 1111 1111 1111.", "card ***."),
            ("card 4111-1111-1111-1111.", "card ***."),
            ("Bearer sk_live_51H8xQ2eZvKYlo2C", "Bearer ***"),
            ("id 9f86d081884c7d659a2feaa0", "id ***"),
            ("手机13800138000。", "手机***。"),
            ("电话：１３８００１３８０００", "电话：***"),
        ] {
            assert_eq!(mask(text), masked, "{text}");
        }
    }

    fn noise() -> impl Strategy<Value = String> {
        proptest::string::string_regex("[ -~äß坏了\n\"{}:,]{0,30}").unwrap()
    }

    fn longest_number(text: &str) -> usize {
        let bare: String = text.chars().filter(|c| !" -./()+".contains(*c)).collect();
        bare.split(|c: char| !c.is_numeric()).map(|run| run.chars().count()).max().unwrap_or(0)
    }

    proptest! {
        #[test]
        fn no_email_address_is_left(
            before in noise(), after in noise(),
            local in "[a-z0-9.+_-]{1,20}", domain in "[a-z0-9-]{1,20}\\.[a-z]{2,6}",
        ) {
            let masked = mask(&format!("{before}{local}@{domain}{after}"));
            let address = format!("{local}@{domain}");
            prop_assert!(!masked.contains(&address), "{}", masked);
            prop_assert!(!masked.contains(['@', '＠']), "{}", masked);
        }

        #[test]
        fn no_telephone_number_is_left(
            before in noise(), after in noise(),
            groups in prop::collection::vec("[0-9]{2,4}", 3..6),
            mark in prop::sample::select(vec!["", " ", "-", ".", "/", " - ", ") ", " ("]),
            plus in prop::sample::select(vec!["", "+", "00"]),
        ) {
            let number = format!("{plus}{}", groups.join(mark));
            let masked = mask(&format!("{before} {number} {after}"));
            prop_assert!(!masked.contains(&number), "{}", masked);
        }

        #[test]
        fn no_long_run_of_digits_is_left(text in "[0-9a-z +./()-]{0,60}") {
            let masked = mask(&text);
            prop_assert!(longest_number(&masked.replace(MASKED, "x")) < DIGITS
                || !masked.chars().any(char::is_numeric), "{} -> {}", text, masked);
        }

        #[test]
        fn masking_twice_is_masking_once(text in ".{0,60}") {
            let once = mask(&text);
            prop_assert_eq!(mask(&once), once.clone());
        }

        #[test]
        fn no_word_of_a_token_is_left(token in "[A-Za-z]{10}[0-9]{3}[A-Za-z0-9_-]{8,40}") {
            let masked = mask(&format!("key={token}"));
            prop_assert!(!masked.contains(&token), "{}", masked);
        }
    }
}
