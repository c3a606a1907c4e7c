//! What adding a recipe does to a file.

use super::*;
use anstream::adapter::strip_str;
use std::path::PathBuf;

const FILE: &str = r#"# Ours.
company: { name: Lab Commerce, region: DE, time_zone: UTC, public_url: "https://hooks.example.com" }

triggers:
  - name: ours
    on: [order]
    actions:
      - sms: { text: "thank you" }

# The end.
"#;

/// A file in the test's own directory, which goes with it.
struct Place(PathBuf);

impl Place {
    fn new(name: &str, text: &str) -> Self {
        let directory =
            std::env::temp_dir().join(format!("omnicord-{name}-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        fs::write(directory.join("omnicord.yaml"), text).unwrap();
        Self(directory)
    }

    fn text(&self) -> String {
        fs::read_to_string(self.0.join("omnicord.yaml")).unwrap()
    }

    fn add(&self, name: &str, set: &[(&str, &str)], dry_run: bool) -> Result<Verdict, Trouble> {
        let set = set.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let file = self.0.join("omnicord.yaml");
        let command = AddCommand { name: name.into(), file, set: set.collect(), dry_run };
        add(command, Output::new(false))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

#[test]
fn a_recipe_is_written_once_and_nothing_else_is_touched() {
    let place = Place::new("added", FILE);
    let add = |dry_run| place.add("sms-on-shipment", &[("expires", "1d")], dry_run);
    assert_eq!(add(true).unwrap(), Verdict::Finding);
    assert_eq!(place.text(), FILE);
    assert_eq!(add(false).unwrap(), Verdict::Clean);
    let added = place.text();
    assert!(added.contains("expires: 1d"), "{added}");
    let changes = diff(FILE, &added, "omnicord.yaml");
    assert!(changes.lines().skip(2).all(|line| !line.starts_with('-')), "{changes}");
    // The values that are chosen anew would have no effect.
    assert!(matches!(add(false), Err(Trouble::Refused { .. })));
    assert_eq!(place.add("sms-on-shipment", &[], false).unwrap(), Verdict::Clean);
    assert_eq!(place.text(), added);
}

#[test]
fn a_file_that_lacks_what_the_recipe_needs_stays_as_it_is() {
    let place = Place::new("unfit", FILE);
    assert_eq!(place.add("ticket-on-complaint", &[], false).unwrap(), Verdict::Finding);
    assert_eq!(place.text(), FILE);
    let place = Place::new("broken", "tags: 1");
    assert_eq!(place.add("sms-on-shipment", &[], false).unwrap(), Verdict::Finding);
    let unknown = place.add("sms-on-shipmet", &[], false).unwrap_err().to_string();
    assert!(unknown.contains("did you mean") && unknown.contains("recipe list"), "{unknown}");
}

#[test]
fn the_change_is_shown_as_a_diff() {
    let after = rules::add_recipe(FILE, "sms-on-shipment").unwrap();
    let added = |written| Added {
        recipe: "sms-on-shipment",
        file: "omnicord.yaml".into(),
        diff: diff(FILE, &after, "omnicord.yaml"),
        written,
    };
    let text = added(true).text(&Page::unbounded("2026-01-02T03:04:05Z"));
    insta::assert_snapshot!(strip_str(&text).to_string());
    assert_eq!((added(true).verdict(), added(false).verdict()), (Verdict::Clean, Verdict::Finding));
}
