//! Applies mappings to a payload.

use super::scalar::{exact, instant};
use super::{Condition, HandleAt, Mapping, Pointer, Topic};
use crate::{Context, Delivery, Malformed};
use domain::{Assurance, EventId, Handle, HandleKind, InboundEvent, InvalidHandle};
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::slice;

/// The field in which handles are kept that could not be read beside one that could, by pointer.
const UNREADABLE: &str = "unreadable_handles";

/// Reads a JSON body, whose nesting `serde_json` bounds at 128 levels.
pub(crate) fn json(body: &[u8]) -> Result<Value, Malformed> {
    let text = str::from_utf8(body).map_err(|_| Malformed::NotUtf8)?;
    serde_json::from_str(text)
        .map_err(|error| Malformed::Json { line: error.line(), column: error.column() })
}

/// Reads a payload with the first of the mappings that claims it.
pub(crate) fn read(
    mappings: &[&[Mapping]],
    ignore: &[Condition],
    channel: &'static str,
    payload: &Value,
    delivery_id: Option<&str>,
    context: &Context<'_>,
) -> Result<Delivery, Malformed> {
    let Some(mapping) = mappings.iter().copied().flatten().find(|m| m.when.holds(payload)) else {
        let ignored = ignore.iter().any(|condition| condition.holds(payload));
        let reason = "left out by `ignore`";
        return if ignored { Ok(Delivery::Ignored { reason }) } else { Err(Malformed::Unmapped) };
    };
    let elements = match &mapping.each {
        None => slice::from_ref(payload),
        Some(at) => at
            .find(payload)
            .and_then(Value::as_array)
            .ok_or_else(|| Malformed::unexpected(at.to_string(), "an array"))?,
    };
    let events = elements.iter().enumerate().map(|(index, element)| {
        let delivery_id = delivery_id.map(|id| match mapping.each {
            None => id.to_owned(),
            Some(_) => format!("{id}#{index}"),
        });
        Reading { mapping, element, context }.event(channel, delivery_id)
    });
    events.collect::<Result<_, _>>().map(Delivery::Events)
}

struct Reading<'a> {
    mapping: &'a Mapping,
    element: &'a Value,
    context: &'a Context<'a>,
}

impl Reading<'_> {
    fn event(
        &self,
        channel: &'static str,
        delivery_id: Option<String>,
    ) -> Result<InboundEvent, Malformed> {
        let (mapping, context) = (self.mapping, self.context);
        let topic = match &mapping.topic {
            Topic::Word(word) => word.clone(),
            Topic::At(at) => self.required(at)?,
        };
        let (handles, unreadable) = self.handles()?;
        let mut fields = mapping.constants.clone();
        for (name, at) in &mapping.fields {
            if let Some(value) = at.find(self.element) {
                fields.insert(name.clone(), value.clone());
            }
        }
        if !unreadable.is_empty() {
            fields.insert(UNREADABLE.to_owned(), Value::Object(unreadable));
        }
        Ok(InboundEvent {
            id: EventId::new(context.source, &self.key(&topic, delivery_id)?),
            source: context.source.to_owned(),
            channel: channel.to_owned(),
            kind: mapping.kind,
            topic,
            direction: mapping.direction,
            occurred_at: self.time(mapping.time.as_ref())?.unwrap_or(context.received_at),
            received_at: context.received_at,
            handles,
            text: self.optional(mapping.text.as_ref())?,
            duration_s: self.duration()?,
            fields,
            checks: domain::Checks::default(),
        })
    }

    /// The source's own dedupe key. Written as an array, so that no two lists of parts meet.
    fn key(&self, topic: &str, delivery_id: Option<String>) -> Result<String, Malformed> {
        if self.mapping.id.is_empty() {
            return delivery_id.ok_or(Malformed::missing("id"));
        }
        let mut parts = vec![self.mapping.kind.as_str().into(), topic.into()];
        for at in &self.mapping.id {
            parts.push(Value::String(self.required(at)?));
        }
        Ok(Value::Array(parts).to_string())
    }

    /// The handles that can be read, and those that cannot, by pointer. None of the first only
    /// where the customer withheld what there was to tell.
    fn handles(&self) -> Result<(Vec<Handle>, Map<String, Value>), Malformed> {
        let (mut handles, mut unreadable, mut first_fault) = (Vec::new(), Map::new(), None);
        for wanted in &self.mapping.handles {
            let Some(text) = self.optional(Some(&wanted.at))? else { continue };
            match handle(wanted, &text, self.context.region) {
                Ok(handle) => handles.push(handle),
                Err(source) => {
                    let path = wanted.at.to_string();
                    unreadable.insert(path.clone(), Value::String(text));
                    first_fault.get_or_insert(Malformed::Handle { path: path.into(), source });
                }
            }
        }
        let withheld =
            matches!(first_fault, Some(Malformed::Handle { source: InvalidHandle::Withheld, .. }));
        if handles.is_empty() && !withheld {
            let places: Vec<_> = self.mapping.handles.iter().map(|h| h.at.to_string()).collect();
            return Err(first_fault.unwrap_or_else(|| Malformed::missing(places.join(", "))));
        }
        Ok((handles, unreadable))
    }

    fn duration(&self) -> Result<Option<u32>, Malformed> {
        if let Some(at) = &self.mapping.duration {
            let Some(text) = self.optional(Some(at))? else { return Ok(None) };
            let seconds = text.trim().parse();
            return seconds.map(Some).map_err(|_| unexpected(at, "a length in whole seconds"));
        }
        let Some(span) = &self.mapping.duration_between else { return Ok(None) };
        let begun = self.time(Some(&span.from))?.filter(|from| *from != Timestamp::UNIX_EPOCH);
        let (Some(from), Some(to)) = (begun, self.time(Some(&span.to))?) else { return Ok(None) };
        let seconds = u32::try_from(from.duration_until(to).as_secs());
        seconds.map(Some).map_err(|_| unexpected(&span.to, "after `from`"))
    }

    fn time(&self, at: Option<&Pointer>) -> Result<Option<Timestamp>, Malformed> {
        let Some((at, value)) = at.and_then(|at| Some((at, at.find(self.element)?))) else {
            return Ok(None);
        };
        if value.as_str().is_some_and(|text| text.trim().is_empty()) {
            return Ok(None);
        }
        let expected = "a time: RFC 3339, epoch seconds or milliseconds";
        instant(value).map(Some).ok_or_else(|| unexpected(at, expected))
    }

    fn required(&self, at: &Pointer) -> Result<String, Malformed> {
        self.optional(Some(at))?.ok_or_else(|| Malformed::missing(at.to_string()))
    }

    fn optional(&self, at: Option<&Pointer>) -> Result<Option<String>, Malformed> {
        let Some((at, value)) = at.and_then(|at| Some((at, at.find(self.element)?))) else {
            return Ok(None);
        };
        let text = exact(value)
            .ok_or_else(|| unexpected(at, "a text or a whole number of at most 64 bits"))?;
        Ok(Some(text.into_owned()).filter(|text| !text.trim().is_empty()))
    }
}

fn unexpected(at: &Pointer, expected: &'static str) -> Malformed {
    Malformed::unexpected(at.to_string(), expected)
}

fn handle(wanted: &HandleAt, text: &str, region: &str) -> Result<Handle, domain::InvalidHandle> {
    let assurance = if wanted.claimed { Assurance::Claimed } else { Assurance::Attested };
    match wanted.kind {
        HandleKind::Phone => Handle::phone(text, region, assurance),
        HandleKind::Email => Handle::email(text, assurance),
        HandleKind::Crm
        | HandleKind::WechatUnionid
        | HandleKind::WecomExternal
        | HandleKind::WecomUser
        | HandleKind::WechatOpenid
        | HandleKind::WhatsappUser
        | HandleKind::Account => Handle::account(wanted.kind, &wanted.scope, text, assurance),
    }
}
