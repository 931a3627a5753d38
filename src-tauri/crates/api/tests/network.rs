//! The network of a program that runs: it starts without one, gets one, and follows each change of it.
#![allow(missing_docs, clippy::unwrap_used)]

use std::path::Path;
use std::sync::Arc;

use lienthu_api::administration::Administration;
use lienthu_api::app::{App, KeyPolicy, Options};
use lienthu_api::commands::network::{NetworkAdd, NetworkChange, NetworkGet, NetworkReread};
use lienthu_api::commands::{Enrol, GetView, QueueSend, SignIn, SignOut};
use lienthu_api::network::{SiteEntry, SiteKind};
use lienthu_api::system::wall_clock;
use lienthu_desk::site_state::SiteState;
use lienthu_domain::replicated::{Branch, BranchStanding};
use lienthu_domain::rights::Role;
use lienthu_domain::times::ZoneOffset;
use lienthu_embedded::{EmbeddedSite, Founding, Line, PasswordCost};
use lienthu_port::seed::{SiteSeed, StaffSeed};

const PASSWORD: &str = "mật khẩu";

/// A site of Q1 with one manager.
async fn found(path: &Path) {
    let branch = Branch {
        code: "Q1".parse().unwrap(),
        name: "Quận 1".to_owned(),
        address: String::new(),
        standing: BranchStanding::Active,
    };
    let seed = SiteSeed {
        branch: branch.code.clone(),
        zone: ZoneOffset::VIET_NAM,
        branches: vec![branch],
        titles: Vec::new(),
        policies: Vec::new(),
        closed_days: Vec::new(),
        staff: vec![StaffSeed {
            login: "hang".parse().unwrap(),
            name: "Đỗ Thanh Hằng".to_owned(),
            password: PASSWORD.into(),
            roles: vec![Role::Manager],
        }],
    };
    let founding = Founding { password_cost: PasswordCost::TEST };
    EmbeddedSite::create(path, &seed, Arc::new(wall_clock), founding).await.unwrap();
}

fn entry(path: &str) -> SiteEntry {
    let kind = SiteKind::Embedded { path: path.into() };
    SiteEntry { code: "Q1".parse().unwrap(), name: "Thư viện Quận 1".to_owned(), kind }
}

async fn seen(app: &App) -> Option<String> {
    app.execute(NetworkGet {}).await.unwrap().seen
}

async fn sign_in(app: &App) -> bool {
    let (login, password) = ("hang".parse().unwrap(), PASSWORD.into());
    app.execute(SignIn { login, password }).await.unwrap().offline
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_made_and_changed_while_the_program_runs_is_used_at_once() {
    let folder = tempfile::tempdir().unwrap();
    found(&folder.path().join("q1.db")).await;
    let options = Options {
        folder: folder.path().join("desk"),
        network: folder.path().join("network.toml"),
        key: KeyPolicy::KeyFile,
        demo: false,
    };
    assert_eq!(App::open(&options).await.err().unwrap().message().code, "network_missing");
    let app = App::open_to_mend(&options).await.unwrap();
    let trouble = app.execute(GetView {}).await.unwrap().network_trouble.unwrap();
    assert_eq!(trouble.code, "network_missing");

    // The first run: a network, a desk, a person.
    let made = NetworkAdd { seen: seen(&app).await, entry: entry("q1.db") };
    assert_eq!(app.execute(made).await.unwrap().sites, [entry("q1.db")]);
    let enrol = Enrol { branch: "Q1".parse().unwrap(), name: "Quầy 1".to_owned() };
    app.execute(enrol).await.unwrap();
    assert!(!sign_in(&app).await);
    let view = app.execute(QueueSend {}).await.unwrap();
    assert_eq!((view.network_trouble, view.desk.site), (None, SiteState::Reachable));

    // The connection goes with the way that it was made in.
    let change = |seen, path| NetworkChange { seen, entry: entry(path) };
    let away = change(seen(&app).await.unwrap(), "elsewhere.db");
    app.execute(away).await.unwrap();
    assert_eq!(app.execute(GetView {}).await.unwrap().desk.site, SiteState::NotTried);
    assert_eq!(app.execute(QueueSend {}).await.unwrap_err().code, "site_unreachable");
    let back = change(seen(&app).await.unwrap(), "q1.db");
    app.execute(back).await.unwrap();
    assert_eq!(app.execute(QueueSend {}).await.unwrap().desk.site, SiteState::Reachable);

    // A file that someone spoils stops nobody who has worked here before.
    std::fs::write(&options.network, "[[site").unwrap();
    app.execute(SignOut {}).await.unwrap();
    let read = app.execute(NetworkReread {}).await.unwrap();
    assert_eq!((read.trouble.unwrap().code.as_str(), read.may_change), ("network_wrong", true));
    assert!(sign_in(&app).await, "offline");
    std::fs::remove_file(&options.network).unwrap();
    std::fs::rename(folder.path().join("network.toml.bak"), &options.network).unwrap();
    let read = app.execute(NetworkReread {}).await.unwrap();
    assert_eq!((read.trouble, read.sites), (None, vec![entry("elsewhere.db")]));
}

/// A desk of the site of Q1, enrolled, nobody signed in.
async fn enrolled(folder: &Path) -> (Options, Arc<App>) {
    found(&folder.join("q1.db")).await;
    let options = Options {
        folder: folder.join("desk"),
        network: folder.join("network.toml"),
        key: KeyPolicy::KeyFile,
        demo: false,
    };
    let app = App::open_to_mend(&options).await.unwrap();
    app.execute(NetworkAdd { seen: None, entry: entry("q1.db") }).await.unwrap();
    let (branch, name) = ("Q1".parse().unwrap(), "Quầy 1".to_owned());
    app.execute(Enrol { branch, name }).await.unwrap();
    (options, app)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sites_are_the_same_ones_for_as_long_as_the_person_and_the_network_are() {
    let folder = tempfile::tempdir().unwrap();
    let (_, app) = enrolled(folder.path()).await;
    sign_in(&app).await;
    let permit = app.desk().signed_in().unwrap();
    let sites = || app.manager_sites(&permit);
    let first = sites().unwrap();
    assert!(Arc::ptr_eq(&first, &sites().unwrap()));
    let agents = app.agent_sites().await.unwrap();
    assert!(Arc::ptr_eq(&agents, &app.agent_sites().await.unwrap()));

    let mut changed = entry("q1.db");
    changed.name = "Q.1".to_owned();
    let seen = seen(&app).await.unwrap();
    app.execute(NetworkChange { seen, entry: changed }).await.unwrap();
    let second = sites().unwrap();
    assert!(!Arc::ptr_eq(&first, &second));
    assert!(!Arc::ptr_eq(&agents, &app.agent_sites().await.unwrap()));

    app.execute(SignOut {}).await.unwrap();
    assert!(sites().is_err(), "nobody works under a permit of before");
    sign_in(&app).await;
    assert!(!Arc::ptr_eq(&second, &sites().unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_is_given_the_agents_logins_at_a_sign_in_and_keeps_them_for_when_it_starts_offline()
{
    let folder = tempfile::tempdir().unwrap();
    let (options, app) = enrolled(folder.path()).await;
    sign_in(&app).await;
    assert_eq!(app.desk().agents().await.unwrap(), []);
    let administration = Administration::open(&options.network, None).unwrap();
    administration.join().await.unwrap();
    sign_in(&app).await;
    let agents = app.desk().agents().await.unwrap();
    assert_eq!(agents.iter().map(|agent| agent.branch.as_str()).collect::<Vec<_>>(), ["Q1"]);

    administration.renew_agents(None).await.unwrap();
    assert!(app.desk().renew_agents().await.unwrap(), "they are others now");
    let renewed = app.desk().agents().await.unwrap();
    assert!(!app.desk().renew_agents().await.unwrap());
    drop(app);
    Line::to(&folder.path().join("q1.db")).cut().unwrap();
    let app = App::open(&options).await.unwrap();
    assert_eq!(app.desk().agents().await.unwrap(), renewed, "and nobody has signed in");
}
