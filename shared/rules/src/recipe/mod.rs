//! Tested blocks of configuration that are added by name.

mod header;
mod lines;
mod merge;

pub use header::Setting;

use crate::document::Node;
use crate::problem::suggestion;
use crate::{Problem, parse};
use std::collections::BTreeMap;

/// A block of configuration for one purpose.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Recipe {
    /// The name by which it is added.
    pub name: &'static str,
    /// What it does, in one line.
    pub title: &'static str,
    /// Its file: what is to be known of it, as comments, then the sections that are written into a
    /// configuration.
    pub text: &'static str,
}

/// Why a recipe cannot be added.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CannotAdd {
    /// No recipe has that name.
    #[error("unknown recipe `{name}`{near}")]
    Unknown {
        /// The name asked for.
        name: String,
        /// The nearest name, in words.
        near: String,
    },
    /// The recipe leaves nothing of that name to choose.
    #[error("the recipe has no setting `{key}`{near}")]
    NoSetting {
        /// The name asked for.
        key: String,
        /// The nearest name, in words.
        near: String,
    },
    /// The value is of another form than the one that it replaces.
    #[error("`{key}` cannot be `{value}`; write something like {example}")]
    Unfitting {
        /// The setting's name.
        key: String,
        /// The value.
        value: String,
        /// The value that the recipe has.
        example: String,
    },
    /// A setting that the recipe adds to is written on one line; its items need lines of their
    /// own.
    #[error("`{setting}` is written on one line; give each of its items its own line first")]
    Inline {
        /// The setting, such as `classify.issues`.
        setting: String,
    },
    /// The configuration has problems of its own; they come first.
    #[error("the configuration has problems of its own")]
    Broken(Vec<Problem>),
    /// With the recipe the configuration would have problems: something that the recipe needs is
    /// missing, such as a `crm`.
    #[error("the configuration lacks what the recipe needs")]
    Unfit(Vec<Problem>),
}

macro_rules! recipe {
    ($name:literal, $title:literal) => {
        Recipe {
            name: $name,
            title: $title,
            text: include_str!(concat!("../../recipes/", $name, ".yaml")),
        }
    };
}

const RECIPES: [Recipe; 12] = [
    recipe!("ticket-on-complaint", "A quality complaint, spoken or written, opens a ticket"),
    recipe!(
        "tag-on-repeated-after-sales",
        "Three after-sales contacts within 30 days make a customer of high care, until 60 quiet days"
    ),
    recipe!(
        "sms-on-shipment",
        "An order that was shipped is announced by SMS with its tracking number"
    ),
    recipe!(
        "warranty-reminder",
        "Before the warranty of a device ends, its owner is reminded once"
    ),
    recipe!("invoice-progress-reply", "Who asks for an invoice is told how far it is"),
    recipe!(
        "vip-routing-tag",
        "Who spends a lot in a year bears the tag by which the telephone system routes calls"
    ),
    recipe!(
        "missed-call-follow-up",
        "A missed call is followed up: a ticket to call back, and a word to the customer"
    ),
    recipe!(
        "contact-history",
        "Every contact is written into the history of the CRM's record: when, how, about what, in what mood"
    ),
    recipe!(
        "angry-customer-tag",
        "Who was angry lately bears a tag, so that the next agent knows before they answer"
    ),
    recipe!(
        "repeated-question",
        "Who asks for the third time where their order is gets a person who finds out"
    ),
    recipe!(
        "unanswered-for-two-hours",
        "A customer whom nobody answered for two hours gets a ticket"
    ),
    recipe!(
        "quiet-for-90-days",
        "Who was not in contact for 90 days bears a tag, until the next contact"
    ),
];

/// Every recipe there is.
#[must_use]
pub fn recipes() -> &'static [Recipe] {
    &RECIPES
}

impl Recipe {
    /// The recipe of that name.
    ///
    /// # Errors
    /// [`CannotAdd::Unknown`].
    pub fn named(name: &str) -> Result<&'static Self, CannotAdd> {
        RECIPES.iter().find(|recipe| recipe.name == name).ok_or_else(|| CannotAdd::Unknown {
            name: name.to_owned(),
            near: suggestion(name, RECIPES.iter().map(|recipe| recipe.name)),
        })
    }

    /// A configuration with the recipe's sections in it, some of its settings replaced by the
    /// values that `chosen` names. What is there stays as it is, comments included: of two items
    /// of one name, the configuration's own counts. Adding twice adds once.
    ///
    /// # Errors
    /// [`CannotAdd`]; nothing is added then.
    pub fn add_to(
        &self,
        config_text: &str,
        chosen: &BTreeMap<String, String>,
    ) -> Result<String, CannotAdd> {
        let text = self.filled(chosen)?;
        parse(config_text).map_err(CannotAdd::Broken)?;
        let broken = |problem| CannotAdd::Broken(vec![problem]);
        let config = Node::parse(config_text).map_err(broken)?;
        let addition = Node::parse(&text).map_err(broken)?;
        let merged = merge::merged((config_text, &config), (&text, &addition))?;
        parse(&merged).map_err(CannotAdd::Unfit)?;
        Ok(merged)
    }
}

/// The configuration with a recipe's sections in it, as they are: see [`Recipe::add_to`].
///
/// # Errors
/// [`CannotAdd`]; the configuration is then not changed.
pub fn add_recipe(config_text: &str, name: &str) -> Result<String, CannotAdd> {
    Recipe::named(name)?.add_to(config_text, &BTreeMap::new())
}
