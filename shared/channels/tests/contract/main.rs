//! What every channel owes, shown on requests that were signed by code we did not write.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod corruption;
mod fixture;

use channels::{ChannelSettings, Context, Delivery, Rejection, Verified};
use corruption::{Corruption, every_corruption};
use fixture::{Expected, fixtures};
use jiff::SignedDuration;
use proptest::prelude::*;
use std::collections::BTreeSet;

const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

#[test]
fn every_adapter_has_fixtures_and_every_folder_of_fixtures_an_adapter() {
    let adapters: BTreeSet<_> = ChannelSettings::IDS.iter().map(ToString::to_string).collect();
    assert_eq!(adapters, fixture::folders());
    let tested: BTreeSet<_> = fixtures().iter().map(|f| f.channel.id().to_owned()).collect();
    assert_eq!(adapters, tested);
}

#[test]
fn the_settings_of_every_fixture_are_sound() {
    for fixture in fixtures() {
        assert_eq!(fixture.channel.validate(), [], "{}", fixture.name);
    }
}

#[test]
fn genuine_requests_become_what_they_say() {
    for fixture in fixtures() {
        let verified = fixture.verify().unwrap_or_else(|r| panic!("{}: {r}", fixture.name));
        fixture.assert_expected(&verified);
    }
}

#[test]
fn what_was_parked_can_be_read_again() {
    for fixture in fixtures() {
        let verified = fixture.verify().unwrap();
        let stored = Verified::vouched(
            verified.body().to_vec(),
            verified.content_type().map(str::to_owned),
            verified.delivery_id().map(str::to_owned),
        );
        if !matches!(fixture.expected, Expected::Challenge(_)) {
            fixture.assert_expected(&stored);
        }
    }
}

#[test]
fn every_corruption_is_refused_with_401() {
    for fixture in fixtures() {
        let corruptions = every_corruption(fixture);
        assert!(corruptions.len() > fixture.proof.len(), "{}", fixture.name);
        for Corruption { what, request } in corruptions {
            let status = fixture.refusal(&request, &fixture.secret());
            assert_eq!(status, Some(401), "{}: {what}", fixture.name);
        }
    }
}

#[test]
fn a_body_with_an_altered_byte_is_refused_or_means_the_same() {
    // The envelopes of WeChat and WeCom hold bytes outside the signed text, such as blanks.
    for fixture in fixtures().iter().filter(|fixture| fixture.proves("body")) {
        let genuine = fixture.parse(&fixture.verify().unwrap());
        for index in 0..fixture.request.body.len() {
            let mut request = fixture.request();
            request.body[index] ^= 1;
            match fixture.channel.verify(&request, &fixture.secret(), fixture.now()) {
                Err(rejection) => assert_eq!(rejection.status(), 401),
                Ok(verified) => {
                    assert_eq!(fixture.parse(&verified), genuine, "{}: byte {index}", fixture.name);
                    assert_ne!(fixture.channel.id(), "standard-webhooks", "byte {index}");
                }
            }
        }
    }
}

#[test]
fn a_replay_outside_the_tolerance_is_stale() {
    let signed = fixtures().iter().filter(|f| f.proof.iter().any(|p| p.ends_with("timestamp")));
    for fixture in signed {
        let verdict =
            |now| fixture.channel.verify(&fixture.request(), &fixture.secret(), now).map(|_| ());
        let second = SignedDuration::from_secs(1);
        for (now, expected) in [
            (fixture.now() + TOLERANCE, Ok(())),
            (fixture.now() - TOLERANCE, Ok(())),
            (fixture.now() + TOLERANCE + second, Err(Rejection::Stale)),
            (fixture.now() - TOLERANCE - second, Err(Rejection::Stale)),
        ] {
            assert_eq!(verdict(now), expected, "{} at {now}", fixture.name);
        }
    }
}

#[test]
fn another_secret_proves_nothing() {
    for fixture in fixtures() {
        for field in fixture.secret_fields_that_prove() {
            let another = fixture::another(&fixture.secret[&field]);
            let secret = fixture.secret_with(&field, Some(&another));
            let status = fixture.refusal(&fixture.request(), &secret);
            assert_eq!(status, Some(401), "{}: {field}", fixture.name);
        }
    }
}

#[test]
fn an_incomplete_secret_is_our_fault() {
    for fixture in fixtures() {
        for field in fixture.secret_fields_that_prove().into_iter().filter(|f| f != "previous") {
            for value in [None, Some("")] {
                let secret = fixture.secret_with(&field, value);
                let status = fixture.refusal(&fixture.request(), &secret);
                assert_eq!(status, Some(503), "{}: {field}", fixture.name);
            }
        }
    }
}

#[test]
fn a_delivery_for_another_account_is_refused() {
    for (fixture, expected) in fixture::for_another_account() {
        assert_eq!(fixture.verify().map(|_| ()), Err(expected), "{}", fixture.name);
    }
}

#[test]
fn malformed_errors_repeat_nothing_of_the_payload() {
    let personal = "geheim@example.com";
    for fixture in fixtures() {
        for body in [
            format!("{{\"{personal}\": \"{personal}"),
            format!("<xml><{personal}></x>"),
            format!(
                "<xml><MsgType>text</MsgType><FromUserName>x</FromUserName><CreateTime>{personal}</CreateTime></xml>"
            ),
            format!("{{\"type\": \"{personal}\", \"session\": {{\"{personal}\": 1}}}}"),
        ] {
            let verified = Verified::vouched(body.into_bytes(), None, None);
            let error = fixture.channel.parse(&verified, &fixture.context()).unwrap_err();
            assert!(!format!("{error} {error:?} {}", error.code()).contains("geheim"), "{error:?}");
        }
    }
}

proptest! {
    #[test]
    fn no_authentic_bytes_make_a_parser_panic(
        body: Vec<u8>,
        text in "[<>/&;\\[\\]{}\":,a-z0-9=%+-]{0,80}",
        form: bool,
    ) {
        let content_type = form.then(|| "application/x-www-form-urlencoded".to_owned());
        for fixture in fixture::one_for_each_channel() {
            for body in [body.clone(), text.clone().into_bytes()] {
                let verified = Verified::vouched(body, content_type.clone(), Some("id".into()));
                let context = Context { source: "s", ..fixture.context() };
                if let Ok(Delivery::Events(events)) = fixture.channel.parse(&verified, &context) {
                    prop_assert!(events.iter().all(|event| !event.handles.is_empty()));
                }
            }
        }
    }

    #[test]
    fn no_forged_request_is_let_in(
        body: Vec<u8>,
        values in prop::collection::vec("\\PC{0,60}", 4),
        fresh: bool,
    ) {
        for fixture in fixture::one_for_each_channel() {
            let mut request = fixture.request();
            request.body.clone_from(&body);
            request.path_key = values.first().cloned();
            let parts = request.query.iter_mut().chain(&mut request.headers);
            for ((name, value), forged) in parts.zip(values.iter().cycle()) {
                // A fresh timestamp leads the forgery past the first checks.
                if !(fresh && name.ends_with("timestamp")) {
                    value.clone_from(forged);
                }
            }
            let status = fixture.refusal(&request, &fixture.secret());
            prop_assert_eq!(status, Some(401), "{}", fixture.name);
        }
    }
}
