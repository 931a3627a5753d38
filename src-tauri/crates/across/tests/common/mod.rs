//! A network of embedded sites.
#![allow(dead_code, reason = "each file of tests uses its part")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use lienthu_across::recovery::open_at;
use lienthu_across::sites::Sites;
use lienthu_domain::action::{Action, CatalogueChange, MovingCopy, Resource, Transfer};
use lienthu_domain::copy::{Copy, CopyCondition, CopyDetails, CopyState};
use lienthu_domain::hindrance::Hindrance;
use lienthu_domain::ids::{Barcode, BranchCode, StaffLogin, TitleKey, TxnId};
use lienthu_domain::replicated::{Branch, BranchStanding, ReplicatedRow, Title};
use lienthu_domain::rights::Role;
use lienthu_domain::times::{UtcMs, ZoneOffset};
use lienthu_embedded::{EmbeddedSite, Founding, PasswordCost};
use lienthu_port::error::{Obstacle, SiteError};
use lienthu_port::feed::{FeedRow, PullFrom, Pulled};
use lienthu_port::listing::CopiesSought;
use lienthu_port::lookup::details_of;
use lienthu_port::seed::{SiteSeed, StaffSeed};
use lienthu_port::site::{Credentials, Site, SiteConnector};
use lienthu_port::transaction::Posted;
use lienthu_protocol::decision::Outcome;
use lienthu_protocol::message::{Message, Reply, Request};
use lienthu_protocol::terms::{MembershipVersion, Terms};
use uuid::Uuid;

pub const BRANCHES: [&str; 3] = ["Q1", "Q3", "Q5"];
/// The title that the sites begin with.
pub const TITLE: &str = "978-604-1";
const PASSWORD: &str = "mot-mat-khau-dai";

pub fn branch(code: &str) -> BranchCode {
    BranchCode::parse(code).unwrap()
}

pub fn barcode(code: &str) -> Barcode {
    Barcode::parse(code).unwrap()
}

/// A title of which no more is known.
pub fn title(key: &str, name: &str) -> Title {
    Title {
        key: TitleKey::parse(key).unwrap(),
        name: name.to_owned(),
        author: String::new(),
        publisher: String::new(),
        year: None,
        ddc: String::new(),
        language: "vie".to_owned(),
    }
}

/// Three sites that know each other; the first has copies `C1` to `C5`.
pub struct Network {
    folder: tempfile::TempDir,
    sites: Vec<EmbeddedSite>,
    now: Arc<AtomicI64>,
    txns: AtomicU64,
}

impl Network {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let now = Arc::new(AtomicI64::new(1_767_600_000_000));
        let mut sites = vec![];
        for code in BRANCHES {
            let clock = Arc::clone(&now);
            let clock = Arc::new(move || UtcMs::from_ms(clock.load(Ordering::Relaxed)));
            let founding = Founding { password_cost: PasswordCost::TEST };
            let path = folder.path().join(format!("{code}.db"));
            sites.push(EmbeddedSite::create(&path, &seed(code), clock, founding).await.unwrap());
        }
        let mut cards = vec![];
        for site in &sites {
            cards.push(site.card().await.unwrap());
        }
        for site in &sites {
            site.join(cards.clone(), MembershipVersion(1)).await.unwrap();
        }
        let network = Self { folder, sites, now, txns: AtomicU64::new(0) };
        for copy in ["C1", "C2", "C3", "C4", "C5"] {
            network.add_copy("Q1", copy).await;
        }
        network
    }

    pub fn txn(&self, number: u128) -> TxnId {
        TxnId::new(Uuid::from_u128(number))
    }

    /// Another one each time.
    pub fn next_txn(&self) -> TxnId {
        self.txn(1_000_000 + u128::from(self.txns.fetch_add(1, Ordering::Relaxed)))
    }

    /// A row as it stands at a site, whether its line is cut or not.
    pub async fn row(&self, code: &str, of: &Resource) -> Option<ReplicatedRow> {
        let was_cut = self.site(code).line().is_cut();
        self.cut(code, false);
        let session = self.session(code, "manager").await;
        let mut rows = session.replicated(std::slice::from_ref(of)).await.unwrap();
        self.cut(code, was_cut);
        rows.pop()
    }

    /// A title as it stands at the first site.
    pub async fn title_row(&self, key: &str) -> Title {
        let of = Resource::Title(TitleKey::parse(key).unwrap());
        let Some(ReplicatedRow::Title(title)) = self.row("Q1", &of).await else { panic!("{key}") };
        title
    }

    /// A branch as it stands at a site.
    pub async fn branch(&self, at: &str, code: &str) -> Branch {
        let of = Resource::Branch(branch(code));
        let Some(ReplicatedRow::Branch(found)) = self.row(at, &of).await else { panic!("{code}") };
        found
    }

    /// What a site knows of the network's changes.
    pub async fn membership(&self, code: &str) -> MembershipVersion {
        self.session(code, "manager").await.network().await.unwrap().membership
    }

    pub async fn remove_copy(&self, code: &str, copy: &str) {
        self.session(code, "librarian").await.remove_copy(&barcode(copy)).await.unwrap();
    }

    /// Promises a title's removal at the first site, and tries to add a copy of it there before that is decided;
    /// whether the site refused it, and took it afterwards.
    pub async fn add_copy_between(&self, of: &Title) -> bool {
        let (manager, librarian) =
            (self.session("Q1", "manager").await, self.session("Q1", "librarian").await);
        let me = manager.network().await.unwrap();
        let terms = Terms::new(vec![me.me.clone()], &me.me.branch, me.membership).unwrap();
        let action =
            Action::Catalogue { changes: vec![CatalogueChange::RemoveTitle { seen: of.clone() }] };
        let send = |request| Posted {
            message: Message { txn: self.txn(77), to: me.me.clone(), request },
            action: Some(Arc::new(action.clone())),
        };
        let copy = CopyDetails {
            barcode: barcode("NEW"),
            title: of.key.clone(),
            condition: CopyCondition::Good,
            shelf_mark: String::new(),
            price_vnd: None,
        };
        let prepare = send(Request::Prepare { terms: Arc::new(terms) });
        let answered = manager.transact(&prepare).await.unwrap();
        assert!(matches!(answered.reply, Reply::Kept(_)), "{answered:?}");
        let refused = librarian.add_copies(std::slice::from_ref(&copy)).await;
        let decide = send(Request::Decide { outcome: Outcome::Abort });
        manager.transact(&decide).await.unwrap();
        librarian.add_copies(&[copy]).await.unwrap();
        refused == Err(SiteError::Obstructed { obstacle: Obstacle::Held })
    }

    /// Does something to a site's tables, around every program.
    pub async fn by_hand(&self, code: &str, statement: &str) {
        self.site(code).by_hand(statement.to_owned()).await.unwrap();
    }

    fn site(&self, code: &str) -> &EmbeddedSite {
        &self.sites[BRANCHES.iter().position(|known| *known == code).unwrap()]
    }

    async fn session(&self, code: &str, login: &str) -> Arc<dyn Site> {
        let connector = self.site(code).connector().await.unwrap();
        connector.connect(&credentials(login)).await.unwrap()
    }

    /// The ways to all sites.
    pub fn ways(&self) -> Vec<Arc<dyn SiteConnector>> {
        let way = |site: &EmbeddedSite| {
            let connector = futures::executor::block_on(site.connector()).unwrap();
            Arc::new(connector) as Arc<dyn SiteConnector>
        };
        self.sites.iter().map(way).collect()
    }

    /// All sites, under that login.
    pub fn sites(&self, login: &str) -> Sites {
        Sites::new(self.ways(), &credentials(login))
    }

    pub async fn add_copy(&self, code: &str, copy: &str) {
        self.add_copies(code, vec![details(copy)]).await;
    }

    pub async fn add_copies(&self, code: &str, copies: Vec<CopyDetails>) {
        self.site(code).add_copies(copies).await.unwrap();
    }

    /// The copies that a site has, those on their way to it among them, and their state.
    pub async fn live(&self, code: &str) -> BTreeMap<String, CopyState> {
        let session = self.session(code, "librarian").await;
        let (mut live, mut after) = (BTreeMap::new(), None);
        loop {
            let sought = CopiesSought::OfTitle { title: TITLE.parse().unwrap(), after };
            let page = session.list_copies(&sought).await.unwrap();
            let Some(last) = page.last() else { return live };
            after = Some(last.copy.barcode.clone());
            live.extend(page.into_iter().map(|one| (one.copy.barcode.to_string(), one.copy.state)));
        }
    }

    pub async fn copy(&self, code: &str, copy: &str) -> Option<Copy> {
        let session = self.session(code, "librarian").await;
        session.copy(&barcode(copy)).await.unwrap().map(|file| file.copy)
    }

    pub async fn receive(&self, code: &str, copies: &[&str]) -> Vec<Hindrance> {
        let session = self.session(code, "librarian").await;
        let copies: Vec<Barcode> = copies.iter().map(|copy| barcode(copy)).collect();
        session.receive(&copies).await.unwrap().into_iter().map(|hindered| hindered.why).collect()
    }

    /// These copies on their way, as their branch has them.
    pub async fn moving(&self, from: &str, to: &str, copies: &[&str]) -> Transfer {
        let mut moving = vec![];
        for code in copies {
            let copy = self.copy(from, code).await.unwrap();
            let hop = self.hops(from, code).await + 1;
            moving.push(MovingCopy { details: details_of(&copy), hop });
        }
        Transfer { from: branch(from), to: branch(to), copies: moving }
    }

    async fn hops(&self, code: &str, copy: &str) -> u32 {
        let session = self.session(code, "librarian").await;
        let sought = CopiesSought::Barcodes(vec![barcode(copy)]);
        session.list_copies(&sought).await.unwrap()[0].hops
    }

    /// Cuts the line to a site, or restores it.
    pub fn cut(&self, code: &str, cut: bool) {
        let line = self.site(code).line();
        if cut { line.cut().unwrap() } else { line.restore().unwrap() }
    }

    /// What everyone who takes part would agree to now; the first decides.
    pub async fn terms(&self, parties: &[&str]) -> Arc<Terms> {
        let mut all = vec![];
        let mut membership = MembershipVersion::default();
        for code in parties {
            let facts = self.session(code, "manager").await.network().await.unwrap();
            membership = facts.membership;
            all.push(facts.me);
        }
        Arc::new(Terms::new(all, &branch(parties[0]), membership).unwrap())
    }

    /// Asks one site something about a transaction, as the manager.
    pub async fn tell(
        &self,
        code: &str,
        txn: TxnId,
        request: Request,
        action: Option<&Action>,
    ) -> Reply {
        let session = self.session(code, "manager").await;
        let to = session.network().await.unwrap().me;
        let action = action.cloned().map(Arc::new);
        let posted = Posted { message: Message { txn, to, request }, action };
        session.transact(&posted).await.unwrap().reply
    }

    /// Has these sites promise, and goes away; the first decides.
    pub async fn left_behind(&self, txn: TxnId, parties: &[&str], action: &Action) {
        let terms = self.terms(parties).await;
        for code in parties {
            let request = Request::Prepare { terms: Arc::clone(&terms) };
            let reply = self.tell(code, txn, request, Some(action)).await;
            assert!(matches!(reply, Reply::Kept(entry) if entry.is_prepared()));
        }
    }

    /// The title as a site has it.
    pub async fn title(&self, code: &str) -> String {
        let pulled = self.session(code, "manager").await.pull(&PullFrom::default()).await.unwrap();
        let Pulled::Page(page) = pulled else { panic!("{code} fills nobody's cache") };
        let mut titles = page.rows.into_iter().filter_map(|row| match row {
            FeedRow::Title(title) => Some(title.name),
            _ => None,
        });
        titles.next().unwrap()
    }

    /// Copies the site aside.
    pub async fn back_up(&self, code: &str) -> PathBuf {
        let file = self.folder.path().join(format!("{code}.backup"));
        self.site(code).back_up(&file).await.unwrap();
        file
    }

    /// Puts the copy in the site's place, and says so.
    pub async fn restore(&self, code: &str, backup: &Path) {
        self.site(code).put_back(backup).await.unwrap();
        self.site(code).start_incarnation().await.unwrap();
    }

    /// What is open at all sites together.
    pub async fn open(&self) -> usize {
        let sites = self.sites("manager");
        let mut open = 0;
        for code in BRANCHES {
            open += open_at(&sites, &branch(code)).await.unwrap().len();
        }
        open
    }

    pub fn pass_ms(&self, ms: i64) {
        self.now.fetch_add(ms, Ordering::Relaxed);
    }
}

/// A copy in good condition of the one title.
pub fn details(copy: &str) -> CopyDetails {
    CopyDetails {
        barcode: barcode(copy),
        title: TitleKey::parse(TITLE).unwrap(),
        condition: CopyCondition::Good,
        shelf_mark: String::new(),
        price_vnd: None,
    }
}

pub fn credentials(login: &str) -> Credentials {
    Credentials { login: StaffLogin::parse(login).unwrap(), password: PASSWORD.into() }
}

fn seed(code: &str) -> SiteSeed {
    let person = |login: &str, role| StaffSeed {
        login: StaffLogin::parse(login).unwrap(),
        name: login.to_owned(),
        password: PASSWORD.into(),
        roles: vec![role],
    };
    SiteSeed {
        branch: branch(code),
        zone: ZoneOffset::from_minutes(420).unwrap(),
        branches: BRANCHES
            .iter()
            .map(|code| Branch {
                code: branch(code),
                name: format!("Thư viện {code}"),
                address: String::new(),
                standing: BranchStanding::Active,
            })
            .collect(),
        titles: vec![Title {
            key: TitleKey::parse(TITLE).unwrap(),
            name: "Dế Mèn phiêu lưu ký".to_owned(),
            author: "Tô Hoài".to_owned(),
            publisher: String::new(),
            year: Some(1941),
            ddc: String::new(),
            language: "vie".to_owned(),
        }],
        policies: vec![],
        closed_days: vec![],
        staff: vec![
            person("librarian", Role::Librarian),
            person("manager", Role::Manager),
            person("agent", Role::Agent),
        ],
    }
}
