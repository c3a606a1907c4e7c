//! What deciding costs, by the number of rules.

use criterion::{criterion_group, criterion_main};

fn nothing(_: &mut criterion::Criterion) {}

criterion_group!(benches, nothing);
criterion_main!(benches);
