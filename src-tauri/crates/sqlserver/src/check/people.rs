//! Logins, users and roles against lienthu.Staff.

use lienthu_domain::rights::Role;
use lienthu_port::error::SiteError;

use super::{Finding, cells};
use crate::admin::{SqlServerAdmin, database_role};

/// The roles that SQL Server itself gives, which stand above every grant.
const FIXED_ROLES: [&str; 7] = [
    "db_owner",
    "db_datareader",
    "db_datawriter",
    "db_ddladmin",
    "db_securityadmin",
    "db_accessadmin",
    "db_backupoperator",
];

pub(super) async fn check(admin: &mut SqlServerAdmin) -> Result<Vec<Finding>, SiteError> {
    let people = admin.people().await;
    let people = people.map_err(|error| match error {
        crate::PeopleError::Site(error) => error,
        other => SiteError::Unexpected { detail: other.to_string() },
    })?;
    // Users with their logins and the role that each row is about.
    let rows = admin
        .report(
            "SELECT CAST(u.name AS NVARCHAR(128)) AS user_name,
                 CAST(COALESCE(l.name, N'') AS NVARCHAR(128)) AS login_name,
                 CAST(COALESCE(USER_NAME(m.role_principal_id), N'') AS NVARCHAR(128)) AS role_name
             FROM sys.database_principals AS u
             LEFT JOIN sys.server_principals AS l ON l.sid = u.sid AND l.type IN ('S', 'U', 'G')
             LEFT JOIN sys.database_role_members AS m ON m.member_principal_id = u.principal_id
             WHERE u.type IN ('S', 'U', 'G', 'R') AND u.name NOT IN (N'dbo', N'guest', N'sys', N'INFORMATION_SCHEMA', N'public')",
            &[],
        )
        .await?;
    let mut users = Vec::new();
    for row in rows {
        users.push(cells::<3>(row)?);
    }
    let mut findings = Vec::new();
    for [user, login, role] in &users {
        if FIXED_ROLES.iter().any(|fixed| fixed.eq_ignore_ascii_case(role)) {
            let (member, role) = (user.clone(), role.clone());
            findings.push(Finding::MemberBeyond { member, role });
        }
        if let Some(of_ours) = our_role(role) {
            let is_listed = people.iter().any(|person| {
                person.login.as_str().eq_ignore_ascii_case(login) && person.roles.contains(&of_ours)
            });
            if !is_listed {
                let (user, role) = (user.clone(), role.clone());
                findings.push(Finding::MemberNotStaff { user, role });
            }
        }
        if login.is_empty() && user.starts_with("staff_") {
            findings.push(Finding::UserWithoutLogin { user: user.clone() });
        }
    }
    for person in people.iter().filter(|person| person.active) {
        let theirs = || {
            users.iter().filter(|[_, login, _]| login.eq_ignore_ascii_case(person.login.as_str()))
        };
        if theirs().next().is_none() {
            findings.push(Finding::StaffWithoutUser { login: person.login.to_string() });
            continue;
        }
        for role in &person.roles {
            if !theirs().any(|[_, _, held]| our_role(held) == Some(*role)) {
                let role = database_role(*role).to_owned();
                findings.push(Finding::RoleOutOfStep { login: person.login.to_string(), role });
            }
        }
    }
    let rows = admin
        .report(
            "SELECT login_name AS login_name FROM lienthu.Staff
             WHERE IS_SRVROLEMEMBER('sysadmin', login_name) = 1",
            &[],
        )
        .await?;
    findings.extend(
        rows.into_iter()
            .flatten()
            .flatten()
            .map(|member| Finding::MemberBeyond { member, role: "sysadmin".to_owned() }),
    );
    findings.dedup();
    Ok(findings)
}

fn our_role(name: &str) -> Option<Role> {
    Role::ALL.into_iter().find(|role| database_role(*role).eq_ignore_ascii_case(name))
}
