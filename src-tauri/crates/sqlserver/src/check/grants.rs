//! Who may do what, against `sql/site/rights.md`.

use std::collections::BTreeSet;

use lienthu_port::error::SiteError;

use super::{Finding, cells};
use crate::admin::SqlServerAdmin;
use crate::rights::{GRANTEES, expected};

/// A right as it was found: grantee, verb, object with its schema.
type Grant = (String, String, String);

pub(super) async fn check(
    admin: &mut SqlServerAdmin,
    is_babelfish: bool,
) -> Result<Vec<Finding>, SiteError> {
    let found = if is_babelfish { of_babelfish(admin).await? } else { of_server(admin).await? };
    Ok(compare(&found))
}

fn compare(found: &BTreeSet<Grant>) -> Vec<Finding> {
    let lines = expected();
    let mut findings = Vec::new();
    for (grantee, verb, object) in found {
        let line = lines.iter().find(|line| line.object.eq_ignore_ascii_case(object));
        if !line.is_some_and(|line| line.allows(grantee, verb)) {
            let object = line.map_or_else(|| object.clone(), |line| line.object.to_owned());
            let (grantee, verb) = (grantee.clone(), verb.clone());
            findings.push(Finding::RightBeyond { grantee, verb, object });
        }
    }
    for line in &lines {
        for (grantee, verbs) in GRANTEES.iter().zip(&line.verbs) {
            for verb in verbs {
                let has = |(g, v, o): &Grant| {
                    g.eq_ignore_ascii_case(grantee)
                        && v == verb
                        && o.eq_ignore_ascii_case(line.object)
                };
                if !found.iter().any(has) {
                    findings.push(Finding::RightMissing {
                        grantee: (*grantee).to_owned(),
                        verb: (*verb).to_owned(),
                        object: line.object.to_owned(),
                    });
                }
            }
        }
    }
    findings
}

/// Grants on objects and columns, on the two schemas, on users and roles, and on the database. What is denied takes nothing
/// away from what others hold, and so only grants count.
async fn of_server(admin: &mut SqlServerAdmin) -> Result<BTreeSet<Grant>, SiteError> {
    let rows = admin
        .report(
            "SELECT CAST(USER_NAME(p.grantee_principal_id) AS NVARCHAR(128)) AS grantee,
                 CAST(p.permission_name AS NVARCHAR(128)) AS verb,
                 CAST(CASE p.class
                     WHEN 1 THEN CONCAT(OBJECT_SCHEMA_NAME(p.major_id), N'.', OBJECT_NAME(p.major_id))
                     WHEN 3 THEN CONCAT(N'SCHEMA::', SCHEMA_NAME(p.major_id))
                     WHEN 4 THEN CONCAT(N'USER::', USER_NAME(p.major_id))
                     ELSE N'DATABASE'
                 END AS NVARCHAR(300)) AS object_name
             FROM sys.database_permissions AS p
             WHERE p.state IN ('G', 'W')
                 AND p.grantee_principal_id <> DATABASE_PRINCIPAL_ID(N'dbo')
                 AND (
                     (p.class = 1 AND OBJECT_SCHEMA_NAME(p.major_id) IN (N'dbo', N'lienthu')
                         AND OBJECTPROPERTY(p.major_id, 'IsMSShipped') = 0)
                     OR (p.class = 3 AND SCHEMA_NAME(p.major_id) IN (N'dbo', N'lienthu'))
                     OR p.class = 4
                     OR (p.class = 0 AND p.permission_name NOT IN
                         (N'CONNECT', N'VIEW ANY COLUMN ENCRYPTION KEY DEFINITION',
                          N'VIEW ANY COLUMN MASTER KEY DEFINITION'))
                 )",
            &[],
        )
        .await?;
    let mut found = BTreeSet::new();
    for row in rows {
        let [grantee, verb, object] = cells(row)?;
        found.insert((grantee, verb, object));
    }
    Ok(found)
}

/// Babelfish shows nothing in sys.database_permissions; its own catalogue has the lists of access.
async fn of_babelfish(admin: &mut SqlServerAdmin) -> Result<BTreeSet<Grant>, SiteError> {
    let rows = admin
        .report(
            "SELECT CAST(DB_NAME() AS NVARCHAR(128)) AS database_name,
                 CAST(n.nspname AS NVARCHAR(128)) AS schema_name,
                 CAST(c.relname AS NVARCHAR(128)) AS object_name,
                 CAST(c.relacl AS NVARCHAR(4000)) AS access_list
             FROM pg_catalog.pg_class AS c
             INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
             WHERE n.nspname IN (CONCAT(DB_NAME(), '_dbo'), CONCAT(DB_NAME(), '_lienthu'))
                 AND c.relkind IN ('r', 'v') AND c.relacl IS NOT NULL
             UNION ALL
             SELECT CAST(DB_NAME() AS NVARCHAR(128)), CAST(n.nspname AS NVARCHAR(128)),
                 CAST(f.proname AS NVARCHAR(128)),
                 CAST(COALESCE(CAST(f.proacl AS VARCHAR(4000)), '{=X/}') AS NVARCHAR(4000))
             FROM pg_catalog.pg_proc AS f
             INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = f.pronamespace
             WHERE n.nspname IN (CONCAT(DB_NAME(), '_dbo'), CONCAT(DB_NAME(), '_lienthu'))
                 AND f.prokind IN ('p', 'f') AND f.prorettype <> 2279",
            &[],
        )
        .await?;
    let mut found = BTreeSet::new();
    for row in rows {
        let [database, schema, object, list] = cells(row)?;
        let prefix = format!("{database}_");
        let schema = schema.strip_prefix(&prefix).unwrap_or(&schema);
        for (grantee, verb) in read_access_list(&list) {
            let grantee = grantee.strip_prefix(&prefix).unwrap_or(grantee);
            if !matches!(grantee, "dbo" | "db_owner") {
                let grantee = if grantee.is_empty() { "public" } else { grantee };
                let object = format!("{schema}.{object}");
                found.insert((shown(grantee), verb.to_owned(), object));
            }
        }
    }
    Ok(found)
}

/// A role of ours as the page writes it; Babelfish knows small letters only.
fn shown(grantee: &str) -> String {
    let ours = GRANTEES.iter().find(|known| known.eq_ignore_ascii_case(grantee));
    ours.map_or_else(|| grantee.to_owned(), |known| (*known).to_owned())
}

/// Who may do what by a PostgreSQL access list, such as `{dbo=arwd/dbo,=r/dbo}`; everyone is ''.
fn read_access_list(list: &str) -> Vec<(&str, &'static str)> {
    let items = list.trim_matches(['{', '}']).split(',');
    let items = items.filter_map(|item| item.trim_matches('"').split_once('='));
    items
        .flat_map(|(grantee, behind)| {
            let letters = behind.split('/').next().unwrap_or_default().chars();
            letters.filter_map(move |letter| Some((grantee, verb(letter)?)))
        })
        .collect()
}

const fn verb(letter: char) -> Option<&'static str> {
    Some(match letter {
        'r' => "SELECT",
        'a' => "INSERT",
        'w' => "UPDATE",
        'd' | 'D' => "DELETE",
        'X' => "EXECUTE",
        'x' => "REFERENCES",
        't' => "ALTER",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a site has that was just migrated.
    fn as_listed() -> BTreeSet<Grant> {
        let mut found = BTreeSet::new();
        for line in expected() {
            for (grantee, verbs) in GRANTEES.iter().zip(&line.verbs) {
                for verb in verbs {
                    let object = line.object.to_ascii_lowercase();
                    found.insert(((*grantee).to_owned(), (*verb).to_owned(), object));
                }
            }
        }
        found
    }

    #[test]
    fn a_right_too_many_and_one_too_few_are_named() {
        let mut found = as_listed();
        assert_eq!(compare(&found), []);
        let stray = |grantee: &str, verb: &str, object: &str| {
            (grantee.to_owned(), verb.to_owned(), object.to_owned())
        };
        for (grantee, verb, object) in [
            stray("public", "SELECT", "dbo.SACH"),
            stray("cũ", "UPDATE", "dbo.PHIEUMUON"),
            stray("THUTHU", "CONTROL", "SCHEMA::dbo"),
            stray("DAILY", "EXECUTE", "lienthu.AddCopies"),
            stray("cũ", "EXECUTE", "lienthu.Hello"),
        ] {
            let mut more = found.clone();
            more.insert((grantee.clone(), verb.clone(), object.clone()));
            assert_eq!(compare(&more), [Finding::RightBeyond { grantee, verb, object }]);
        }
        assert!(found.remove(&stray("DAILY", "EXECUTE", "lienthu.freecopies")));
        let missing = compare(&found);
        assert_eq!(missing.len(), 1);
        assert_eq!(missing[0].code(), "right_missing");
    }

    #[test]
    fn an_access_list_is_read() {
        let list = "{q_dbo=arwdDxt/q_dbo,=r/q_dbo,\"q_a b\"=wX/q_dbo}";
        let read = read_access_list(list);
        assert!(read.contains(&("", "SELECT")) && read.contains(&("q_dbo", "DELETE")));
        assert_eq!(read_access_list("{=X/}"), [("", "EXECUTE")]);
        assert!(read_access_list("{}").is_empty());
    }
}
