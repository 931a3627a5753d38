//! How long a scan waits for the disk, beside what a bare durable commit of SQLite takes in the same
//! folder: `append_time [SCANS] [FOLDER]`. The two take turns, so that both meet the same disk.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use lienthu_domain::clock::{BootId, Reading};
use lienthu_domain::event::{Claim, Deed};
use lienthu_domain::ids::{CorrelationId, DeskId, EventId};
use lienthu_domain::times::UtcMs;
use lienthu_port::outbox::{Draft, Enrolment, Outbox};
use lienthu_sqlite::rusqlite::Connection;
use lienthu_sqlite::{KEY_BYTES, Key};
use lienthu_store::SqliteOutbox;
use uuid::Uuid;

fn draft(n: u32, claim: Claim) -> Draft {
    Draft {
        id: EventId::new(Uuid::now_v7()),
        scanned_by: "thuthu.lan".parse().unwrap(),
        scanned: Reading {
            wall: UtcMs::from_ms(1_790_000_000_000 + i64::from(n)),
            monotonic_ms: u64::from(n),
            boot: BootId::new(Uuid::from_u128(1)),
        },
        overridden: false,
        copy: format!("Q1-{:06}", n.wrapping_mul(7_919) % 50_000).parse().unwrap(),
        deed: Deed::Borrow {
            patron: format!("DG{:05}", n.wrapping_mul(104_729) % 20_000).parse().unwrap(),
            due: "2026-12-06".parse().unwrap(),
        },
        claim,
        correlation: CorrelationId::new(Uuid::new_v4()),
    }
}

/// A table of one column, the journal and the durability of the outbox, nothing else.
fn bare(folder: &Path) -> Connection {
    let conn = Connection::open(folder.join("bare.db")).unwrap();
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE scan (id INTEGER PRIMARY KEY, text TEXT NOT NULL);",
    )
    .unwrap();
    conn
}

fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times[(times.len() - 1) * percent / 100]
}

#[tokio::main]
async fn main() {
    let mut args = std::env::args().skip(1);
    let scans: u32 = args.next().map_or(2_000, |n| n.parse().unwrap());
    let folder =
        tempfile::tempdir_in(args.next().map_or(PathBuf::from("."), PathBuf::from)).unwrap();

    let outbox = SqliteOutbox::open(folder.path(), &Key::new([1; KEY_BYTES])).unwrap();
    let enrolment = Enrolment {
        desk: DeskId::new(Uuid::from_u128(1)),
        branch: "Q1".parse().unwrap(),
        name: "Quầy 1".into(),
        computer: "computer".into(),
    };
    outbox.enrol(&enrolment).await.unwrap();
    let bare = bare(folder.path());
    let mut insert = bare.prepare("INSERT INTO scan (text) VALUES (?1)").unwrap();
    let text = "x".repeat(400);

    for (what, claim) in [("fact", Claim::Fact), ("request", Claim::Request)] {
        let (mut scan, mut commit) = (Vec::new(), Vec::new());
        for n in 0..scans {
            let begun = Instant::now();
            insert.execute([&text]).unwrap();
            commit.push(begun.elapsed());
            let begun = Instant::now();
            outbox.append(draft(n, claim)).await.unwrap();
            scan.push(begun.elapsed());
        }
        for percent in [50, 99] {
            let (scan, commit) = (percentile(&mut scan, percent), percentile(&mut commit, percent));
            println!(
                "claim={what} percentile={percent} scan_us={} bare_us={} ratio={:.2}",
                scan.as_micros(),
                commit.as_micros(),
                scan.as_secs_f64() / commit.as_secs_f64(),
            );
        }
    }
}
