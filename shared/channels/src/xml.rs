//! The little XML that vendors send, as a tree.
//!
//! Attributes and comments are left out. What could blow up is refused: document types, entities
//! that XML does not predefine, and nesting deeper than any vendor's message.

use crate::Malformed;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, Event};
use quick_xml::reader::Reader;
use serde_json::{Map, Value};

/// Vendors' messages nest a handful of levels; this leaves room, and keeps recursion shallow.
const DEEPEST: usize = 16;

/// One element: its own text, or its children.
#[derive(PartialEq, Eq, Debug, Default)]
pub(crate) struct Element {
    name: String,
    text: String,
    children: Vec<Element>,
}

impl Element {
    /// Reads a document, and returns its root.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let text = str::from_utf8(bytes).map_err(|_| Malformed::NotUtf8)?;
        let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
        reader.config_mut().expand_empty_elements = true;
        // The bottom of the stack stands for the document, whose only child is the root.
        let mut open = vec![Self::default()];
        loop {
            let malformed = Malformed::Xml { at: reader.buffer_position() };
            match reader.read_event().map_err(|_| malformed.clone())? {
                Event::Start(tag) => {
                    if open.len() > DEEPEST {
                        return Err(Malformed::TooDeep { limit: DEEPEST });
                    }
                    let name = tag.name().as_ref().to_owned();
                    open.push(Self { name, ..Self::default() });
                }
                Event::End(_) => {
                    let done = open.pop().ok_or(malformed.clone())?;
                    open.last_mut().ok_or(malformed)?.children.push(done);
                }
                Event::Text(run) => append(&mut open, &run.xml10_content()),
                Event::CData(run) => append(&mut open, &run.xml10_content()),
                Event::GeneralRef(reference) => append(&mut open, &resolved(&reference)?),
                Event::DocType(_) => return Err(Malformed::ForbiddenEntity),
                Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
                Event::Eof => return root(open).ok_or(malformed),
            }
        }
    }

    /// The first child of this name, where it has text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let child = self.children.iter().find(|child| child.name == name)?;
        Some(child.text.as_str()).filter(|text| !text.is_empty())
    }

    /// The children as a JSON object: text, object, or array where a name repeats.
    pub(crate) fn into_fields(self) -> Map<String, Value> {
        let mut fields = Map::new();
        for child in self.children {
            let name = child.name.clone();
            let value = if child.children.is_empty() {
                Value::String(child.text)
            } else {
                Value::Object(child.into_fields())
            };
            match fields.get_mut(&name) {
                None => drop(fields.insert(name, value)),
                Some(Value::Array(several)) => several.push(value),
                Some(one) => *one = Value::Array(vec![one.take(), value]),
            }
        }
        fields
    }
}

fn append(open: &mut [Element], run: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(run);
    }
}

fn resolved(reference: &BytesRef<'_>) -> Result<String, Malformed> {
    match reference.resolve_char_ref() {
        Ok(Some(character)) => Ok(character.into()),
        Ok(None) => resolve_xml_entity(reference).map(Into::into).ok_or(Malformed::ForbiddenEntity),
        Err(_) => Err(Malformed::ForbiddenEntity),
    }
}

/// The root, if every element was closed and nothing but blanks surrounds exactly one.
fn root(open: Vec<Element>) -> Option<Element> {
    let [document] = <[Element; 1]>::try_from(open).ok()?;
    let [root] = <[Element; 1]>::try_from(document.children).ok()?;
    document.text.trim().is_empty().then_some(root)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn fields(text: &str) -> Value {
        Value::Object(Element::parse(text.as_bytes()).unwrap().into_fields())
    }

    #[test]
    fn text_references_and_character_data_join() {
        let read = fields("<xml>\n <A><![CDATA[<你好> ]]></A>\n <B>a &amp; &#20320;</B><C/></xml>");
        assert_eq!(read, json!({"A": "<你好> ", "B": "a & 你", "C": ""}));
    }

    #[test]
    fn children_nest_and_repeated_names_become_an_array() {
        let read = fields("<xml><P><I>1</I><I>2</I><I>3</I></P></xml>");
        assert_eq!(read, json!({"P": {"I": ["1", "2", "3"]}}));
    }

    #[test]
    fn what_could_blow_up_is_refused() {
        let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><xml>&b;</xml>";
        let external = "<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><xml/>";
        let entity = "<xml>&bomb;</xml>";
        for text in [bomb, external, entity] {
            assert_eq!(Element::parse(text.as_bytes()), Err(Malformed::ForbiddenEntity), "{text}");
        }
        let nested = |depth: usize| "<a>".repeat(depth) + &"</a>".repeat(depth);
        assert!(Element::parse(nested(DEEPEST).as_bytes()).is_ok());
        for depth in [DEEPEST + 1, 200_000] {
            let refused = Element::parse(nested(depth).as_bytes());
            assert_eq!(refused, Err(Malformed::TooDeep { limit: DEEPEST }), "{depth}");
        }
    }

    #[test]
    fn what_is_no_document_is_refused() {
        for text in ["", "text", "<a>", "<a></b>", "<a/><b/>", "x<a/>", "<a/>x", "<a><b></a></b>"] {
            assert!(
                matches!(Element::parse(text.as_bytes()), Err(Malformed::Xml { .. })),
                "{text}"
            );
        }
        assert_eq!(Element::parse(b"<a>\xff</a>"), Err(Malformed::NotUtf8));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>, text in "[<>/&;!?\\[\\]a-c\"-]{0,60}") {
            let _ = Element::parse(&bytes);
            let _ = Element::parse(text.as_bytes());
        }
    }
}
