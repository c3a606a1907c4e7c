//! Who tickets and tasks are given to.

use super::Clock;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

/// Somebody who works for the company.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Agent {
    /// The name, as the CRM knows it.
    #[schemars(length(min = 1))]
    pub name: String,
    /// What the agent is good at, such as `quality`: `owner: { skill: quality }` names it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skills: Vec<String>,
    /// When the agent is at work, by the company's clock; at any hour, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available: Option<Hours>,
}

/// Hours of each day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// When they begin, such as `"09:00"`.
    pub from: Clock,
    /// When they end, on the same day or the next.
    pub to: Clock,
}

/// Who is given a ticket or a task: a name, or a rule that chooses among several.
///
/// The choice is a function of the effect alone, so that a replay gives it to the same person.
/// Each is as likely as any other; over many effects, each gets an equal share.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Owner {
    /// A name, as the CRM knows it; a template.
    Name(String),
    /// One of these names.
    RoundRobin(Vec<String>),
    /// One of the agents who have this skill: of those at work when the event happened; of all of
    /// them, when nobody was.
    Skill(String),
}

/// The form of a rule that chooses.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Choice {
    RoundRobin(Vec<String>),
    Skill(String),
}

impl Serialize for Owner {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Name(name) => serializer.serialize_str(name),
            Self::RoundRobin(names) => Choice::RoundRobin(names.clone()).serialize(serializer),
            Self::Skill(skill) => Choice::Skill(skill.clone()).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Owner {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Owner;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name, `{ round_robin: [ … ] }` or `{ skill: … }`")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Owner, E> {
                Ok(Owner::Name(name.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Owner, A::Error> {
                Ok(match Choice::deserialize(MapAccessDeserializer::new(map))? {
                    Choice::RoundRobin(names) => Owner::RoundRobin(names),
                    Choice::Skill(skill) => Owner::Skill(skill),
                })
            }
        }

        deserializer.deserialize_any(Either)
    }
}

impl JsonSchema for Owner {
    fn schema_name() -> Cow<'static, str> {
        "Owner".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A name, as the CRM knows it; or a rule that chooses among several.",
            "anyOf": [
                { "type": "string" },
                {
                    "type": "object",
                    "properties": {
                        "round_robin": {
                            "type": "array",
                            "items": { "type": "string" },
                            "minItems": 1,
                            "description": "One of these names, each as often as any other.",
                        },
                    },
                    "required": ["round_robin"],
                    "additionalProperties": false,
                },
                {
                    "type": "object",
                    "properties": {
                        "skill": {
                            "type": "string",
                            "description": "One of the `agents` who have this skill.",
                        },
                    },
                    "required": ["skill"],
                    "additionalProperties": false,
                },
            ],
        })
    }
}
