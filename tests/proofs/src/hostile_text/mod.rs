//! `hostile-text`: whatever text comes in through any parameter, it is stored as it is or refused by name. No
//! other row changes, nothing is cut short in silence, and no error is without a name.
//!
//! Through the port, the cases of the conformance suite that throw such texts. What the port's types would
//! stop, a plain driver then sends to each procedure, with the login of someone who may run it. Which procedures
//! and text parameters there are is asked of the server: one that is not known here is a failure.

mod documents;
mod texts;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use anyhow::Context as _;
use lienthu_conformance::kit::{
    AGENT, COPIES, HERE, LIBRARIAN, MANAGER, PATRONS, TITLES, credentials, small_seed,
};
use lienthu_conformance::kit::{copy as book, patron as reader};
use lienthu_conformance::sqlserver::SqlServerTestSite;
use lienthu_conformance::{TestSite as _, Verdict, run_some};
use lienthu_port::error::SiteError;
use lienthu_port::lookup::PatronChange;
use lienthu_sqlserver::SqlServerAdmin;
use lienthu_sqlserver::rights::expected;
use serde_json::{Value, json};
use uuid::Uuid;

use self::documents::{COPY_TEXTS, EVENT_TEXTS, PATRON_TEXTS, with};
use crate::kit::findings::Findings;
use crate::kit::sites;
use crate::registry::Terms;

/// The words in the sentences of the suite's cases about it.
const CASES: &str = "hostile";

/// A book with the longest barcode, and a reader with the longest code: what is cut short becomes them.
const LONG_BARCODE: &str = "Q0000000000000000001";
const LONG_CODE: &str = "DG00000001";

/// Parameters that name one row.
const KEYS: [&str; 5] = ["barcode", "card", "code", "title", "typed"];

/// How our own numbers of errors begin, in the words of the adapter.
const OUR_NUMBERS: &str = "error 51";
/// What Babelfish says in place of a number of SQL Server's.
const BABELFISH: [&str; 2] = ["error 33557097", "error 266 "];

/// What may not change but for what is stored on purpose.
const TABLES: [&str; 17] = [
    "dbo.CHINHANH",
    "dbo.SACH",
    "dbo.QUYENSACH",
    "dbo.DOCGIA",
    "dbo.PHIEUMUON",
    "lienthu.Event",
    "lienthu.Loan",
    "lienthu.Site",
    "lienthu.Staff",
    "lienthu.StaffRole",
    "lienthu.LoanPolicy",
    "lienthu.Peer",
    "lienthu.TxnParticipant",
    "lienthu.TxnParty",
    "lienthu.TxnDecision",
    "lienthu.Hold",
    "lienthu.Transit",
];

/// Carries the proof through.
///
/// # Errors
/// When a site does not answer any more.
pub async fn run(terms: Terms, findings: &mut Findings) -> anyhow::Result<()> {
    for kind in sites::available(findings) {
        let name = kind.kind();
        let results = run_some(kind, terms.seed, CASES).await;
        findings.figure(format!("{name}_cases"), results.len());
        findings.check(
            &format!("{name}: the suite has such cases"),
            !results.is_empty(),
            || "none",
        );
        for result in results {
            match result.verdict {
                Verdict::Kept => findings.pass(),
                Verdict::Broken(how) => findings.fail(&format!("{name}: {}", result.name), how),
                Verdict::Skipped(why) => findings.skip(&format!("{name}: {}", result.name), why),
            }
        }
    }
    let Some(server) = sites::t_sql(findings) else { return Ok(()) };
    let mut stranger = Stranger::at(server.fresh_here(small_seed()).await).await?;
    stranger.try_everything(findings).await?;
    findings.figure("sqlserver_parameters", stranger.parameters);
    findings.figure("sqlserver_document_fields", stranger.fields);
    findings.figure("sqlserver_calls", stranger.calls);
    findings.figure("sqlserver_stored", stranger.stored);
    findings.figure("sqlserver_refused", stranger.refused);
    if stranger.of_babelfish > 0 {
        let why =
            format!("{} calls ended in errors that only Babelfish has", stranger.of_babelfish);
        findings.skip("every error has a name", &why);
    }
    Ok(())
}

/// Someone with the passwords of a librarian, a manager and an agent, and a driver of their own.
struct Stranger {
    site: Arc<SqlServerTestSite>,
    admin: SqlServerAdmin,
    connections: HashMap<&'static str, SqlServerAdmin>,
    /// The site's incarnation: what names another is not looked at.
    incarnation: String,
    is_babelfish: bool,
    /// Errors that only Babelfish has.
    of_babelfish: u64,
    parameters: usize,
    fields: usize,
    calls: u64,
    stored: u64,
    refused: u64,
}

/// A row of a table, as text.
type Rows = BTreeSet<String>;

impl Stranger {
    async fn at(site: Arc<SqlServerTestSite>) -> anyhow::Result<Self> {
        let desk = site.connector().connect(&credentials(LIBRARIAN)).await?;
        let books: Vec<_> = COPIES.iter().chain([&LONG_BARCODE]).map(|code| book(code)).collect();
        desk.add_copies(&books).await?;
        for code in PATRONS.iter().chain([&LONG_CODE]) {
            let patron = reader(code, "STUDENT");
            desk.put_patron(&PatronChange { patron, seen: None }).await?;
        }
        let mut admin = site.administrator().await?;
        let version = admin.report("SELECT @@VERSION AS version", &[]).await?;
        let is_babelfish =
            version.iter().flatten().flatten().any(|text| text.starts_with("Babelfish"));
        let incarnation = admin.report("SELECT incarnation AS v FROM lienthu.Site", &[]).await?;
        let incarnation = incarnation.into_iter().flatten().flatten().next();
        Ok(Self {
            is_babelfish,
            of_babelfish: 0,
            site,
            admin,
            connections: HashMap::new(),
            incarnation: incarnation.context("the site has an incarnation")?,
            parameters: 0,
            fields: 0,
            calls: 0,
            stored: 0,
            refused: 0,
        })
    }

    async fn try_everything(&mut self, findings: &mut Findings) -> anyhow::Result<()> {
        for (procedure, parameters) in self.procedures().await? {
            // What nobody may call but procedures.
            if login_for(&procedure).is_none() {
                continue;
            }
            let Some(harmless) = harmless(&procedure, &self.incarnation) else {
                findings.fail("every procedure is known to the proof", &procedure);
                continue;
            };
            for parameter in parameters {
                self.parameters += 1;
                if harmless.iter().all(|(name, _)| *name != parameter) {
                    findings
                        .fail("every text parameter is known", format!("{procedure} @{parameter}"));
                    continue;
                }
                let mut tried = texts::hostile();
                if KEYS.contains(&parameter.as_str()) {
                    for key in [LONG_BARCODE, LONG_CODE, TITLES[0]] {
                        tried.extend(texts::mistakable(key));
                    }
                }
                eprintln!("{procedure} @{parameter}: {} texts", tried.len());
                self.try_parameter(&procedure, &harmless, &parameter, &tried, findings).await?;
            }
        }
        self.try_documents(findings).await
    }

    /// The text parameters of each procedure, as the server knows them.
    async fn procedures(&mut self) -> anyhow::Result<BTreeMap<String, Vec<String>>> {
        let rows = self
            .admin
            .report(
                "SELECT o.name AS name, p.name AS parameter, TYPE_NAME(p.user_type_id) AS type_name
                 FROM sys.procedures AS o
                 LEFT JOIN sys.all_parameters AS p ON p.object_id = o.object_id
                 WHERE SCHEMA_NAME(o.schema_id) = N'lienthu'",
                &[],
            )
            .await?;
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in rows {
            let mut cells = row.into_iter();
            let name = cells.next().flatten().context("a procedure without a name")?;
            let parameters = found.entry(name).or_default();
            if let (Some(Some(parameter)), Some(Some(kind))) = (cells.next(), cells.next())
                && kind.to_lowercase().contains("char")
            {
                parameters.push(parameter.trim_start_matches('@').to_owned());
            }
        }
        Ok(found)
    }

    /// Each text as one parameter, the others harmless: nothing at all may change.
    async fn try_parameter(
        &mut self,
        procedure: &str,
        harmless: &[(&str, String)],
        parameter: &str,
        tried: &[String],
        findings: &mut Findings,
    ) -> anyhow::Result<()> {
        let before = self.rows().await?;
        for text in tried {
            let arguments: Vec<(&str, String)> = harmless
                .iter()
                .map(|(name, value)| {
                    (*name, if *name == parameter { text.clone() } else { value.clone() })
                })
                .collect();
            let what = format!("{procedure} @{parameter} = {:?}", short(text));
            match self.call(procedure, &arguments).await {
                Ok(()) => findings.pass(),
                Err(error) => self.must_have_a_name(&what, &error, findings),
            }
        }
        let after = self.rows().await?;
        findings.check(
            &format!("{procedure} @{parameter} changes no row"),
            before == after,
            || {
                let changed = before.symmetric_difference(&after).next();
                format!("{:?}", changed.map(|row| short(row)))
            },
        );
        Ok(())
    }

    /// Each text in each place of each document: stored as it is, or refused by name.
    async fn try_documents(&mut self, findings: &mut Findings) -> anyhow::Result<()> {
        let mut n = 0_u32;
        for field in PATRON_TEXTS {
            eprintln!("{field} of a document");
            for text in texts::hostile() {
                n += 1;
                let document = with(documents::patron(&format!("H{n}")), field, &text);
                let stored = Stored {
                    query: format!("SELECT {field} AS v FROM dbo.DOCGIA WHERE MaDG = @P1"),
                    key: words_of(&document, "MaDG"),
                };
                let arguments = [("patron", document.to_string()), ("seen", String::new())];
                self.try_document("PutPatron", &arguments, field, &text, &stored, findings).await?;
            }
        }
        for field in COPY_TEXTS {
            eprintln!("{field} of a document");
            for text in texts::hostile() {
                n += 1;
                let document = with(documents::copy(&format!("H{n}")), field, &text);
                let stored = Stored {
                    query: format!(
                        "SELECT {field} AS v FROM dbo.QUYENSACH WHERE MaQuyenSach = @P1"
                    ),
                    key: words_of(&document, "MaQuyenSach"),
                };
                let arguments = [("copies", json!([document]).to_string())];
                self.try_document("AddCopies", &arguments, field, &text, &stored, findings).await?;
            }
        }
        for field in EVENT_TEXTS {
            eprintln!("{field} of a document");
            for text in texts::hostile() {
                n += 1;
                let document = with(documents::event(n, COPIES[1], PATRONS[0]), field, &text);
                let column = match field {
                    "at" => "happened_at",
                    "date" => "on_date",
                    "site" | "claim" => "id",
                    other => other,
                };
                let stored = Stored {
                    query: format!("SELECT {column} AS v FROM lienthu.Event WHERE id = @P1"),
                    key: words_of(&document, "id"),
                };
                let arguments = [("events", json!([document]).to_string())];
                self.try_document("SubmitEvents", &arguments, field, &text, &stored, findings)
                    .await?;
            }
        }
        Ok(())
    }

    async fn try_document(
        &mut self,
        procedure: &str,
        arguments: &[(&str, String)],
        field: &str,
        text: &str,
        stored: &Stored,
        findings: &mut Findings,
    ) -> anyhow::Result<()> {
        self.fields += 1;
        let what = format!("{procedure} {field} = {:?}", short(text));
        if let Err(error) = self.call(procedure, arguments).await {
            self.must_have_a_name(&what, &error, findings);
            return Ok(());
        }
        let found = self.admin.report(&stored.query, std::slice::from_ref(&stored.key)).await?;
        match found.first().and_then(|row| row.first()) {
            // An event that is set aside: refused by name in its receipt.
            None => {
                self.refused += 1;
                findings.check(&what, procedure == "SubmitEvents", || "neither stored nor refused");
            }
            Some(value) => {
                self.stored += 1;
                findings.check(&what, value.as_deref() == Some(text), || {
                    format!("stored as {:?}", value.as_deref().map(short))
                });
            }
        }
        Ok(())
    }

    /// An error of the port's, or a number of our own (see `sql/site/errors.md`), is a name. Babelfish has
    /// errors that it gives no number, for bytes that it cannot hold for instance, and counts a transaction
    /// wrongly where a conversion was tried: these are told apart.
    fn must_have_a_name(&mut self, what: &str, error: &SiteError, findings: &mut Findings) {
        self.refused += 1;
        let says = error.to_string();
        let of_babelfish =
            self.is_babelfish && BABELFISH.iter().any(|number| says.contains(number));
        if of_babelfish {
            self.of_babelfish += 1;
            return;
        }
        let has_name = !matches!(error, SiteError::Unexpected { .. }) || says.contains(OUR_NUMBERS);
        findings.check(what, has_name, || says);
    }

    /// A call over a session of the stranger's own.
    async fn call(
        &mut self,
        procedure: &str,
        arguments: &[(&str, String)],
    ) -> Result<(), SiteError> {
        self.calls += 1;
        let login = login_for(procedure).unwrap_or(LIBRARIAN);
        let mut connection = match self.connections.remove(login) {
            Some(connection) => connection,
            None => SqlServerAdmin::open(self.site.config(), &credentials(login)).await?,
        };
        let named: Vec<String> =
            arguments.iter().zip(1..).map(|((name, _), n)| format!("@{name} = @P{n}")).collect();
        let values: Vec<String> = arguments.iter().map(|(_, value)| value.clone()).collect();
        let statement = format!("EXEC lienthu.{procedure} {}", named.join(", "));
        let answer = connection.report(&statement, &values).await;
        // A refusal leaves the session as it was; a new one has every procedure compiled again.
        if !matches!(answer, Err(SiteError::Unreachable { .. } | SiteError::ReplyLost { .. })) {
            self.connections.insert(login, connection);
        }
        answer.map(drop)
    }

    /// All rows of all tables.
    async fn rows(&mut self) -> anyhow::Result<Rows> {
        let mut all = Rows::new();
        for table in TABLES {
            for row in self.admin.report(&format!("SELECT * FROM {table}"), &[]).await? {
                all.insert(format!("{table}: {row:?}"));
            }
        }
        Ok(all)
    }
}

/// Where a text is found again that was stored.
struct Stored {
    query: String,
    key: String,
}

/// Who may run a procedure, or read what is no procedure but what Babelfish lists among them; nobody of what is
/// internal.
fn login_for(procedure: &str) -> Option<&'static str> {
    let object = format!("lienthu.{procedure}");
    let lines = expected();
    // Babelfish has names in lower case.
    let line = lines.iter().find(|line| line.object.eq_ignore_ascii_case(&object))?;
    let may = |grantee| line.allows(grantee, "EXECUTE") || line.allows("public", "EXECUTE");
    [("THUTHU", LIBRARIAN), ("QUANLY", MANAGER), ("DAILY", AGENT)]
        .into_iter()
        .find_map(|(grantee, login)| may(grantee).then_some(login))
}

/// What a message about a transaction begins with: one that nobody knows.
fn message(incarnation: &str, further: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    let mut arguments = vec![
        ("txn", Uuid::nil().to_string()),
        ("to_branch", HERE.to_owned()),
        ("to_incarnation", incarnation.to_owned()),
    ];
    arguments.extend(further.iter().map(|(name, value)| (*name, (*value).to_owned())));
    arguments
}

/// A call of each procedure that finds and changes nothing.
fn harmless(procedure: &str, incarnation: &str) -> Option<Vec<(&'static str, String)>> {
    let nothing = String::new;
    let number = || "0".to_owned();
    let day = || "2026-11-02".to_owned();
    let nobody = || documents::patron("KHONG").to_string();
    let no_book = || documents::copy("KHONG").to_string();
    Some(match procedure.to_lowercase().as_str() {
        "addcopies" => vec![("copies", "[]".to_owned())],
        "findpatrons" => {
            vec![("by_name", number()), ("words", "[]".to_owned()), ("typed", nothing())]
        }
        "findvisitor" => vec![("card", nothing())],
        "freecopies" => vec![("title", nothing())],
        "getcopy" | "removecopy" => vec![("barcode", nothing())],
        "getpatron" | "removepatron" => vec![("code", nothing())],
        "locatecopy" => vec![("barcode", nothing())],
        "countholdings" => vec![("titles", "[]".to_owned())],
        "listpatronloans" => vec![
            ("home", nothing()),
            ("code", nothing()),
            ("behind_at", nothing()),
            ("behind_borrow", nothing()),
        ],
        "addupfigures" => vec![("from_day", day()), ("to_day", day()), ("step", "day".to_owned())],
        "listmostlent" => vec![
            ("from_day", day()),
            ("to_day", day()),
            ("at_least", number()),
            ("after_loans", number()),
            ("after_title", nothing()),
            ("limit", number()),
        ],
        "counttimeslent" => {
            vec![("from_day", day()), ("to_day", day()), ("titles", "[]".to_owned())]
        }
        "hello" => {
            vec![("desk", nothing()), ("known_number", number()), ("known_token", nothing())]
        }
        "pullchanges" => vec![
            ("shown_number", number()),
            ("shown_token", nothing()),
            ("read_number", number()),
            ("read_token", nothing()),
            ("at_number", number()),
            ("at_kind", number()),
            ("at_key", nothing()),
        ],
        "putcopy" => vec![("details", no_book()), ("seen", no_book())],
        "putpatron" => vec![("patron", nobody()), ("seen", nobody())],
        "reviewitems" => Vec::new(),
        "submitevents" => vec![
            ("events", "[]".to_owned()),
            ("proven_number", number()),
            ("proven_token", nothing()),
        ],
        "listagents" | "describenetwork" | "readmitsite" => Vec::new(),
        "listcopies" => vec![
            ("sought", "barcodes".to_owned()),
            ("barcodes", "[]".to_owned()),
            ("title", nothing()),
            ("after", nothing()),
        ],
        "listtransactions" => {
            vec![("naming", nothing()), ("incarnation", nothing()), ("after", nothing())]
        }
        "receivecopies" => vec![("barcodes", "[]".to_owned())],
        "readreplicated" => vec![("rows", "[]".to_owned())],
        "digestreplica" => vec![
            ("table", "title".to_owned()),
            ("within_depth", number()),
            ("within", "[0]".to_owned()),
            ("depth", number()),
        ],
        "listreplicakeys" => vec![
            ("table", "title".to_owned()),
            ("within_depth", number()),
            ("within", "[0]".to_owned()),
            ("behind", nothing()),
        ],
        "listheldcopies" | "listknownpatrons" => vec![("behind", nothing()), ("asked", nothing())],
        // The site takes part in its network: it is not filled.
        "fillreplica" => vec![
            ("membership", number()),
            ("action", json!({"action": "catalogue", "changes": []}).to_string()),
        ],
        "asktransaction" | "forgettransaction" => message(incarnation, &[]),
        "announcepeer" => {
            let nobody = Uuid::nil().to_string();
            message(incarnation, &[("peer", "KHONG"), ("peer_incarnation", &nobody)])
        }
        // Nothing was promised that could be committed or forced.
        "decidetransaction" | "forcetransaction" => message(incarnation, &[("outcome", "commit")]),
        "finishtransaction" => message(
            incarnation,
            &[
                ("outcome", "commit"),
                ("decided_by", "KHONG"),
                ("decided_incarnation", ""),
                ("seal", ""),
            ],
        ),
        // Terms to which the site is no party; and it was not restored.
        "preparetransaction" => message(incarnation, &[("terms", "{}"), ("action", "{}")]),
        "replaytransaction" => message(
            incarnation,
            &[
                ("terms", "{}"),
                ("action", "{}"),
                ("outcome", "commit"),
                ("decided_by", "KHONG"),
                ("decided_incarnation", ""),
                ("seal", ""),
            ],
        ),
        _ => return None,
    })
}

fn words_of(document: &Value, field: &str) -> String {
    document[field].as_str().unwrap_or_default().to_owned()
}

/// Enough of a text to tell it from others.
fn short(text: &str) -> String {
    const SHOWN: usize = 60;
    text.chars().take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_mistakable_key_is_the_key() {
        for key in [LONG_BARCODE, LONG_CODE] {
            assert!(texts::mistakable(key).iter().all(|other| other.trim_end() != key));
        }
    }
}
