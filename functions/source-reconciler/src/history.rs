//! A sender's own list of what happened, read page by page.

use crate::origins::Unread;
use channels::{ListPage, Unlisted};
use domain::Class;
use egress::{Egress, forbidden};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Response, StatusCode, Url};
use rules::config::{History, TimeForm};
use runtime::{Secrets, StepFailure};
use state::Sweep;
use std::time::Duration;

const TOTAL: Duration = Duration::from_secs(8);
/// The longest answer that is read.
const LONGEST_ANSWER: usize = 4 << 20;

/// The next page.
pub(crate) async fn page(
    secrets: &impl Secrets,
    egress: &Egress,
    history: &History,
    sweep: &Sweep,
) -> Result<ListPage, Unread> {
    let guard = history.guard();
    let url = guard.check(&history.url).map_err(|why| shut(&why.to_string()))?;
    let secret = secrets.secret(&history.secret).await?;
    let token = secret.field("token").map_err(|_| {
        StepFailure::retry("secret_unusable", "the history's secret needs a field `token`")
            .of(Class::Authorisation)
    })?;
    let request = egress.client(&guard)?.get(asked(url, history, sweep)).bearer_auth(token);
    let answer = request.timeout(TOTAL).send().await.map_err(|error| unanswered(&error))?;
    let status = answer.status();
    if !status.is_success() {
        let failure = refused(&answer, status);
        let lapsed = sweep.page.is_some() && is_final(status);
        return Err(if lapsed { Unread::Lapsed(failure) } else { Unread::Failed(failure) });
    }
    let next = history.next.as_ref().map(|next| &next.at);
    ListPage::read(&body(answer).await?, &history.items, next, sweep.page.as_deref())
        .map_err(|why: Unlisted| unreadable(&why.to_string()).into())
}

fn asked(mut url: Url, history: &History, sweep: &Sweep) -> Url {
    let mut query = url.query_pairs_mut();
    query.append_pair(&history.since, &written(history.times, sweep.after));
    query.append_pair(&history.until, &written(history.times, sweep.until));
    if let (Some(next), Some(mark)) = (&history.next, &sweep.page) {
        query.append_pair(&next.parameter, mark);
    }
    drop(query);
    url
}

fn written(form: TimeForm, at: Timestamp) -> String {
    match form {
        TimeForm::Rfc3339 => format!("{at:.3}"),
        TimeForm::EpochSeconds => at.as_second().to_string(),
        TimeForm::EpochMilliseconds => at.as_millisecond().to_string(),
    }
}

/// Reads a successful answer to its bound and its end.
async fn body(mut answer: Response) -> Result<Vec<u8>, StepFailure> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| unanswered(&error))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > LONGEST_ANSWER {
            return Err(unreadable("more than 4 MiB: ask for smaller pages"));
        }
    }
    Ok(bytes)
}

/// Whether the same request will be refused again, and not for want of rights, time or patience.
fn is_final(status: StatusCode) -> bool {
    let passing = [
        StatusCode::UNAUTHORIZED,
        StatusCode::FORBIDDEN,
        StatusCode::REQUEST_TIMEOUT,
        StatusCode::TOO_MANY_REQUESTS,
    ];
    status.is_client_error() && !passing.contains(&status)
}

fn refused(answer: &Response, status: StatusCode) -> StepFailure {
    let detail = format!("the history answered {status}");
    if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
        return StepFailure::retry("history_unauthorised", detail).of(Class::Authorisation);
    }
    let after = answer.headers().get("retry-after").and_then(|value| value.to_str().ok());
    let after = after.and_then(|text| text.parse().ok()).map(SignedDuration::from_secs);
    StepFailure::retry_after(after, "history_unavailable", detail)
}

/// reqwest's own words would repeat the URL.
fn unanswered(error: &reqwest::Error) -> StepFailure {
    match forbidden(error) {
        Some(forbidden) => shut(&forbidden.to_string()),
        None if error.is_timeout() => {
            StepFailure::retry("history_unavailable", "the history did not answer in time")
        }
        None => StepFailure::retry("history_unavailable", "the history did not answer"),
    }
}

fn shut(why: &str) -> StepFailure {
    let detail = format!("the history's URL or address: {why}");
    StepFailure::retry("history_forbidden", detail).of(Class::Configuration)
}

fn unreadable(what: &str) -> StepFailure {
    let detail = format!("the history's answer holds {what}");
    StepFailure::retry("history_unreadable", detail).of(Class::Theirs)
}
