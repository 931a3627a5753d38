//! Spoiled files of the desk and of the site.

use lienthu_port::error::{SiteError, StoreError};
use lienthu_store::{CACHE_FILE, KEY_FILE, OUTBOX_FILE};

use super::scene::{COPIES, NotThere, Scene, replace, ways_to_spoil};
use super::unpanicked;
use crate::kit::findings::Findings;
use crate::kit::rng::Rng;

/// The outbox is never made anew: an error with a name, the file as it was, and everything there once
/// the file is.
pub async fn outbox(rng: &mut Rng, findings: &mut Findings) -> anyhow::Result<()> {
    let scene = Scene::set(rng).await?;
    let file = scene.file(OUTBOX_FILE);
    let good = std::fs::read(&file)?;
    for spoil in ways_to_spoil(rng, &good) {
        replace(&file, &spoil.spoiled)?;
        let read = unpanicked(scene.all_there()).await;
        let is_named = match &read {
            // What was flipped may be what nobody reads.
            Ok(Ok(())) => spoil.name == "bits flipped",
            Ok(Err(NotThere::Named(error))) => is_about_the_file(error),
            Ok(Err(NotThere::Lost(_))) | Err(_) => false,
        };
        let check = format!("an outbox, {}, is an error with a name", spoil.name);
        findings.check(&check, is_named, || format!("{read:?}"));
        let kept = std::fs::read(&file)?.len() >= spoil.spoiled.len();
        findings.check("a spoiled outbox stays where it is", kept, || spoil.name);
        replace(&file, &good)?;
        let back = unpanicked(scene.all_there()).await;
        findings.check("the queue is there when its file is", matches!(back, Ok(Ok(()))), || {
            format!("{}: {back:?}", spoil.name)
        });
    }
    let drained = scene.drains(rng).await;
    findings.check("the queue drains after all that", drained.is_ok(), || format!("{drained:?}"));
    Ok(())
}

const fn is_about_the_file(error: &StoreError) -> bool {
    matches!(error, StoreError::WrongKey { .. } | StoreError::Damaged { .. })
}

/// A wrong key opens nothing and spoils nothing.
pub async fn key(rng: &mut Rng, findings: &mut Findings) -> anyhow::Result<()> {
    let scene = Scene::set(rng).await?;
    let file = scene.file(KEY_FILE);
    let good = std::fs::read(&file)?;
    let other = "0123456789abcdef".repeat(4);
    for (name, spoiled, is_expected) in [
        ("another key", Some(other.into_bytes()), is_about_the_file as fn(&StoreError) -> bool),
        ("half a key", Some(good[..20].to_vec()), is_no_key),
        ("no text", Some(vec![0xff; 64]), is_no_key),
        ("nothing in it", Some(Vec::new()), is_no_key),
        ("gone", None, is_no_key),
    ] {
        match &spoiled {
            Some(bytes) => std::fs::write(&file, bytes)?,
            None => std::fs::remove_file(&file)?,
        }
        let read = unpanicked(scene.all_there()).await;
        let is_named = matches!(&read, Ok(Err(NotThere::Named(error))) if is_expected(error));
        findings.check(&format!("a key file, {name}, is an error with a name"), is_named, || {
            format!("{read:?}")
        });
        let unchanged = std::fs::read(&file).ok() == spoiled;
        findings.check("no key is made in place of another", unchanged, || name);
        std::fs::write(&file, &good)?;
        let back = unpanicked(scene.all_there()).await;
        findings.check("the queue is there when its key is", matches!(back, Ok(Ok(()))), || {
            format!("{name}: {back:?}")
        });
    }
    Ok(())
}

const fn is_no_key(error: &StoreError) -> bool {
    matches!(error, StoreError::NoKey { .. })
}

/// A cache may be thrown away: the desk starts, the queue is whole, and the cache fills again.
pub async fn cache(rng: &mut Rng, findings: &mut Findings) -> anyhow::Result<()> {
    let scene = Scene::set(rng).await?;
    let file = scene.file(CACHE_FILE);
    let good = std::fs::read(&file)?;
    for spoil in ways_to_spoil(rng, &good) {
        replace(&file, &spoil.spoiled)?;
        let there = unpanicked(scene.all_there()).await;
        findings.check("the queue does not need the cache", matches!(there, Ok(Ok(()))), || {
            format!("{}: {there:?}", spoil.name)
        });
        let filled = unpanicked(fills_again(rng, &scene)).await;
        let check = format!("a cache, {}, fills again", spoil.name);
        findings.check(&check, matches!(filled, Ok(Ok(()))), || format!("{filled:?}"));
    }
    let drained = scene.drains(rng).await;
    findings.check("the queue drains after all that", drained.is_ok(), || format!("{drained:?}"));
    Ok(())
}

/// Damage that shows only in use is an error with a name; at the next start the cache begins anew.
async fn fills_again(rng: &mut Rng, scene: &Scene) -> anyhow::Result<()> {
    const STARTS_MAX: u32 = 3;
    for _ in 0..STARTS_MAX {
        let Ok(station) = scene.open(rng).await else { continue };
        if station.settle().await.is_err() {
            continue;
        }
        let knowledge = station.cache.knowledge().await?;
        anyhow::ensure!(knowledge.copies as usize == COPIES, "{knowledge:?}");
        return Ok(());
    }
    anyhow::bail!("not within {STARTS_MAX} starts")
}

/// A spoiled site is an error with a name, the desk goes on without it, and nothing at the site is lost
/// once its file is put right.
pub async fn site(rng: &mut Rng, findings: &mut Findings) -> anyhow::Result<()> {
    let scene = Scene::set(rng).await?;
    let copy = scene.site.with_extension("good");
    scene.branch.site.back_up(&copy).await?;
    let good = std::fs::read(&copy)?;
    let elsewhere = scene.site.with_file_name("spoiled.db");
    for spoil in ways_to_spoil(rng, &good) {
        replace(&elsewhere, &spoil.spoiled)?;
        let connected = unpanicked(scene.branch.connect_to(&elsewhere)).await;
        let is_named = match &connected {
            Ok(Ok(())) => spoil.name == "bits flipped",
            Ok(Err(error)) => matches!(
                error,
                SiteError::Damaged { .. } | SiteError::Unreachable { .. } | SiteError::LoginFailed
            ),
            Err(_) => false,
        };
        let check = format!("a site, {}, is an error with a name", spoil.name);
        findings.check(&check, is_named, || format!("{connected:?}"));
    }
    for (name, path, code) in [
        ("gone", scene.site.with_file_name("nowhere.db"), "site_unreachable"),
        ("a folder", scene.desk.clone(), "site_unreachable"),
    ] {
        let connected = unpanicked(scene.branch.connect_to(&path)).await;
        let is_named = matches!(&connected, Ok(Err(error)) if error.message().code == code);
        findings.check(&format!("a site, {name}, is not reached"), is_named, || {
            format!("{connected:?}")
        });
    }
    let drained = scene.drains(rng).await;
    findings.check("the queue drains after all that", drained.is_ok(), || format!("{drained:?}"));
    Ok(())
}
