//! Looks for bytes that break the property `history-answer`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| properties::hold(env!("CARGO_BIN_NAME"), bytes));
