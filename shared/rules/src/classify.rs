//! What words tell: issue and mood.

use crate::config::{Classify, Keywords};
use domain::Classification;
use std::fmt;

/// Tells from words what the customer wants, and how the customer feels.
pub trait Classifier: fmt::Debug + Send + Sync {
    /// What the text tells, as far as it tells anything.
    fn classify(&self, text: &str) -> Classification;
}

/// The classifier that looks for configured words.
#[derive(Debug)]
pub(crate) struct KeywordClassifier {
    issues: Vec<Keywords>,
    moods: Vec<Keywords>,
}

impl KeywordClassifier {
    pub(crate) fn new(rules: &Classify) -> Self {
        let lowered = |rules: &[Keywords]| {
            let lowered = rules.iter().map(|rule| Keywords {
                name: rule.name.clone(),
                any: rule.any.iter().map(|word| word.trim().to_lowercase()).collect(),
            });
            lowered.collect()
        };
        Self { issues: lowered(&rules.issues), moods: lowered(&rules.moods) }
    }
}

impl Classifier for KeywordClassifier {
    fn classify(&self, text: &str) -> Classification {
        let text = text.to_lowercase();
        let first = |rules: &[Keywords]| {
            let told = rules.iter().find(|rule| rule.any.iter().any(|word| contains(&text, word)));
            told.map(|rule| rule.name.clone())
        };
        Classification { issue: first(&self.issues), mood: first(&self.moods) }
    }
}

/// Whether the text has the word, not as a part of a longer one.
fn contains(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(start, found)| {
        let (before, after) = (text.get(..start), text.get(start + found.len()..));
        let continues = |inner: Option<char>, outer: Option<char>| {
            inner.is_some_and(is_spaced) && outer.is_some_and(is_spaced)
        };
        let outer = |side: Option<&str>, last: bool| {
            side.and_then(|side| if last { side.chars().next_back() } else { side.chars().next() })
        };
        !continues(word.chars().next(), outer(before, true))
            && !continues(word.chars().next_back(), outer(after, false))
    })
}

/// Whether the character is of a script that puts spaces between words.
fn is_spaced(character: char) -> bool {
    character.is_alphanumeric()
        && !matches!(character,
            '\u{0E00}'..='\u{0EFF}'   // Thai, Lao
            | '\u{1000}'..='\u{109F}' // Myanmar
            | '\u{1100}'..='\u{11FF}' // Hangul: particles follow without a space
            | '\u{1780}'..='\u{17FF}' // Khmer
            | '\u{2E80}'..='\u{A4CF}' // CJK, Kana, Bopomofo, Yi
            | '\u{AC00}'..='\u{D7FF}' // Hangul syllables
            | '\u{F900}'..='\u{FAFF}'
            | '\u{FF66}'..='\u{FFDC}'
            | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_an_alphabet_is_no_part_of_another() {
        assert!(contains("it arrived broken.", "broken"));
        assert!(contains("broken", "broken"));
        assert!(!contains("an unbroken seal", "broken"));
        assert!(!contains("the brokenness of it", "broken"));
        assert!(contains("unbroken, then broken", "broken"));
        assert!(contains("don’t give my money back?", "money back"));
        assert!(contains("größe falsch", "größe"));
    }

    #[test]
    fn a_chinese_word_matches_anywhere() {
        assert!(contains("我的鞋子坏了怎么办", "坏了"));
        assert!(contains("要发票invoice谢谢", "invoice"));
        assert!(contains("배송이 늦어요", "배송"));
    }

    #[test]
    fn the_first_rule_that_matches_decides() {
        let rule = |name: &str, word: &str| Keywords { name: name.into(), any: vec![word.into()] };
        let classifier = KeywordClassifier::new(&Classify {
            issues: vec![rule("quality", "Broken"), rule("refund", "refund")],
            moods: vec![rule("angry", "ANGRY")],
        });
        let told = classifier.classify("REFUND it, it is broken and I am angry");
        assert_eq!(told.issue.as_deref(), Some("quality"));
        assert_eq!(told.mood.as_deref(), Some("angry"));
        assert_eq!(classifier.classify("hello"), Classification::default());
    }
}
