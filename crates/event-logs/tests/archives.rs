//! Archives, and EVTX: the rows of what is inside, and words where an archive lies.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use event_logs::{Code, Format, Packing, Report};
use event_table::TableSet;
use std::collections::BTreeMap;
use support::{Lies, TRUE, fixture, gzip, original, read_all, rows, shared, zip};

const CSV: &[u8] = b"Timestamp,DeviceName,RemoteUrl\n2025-06-01T09:30:35Z,pc1,github.com\n2025-06-01T09:30:36Z,pc2,x\n";

fn counts(tables: &TableSet) -> BTreeMap<String, usize> {
    tables.tables().iter().map(|t| (t.name().to_owned(), t.len())).collect()
}

fn codes(report: &Report) -> Vec<Code> {
    report.failure.iter().map(|f| f.code).chain(report.warnings.iter().map(|w| w.code)).collect()
}

#[test]
fn a_log_in_an_archive_gives_its_rows_and_its_records_are_found_again() {
    let xml = fixture("sysmon.xml");
    let plain = rows(&read_all("x", &xml).0);
    let stored = Lies { stored: true, ..TRUE };
    let described = Lies { descriptor: true, ..TRUE };
    let inner = zip(&[("a/b.xml", &xml, TRUE)]);
    let gz = gzip(&xml);
    let twice = [gzip(&xml[..1000]), gzip(&xml[1000..])].concat();
    for (what, archive, packed) in [
        ("gzip", gz.clone(), vec![Packing::Gzip]),
        ("gzip of two members", twice, vec![Packing::Gzip]),
        ("zip", inner.clone(), vec![Packing::Zip(0)]),
        ("stored", zip(&[("b.xml", &xml, stored)]), vec![Packing::Zip(0)]),
        ("with a descriptor", zip(&[("b.xml", &xml, described)]), vec![Packing::Zip(0)]),
        ("gzip in zip", zip(&[("b.xml.gz", &gz, stored)]), vec![Packing::Zip(0), Packing::Gzip]),
        ("zip in zip", zip(&[("b.zip", &inner, TRUE)]), vec![Packing::Zip(0), Packing::Zip(0)]),
        ("zip in gzip", gzip(&inner), vec![Packing::Gzip, Packing::Zip(0)]),
    ] {
        let (tables, reports) = read_all("log", &archive);
        assert_eq!(rows(&tables), plain, "{what}");
        assert_eq!((reports.len(), &reports[0].packed), (1, &packed), "{what}");
        assert_eq!(codes(&reports[0]), [Code::NoByteCounts], "{what}");
        let table = tables.get("DeviceProcessEvents").unwrap();
        let text = original(table, 0, &reports, &archive).unwrap();
        assert!(text.starts_with("<Event ") && text.contains("<EventID>1</EventID>"), "{what}: {text}");
    }
}

#[test]
fn every_member_of_an_archive_is_a_source_with_its_report() {
    let archive = zip(&[
        ("logs/", b"", Lies { stored: true, ..TRUE }),
        ("logs/DeviceFileEvents.csv", CSV, TRUE),
        ("readme.png", b"\x89PNG\r\n\x1A\n", TRUE),
        ("sysmon.xml", &fixture("sysmon.xml"), Lies { descriptor: true, ..TRUE }),
    ]);
    let (tables, reports) = read_all("all.zip", &archive);
    let told: Vec<(&str, Format, u64)> = reports.iter().map(|r| (&*r.name, r.recognition.format, r.rows())).collect();
    assert_eq!(
        told,
        [
            ("all.zip/logs/DeviceFileEvents.csv", Format::DefenderCsv, 2),
            ("all.zip/readme.png", Format::NotALog, 0),
            ("all.zip/sysmon.xml", Format::WindowsXml, 5),
        ]
    );
    assert_eq!(counts(&tables)["DeviceFileEvents"], 3);
    let table = tables.get("DeviceFileEvents").unwrap();
    assert_eq!(original(table, 1, &reports, &archive).unwrap(), "2025-06-01T09:30:36Z,pc2,x");
}

#[test]
fn archives_that_lie_are_told_and_what_can_be_read_is() {
    let other = ("last.csv", CSV, TRUE);
    let nested = zip(&[("c.zip", &zip(&[("d.zip", &zip(&[other]), TRUE)]), TRUE)]);
    let zeroes = vec![b' '; 200 << 20];
    for (what, archive, expected, rows) in [
        ("a path outside", zip(&[("../../etc/x.csv", CSV, TRUE)]), vec![vec![Code::ArchivePath]], 2),
        (
            "a wrong size",
            zip(&[("a.csv", CSV, Lies { size: 7, ..TRUE }), other]),
            vec![vec![Code::ArchiveSizes], vec![]],
            4,
        ),
        (
            "a wrong checksum",
            zip(&[("a.csv", CSV, Lies { checksum: 7, ..TRUE }), other]),
            vec![vec![Code::ArchiveDamaged], vec![]],
            4,
        ),
        (
            "an encrypted member",
            zip(&[("a.csv", CSV, Lies { encrypted: true, ..TRUE }), other]),
            vec![vec![Code::ArchiveNotRead], vec![]],
            2,
        ),
        (
            "another method",
            zip(&[("a.csv", CSV, Lies { method: Some(14), ..TRUE }), other]),
            vec![vec![Code::ArchiveNotRead], vec![]],
            2,
        ),
        (
            "data that end too early",
            zip(&[("a.csv", CSV, Lies { cut: 5, ..TRUE }), other]),
            vec![vec![Code::ArchiveDamaged], vec![]],
            3,
        ),
        ("an archive too deep", nested, vec![vec![Code::ArchiveNotRead]], 0),
        ("an empty archive", zip(&[]), vec![vec![Code::ArchiveDamaged]], 0),
        ("an archive that is cut off", zip(&[other])[..60].to_vec(), vec![vec![Code::ArchiveDamaged]], 0),
        ("gzip that is cut off", gzip(CSV)[..40].to_vec(), vec![vec![Code::ArchiveDamaged]], 0),
        ("a bomb", gzip(&zeroes), vec![vec![Code::ArchiveTooLarge]], 0),
        ("a bomb in a zip", zip(&[("a.csv", &zeroes, TRUE), other]), vec![vec![Code::ArchiveTooLarge]], 0),
    ] {
        let (tables, reports) = read_all("log", &archive);
        let found: Vec<Vec<Code>> = reports
            .iter()
            .map(|r| {
                codes(r)
                    .into_iter()
                    .filter(|c| !matches!(c, Code::HeaderAlone | Code::NoRecords | Code::EmptyFile))
                    .collect()
            })
            .collect();
        // Of a log that breaks off, how much is read depends on how it is packed.
        let at_least = what.contains("early") || what.contains("cut off");
        let read: usize = counts(&tables).values().sum();
        assert_eq!(found, expected, "{what}");
        assert!(if at_least { read + 1 >= rows } else { read == rows }, "{what}: {read} rows");
    }
}

#[test]
fn the_data_sets_of_otrf_have_the_rows_that_an_independent_count_has() {
    // python3 crates/event-logs/tests/count_events.py counts them; tables of events by the mapping of the specification.
    let own = |counts: &[(&str, usize)]| counts.iter().map(|(n, c)| ((*n).to_owned(), *c)).collect::<BTreeMap<_, _>>();
    for (path, expected) in [
        (
            "otrf/psh_mavinject_dll_notepad.zip",
            own(&[
                ("DeviceEvents", 245),
                ("DeviceFileEvents", 4),
                ("DeviceImageLoadEvents", 100),
                ("DeviceNetworkEvents", 8),
                ("DeviceProcessEvents", 4),
                ("DeviceRegistryEvents", 109),
                ("SecurityEvent", 33),
                ("Sysmon", 5),
                ("WindowsEvent", 1),
            ]),
        ),
        (
            "otrf/psh_cmstp_execution_bypassuac.zip",
            own(&[
                ("DeviceEvents", 476),
                ("DeviceFileEvents", 12),
                ("DeviceImageLoadEvents", 185),
                ("DeviceNetworkEvents", 9),
                ("DeviceProcessEvents", 10),
                ("DeviceRegistryEvents", 90),
                ("SecurityEvent", 378),
                ("Sysmon", 5),
                ("WindowsEvent", 1),
            ]),
        ),
    ] {
        let Some(archive) = shared(path) else { continue };
        let (tables, reports) = read_all(path, &archive);
        assert_eq!(counts(&tables), expected, "{path}");
        assert_eq!((reports[0].rejected.total, reports[0].cells.total), (0, 0), "{path}");
        assert_eq!(reports[0].recognition.format, Format::WindowsJson);
    }
}

#[test]
fn evtx_and_the_json_of_the_same_event_become_the_same_rows() {
    for (folder, file) in [
        ("file_event_win_susp_legitimate_app_dropping_script", "7d604714-e071-49ff-8726-edeb95a70679"),
        ("proc_creation_win_curl_download_susp_file_sharing_domains", "56454143-524f-49fb-b1c6-3fb8b1ad41fb"),
        ("proc_creation_win_curl_insecure_connection", "cb9cc1d1-e84e-4bdc-b7ad-c31b1b7908ec"),
        ("proc_creation_win_github_self_hosted_runner", "5bac7a56-da88-4c27-922e-c81e113b20cb"),
        ("proc_creation_win_python_base64_encoded_execution", "50a0aa3d-ab16-4594-a8aa-5145a6e6792b"),
    ] {
        let [evtx, json] = ["evtx", "json"].map(|kind| shared(&format!("sigma/{folder}/{file}.{kind}")));
        let (Some(evtx), Some(json)) = (evtx, json) else { continue };
        let (tables, reports) = read_all("a.evtx", &evtx);
        assert_eq!((reports[0].recognition.format, reports[0].rejected.total), (Format::Evtx, 0), "{folder}");
        let found = rows(&tables);
        assert!(!found.is_empty(), "{folder}");
        // evtx_dump leaves out the spaces at the end of a text.
        let trimmed = |rows: Vec<String>| rows.into_iter().map(|row| row.replace(" |", "|")).collect::<Vec<_>>();
        assert_eq!(trimmed(found), trimmed(rows(&read_all("a.json", &json).0)), "{folder}");
        for table in tables.tables() {
            for row in 0..table.len() {
                let text = original(table, row, &reports, &evtx).unwrap();
                let id = table.schema().position("ReportId").map(|c| table.value(row, c).to_string()).unwrap();
                assert!(text.contains(&format!("<EventRecordID>{id}</EventRecordID>")), "{folder}: {text}");
            }
        }
    }
}

#[test]
fn a_damaged_chunk_is_told_and_the_others_are_read() {
    let path = "sigma/proc_creation_win_github_self_hosted_runner/5bac7a56-da88-4c27-922e-c81e113b20cb.evtx";
    let Some(evtx) = shared(path) else { return };
    let whole = rows(&read_all("a.evtx", &evtx).0);
    let (header, chunk) = evtx.split_at(4096);
    let chunk = &chunk[..65_536];
    let mut damaged = chunk.to_vec();
    damaged[0] = b'x';
    let file = [header, &damaged, chunk, &[0; 65_536], &chunk[..30_000]].concat();
    let (tables, reports) = read_all("a.evtx", &file);
    let found = rows(&tables);
    assert!(
        found.len() >= whole.len() && whole.iter().all(|row| found.contains(row)),
        "{} of {}",
        found.len(),
        whole.len()
    );
    assert_eq!(reports[0].rejected.by_code.iter().map(|c| c.code).next(), Some(Code::ChunkDamaged));
    assert!(reports[0].truncated.is_some());
}
