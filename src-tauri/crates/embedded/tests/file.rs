//! What the embedded site promises beyond the port, because it is a file.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use lienthu_conformance::kit::{
    COPIES, Desk, HERE, LIBRARIAN, PATRONS, at, copy, credentials, fact, key, opening, patron,
    small_seed,
};
use lienthu_domain::times::UtcMs;
use lienthu_embedded::{
    EmbeddedConnector, EmbeddedSite, FAILURES_MAX, Founding, Line, PasswordCost, REST_MS, SiteClock,
};
use lienthu_port::error::SiteError;
use lienthu_port::site::{Credentials, SiteConnector};
use tempfile::TempDir;

const TEST: Founding = Founding { password_cost: PasswordCost::TEST };

fn still() -> SiteClock {
    Arc::new(opening)
}

async fn founded(folder: &TempDir) -> EmbeddedSite {
    EmbeddedSite::create(&folder.path().join("site.db"), &small_seed(), still(), TEST)
        .await
        .unwrap()
}

fn connector(path: &Path, clock: SiteClock) -> EmbeddedConnector {
    EmbeddedConnector::new(path.to_owned(), key(HERE), clock, Line::to(path))
}

async fn sign_in_at(path: &Path) -> SiteError {
    connector(path, still()).connect(&credentials(LIBRARIAN)).await.err().unwrap()
}

#[cfg(unix)]
#[tokio::test]
async fn a_site_is_readable_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let site = founded(&folder).await;
    site.add_copies(vec![copy("Q900")]).await.unwrap();
    site.back_up(&folder.path().join("backup.db")).await.unwrap();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", file.file_name());
    }
}

#[tokio::test]
async fn a_site_is_founded_once() {
    let folder = tempfile::tempdir().unwrap();
    let site = founded(&folder).await;
    let path = folder.path().join("site.db");
    let again = EmbeddedSite::create(&path, &small_seed(), still(), TEST).await;
    assert!(matches!(again, Err(SiteError::Unexpected { .. })), "{again:?}");
    assert_eq!(site.branch().await.unwrap(), key(HERE));
    EmbeddedSite::open(&path, still(), TEST).await.unwrap();
}

#[tokio::test]
async fn a_wrong_path_makes_no_site() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("khong-co.db");
    assert!(matches!(sign_in_at(&path).await, SiteError::Unreachable { .. }));
    assert!(!path.exists());
    assert!(matches!(sign_in_at(folder.path()).await, SiteError::Unreachable { .. }));
}

#[tokio::test]
async fn a_file_that_is_no_site_is_damaged_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("site.db");
    for bytes in [b"khong phai co so du lieu".repeat(400), vec![0; 100]] {
        std::fs::write(&path, &bytes).unwrap();
        let error = sign_in_at(&path).await;
        assert!(matches!(error, SiteError::Damaged { .. }), "{error:?}");
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
    }
}

#[tokio::test]
async fn a_site_of_a_newer_program_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let site = founded(&folder).await;
    site.by_hand("PRAGMA user_version = 99".to_owned()).await.unwrap();
    let error = sign_in_at(&folder.path().join("site.db")).await;
    assert!(matches!(error, SiteError::VersionMismatch { theirs: 99, .. }), "{error:?}");
}

#[tokio::test]
async fn a_guesser_gets_no_further_than_a_few_guesses_a_rest() {
    let folder = tempfile::tempdir().unwrap();
    let _site = founded(&folder).await;
    let now = Arc::new(AtomicI64::new(opening().ms()));
    let read = Arc::clone(&now);
    let clock: SiteClock = Arc::new(move || UtcMs::from_ms(read.load(Ordering::SeqCst)));
    let connector = connector(&folder.path().join("site.db"), clock);
    let wrong = Credentials { login: key(LIBRARIAN), password: "sai".to_owned().into() };
    let right = credentials(LIBRARIAN);
    for _ in 1..FAILURES_MAX {
        assert!(connector.connect(&wrong).await.is_err());
    }
    assert!(connector.connect(&right).await.is_ok(), "the right one wipes the slate");
    for _ in 0..FAILURES_MAX {
        assert!(connector.connect(&wrong).await.is_err());
    }
    assert!(connector.connect(&right).await.is_err(), "the login rests");
    now.fetch_add(REST_MS - 1, Ordering::SeqCst);
    assert!(connector.connect(&right).await.is_err());
    now.fetch_add(1, Ordering::SeqCst);
    assert!(connector.connect(&right).await.is_ok());
}

#[tokio::test]
async fn a_backup_is_a_site_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let site = founded(&folder).await;
    site.add_copies(COPIES.map(copy).to_vec()).await.unwrap();
    site.add_patrons(vec![patron(PATRONS[0], "STUDENT")]).await.unwrap();
    let copied = folder.path().join("copy.db");
    site.back_up(&copied).await.unwrap();
    assert!(site.back_up(&copied).await.is_err(), "a backup is never written over");
    let lent = Desk::new(1).borrow(COPIES[0], PATRONS[0], at(1));
    site.submit(key(LIBRARIAN), vec![fact(&lent)]).await.unwrap();
    let loans = |path: &Path| {
        let connector = connector(path, still());
        async move {
            let site = connector.connect(&credentials(LIBRARIAN)).await.unwrap();
            site.copy(&key(COPIES[0])).await.unwrap().unwrap().loans.len()
        }
    };
    assert_eq!(loans(&copied).await, 0);
    assert_eq!(loans(&folder.path().join("site.db")).await, 1);
}
