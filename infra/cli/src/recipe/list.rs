//! The recipes, a line each.

use crate::output::View;
use crate::page::Page;
use rules::recipes;
use serde::Serialize;

/// All of them.
#[derive(Serialize)]
pub(super) struct List {
    recipes: Vec<Glance>,
}

#[derive(Serialize)]
struct Glance {
    name: &'static str,
    does: &'static str,
    needs: &'static str,
}

impl List {
    pub(super) fn all() -> Self {
        let glance = |recipe: &rules::Recipe| Glance {
            name: recipe.name,
            does: recipe.title,
            needs: recipe.needs(),
        };
        Self { recipes: recipes().iter().map(glance).collect() }
    }
}

impl View for List {
    fn text(&self, page: &Page) -> String {
        let mut sheet = page.table(["name", "what it does", "what it needs"]);
        for recipe in &self.recipes {
            sheet.row([recipe.name, recipe.does, recipe.needs].map(str::to_owned));
        }
        format!("{sheet}\none of them in full: omnicord recipe show NAME\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_recipe_is_listed_with_what_it_needs() {
        let text = List::all().text(&Page::unbounded("2026-01-02T03:04:05Z"));
        for recipe in recipes() {
            let line = text.lines().find(|line| line.starts_with(recipe.name)).unwrap();
            assert!(line.contains(recipe.title) && line.contains(recipe.needs()), "{line}");
        }
    }
}
