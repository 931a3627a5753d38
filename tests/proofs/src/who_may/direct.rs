//! A login and a driver at a T-SQL site: every procedure, function and table that transactions are made of, named
//! one by one. The page of rights says what each may run; what they may run chooses nothing all the same.

use std::sync::Arc;

use lienthu_conformance::kit::{
    AGENT, ELSEWHERE, LIBRARIAN, MANAGER, NOBODY, arriving, copy, key, leaving, small_seed,
};
use lienthu_conformance::sqlserver::{SqlServer, SqlServerTestSite};
use lienthu_conformance::{CannotHere, TestSite as _};
use lienthu_domain::action::Action;
use lienthu_domain::ids::{Incarnation, TxnId};
use lienthu_port::site::Site;
use lienthu_port::transaction::{KeptTransaction, NetworkFacts, PeerCard, Posted, Sought};
use lienthu_protocol::message::{Message, Reply, Request};
use lienthu_protocol::seal::SiteKey;
use lienthu_protocol::terms::{MembershipVersion, Party, Terms};
use lienthu_sqlserver::migrate::{Kind, Script, scripts};
use lienthu_sqlserver::rights::{GRANTEES, expected};
use uuid::Uuid;

use crate::kit::findings::Findings;
use crate::kit::plain::{is_no_right, plain, tried};

/// Somebody of each column of the page.
const PEOPLE: [&str; 4] = [LIBRARIAN, MANAGER, AGENT, NOBODY];

/// What only procedures may touch.
const AROUND: [&str; 9] = [
    "SELECT site_key AS site_key FROM lienthu.Site",
    "SELECT site_key AS site_key FROM lienthu.Peer",
    "UPDATE lienthu.Site SET quarantined = 0",
    "UPDATE lienthu.Peer SET incarnation = incarnation",
    "INSERT INTO lienthu.TxnDecision (txn, outcome, decided_by, decided_incarnation, seal, decided_at)
     VALUES ('{txn}', 'commit', 'Q1', '{incarnation}', REPLICATE('0', 64), GETDATE())",
    "UPDATE lienthu.TxnDecision SET outcome = 'abort'",
    "UPDATE lienthu.TxnParticipant SET outcome = 'commit'",
    "DELETE FROM lienthu.Hold",
    "DELETE FROM lienthu.Transit",
];

/// A site with a promise of each end: it decides one transfer, and another site the other.
struct Scene {
    site: Arc<SqlServerTestSite>,
    manager: Arc<dyn Site>,
    txns: [TxnId; 2],
    me: Party,
    terms: String,
    action: String,
}

pub(super) async fn run(server: &SqlServer, findings: &mut Findings) -> anyhow::Result<()> {
    let scene = Scene::new(server).await?;
    let before = scene.state().await?;
    let about: Vec<&Script> = scripts().iter().filter(|script| is_about(script)).collect();
    let (mut run, mut refused) = (0_u32, 0_u32);
    for (grantee, login) in GRANTEES.into_iter().zip(PEOPLE) {
        for script in &about {
            let object = script.object().unwrap_or_default();
            let line = expected().into_iter().find(|line| line.object == object);
            let line = line.ok_or_else(|| anyhow::anyhow!("rights.md has no {object}"))?;
            let verb = line.kind.verbs()[0];
            let may = line.allows(grantee, verb) || line.allows("public", verb);
            if may && login == MANAGER {
                // Managers choose.
                continue;
            }
            for txn in scene.txns {
                let batch = scene.call(script, txn);
                let answer = tried(&mut plain(&scene.site, login).await?, &batch).await;
                let is_closed = answer.as_ref().is_err_and(|words| is_no_right(words));
                findings.check(
                    "a procedure is open to whom the page says",
                    is_closed != may,
                    || format!("{login}: {batch}: {answer:?}"),
                );
                run += 1;
                refused += u32::from(is_closed);
            }
        }
        for batch in AROUND {
            let batch = batch
                .replace("{txn}", &scene.txns[0].to_string())
                .replace("{incarnation}", &scene.me.incarnation.to_string());
            let answer = tried(&mut plain(&scene.site, login).await?, &batch).await;
            let is_closed = answer.as_ref().is_err_and(|words| is_no_right(words));
            findings.check("a table is open to nobody", is_closed, || {
                format!("{login}: {batch}: {answer:?}")
            });
            run += 1;
            refused += u32::from(is_closed);
        }
    }
    let after = scene.state().await?;
    findings.check("nothing of it chose an outcome", before == after, || {
        format!("{before:?}, then {after:?}")
    });
    findings.figure("direct_objects", about.len());
    findings.figure("direct", run);
    findings.figure("direct_refused", refused);
    Ok(())
}

/// Whether transactions over several sites are made of it. What looks after copies respects their holds and is
/// no part of them.
fn is_about(script: &Script) -> bool {
    const OTHERS: [&str; 3] = ["AddCopies", "PutCopy", "RemoveCopy"];
    const WORDS: [&str; 6] =
        ["lienthu.Txn", "lienthu.Hold", "lienthu.Peer", "lienthu.Transit", "@txn", "quarantined"];
    let is_object = matches!(script.kind, Kind::Procedure | Kind::Function);
    let is_named =
        ["SealOf", "HexOf", "HoldsOf", "ReadMoving", "ReadChanges"].contains(&script.name);
    is_object
        && !OTHERS.contains(&script.name)
        && (is_named || WORDS.iter().any(|word| script.text.contains(word)))
}

impl Scene {
    async fn new(server: &SqlServer) -> anyhow::Result<Self> {
        let site = server.fresh_here(small_seed()).await;
        let other =
            Party { branch: key(ELSEWHERE), incarnation: Incarnation::new(Uuid::from_u128(31)) };
        let cannot = |CannotHere(why)| anyhow::anyhow!(why);
        let me = site.card().await.map_err(cannot)?.party;
        let card = PeerCard { party: other.clone(), key: SiteKey::new(Uuid::from_u128(0x3333)) };
        site.join(vec![card], MembershipVersion(1)).await.map_err(cannot)?;
        let sign_in = |login: &'static str| {
            let connector = site.connector();
            async move { connector.connect(&lienthu_conformance::kit::credentials(login)).await }
        };
        sign_in(LIBRARIAN).await?.add_copies(&[copy("Q001")]).await?;
        let manager = sign_in(MANAGER).await?;
        let txns = [1, 2].map(|number| TxnId::new(Uuid::from_u128(number)));
        let actions = [leaving(&[copy("Q001")], 1), arriving(&[copy("Q900")], 1)];
        let deciders = [&me.branch, &other.branch];
        for ((txn, action), decider) in txns.into_iter().zip(&actions).zip(deciders) {
            let parties = vec![me.clone(), other.clone()];
            let terms = Arc::new(Terms::new(parties, decider, MembershipVersion(1))?);
            let message = Message { txn, to: me.clone(), request: Request::Prepare { terms } };
            let posted = Posted { message, action: Some(Arc::new(action.clone())) };
            let answered = manager.transact(&posted).await?;
            let is_promised = matches!(&answered.reply, Reply::Kept(entry) if entry.is_prepared());
            anyhow::ensure!(is_promised, "{answered:?}");
        }
        let terms = format!(
            r#"{{"membership":1,"decides":"{0}","parties":[{{"branch":"{0}","incarnation":"{1}"}}]}}"#,
            me.branch, me.incarnation
        );
        let action: &Action = &actions[0];
        let action = serde_json::to_string(action)?;
        Ok(Self { site, manager, txns, me, terms, action })
    }

    /// What the site keeps of both, and of the network.
    async fn state(&self) -> anyhow::Result<(Vec<KeptTransaction>, NetworkFacts)> {
        let mut kept = self.manager.transactions(&Sought::Open, None).await?;
        for kept in &mut kept {
            kept.age_ms = 0;
        }
        Ok((kept, self.manager.network().await?))
    }

    /// Runs it about a transaction, with what its parameters ask for.
    fn call(&self, script: &Script, txn: TxnId) -> String {
        let object = script.object().unwrap_or_default();
        let values: Vec<String> =
            parameters(script).into_iter().map(|name| self.value(name, txn)).collect();
        let values = values.join(", ");
        if script.kind == Kind::Procedure {
            return format!("EXEC {object} {values}");
        }
        if script.text.contains("RETURNS TABLE") {
            format!("SELECT * FROM {object}({values})")
        } else {
            format!("SELECT {object}({values}) AS value")
        }
    }

    fn value(&self, parameter: &str, txn: TxnId) -> String {
        let text = match parameter {
            "txn" => txn.to_string(),
            "to_branch" | "here" | "branch" => self.me.branch.to_string(),
            "to_incarnation" => self.me.incarnation.to_string(),
            "peer" | "decided_by" => ELSEWHERE.to_owned(),
            "peer_incarnation" | "incarnation" | "site_key" => Uuid::from_u128(77).to_string(),
            "decided_incarnation" => Uuid::from_u128(31).to_string(),
            "outcome" => "commit".to_owned(),
            "seal" => "0".repeat(64),
            "terms" => self.terms.clone(),
            "action" => self.action.clone(),
            "naming" | "after" => String::new(),
            "barcodes" => "[]".to_owned(),
            _ => return "NULL".to_owned(),
        };
        format!("N'{}'", text.replace('\'', "''"))
    }
}

/// The names of what it takes, in their order.
fn parameters(script: &Script) -> Vec<&'static str> {
    let from = script.text.find("\nCREATE ").unwrap_or_default();
    let head = script.text[from..].split("\nAS\n").next().unwrap_or_default();
    let head = head.split("RETURNS").next().unwrap_or_default();
    let names = head.split('@').skip(1);
    names
        .filter_map(|rest| rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next())
        .collect()
}
