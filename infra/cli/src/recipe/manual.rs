//! The chapter of the documentation that tells of all recipes.

use crate::output::View;
use crate::page::Page;
use rules::{Recipe, recipes};
use serde::Serialize;
use std::fmt::Write;

/// `docs/recipes.md`.
#[derive(Serialize)]
pub(super) struct Manual;

const BEGINNING: &str = "\
# Recipes

Tested blocks of configuration for what most companies want first. Each is added by name and is
yours from then on: it stands in your `omnicord.yaml`, and no update changes it.

```
omnicord recipe list                                # what there is
omnicord recipe show sms-on-shipment                # one of them, with what can be chosen
omnicord recipe add sms-on-shipment --dry-run       # what it would change in omnicord.yaml
omnicord recipe add sms-on-shipment --set expires=1d
omnicord rules test omnicord.yaml --since 30d       # what it would have done last month
omnicord config apply omnicord.yaml
```

Whatever is in the file stays as it is. Where it already has an item of the same name, such as an
issue `quality` with words of your own, yours counts. The words by which issues and moods are
recognised are a beginning: add those of your customers.

";

impl View for Manual {
    fn text(&self, _: &Page) -> String {
        let mut text = BEGINNING.to_owned();
        text += "| Recipe | What it does | What it needs | What the customer sees |\n";
        text += "|---|---|---|---|\n";
        for recipe in recipes() {
            let Recipe { name, title, .. } = recipe;
            let (needs, seen) = (recipe.needs(), recipe.seen());
            let _ = writeln!(text, "| [{name}](#{name}) | {title} | {needs} | {seen} |");
        }
        for recipe in recipes() {
            text += &chapter(recipe);
        }
        text
    }
}

fn chapter(recipe: &Recipe) -> String {
    let Recipe { name, title, .. } = recipe;
    let (needs, seen, block) = (recipe.needs(), recipe.seen(), recipe.sections());
    let mut text =
        format!("\n## {name}\n\n{title}.\n\n- It needs {needs}.\n- The customer sees {seen}.\n");
    for setting in recipe.settings() {
        let _ = writeln!(
            text,
            "- `--set {}=…` chooses {}: `{}`, if left out.",
            setting.key, setting.about, setting.default
        );
    }
    let _ = write!(text, "\n```yaml\n{block}```\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_is_of_these_recipes() {
        let text = Manual.text(&Page::unbounded("2026-01-02T03:04:05Z"));
        let written = include_str!("../../../../docs/recipes.md");
        assert_eq!(written, text, "cargo run -p cli -- recipe manual > docs/recipes.md");
    }
}
