//! The CRM, asked for records that changed.

use channels::ListPage;
use crm::{Changes, Connector, Span};
use domain::Class;
use rules::config::CrmOrigin;
use rules::{RecordKind, RuleSet};
use runtime::{Secrets, StepFailure};
use state::Sweep;

/// Records in one page.
const MOST: usize = 100;

/// The next page: one kind of records after the other. A page's mark is `kind#where`.
pub(crate) async fn page(
    secrets: &impl Secrets,
    http: &reqwest::Client,
    rules: &RuleSet,
    origin: &CrmOrigin,
    sweep: &Sweep,
) -> Result<ListPage, StepFailure> {
    let Some(settings) = &rules.config().crm else { return Ok(ListPage::default()) };
    let Some((kind, beyond, later)) = place(&origin.records, sweep.page.as_deref()) else {
        return Ok(ListPage::default());
    };
    let secret = secrets.secret(settings.secret()).await?;
    let connector = Connector::new(settings, &secret, http.clone())?;
    let span = Span { after: sweep.after, until: sweep.until };
    let found = connector.changes(kind, span, beyond, MOST).await?;
    let next = match found.next {
        Some(beyond) => Some(mark(kind, &beyond)),
        None => later.map(|kind| mark(kind, "")),
    };
    let items = found.records.iter().map(serde_json::to_value).collect::<Result<Vec<_>, _>>();
    let mut items = items.map_err(|_| {
        let detail = "a record cannot be written as JSON";
        StepFailure::retry("record_unserialisable", detail).of(Class::Ours)
    })?;
    items.retain(|item| origin.needs.iter().all(|needed| needed.find(item).is_some()));
    Ok(ListPage { items, next })
}

/// The kind that a page is of, where in it the page begins, and the kind that follows.
fn place<'p>(
    kinds: &[RecordKind],
    page: Option<&'p str>,
) -> Option<(RecordKind, Option<&'p str>, Option<RecordKind>)> {
    let (name, beyond) = match page {
        None => (None, None),
        Some(mark) => {
            let (name, beyond) = mark.split_once('#')?;
            (Some(name), Some(beyond).filter(|beyond| !beyond.is_empty()))
        }
    };
    let index = kinds.iter().position(|kind| name.is_none_or(|name| name == kind.as_str()))?;
    Some((*kinds.get(index)?, beyond, kinds.get(index + 1).copied()))
}

fn mark(kind: RecordKind, beyond: &str) -> String {
    format!("{}#{beyond}", kind.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use RecordKind::{Invoices, Shipments};

    #[test]
    fn pages_go_through_one_kind_after_the_other() {
        let kinds = [Shipments, Invoices];
        assert_eq!(place(&kinds, None), Some((Shipments, None, Some(Invoices))));
        let second = mark(Shipments, "7");
        assert_eq!(place(&kinds, Some(&second)), Some((Shipments, Some("7"), Some(Invoices))));
        let third = mark(Invoices, "");
        assert_eq!(place(&kinds, Some(&third)), Some((Invoices, None, None)));
        assert_eq!(place(&[], None), None);
        assert_eq!(place(&[Shipments], Some(&third)), None);
    }
}
