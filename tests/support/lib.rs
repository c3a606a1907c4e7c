//! The local stack as tests and demo see it: from outside.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what is not as expected ends the test"
)]

mod cli;
mod crm;
mod dice;
pub mod expected;
mod number;
mod oracle;
mod phone;
mod stack;
pub mod telling;
mod until;

pub use cli::Cli;
pub use crm::Crm;
pub use dice::Dice;
pub use number::fresh_phone;
pub use oracle::{Oracle, Signed};
pub use phone::{Text, texts};
pub use stack::{Answer, Stack};
pub use until::until;
