//! Documents made to do harm are refused, in little time and without a crash.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use proptest::prelude::*;
use support::HEAD;

/// The refusal of `HEAD` with a tail.
fn refused(tail: &str) -> String {
    let problems = rules::parse(&format!("{HEAD}{tail}")).expect_err("accepted");
    problems.first().unwrap().to_string()
}

/// A document with one condition.
fn with_condition(condition: &str) -> String {
    let quoted = serde_json::to_string(condition).unwrap();
    format!(
        "triggers: [{{ name: t, on: [order], when: {quoted}, actions: [{{ crm.note: {{ text: hi }} }}] }}]"
    )
}

#[test]
fn nesting_without_end_is_refused() {
    for open in ["[", "{a: "] {
        let refusal = refused(&format!("tags: {}", open.repeat(50_000)));
        assert!(refusal.contains("depth") || refusal.contains("recursion"), "{refusal}");
    }
    let lines: Vec<_> = (0..500).map(|depth| format!("{}a:", " ".repeat(depth))).collect();
    let block = lines.join("\n");
    assert!(refused(&block).contains("depth"), "{}", refused(&block));
}

#[test]
fn a_document_beyond_what_a_version_can_hold_is_refused() {
    assert!(refused(&format!("# {}", "x".repeat(400_000))).contains("larger than 350 KiB"));
    assert!(refused(&format!("tags: [{}]", "1,".repeat(100_000))).contains("too"));
}

#[test]
fn a_condition_without_end_is_refused() {
    for condition in [
        "(".repeat(900),
        "[".repeat(900) + &"]".repeat(900),
        "x.exists(x, ".repeat(100) + "true" + &")".repeat(100),
        "!".repeat(1_900),
        "-".repeat(1_900),
        "[".repeat(1_900),
        format!("event{}", ".topic".repeat(300)),
        format!("1{} == 200", "+1".repeat(199)),
        format!("event.fields{} == null", ".a".repeat(300)),
        format!("event.fields.a{} == null", "[0]".repeat(300)),
        "true ? ".repeat(280),
        "{1:".repeat(600),
        "event.topic.size() > 1 || ".repeat(5_000),
    ] {
        let refusal = refused(&with_condition(&condition));
        assert!(refusal.contains("triggers[0].when"), "{condition}: {refusal}");
    }
}

#[test]
fn a_condition_that_runs_or_grows_without_end_is_refused() {
    let numbers = format!("[{}]", vec!["1"; 90].join(","));
    let within = |list: &str, times: usize| {
        format!("{}x > 0{}", format!("{list}.all(x, ").repeat(times), ")".repeat(times))
    };
    let joined = "[((x + x) + (x + x)) + ((x + x) + (x + x))].all(x, ";
    for condition in [
        within(&numbers, 6),
        within("event.fields.lines", 3),
        format!("[event.text].all(x, {}x == 'a'{})", joined.repeat(4), ")".repeat(4)),
        "event.fields.a.map(x, event.fields.b.map(y, x)).size() > 1".to_owned(),
    ] {
        let refusal = refused(&with_condition(&condition));
        assert!(refusal.contains("steps") || refusal.contains("grows"), "{condition}: {refusal}");
    }
}

#[test]
fn what_loops_over_all_that_was_bought_is_accepted() {
    for condition in [
        "event.fields.lines.exists(l, l.sku == 'A' && l.discounts.exists(d, d.percent > 10))",
        "event.fields.a.all(x, event.fields.b.exists(y, x == y))",
        "event.fields.lines.filter(l, l.quantity > 1).map(l, l.sku + '-' + l.name).size() > 3",
        "customer.tags.exists(t, t.startsWith('vip') || t in ['gold', 'silver'])",
    ] {
        support::rules(&with_condition(condition));
    }
}

#[test]
fn the_longest_expressions_that_are_accepted_can_be_evaluated() {
    for condition in [
        "(".repeat(900) + "true" + &")".repeat(900),
        format!("1{} == 30", "+1".repeat(29)),
        format!("true{}", "&&true".repeat(450)),
        format!("{}false", "!".repeat(901)),
        format!("event.fields.a{} == null", "[0]".repeat(28)),
        format!("event.fields.a{} == null", ".a".repeat(28)),
        format!("{}true", "false ? true : ".repeat(30)),
        format!("{}true{}", "[1].exists(x, ".repeat(7), ")".repeat(7)),
    ] {
        let rules = support::rules(&with_condition(&condition));
        let tagged = support::tagged(support::event(domain::EventKind::Order, "A-1", 0));
        assert_eq!(
            rules.decide(&tagged, support::at(9), &domain::Fired::default()).refused,
            [],
            "{condition}"
        );
    }
}

#[test]
fn a_template_without_end_is_refused() {
    for template in [
        "{{ ".to_owned() + &"(".repeat(50_000),
        "{{ ".to_owned() + &"[".repeat(50_000),
        "{% if 1 %}".repeat(10_000),
        "{{ 1".to_owned() + &"+1".repeat(50_000) + " | nothing }}",
        "{{ event.topic".to_owned() + &".x".repeat(50_000) + " }}",
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}hi".into(),
        "{{ 'a' * 99999999 }}".into(),
        "{% set a = 'a' * 999 %}{% for b in range(9999) %}{{ a }}{% endfor %}".into(),
    ] {
        let quoted = serde_json::to_string(&template).unwrap();
        let tail = format!(
            "triggers: [{{ name: t, on: [order], actions: [{{ crm.note: {{ text: {quoted} }} }}] }}]"
        );
        assert!(refused(&tail).contains("crm.note.text"));
    }
}

proptest! {
    #[test]
    fn no_text_crashes_the_reader(text in "(\\PC|[-:\\n #&*\\[{\"'|>]){0,200}") {
        let _ = rules::parse(&text);
        let _ = rules::parse(&format!("{HEAD}{text}"));
    }

    #[test]
    fn no_condition_crashes_the_compiler(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "event", ".", "kind", "==", "\"order\"", "customer", "tags", "in", "(", ")", "[", "]",
                "!", "&&", "||", "?", ":", "has", "exists", ",", "t", "1", "-", "null", "{", "}", "'",
            ]),
            0..25,
        )
    ) {
        let _ = rules::parse(&format!("{HEAD}{}", with_condition(&words.concat())));
    }
}
