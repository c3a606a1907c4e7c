//! The JSON Schema of the vocabulary's names.

use domain::{Direction, EventKind, HandleKind};
use schemars::{Schema, SchemaGenerator, json_schema};

const HANDLE_KINDS: [HandleKind; 8] = [
    HandleKind::Crm,
    HandleKind::WechatUnionid,
    HandleKind::WecomExternal,
    HandleKind::WecomUser,
    HandleKind::WechatOpenid,
    HandleKind::Phone,
    HandleKind::Email,
    HandleKind::Account,
];

pub(super) fn event_kind(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": EventKind::ALL })
}

pub(super) fn handle_kind(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": HANDLE_KINDS })
}

pub(super) fn direction(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": [Direction::Inbound, Direction::Outbound] })
}
