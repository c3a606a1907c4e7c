//! The ways in which a genuine request is spoilt.

use crate::fixture::Fixture;
use channels::Request;

/// A spoilt request, and what was done to it.
pub(crate) struct Corruption {
    pub(crate) what: String,
    pub(crate) request: Request,
}

/// Each part of the proof left out, emptied, cut short, lengthened, and altered at each character.
pub(crate) fn every_corruption(fixture: &Fixture) -> Vec<Corruption> {
    let parts = fixture.proof.iter().filter(|part| *part != "body");
    let mut corruptions: Vec<_> = parts.flat_map(|part| of_part(fixture, part)).collect();
    if fixture.proves("body") {
        corruptions.extend(of_body(fixture));
    }
    corruptions
}

fn of_part(fixture: &Fixture, part: &str) -> Vec<Corruption> {
    let genuine = value(&fixture.request(), part).unwrap();
    let letters: Vec<char> = genuine.chars().collect();
    let mut spoilt = vec![
        None,
        Some(String::new()),
        Some(letters[..letters.len() - 1].iter().collect()),
        Some(letters[..letters.len() / 2].iter().collect()),
        Some(letters[1..].iter().collect()),
        Some(format!("{genuine}0")),
    ];
    for (index, letter) in letters.iter().enumerate() {
        let mut altered = letters.clone();
        altered[index] = if *letter == '1' { '2' } else { '1' };
        spoilt.push(Some(altered.into_iter().collect()));
        if letter.is_ascii_alphabetic() {
            let mut altered = letters.clone();
            altered[index] = char::from(*letter as u8 ^ 0x20);
            spoilt.push(Some(altered.into_iter().collect()));
        }
    }
    let corrupted = spoilt.into_iter().map(|spoilt| {
        let mut request = fixture.request();
        let what = format!("{part} = {spoilt:?}");
        replace(&mut request, part, spoilt);
        Corruption { what, request }
    });
    corrupted.collect()
}

fn of_body(fixture: &Fixture) -> Vec<Corruption> {
    let genuine = fixture.request().body;
    let spoilt = [
        ("an empty body", Vec::new()),
        ("half of the body", genuine[..genuine.len() / 2].to_vec()),
        ("half a character", vec![0xe4, 0xbd]),
        ("another body", b"<xml><Encrypt>AAAA</Encrypt></xml>".to_vec()),
        (
            "an entity bomb",
            b"<!DOCTYPE a [<!ENTITY b 'c'>]><xml><Encrypt>&b;</Encrypt></xml>".into(),
        ),
        ("deep XML", "<a>".repeat(100_000).into_bytes()),
        ("deep JSON", "[".repeat(100_000).into_bytes()),
    ];
    let corrupted = spoilt.into_iter().map(|(what, body)| {
        let request = Request { body, ..fixture.request() };
        Corruption { what: what.to_owned(), request }
    });
    corrupted.collect()
}

fn value(request: &Request, part: &str) -> Option<String> {
    match part.split_once(':') {
        Some(("query", name)) => request.query(name).map(str::to_owned),
        Some(("header", name)) => request.header(name).map(str::to_owned),
        _ => request.path_key.clone(),
    }
}

fn replace(request: &mut Request, part: &str, value: Option<String>) {
    let (pairs, name) = match part.split_once(':') {
        Some(("query", name)) => (&mut request.query, name),
        Some(("header", name)) => (&mut request.headers, name),
        _ => {
            request.path_key = value;
            return;
        }
    };
    pairs.retain(|(key, _)| key != name);
    pairs.extend(value.map(|value| (name.to_owned(), value)));
}
