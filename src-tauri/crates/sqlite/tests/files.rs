//! Files as they go wrong: wrong keys, garbage, damage, a full disk, a newer schema, two programs.
#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use lienthu_sqlite::{Database, Durability, Fault, KEY_BYTES, Key, Location, Step};
use tempfile::TempDir;

const STEPS: &[Step] = &[
    Step { version: 1, sql: "CREATE TABLE scan (id INTEGER PRIMARY KEY, text TEXT NOT NULL);" },
    Step { version: 2, sql: "INSERT INTO scan (text) VALUES ('made by step 2');" },
];

struct Desk {
    _dir: TempDir,
    path: PathBuf,
}

impl Desk {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("desk.db");
        Self { _dir: dir, path }
    }

    fn open(&self, key: u8, steps: &[Step]) -> Result<Database, Fault> {
        let key = Key::new([key; KEY_BYTES]);
        Database::open(&Location::File(self.path.clone()), Some(&key), steps, Durability::Full)
    }
}

async fn add(db: &Database, text: &str) -> Result<(), Fault> {
    let text = text.to_owned();
    db.call(move |conn| {
        Ok(conn.execute("INSERT INTO scan (text) VALUES (?1)", [text]).map(|_| ())?)
    })
    .await
}

async fn rows(db: &Database) -> Result<u32, Fault> {
    db.call(|conn| {
        // Reads every row, so that every page is decrypted.
        Ok(conn.query_row("SELECT count(text || '') FROM scan", [], |row| row.get(0))?)
    })
    .await
}

#[tokio::test]
async fn what_is_written_is_there_after_closing_and_the_file_holds_none_of_it_in_the_clear() {
    let desk = Desk::new();
    let db = desk.open(1, STEPS).unwrap();
    add(&db, "Nguyễn Du").await.unwrap();
    drop(db);
    assert_eq!(rows(&desk.open(1, STEPS).unwrap()).await, Ok(2));
    let bytes = fs::read(&desk.path).unwrap();
    assert!(bytes.len() > 1_024);
    for clear in ["SQLite format 3".as_bytes(), "Nguyễn Du".as_bytes(), b"CREATE TABLE"] {
        assert!(!bytes.windows(clear.len()).any(|w| w == clear));
    }
}

#[test]
fn another_key_and_a_file_that_is_no_database_are_wrong_keys() {
    let desk = Desk::new();
    drop(desk.open(1, STEPS).unwrap());
    let before = fs::read(&desk.path).unwrap();
    assert_eq!(desk.open(2, STEPS).unwrap_err(), Fault::WrongKey);
    assert_eq!(fs::read(&desk.path).unwrap(), before, "a wrong key changes nothing");

    let plain = Database::open(&Location::File(desk.path.clone()), None, STEPS, Durability::Full);
    assert_eq!(plain.unwrap_err(), Fault::WrongKey);

    for garbage in [vec![0x5a; 10], vec![0x5a; 5_000], vec![0x5a; 4_096 * 3]] {
        fs::write(&desk.path, &garbage).unwrap();
        assert_eq!(desk.open(1, STEPS).unwrap_err(), Fault::WrongKey, "{} bytes", garbage.len());
    }
}

#[tokio::test]
async fn a_page_that_was_changed_or_cut_off_is_damage_and_no_row_comes_out_wrong() {
    let desk = Desk::new();
    let db = desk.open(1, STEPS).unwrap();
    db.call(|conn| {
        Ok::<_, Fault>(conn.execute_batch(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
             INSERT INTO scan (text) SELECT hex(randomblob(100)) FROM n",
        )?)
    })
    .await
    .unwrap();
    drop(db);
    let whole = fs::read(&desk.path).unwrap();

    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    fs::write(&desk.path, &flipped).unwrap();
    assert_eq!(rows(&desk.open(1, STEPS).unwrap()).await, Err(Fault::Damaged));

    fs::write(&desk.path, &whole[..whole.len() / 2 / 1_024 * 1_024]).unwrap();
    let cut = match desk.open(1, STEPS) {
        Ok(db) => rows(&db).await.unwrap_err(),
        Err(fault) => fault,
    };
    assert_eq!(cut, Fault::Damaged);
}

#[tokio::test]
async fn a_full_disk_refuses_the_row_and_leaves_the_others() {
    let desk = Desk::new();
    let db = desk.open(1, STEPS).unwrap();
    db.call(|conn| Ok::<_, Fault>(conn.execute_batch("PRAGMA max_page_count = 16")?))
        .await
        .unwrap();
    let before = rows(&db).await.unwrap();
    assert_eq!(add(&db, &"x".repeat(100_000)).await, Err(Fault::Full));
    assert_eq!(rows(&db).await, Ok(before));
    assert_eq!(add(&db, "small").await, Ok(()));
}

#[test]
fn a_file_of_a_newer_program_is_left_alone() {
    let desk = Desk::new();
    drop(desk.open(1, STEPS).unwrap());
    assert_eq!(desk.open(1, &STEPS[..1]).unwrap_err(), Fault::TooNew { ours: 1, theirs: 2 });
}

#[tokio::test]
async fn a_step_that_a_file_lacks_is_applied_once() {
    let desk = Desk::new();
    drop(desk.open(1, &STEPS[..1]).unwrap());
    drop(desk.open(1, STEPS).unwrap());
    assert_eq!(rows(&desk.open(1, STEPS).unwrap()).await, Ok(1));
}

#[test]
fn a_folder_that_is_not_there_is_inaccessible() {
    let path = Desk::new().path;
    let gone = Database::open(&Location::File(path), None, STEPS, Durability::Full);
    assert!(matches!(gone, Err(Fault::Inaccessible(_))), "{gone:?}");
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    let _open = desk.open(1, STEPS).unwrap();
    for entry in fs::read_dir(desk.path.parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.file_name());
    }
}

#[test]
fn many_openers_of_a_new_file_all_succeed() {
    let desk = Arc::new(Desk::new());
    let openers: Vec<_> = (0..8)
        .map(|_| {
            let desk = Arc::clone(&desk);
            std::thread::spawn(move || desk.open(1, STEPS).map(|_| ()))
        })
        .collect();
    for opener in openers {
        assert_eq!(opener.join().unwrap(), Ok(()));
    }
}

#[tokio::test]
async fn a_reader_sees_what_is_committed_and_cannot_write() {
    let desk = Desk::new();
    let db = desk.open(1, STEPS).unwrap();
    let key = Key::new([1; KEY_BYTES]);
    let reader = Database::open_to_read(&desk.path, Some(&key), Durability::Full).unwrap();
    add(&db, "committed").await.unwrap();
    assert_eq!(rows(&reader).await, Ok(2));
    assert!(matches!(add(&reader, "no").await, Err(Fault::Inaccessible(_))));
}

#[tokio::test]
async fn a_call_that_panics_panics_in_its_caller_and_the_database_goes_on() {
    let desk = Desk::new();
    let db = Arc::new(desk.open(1, STEPS).unwrap());
    let same = Arc::clone(&db);
    let panicked = tokio::spawn(async move {
        same.call::<(), Fault>(|conn| {
            let tx = conn.transaction()?;
            tx.execute("INSERT INTO scan (text) VALUES ('half')", [])?;
            panic!("on purpose");
        })
        .await
    })
    .await;
    assert!(panicked.unwrap_err().is_panic());
    assert_eq!(rows(&db).await, Ok(1));
}

#[tokio::test]
async fn folding_is_a_function_of_sql() {
    let db = Database::open(&Location::Memory, None, &[], Durability::Relaxed).unwrap();
    let folded: String = db
        .call(|conn| Ok::<_, Fault>(conn.query_row("SELECT fold_vi('Đường')", [], |r| r.get(0))?))
        .await
        .unwrap();
    assert_eq!(folded, "duong");
}
