//! A page of a sender's own list of what happened.

use crate::field_map::Pointer;
use serde_json::Value;

/// The longest mark of a next page, in bytes: it goes into a URL, and into an item of DynamoDB.
const LONGEST_MARK: usize = 2_048;

/// Some of what happened.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ListPage {
    /// Each is read as a delivery: [`Source::parse_fetched`](crate::Source::parse_fetched).
    pub items: Vec<Value>,
    /// The mark by which the next page is asked for; none after the last.
    pub next: Option<String>,
}

/// Why an answer is no page of the list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unlisted {
    /// No JSON, or JSON nested deeper than 128 levels.
    #[error("no JSON")]
    NotJson,
    /// No array of items.
    #[error("no array where `items` says")]
    NoItems,
    /// A mark of the next page that is neither text nor number.
    #[error("neither text nor number where `next` says")]
    NoMark,
    /// The page that was asked for names itself as the next.
    #[error("a page that names itself as the next")]
    Circle,
    /// A mark that is too long to be kept.
    #[error("more than {LONGEST_MARK} bytes where `next` says")]
    LongMark,
}

impl ListPage {
    /// Reads the answer to a request for the page of the mark `asked`: its items stand at `items`,
    /// the mark of the page after it at `next`.
    ///
    /// # Errors
    /// [`Unlisted`], which repeats nothing of the answer.
    pub fn read(
        answer: &[u8],
        items: &Pointer,
        next: Option<&Pointer>,
        asked: Option<&str>,
    ) -> Result<Self, Unlisted> {
        let answer: Value = serde_json::from_slice(answer).map_err(|_| Unlisted::NotJson)?;
        let items = items.find(&answer).and_then(Value::as_array).ok_or(Unlisted::NoItems)?;
        let next = match next.and_then(|next| next.find(&answer)) {
            None => None,
            Some(Value::String(mark)) => Some(mark.clone()).filter(|mark| !mark.is_empty()),
            Some(Value::Number(mark)) => Some(mark.to_string()),
            Some(Value::Bool(_) | Value::Array(_) | Value::Object(_) | Value::Null) => {
                return Err(Unlisted::NoMark);
            }
        };
        if next.is_some() && next.as_deref() == asked {
            return Err(Unlisted::Circle);
        }
        if next.as_ref().is_some_and(|mark| mark.len() > LONGEST_MARK) {
            return Err(Unlisted::LongMark);
        }
        Ok(Self { items: items.clone(), next })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(answer: &str, asked: Option<&str>) -> Result<ListPage, Unlisted> {
        let pointer = |text: &str| -> Pointer { serde_json::from_value(text.into()).unwrap() };
        ListPage::read(answer.as_bytes(), &pointer("/calls"), Some(&pointer("/next")), asked)
    }

    #[test]
    fn a_mark_is_text_or_number_and_may_be_missing() {
        let next = |answer| read(answer, None).unwrap().next;
        assert_eq!(next(r#"{ "calls": [], "next": "p2" }"#).as_deref(), Some("p2"));
        assert_eq!(next(r#"{ "calls": [], "next": 7 }"#).as_deref(), Some("7"));
        assert_eq!(next(r#"{ "calls": [], "next": "" }"#), None);
        assert_eq!(next(r#"{ "calls": [] }"#), None);
    }

    #[test]
    fn what_is_no_page_is_told_apart() {
        assert_eq!(read("<html>", None), Err(Unlisted::NotJson));
        assert_eq!(read(r#"{ "calls": {} }"#, None), Err(Unlisted::NoItems));
        assert_eq!(read(r#"{ "calls": [], "next": [] }"#, None), Err(Unlisted::NoMark));
        assert_eq!(read(r#"{ "calls": [], "next": "p2" }"#, Some("p2")), Err(Unlisted::Circle));
        let long = format!(r#"{{ "calls": [], "next": "{}" }}"#, "p".repeat(LONGEST_MARK + 1));
        assert_eq!(read(&long, None), Err(Unlisted::LongMark));
    }
}
