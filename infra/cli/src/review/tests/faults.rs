//! An answer that is cut short anywhere, and given again.

use super::*;
use state::memory::Fault;

async fn world_of(kind: &str) -> World {
    match kind {
        "same_person" => World::same_person().await,
        "which_record" => World::which_record().await,
        "admit" => World::admit().await,
        _ => World::unknown_record().await,
    }
}

#[tokio::test]
async fn an_answer_that_was_cut_short_is_finished_by_giving_it_again() {
    let cases = [
        ("same_person", accept(None), 5),
        ("same_person", Answer::Reject, 2),
        ("which_record", accept(Some("4")), 5),
        ("which_record", accept(Some("5")), 5),
        ("which_record", Answer::Reject, 2),
        ("admit", accept(None), 3),
        ("admit", Answer::Reject, 2),
        ("unknown_record", accept(Some("70")), 3),
        ("unknown_record", Answer::Reject, 3),
    ];
    for (kind, answer, writes) in cases {
        let undisturbed = world_of(kind).await;
        let start = undisturbed.store.writes();
        undisturbed.answer(&answer).await.unwrap();
        assert_eq!(undisturbed.store.writes() - start, writes, "{kind} {answer:?}");
        let expected = undisturbed.store.contents();
        for number in 0..writes {
            for fault in [Fault::Before, Fault::After] {
                let world = world_of(kind).await;
                world.store.fail_write(world.store.writes() + number, fault);
                let case = format!("{kind} {answer:?}: {fault:?} write {number}");
                assert!(world.answer(&answer).await.is_err(), "{case}");
                world.answer(&answer).await.unwrap();
                assert_eq!(world.store.contents(), expected, "{case}");
                world.answer(&answer).await.unwrap();
                assert_eq!(world.store.contents(), expected, "{case}, once more");
            }
        }
    }
}
