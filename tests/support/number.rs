//! Telephone numbers of nobody.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::PathBuf;

use crate::stack::variable;

/// Areas from 210 on; a stack forgets long before all their numbers are used.
const AREAS: u64 = 270;

/// A telephone number that no other test on this stack has: among those that North America keeps
/// for fiction (555-0100 to 555-0199 of each area). Each test is a process of its own, so the count
/// is in a file beside the stack's description.
///
/// # Panics
/// Where there is no stack.
#[must_use]
pub fn fresh_phone() -> String {
    let file = PathBuf::from(variable("OMNICORD_TEST_STACK")).with_file_name("phones");
    let mut file = File::options().append(true).create(true).open(file).unwrap();
    file.lock().unwrap();
    let number = file.seek(SeekFrom::End(0)).unwrap();
    file.write_all(b".").unwrap();
    format!("+1{}55501{:02}", 210 + number / 100 % AREAS, number % 100)
}
