//! What a series of values comes to.

use crate::{FactRule, Measure};
use domain::{Series, Told};
use jiff::Timestamp;
use serde_json::{Value, json};

/// Sums are whole numbers of billionths: exact, whatever the order.
const PLACES: usize = 9;
const ONE: i128 = 1_000_000_000;

/// The fact as of a time.
pub(super) fn measure(rule: &FactRule, series: Option<&Series>, as_of: Timestamp) -> Value {
    let told = series.into_iter().flat_map(|series| series.within(as_of, rule.window.into()));
    let mut values = told.map(|Told { value, .. }| value);
    match rule.of {
        Measure::Count => json!(values.count()),
        Measure::Sum | Measure::Duration => {
            number(values.filter_map(decimal).fold(0, i128::saturating_add))
        }
        Measure::First => values.next().cloned().unwrap_or_default(),
        Measure::Last => values.last().cloned().unwrap_or_default(),
        Measure::Distinct => {
            let mut different: Vec<Value> = Vec::new();
            for value in values {
                if !different.contains(value) {
                    different.push(value.clone());
                }
            }
            Value::Array(different)
        }
    }
}

/// A number, or a text that is one, in billionths.
pub(crate) fn decimal(value: &Value) -> Option<i128> {
    let text = match value {
        Value::Number(number) if number.is_i64() => {
            return number.as_i64().map(|whole| i128::from(whole) * ONE);
        }
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.as_str()),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = !whole.is_empty()
        && whole.len() <= 18
        && fraction.len() <= PLACES
        && whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
    if !plain {
        return None;
    }
    let amount: i128 = format!("{whole}{fraction:0<PLACES$}").parse().ok()?;
    Some(if negative { -amount } else { amount })
}

/// Billionths as JSON: a whole number where it is one, else the nearest double.
fn number(amount: i128) -> Value {
    if amount % ONE == 0
        && let Ok(whole) = i64::try_from(amount / ONE)
    {
        return json!(whole);
    }
    let sign = if amount < 0 { "-" } else { "" };
    let (whole, fraction) = ((amount / ONE).abs(), (amount % ONE).abs());
    format!("{sign}{whole}.{fraction:0PLACES$}").parse::<f64>().map_or(Value::Null, |it| json!(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_add_up_as_on_paper() {
        let sum = |values: &[Value]| number(values.iter().filter_map(decimal).sum());
        assert_eq!(sum(&[json!(0.1), json!(0.2)]), json!(0.3));
        assert_eq!(sum(&[json!("12.50"), json!(7.5), json!(-1)]), json!(19));
        assert_eq!(sum(&[json!(-0.25)]), json!(-0.25));
        assert_eq!(sum(&[json!("twelve"), json!(true), json!("1e3"), json!("")]), json!(0));
    }
}
