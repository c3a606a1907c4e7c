//! Recipes added to any configuration.

use rules::{CannotAdd, add_recipe, parse, recipes};

/// The first byte names the recipe. Adding it twice adds it once, and leaves a sound document.
pub(crate) fn holds(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    let Ok(text) = str::from_utf8(rest) else { return };
    let name = recipes()[usize::from(*first) % recipes().len()].name;
    let sound = parse(text).is_ok();
    match add_recipe(text, name) {
        Ok(merged) => {
            assert!(sound && parse(&merged).is_ok());
            assert_eq!(add_recipe(&merged, name), Ok(merged), "added twice");
        }
        Err(CannotAdd::Broken(_)) => assert!(!sound, "sound, and called broken"),
        Err(CannotAdd::Inline { .. } | CannotAdd::Unfit(_)) => assert!(sound),
        Err(CannotAdd::NoSetting { .. } | CannotAdd::Unfitting { .. }) => {
            panic!("nothing was chosen")
        }
        Err(CannotAdd::Unknown { name, .. }) => panic!("{name} is listed, and unknown"),
    }
}
