//! Files that another program holds.

use std::path::Path;

use anyhow::Context as _;
use lienthu_desk::error::DeskError;
use lienthu_port::error::StoreError;
use lienthu_sqlite::{Database, Durability, Fault, Key};
use lienthu_store::{CACHE_FILE, KEY_FILE, OUTBOX_FILE};

use super::scene::Scene;
use crate::kit::findings::Findings;
use crate::kit::rng;

/// Holds the write lock of a file of the desk for as long as it lives.
async fn hold(folder: &Path, file: &str, kept: Durability) -> anyhow::Result<Database> {
    let text = std::fs::read_to_string(folder.join(KEY_FILE))?;
    let key = Key::from_hex(&text).context("the key file holds no key")?;
    let database = Database::open_to_read(&folder.join(file), Some(&key), kept)?;
    database
        .call(|conn| {
            conn.execute_batch("PRAGMA query_only = OFF; BEGIN IMMEDIATE;").map_err(Fault::from)
        })
        .await?;
    Ok(database)
}

/// A scan that cannot be written down is said so, and goes in when the lock is gone.
pub async fn outbox(findings: &mut Findings) -> anyhow::Result<()> {
    let mut rng = rng::of_case(0, 0);
    let mut scene = Scene::set(&mut rng).await?;
    let station = scene.open(&mut rng).await?;
    station.faults.set_down(true);
    station.desk.contact().await.ok();
    let held = hold(&scene.desk, OUTBOX_FILE, Durability::Full).await?;
    let scanned = scene.lend(&mut rng, &station, 30).await;
    let is_named = scanned.as_ref().is_err_and(|error| {
        matches!(
            error.downcast_ref::<DeskError>(),
            Some(DeskError::Store(StoreError::Locked { file })) if file == OUTBOX_FILE
        )
    });
    findings.check("a locked outbox is said to be locked", is_named, || format!("{scanned:?}"));
    drop(held);
    let scanned = scene.lend(&mut rng, &station, 31).await;
    findings.check("the next scan goes in", scanned.is_ok(), || format!("{scanned:?}"));
    scene.waiting.extend(scanned.ok());
    drop(station);
    let drained = scene.drains(&mut rng).await;
    findings.check("the queue drains after the lock", drained.is_ok(), || format!("{drained:?}"));
    Ok(())
}

/// A cache that cannot be written stops nobody from scanning.
pub async fn cache(findings: &mut Findings) -> anyhow::Result<()> {
    let mut rng = rng::of_case(0, 1);
    let mut scene = Scene::set(&mut rng).await?;
    let station = scene.open(&mut rng).await?;
    let held = hold(&scene.desk, CACHE_FILE, Durability::Relaxed).await?;
    let contact = station.desk.contact().await;
    let is_named = matches!(
        &contact,
        Err(DeskError::Store(StoreError::Locked { file })) if file == CACHE_FILE
    );
    findings.check("a locked cache is said to be locked", is_named, || format!("{contact:?}"));
    let scanned = scene.lend(&mut rng, &station, 32).await;
    findings
        .check("a scan needs no writing to the cache", scanned.is_ok(), || format!("{scanned:?}"));
    scene.waiting.extend(scanned.ok());
    drop(held);
    drop(station);
    let drained = scene.drains(&mut rng).await;
    findings.check("the queue drains after the lock", drained.is_ok(), || format!("{drained:?}"));
    Ok(())
}
