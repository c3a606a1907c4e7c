//! One recipe in full.

use crate::output::View;
use crate::page::{Page, title};
use rules::{Recipe, Setting};
use serde::Serialize;

/// A recipe.
#[derive(Serialize)]
pub(super) struct Shown {
    name: &'static str,
    does: &'static str,
    needs: &'static str,
    customer_sees: &'static str,
    settings: Vec<Choice>,
    block: &'static str,
}

/// What can be chosen.
#[derive(Serialize)]
struct Choice {
    key: &'static str,
    decides: &'static str,
    usual: &'static str,
}

impl Shown {
    pub(super) fn new(recipe: &Recipe) -> Self {
        let choice = |it: Setting| Choice { key: it.key, decides: it.about, usual: it.default };
        Self {
            name: recipe.name,
            does: recipe.title,
            needs: recipe.needs(),
            customer_sees: recipe.seen(),
            settings: recipe.settings().map(choice).collect(),
            block: recipe.sections(),
        }
    }
}

impl View for Shown {
    fn text(&self, page: &Page) -> String {
        let mut text = page.facts([
            ("recipe", self.name.to_owned()),
            ("does", self.does.to_owned()),
            ("needs", self.needs.to_owned()),
            ("customer sees", self.customer_sees.to_owned()),
        ]);
        if !self.settings.is_empty() {
            let mut sheet = page.table(["--set", "what it decides", "if left out"]);
            for choice in &self.settings {
                sheet.row([choice.key, choice.decides, choice.usual].map(str::to_owned));
            }
            text += &title("\nSettings");
            text += &sheet.to_string();
        }
        text += &title("\nBlock");
        text += self.block;
        let next = format!("what it would change: omnicord recipe add {} --dry-run", self.name);
        [text, next].join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anstream::adapter::strip_str;

    #[test]
    fn a_recipe_is_shown_with_what_can_be_chosen() {
        let shown = Shown::new(Recipe::named("missed-call-follow-up").unwrap());
        let text = shown.text(&Page::unbounded("2026-01-02T03:04:05Z"));
        insta::assert_snapshot!(strip_str(&text).to_string());
    }
}
