//! How fast logs are read, in bytes a second: `cargo bench -p event-logs`.

#![allow(missing_docs, reason = "criterion's macros make public items")]

mod generated;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use event_logs::{Options, Reader};
use event_table::{SourceId, TableSet};
use std::hint::black_box;

/// As the page's reader sends them.
const CHUNK: usize = 1 << 20;
const ROWS: usize = 200_000;

fn read(bytes: &[u8]) -> TableSet {
    let mut tables = TableSet::new();
    let mut reader = Reader::new(SourceId(1), "bench", Options::default());
    bytes.chunks(CHUNK).for_each(|chunk| reader.feed(chunk, &mut tables));
    let report = reader.finish(&mut tables);
    assert_eq!((report.rows(), report.rejected.total, report.cells.total), (ROWS as u64, 0, 0));
    tables
}

fn bench(c: &mut Criterion) {
    let mut group = c.benchmark_group("read");
    group.sample_size(10);
    for (name, log) in [("defender-csv", generated::csv(ROWS)), ("ndjson", generated::ndjson(ROWS))] {
        group.throughput(Throughput::Bytes(log.len() as u64));
        group.bench_function(BenchmarkId::new(name, format!("{} rows, {} MB", ROWS, log.len() / 1_000_000)), |b| {
            b.iter(|| black_box(read(log.as_bytes())));
        });
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
