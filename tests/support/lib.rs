//! The local stack as tests and demo see it: from outside.

mod cli;
mod crm;
mod oracle;
mod phone;
mod stack;
mod until;

pub use cli::Cli;
pub use crm::Crm;
pub use oracle::{Oracle, Signed};
pub use phone::{Text, texts};
pub use stack::{Answer, Stack};
pub use until::until;
