//! Telephone numbers in E.164, with the extension behind a switchboard.

use super::numbering;
use rlibphonenumber::{NumberLengthType, PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberType};

/// What Chinese writes before an extension, the longest first; libphonenumber knows none of them.
const EXTENSION_MARKS: [&str; 6] = ["转分机", "轉分機", "分机", "分機", "转", "轉"];

/// Fewer digits than these are a number only where the metadata says so: what a switchboard shows
/// of a call from within, or the short code of an emergency service, is of a possible length in
/// regions whose subscribers' numbers vary.
const DIGITS_OF_AN_UNKNOWN_NUMBER: usize = 7;

/// What networks and switchboards show for a number that they do not show: `anonymous` as in
/// RFC 3323, `unavailable` as in RFC 3325, and what vendors write besides.
const WITHHELD: [&str; 11] = [
    "anonymous",
    "blocked",
    "none",
    "null",
    "private",
    "restricted",
    "unavailable",
    "unknown",
    "withheld",
    "匿名",
    "未知",
];

/// Whether the text stands for a number that is not shown.
pub(super) fn is_withheld(text: &str) -> bool {
    let text = plain(text).trim().to_lowercase();
    WITHHELD.contains(&text.as_str())
        || (!text.is_empty() && text.chars().all(|c| matches!(c, '0' | '*' | '-')))
}

/// The one spelling of a number: E.164, and `;ext=` where it has an extension (RFC 3966, section
/// 5.3).
pub(super) fn normalise(text: &str, region: &str) -> Option<String> {
    let value = read(text, region)?;
    // Doubled trunk prefixes are taken off one at a time: such a text has no one spelling.
    (read(&value, "").as_deref() == Some(&value)).then_some(value)
}

/// The number to which a text message can be sent.
pub(super) fn dialable(value: &str) -> Option<&str> {
    let number = PHONE_NUMBER_UTIL.parse(value, None).ok()?;
    (number.extension.is_none() && !is_service(&number)).then_some(value)
}

/// Whether the number is the line of a service, whoever is behind it.
pub(super) fn is_service_line(value: &str) -> bool {
    PHONE_NUMBER_UTIL.parse(value, None).is_ok_and(|number| is_service(&number))
}

fn read(text: &str, region: &str) -> Option<String> {
    let number = PHONE_NUMBER_UTIL.parse(plain(text), region.parse().ok()).ok()?;
    let country = number.country_code;
    let national = number.get_national_significant_number();
    if !numbering::is_chinese_service(country, &national) && !is_whole(&number, &national) {
        return None;
    }
    let mut value = format!("+{country}{}", numbering::with_ninth_digit(country, national));
    if let Some(extension) = &number.extension {
        value.push_str(";ext=");
        value.push_str(&PHONE_NUMBER_UTIL.normalize_digits_only(extension));
    }
    Some(value)
}

/// Full-width characters made plain, as an input method for Chinese or Japanese types them, and the
/// marks of an extension in a way that libphonenumber knows.
fn plain(text: &str) -> String {
    let narrow = |wide: char| match wide {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(wide) - 0xfee0).unwrap_or(wide),
        _ => wide,
    };
    let text = text.chars().map(narrow).collect();
    EXTENSION_MARKS.iter().fold(text, |text: String, mark| text.replace(mark, " ext"))
}

/// Whether it can be dialled from abroad. A number without its area code cannot.
fn is_whole(number: &PhoneNumber, national: &str) -> bool {
    PHONE_NUMBER_UTIL.is_possible_number_with_reason(number) == Ok(NumberLengthType::IsPossible)
        && (national.len() >= DIGITS_OF_AN_UNKNOWN_NUMBER
            || PHONE_NUMBER_UTIL.is_valid_number(number))
}

fn is_service(number: &PhoneNumber) -> bool {
    let national = number.get_national_significant_number();
    numbering::is_chinese_service(number.country_code, &national)
        || matches!(
            PHONE_NUMBER_UTIL.get_number_type(number),
            PhoneNumberType::TollFree
                | PhoneNumberType::PremiumRate
                | PhoneNumberType::SharedCost
                | PhoneNumberType::UAN
        )
}
