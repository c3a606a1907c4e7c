//! What national numbering plans say beyond libphonenumber's metadata.

use std::ops::RangeInclusive;

const CHINA: i32 = 86;
const BRAZIL: i32 = 55;

/// How China's service numbers begin that the metadata lacks, with how many digits they have.
///
/// From the numbering plan of the Ministry of Industry and Information Technology (电信网编号计划,
/// 2017): 95 is a company's number in the whole country, 96 one in a province; 100 reaches an
/// operator's own service, 12 a public one. libphonenumber keeps most of these among its short
/// numbers (`95\d{3,4}`, `96\d{3,4}`, `100\d\d`), of which the Rust port has no metadata. A 400 or
/// 1010 number is to its metadata one of shared cost, an 800 number toll-free.
const CHINESE_SERVICES: [(&str, RangeInclusive<usize>); 4] =
    [("95", 5..=8), ("96", 5..=6), ("100", 5..=5), ("12", 5..=5)];

/// Whether a national number is one of China's service numbers that the metadata lacks. They are
/// dialled without an area code, so that the country code makes them unique.
pub(super) fn is_chinese_service(country: i32, national: &str) -> bool {
    country == CHINA
        && CHINESE_SERVICES.iter().any(|(prefix, digits)| {
            national.starts_with(prefix) && digits.contains(&national.len())
        })
}

/// A Brazilian mobile number with its ninth digit; any other number as it is.
///
/// Anatel's resolution 553 of 2010, article 2, put a 9 before the eight digits of every mobile
/// number, area by area until 2016. After the two digits of its area code, a mobile number began
/// with 6 to 9; a fixed line, which begins with 2 to 5, keeps its eight digits.
pub(super) fn with_ninth_digit(country: i32, mut national: String) -> String {
    let eight_digits = country == BRAZIL && national.len() == 10;
    if eight_digits && matches!(national.as_bytes(), [_, _, b'6'..=b'9', ..]) {
        national.insert(2, '9');
    }
    national
}
