//! Tested blocks of configuration that are added by name.

mod lines;
mod merge;

use crate::document::Node;
use crate::problem::suggestion;
use crate::{Problem, parse};

/// A block of configuration for one purpose.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Recipe {
    /// The name by which it is added.
    pub name: &'static str,
    /// What it does, in one line.
    pub title: &'static str,
    /// Its sections, as they are written into a configuration.
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

const RECIPES: [Recipe; 7] = [
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
];

/// Every recipe there is.
#[must_use]
pub fn recipes() -> &'static [Recipe] {
    &RECIPES
}

/// The configuration with a recipe's sections in it. What is there stays as it is, comments
/// included: of two items of one name, the configuration's own counts. Adding twice adds once.
///
/// # Errors
/// [`CannotAdd`]; the configuration is then not changed.
pub fn add_recipe(config_text: &str, name: &str) -> Result<String, CannotAdd> {
    let recipe = RECIPES.iter().find(|recipe| recipe.name == name).ok_or_else(|| {
        let near = suggestion(name, RECIPES.iter().map(|recipe| recipe.name));
        CannotAdd::Unknown { name: name.to_owned(), near }
    })?;
    parse(config_text).map_err(CannotAdd::Broken)?;
    let broken = |problem| CannotAdd::Broken(vec![problem]);
    let config = Node::parse(config_text).map_err(broken)?;
    let addition = Node::parse(recipe.text).map_err(broken)?;
    let merged = merge::merged((config_text, &config), (recipe.text, &addition))?;
    parse(&merged).map_err(CannotAdd::Unfit)?;
    Ok(merged)
}
