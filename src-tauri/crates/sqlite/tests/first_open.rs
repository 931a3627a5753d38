//! The first files that a process opens. In a file of its own, so that nothing was opened before.
#![allow(clippy::unwrap_used, missing_docs)]

use std::sync::Barrier;
use std::thread;

use lienthu_sqlite::{Database, Durability, KEY_BYTES, Key, Location};

#[test]
fn threads_that_open_the_first_files_of_a_process_at_once_all_succeed() {
    let dir = tempfile::tempdir().unwrap();
    let together = Barrier::new(16);
    thread::scope(|scope| {
        for n in 0..16 {
            let (dir, together) = (&dir, &together);
            scope.spawn(move || {
                let file = Location::File(dir.path().join(format!("{n}.db")));
                together.wait();
                Database::open(&file, Some(&Key::new([1; KEY_BYTES])), &[], Durability::Relaxed)
                    .unwrap();
            });
        }
    });
}
