//! What a recipe's file says of the recipe itself.

use super::{CannotAdd, Recipe};
use crate::Duration;
use crate::problem::suggestion;
use serde_json::{Number, Value};
use std::collections::BTreeMap;

/// A value in a recipe that a company may choose.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Setting {
    /// The name by which it is chosen.
    pub key: &'static str,
    /// What it decides.
    pub about: &'static str,
    /// The value in the recipe, as it is written there.
    pub default: &'static str,
    /// What stands before the value; the value ends with the line.
    place: String,
}

impl Recipe {
    /// What it needs of the company's sources and configuration, in words.
    #[must_use]
    pub fn needs(&self) -> &'static str {
        self.told("# needs: ").next().unwrap_or_default()
    }

    /// What the customer sees of it, in words.
    #[must_use]
    pub fn seen(&self) -> &'static str {
        self.told("# seen: ").next().unwrap_or_default()
    }

    /// What can be chosen: each on a line `# set KEY: what it decides | what stands before it`,
    /// where the last part is `KEY:` if left out. The last such place in the file is meant.
    pub fn settings(&self) -> impl Iterator<Item = Setting> {
        self.told("# set ").filter_map(|line| {
            let (key, rest) = line.split_once(": ")?;
            let (about, place) = match rest.split_once(" | ") {
                Some((about, place)) => (about, place.to_owned()),
                None => (rest, format!("{key}:")),
            };
            let start = self.text.rfind(&place)? + place.len();
            let default = self.text.get(start..)?.lines().next()?.trim();
            Some(Setting { key, about, default, place })
        })
    }

    /// What is written into a configuration.
    #[must_use]
    pub fn sections(&self) -> &'static str {
        let header: usize = self.header().map(|line| line.len() + 1).sum();
        self.text.get(header..).unwrap_or_default()
    }

    /// Its text with some values replaced.
    pub(super) fn filled(&self, chosen: &BTreeMap<String, String>) -> Result<String, CannotAdd> {
        let mut text = self.text.to_owned();
        for (key, value) in chosen {
            let setting = self.settings().find(|it| it.key == key).ok_or_else(|| {
                let near = suggestion(key, self.settings().map(|it| it.key));
                CannotAdd::NoSetting { key: key.clone(), near }
            })?;
            let written = setting.written(value).ok_or_else(|| CannotAdd::Unfitting {
                key: key.clone(),
                value: value.clone(),
                example: setting.default.to_owned(),
            })?;
            let Some(place) = text.rfind(&setting.place) else { continue };
            let start = place + setting.place.len();
            let end = text.get(start..).and_then(|rest| rest.find('\n'));
            let end = end.map_or(text.len(), |length| start + length);
            text.replace_range(start..end, &format!(" {written}"));
        }
        Ok(text)
    }

    fn header(&self) -> impl Iterator<Item = &'static str> {
        self.text.lines().take_while(|line| line.starts_with('#'))
    }

    fn told(&self, prefix: &'static str) -> impl Iterator<Item = &'static str> {
        self.header().filter_map(move |line| line.strip_prefix(prefix))
    }
}

impl Setting {
    /// The value as YAML; none, where it is of another form than the one in the recipe.
    fn written(&self, value: &str) -> Option<String> {
        if self.default.parse::<Number>().is_ok() {
            value.parse::<Number>().is_ok().then(|| value.to_owned())
        } else if self.default.parse::<Duration>().is_ok() {
            value.parse::<Duration>().is_ok().then(|| value.to_owned())
        } else {
            // A text in JSON is one in YAML.
            Some(Value::from(value).to_string())
        }
    }
}
