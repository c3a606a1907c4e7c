//! What the author of a broken configuration reads.

use std::fs;
use std::path::Path;

/// Each document under `tests/documents` with the problems it has.
#[test]
fn every_broken_document_is_explained() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/documents");
    let mut documents: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    documents.sort();
    assert!(documents.len() > 10);
    for document in documents {
        let text = fs::read_to_string(&document).unwrap();
        let problems = rules::parse(&text).expect_err(&document.display().to_string());
        let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
        let name = document.file_stem().unwrap().to_str().unwrap().to_owned();
        insta::assert_snapshot!(name, lines.join("\n"));
    }
}

#[test]
fn the_sample_configuration_is_valid() {
    let text = include_str!("../../../infra/local/omnicord.yaml");
    let problems = rules::parse(text).err().unwrap_or_default();
    let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{}", lines.join("\n"));
}
