//! Every role, object and verb.

use std::collections::HashMap;
use std::sync::Arc;

use lienthu_conformance::kit::{AGENT, LIBRARIAN, MANAGER, NOBODY};
use lienthu_conformance::sqlserver::SqlServerTestSite;
use lienthu_sqlserver::SqlServerAdmin;
use lienthu_sqlserver::migrate::scripts;
use lienthu_sqlserver::rights::{GRANTEES, ObjectKind, ObjectRights, expected};

use crate::kit::findings::Findings;
use crate::kit::plain::{is_no_right, plain, tried};

/// Somebody of each column of the page; whoever may sign in is also in the last.
const PEOPLE: [&str; 4] = [LIBRARIAN, MANAGER, AGENT, NOBODY];

pub(super) async fn run(
    site: &Arc<SqlServerTestSite>,
    admin: &mut SqlServerAdmin,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let columns = columns(admin).await?;
    let (mut cells, mut refused, mut wrong) = (0_u32, 0_u32, 0_u32);
    for (grantee, login) in GRANTEES.into_iter().zip(PEOPLE) {
        eprintln!("{grantee}");
        let mut connection = plain(site, login).await?;
        for line in expected() {
            for verb in line.kind.verbs() {
                let batch = batch(&line, verb, &columns);
                let answer = tried(&mut connection, &batch).await;
                // Whatever else the server says, it would have let them.
                let may = !answer.as_ref().is_err_and(|words| is_no_right(words));
                if may {
                    // It may be left with more rights than its own.
                    connection = plain(site, login).await?;
                }
                let listed = line.allows(grantee, verb) || line.allows("public", verb);
                cells += 1;
                refused += u32::from(!may);
                wrong += u32::from(may != listed);
                findings.check(
                    "a role may do what the page says, and no more",
                    may == listed,
                    || {
                        format!(
                            "{grantee}, {verb} on {}: listed {listed}, found {answer:?}",
                            line.object
                        )
                    },
                );
            }
        }
    }
    findings.figure("cells", cells);
    findings.figure("refused", refused);
    findings.figure("wrong", wrong);
    Ok(())
}

/// A column of each table that may be written.
async fn columns(admin: &mut SqlServerAdmin) -> anyhow::Result<HashMap<&'static str, String>> {
    let mut columns = HashMap::new();
    for line in expected().into_iter().filter(|line| line.kind == ObjectKind::Table) {
        let query = "SELECT TOP (1) CAST(name AS NVARCHAR(128)) AS name FROM sys.columns
                     WHERE object_id = OBJECT_ID(@P1) AND is_identity = 0 ORDER BY column_id";
        let found = admin.report(query, &[line.object.to_owned()]).await?;
        let column = found.into_iter().flatten().flatten().next();
        columns.insert(line.object, column.ok_or_else(|| anyhow::anyhow!("{}", line.object))?);
    }
    Ok(columns)
}

/// What uses that right, and changes nothing.
fn batch(line: &ObjectRights, verb: &str, columns: &HashMap<&'static str, String>) -> String {
    let object = line.object;
    match (line.kind, verb) {
        (ObjectKind::Table, "SELECT") => format!("SELECT COUNT(*) AS n FROM {object}"),
        (ObjectKind::Table, "INSERT") => format!("INSERT INTO {object} DEFAULT VALUES"),
        (ObjectKind::Table, "DELETE") => format!("DELETE FROM {object} WHERE 1 = 0"),
        (ObjectKind::Table, _) => {
            let column = &columns[object];
            format!("UPDATE {object} SET {column} = {column} WHERE 1 = 0")
        }
        (ObjectKind::Procedure, _) => {
            let nulls = vec!["NULL"; params(object)];
            format!("EXEC {object} {}", nulls.join(", "))
        }
        (ObjectKind::Function, _) => {
            let nulls = vec!["NULL"; params(object)].join(", ");
            let is_table = head(object).contains("RETURNS TABLE");
            let from = if is_table { "* FROM " } else { "" };
            let name = if is_table { "" } else { " AS value" };
            format!("SELECT {from}{object}({nulls}){name}")
        }
    }
}

/// What stands before the body of a procedure or function.
fn head(object: &str) -> &'static str {
    let script = scripts().iter().find(|script| script.object() == Some(object));
    let text = script.map(|script| script.text).unwrap_or_default();
    let from = text.find("\nCREATE ").unwrap_or_default();
    text[from..].split("\nAS\n").next().unwrap_or_default()
}

/// How many parameters it takes. Of a function they end where it says what it returns.
fn params(object: &str) -> usize {
    head(object).split("RETURNS").next().unwrap_or_default().matches('@').count()
}
