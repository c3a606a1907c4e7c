//! The JSON Schema of the vocabulary's names.

use domain::{Direction, EventKind, HandleKind};
use schemars::{Schema, SchemaGenerator, json_schema};

pub(super) fn event_kind(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": EventKind::ALL })
}

pub(super) fn handle_kind(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": HandleKind::ALL })
}

pub(super) fn direction(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": [Direction::Inbound, Direction::Outbound] })
}
