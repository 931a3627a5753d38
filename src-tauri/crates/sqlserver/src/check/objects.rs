//! Procedures, functions, triggers and constraints.

use std::collections::HashMap;

use lienthu_port::error::SiteError;

use super::{Finding, cells};
use crate::admin::SqlServerAdmin;
use crate::migrate::{Kind, scripts};

/// The checks that make a table one branch's fragment.
const CHECKS: [&str; 3] = ["CHK_QuyenSach_MaCN", "CHK_DocGia_MaCN", "CHK_PhieuMuon_MaCN"];

pub(super) async fn check(admin: &mut SqlServerAdmin) -> Result<Vec<Finding>, SiteError> {
    let mut findings = modules(admin).await?;
    findings.extend(triggers(admin).await?);
    findings.extend(constraints(admin).await?);
    findings.extend(owners(admin).await?);
    Ok(findings)
}

async fn modules(admin: &mut SqlServerAdmin) -> Result<Vec<Finding>, SiteError> {
    let mut found = HashMap::new();
    for row in admin
        .report(
            "SELECT CAST(OBJECT_SCHEMA_NAME(object_id) AS NVARCHAR(128)) AS schema_name,
                 CAST(OBJECT_NAME(object_id) AS NVARCHAR(128)) AS object_name,
                 CAST(definition AS NVARCHAR(MAX)) AS definition
             FROM sys.sql_modules",
            &[],
        )
        .await?
    {
        let [schema, object, definition] = cells(row)?;
        found.insert(format!("{schema}.{object}").to_ascii_lowercase(), definition);
    }
    let mut findings = Vec::new();
    for script in scripts() {
        let Some(object) = script.object().filter(|_| script.kind != Kind::Step) else { continue };
        match found.get(&object.to_ascii_lowercase()) {
            None => findings.push(Finding::ObjectMissing { object: object.to_owned() }),
            Some(definition) if normal(definition) != normal(script.text) => {
                findings.push(Finding::ObjectAltered { object: object.to_owned() });
            }
            Some(_) => {}
        }
    }
    Ok(findings)
}

/// The text of a module from its head on. Servers differ in whether they keep what stands before it, its
/// first word, line ends and blanks at the ends of lines.
fn normal(text: &str) -> String {
    let lines = text.lines().map(str::trim_end);
    let is_head = |line: &&str| line.starts_with("CREATE ") || line.starts_with("ALTER ");
    let mut lines = lines.skip_while(|line| !is_head(line));
    let head = lines.next().unwrap_or_default();
    let head = head.trim_start_matches("CREATE ").trim_start_matches("ALTER ");
    let body: Vec<&str> = std::iter::once(head).chain(lines).collect();
    body.join("\n").trim_end().trim_end_matches(';').to_owned()
}

async fn triggers(admin: &mut SqlServerAdmin) -> Result<Vec<Finding>, SiteError> {
    let ours = |name: &str| {
        let triggers = scripts().iter().filter(|script| script.kind == Kind::Trigger);
        triggers.map(|script| script.name).find(|known| known.eq_ignore_ascii_case(name))
    };
    let rows = admin
        .report(
            "SELECT CAST(name AS NVARCHAR(128)) AS name FROM sys.triggers WHERE is_disabled = 1",
            &[],
        )
        .await?;
    let names = rows.into_iter().flatten().flatten();
    let disabled = names.filter_map(|name| ours(&name));
    Ok(disabled.map(|name| Finding::TriggerDisabled { trigger: name.to_owned() }).collect())
}

async fn constraints(admin: &mut SqlServerAdmin) -> Result<Vec<Finding>, SiteError> {
    let rows = admin
        .report(
            "SELECT CAST(name AS NVARCHAR(128)) AS name, is_disabled AS is_disabled,
                 is_not_trusted AS is_not_trusted FROM sys.check_constraints
             UNION ALL
             SELECT CAST(name AS NVARCHAR(128)), is_disabled, is_not_trusted FROM sys.foreign_keys",
            &[],
        )
        .await?;
    let mut known = Vec::new();
    let mut findings = Vec::new();
    for row in rows {
        let [name, disabled, not_trusted] = cells(row)?;
        known.push(name.to_ascii_lowercase());
        if disabled == "1" {
            findings.push(Finding::ConstraintDisabled { constraint: name });
        } else if not_trusted == "1" {
            findings.push(Finding::ConstraintNotTrusted { constraint: name });
        }
    }
    let missing = CHECKS.iter().filter(|check| !known.contains(&check.to_ascii_lowercase()));
    findings.extend(
        missing.map(|check| Finding::ConstraintMissing { constraint: (*check).to_owned() }),
    );
    Ok(findings)
}

/// Ownership chains reach from a procedure to what has the same owner.
async fn owners(admin: &mut SqlServerAdmin) -> Result<Vec<Finding>, SiteError> {
    let rows = admin
        .report(
            "SELECT CAST(OBJECT_SCHEMA_NAME(object_id) AS NVARCHAR(128)) AS schema_name,
                 CAST(name AS NVARCHAR(128)) AS name,
                 CAST(USER_NAME(principal_id) AS NVARCHAR(128)) AS owner_name
             FROM sys.objects
             WHERE principal_id IS NOT NULL AND principal_id <> DATABASE_PRINCIPAL_ID(N'dbo')
                 AND OBJECT_SCHEMA_NAME(object_id) IN (N'dbo', N'lienthu') AND type IN ('U', 'P', 'FN', 'IF', 'V')
             UNION ALL
             SELECT CAST(N'SCHEMA' AS NVARCHAR(128)), CAST(name AS NVARCHAR(128)),
                 CAST(USER_NAME(principal_id) AS NVARCHAR(128))
             FROM sys.schemas
             WHERE name IN (N'dbo', N'lienthu')
                 AND USER_NAME(principal_id) NOT IN (N'dbo', N'db_owner')",
            &[],
        )
        .await?;
    let mut findings = Vec::new();
    for row in rows {
        let [schema, name, owner] = cells(row)?;
        findings.push(Finding::OwnerOther { object: format!("{schema}.{name}"), owner });
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_servers_change_of_a_text_is_no_alteration() {
        for script in scripts().iter().filter(|script| script.object().is_some()) {
            let stored = script.text.replace('\n', "  \r\n");
            assert_eq!(normal(&stored), normal(script.text), "{}", script.name);
            assert_eq!(normal(&script.altered()), normal(script.text), "{}", script.name);
            let other = script.text.replacen("BEGIN", "BEGIN --", 1);
            assert!(other == script.text || normal(&other) != normal(script.text));
        }
        assert_eq!(normal("-- of ours\nCREATE VIEW a AS\nSELECT 1;\n"), "VIEW a AS\nSELECT 1");
    }
}
