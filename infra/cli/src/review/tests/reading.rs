//! How questions and answers read.

use super::*;
use crate::graph::sample::rules;
use crate::output::View;
use crate::page::Page;
use anstream::adapter::strip_str;

fn text(view: &impl View) -> String {
    strip_str(&view.text(&Page::unbounded("2026-01-02T04:04:05Z"))).to_string()
}

async fn shown(world: &World) -> String {
    text(&show::show(&world.store, &rules(), world.review()).await.unwrap())
}

#[tokio::test]
async fn questions_are_listed_without_handles() {
    let world = World::same_person().await;
    let listed = list::list(&world.store, "open").await.unwrap();
    let all = text(&listed) + &serde_json::to_string(&listed).unwrap();
    assert!(!all.contains("12025550101"), "{all}");
    insta::assert_snapshot!(text(&listed));
    let none = list::list(&world.store, "accepted").await.unwrap();
    assert_eq!(text(&none), "none\n");
}

#[tokio::test]
async fn a_question_is_shown_with_what_its_answers_do() {
    insta::assert_snapshot!("same_person", shown(&World::same_person().await).await);
    insta::assert_snapshot!("which_record", shown(&World::which_record().await).await);
    insta::assert_snapshot!("admit", shown(&World::admit().await).await);
    insta::assert_snapshot!("unknown_record", shown(&World::unknown_record().await).await);
}

#[tokio::test]
async fn an_answer_says_what_it_brought_about() {
    let world = World::which_record().await;
    let answered = world.answer(&accept(Some("4"))).await.unwrap();
    insta::assert_snapshot!("answered", text(&answered));
    insta::assert_snapshot!("answered_question", shown(&world).await);
}
