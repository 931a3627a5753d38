//! What was done at sites.

use lienthu_api::administration::{
    AgentsRenewed, AtSite, AtSites, Done, Drift, Joined, Migration, People, PersonAdded, Restored,
    Severity,
};
use lienthu_port::message::Message;
use serde::Serialize;

use crate::exit::Exit;
use crate::page::Page;
use crate::report::Reply;
use crate::show::adoption;

/// What is shown below the name of a site.
pub(super) trait SiteReply: Serialize {
    /// That it went through, but what was found is not as it should be.
    fn objection(&self) -> Option<(Exit, Message)> {
        None
    }

    /// Writes it for people.
    fn show(&self, page: &mut Page);
}

/// What stands against a site, if anything.
fn objection<T: SiteReply>(site: &AtSite<T>) -> Option<(Exit, Message)> {
    let failed = site.failed.as_ref();
    failed
        .map(|message| (Exit::of_code(&message.code), message.clone()))
        .or_else(|| site.done.as_ref().and_then(SiteReply::objection))
}

/// The worst of the sites.
fn worst<T: SiteReply>(sites: &AtSites<T>) -> Option<(Exit, Message)> {
    sites.sites.iter().filter_map(objection).max_by_key(|(exit, _)| exit.weight())
}

impl<T: SiteReply> Reply for AtSites<T> {
    fn exit(&self, _: bool) -> Exit {
        worst(self).map_or(Exit::Done, |(exit, _)| exit)
    }

    fn message(&self, _: bool) -> Option<Message> {
        worst(self).map(|(_, message)| message)
    }

    fn show(&self, page: &mut Page) {
        for site in &self.sites {
            page.line(&format!("{}  {}", site.branch, site.name));
            if let Some(done) = &site.done {
                done.show(page);
            }
            if let Some(message) = &site.failed {
                page.message(message);
            }
        }
    }
}

impl SiteReply for Migration {
    /// A plan that cannot be carried out is no success.
    fn objection(&self) -> Option<(Exit, Message)> {
        let adoption = self.adoption.as_ref().filter(|_| self.dry_run)?;
        let blocking = adoption.contradictions.iter().find(|found| found.blocking)?;
        Some((Exit::Refused, blocking.message.clone()))
    }

    fn show(&self, page: &mut Page) {
        for script in &self.applied {
            page.line(&format!("  {script}"));
        }
        if self.founded {
            page.say((
                "  trở thành cơ sở dữ liệu của chi nhánh",
                "  becomes the site of its branch",
            ));
        }
        if self.applied.is_empty() && !self.founded {
            page.say(("  không có gì phải làm", "  nothing to do"));
        } else if self.dry_run {
            page.say(("  (chưa làm gì)", "  (nothing was done)"));
        }
        if let Some(adoption) = &self.adoption {
            adoption::show(adoption, page);
        }
        if self.snapshots == Some(false) {
            page.say((
                "  Máy chủ không cho đọc ảnh chụp: lượt tải cuối giữ bộ đếm trong chốc lát.",
                "  The server lets nobody read snapshots: the last page of a pull holds the counter.",
            ));
        }
    }
}

impl SiteReply for Drift {
    fn objection(&self) -> Option<(Exit, Message)> {
        let message = || {
            Message::new(
                "site_not_clean",
                (
                    "Có chỗ cần xem lại. Làm theo từng dòng bên dưới rồi chạy lại.",
                    "Something is not as it should be. Do what each line says, then run this again.",
                ),
            )
        };
        (!self.clean).then(|| (Exit::Refused, message()))
    }

    fn show(&self, page: &mut Page) {
        if self.findings.is_empty() {
            page.say(("  không có gì khác thường", "  nothing to see to"));
        }
        for found in &self.findings {
            let severity = match found.severity {
                Severity::Fault => ("LỖI", "FAULT"),
                Severity::Warning => ("CẢNH BÁO", "WARNING"),
                Severity::Notice => ("GHI CHÚ", "NOTICE"),
            };
            let severity = page.pick(severity);
            page.line(&format!("  {severity}: {}", page.say_of(&found.message)));
        }
    }
}

impl SiteReply for Restored {
    fn show(&self, page: &mut Page) {
        page.fields(&[(("  Lần sống", "  Incarnation"), self.incarnation.clone())]);
        page.say((
            "  Nếu chi nhánh thuộc một mạng: quản lý chạy txn readmit để nó tham gia lại.",
            "  If the site belongs to a network: a manager has it take part again by txn readmit.",
        ));
    }
}

impl SiteReply for PersonAdded {
    fn show(&self, page: &mut Page) {
        if self.had_login {
            page.say((
                "  Đã ghi. Tài khoản đã có từ trước và giữ mật khẩu của nó.",
                "  Done. There was such a login already; it keeps its password.",
            ));
        } else {
            page.say(("  Đã ghi.", "  Done."));
        }
    }
}

impl SiteReply for Joined {
    fn show(&self, page: &mut Page) {
        let agent = if self.agent_is_new {
            ("tài khoản mới", "a new login")
        } else {
            ("giữ nguyên", "as it was")
        };
        page.fields(&[
            (("  Đại lý", "  Agent"), page.pick(agent).to_owned()),
            (("  Biết các chi nhánh khác", "  Knows other sites"), self.others.to_string()),
            (("  Bản thành viên", "  Membership"), self.membership.to_string()),
        ]);
    }
}

impl Reply for AgentsRenewed {
    fn exit(&self, require_site: bool) -> Exit {
        self.at.exit(require_site)
    }

    fn message(&self, require_site: bool) -> Option<Message> {
        self.at.message(require_site)
    }

    fn show(&self, page: &mut Page) {
        let since = self.since;
        if self.at.message(false).is_some() {
            let go_on = page.pick((
                "Chưa tới được mọi chi nhánh. Chạy tiếp với",
                "Not all sites were reached. Go on with",
            ));
            page.line(&format!("{go_on} --since {since}"));
        }
        self.at.show(page);
    }
}

impl SiteReply for Done {
    fn show(&self, page: &mut Page) {
        page.say(("  Đã ghi.", "  Done."));
    }
}

impl SiteReply for People {
    fn show(&self, page: &mut Page) {
        let rows: Vec<[String; 4]> = self
            .people
            .iter()
            .map(|person| {
                let roles: Vec<&str> = person.roles.iter().map(|role| role.code()).collect();
                let active = if person.active { ("có", "yes") } else { ("không", "no") };
                let active = page.pick(active).to_owned();
                [person.login.to_string(), person.name.clone(), roles.join(" "), active]
            })
            .collect();
        let heads = [
            ("Tài khoản", "Login"),
            ("Họ tên", "Name"),
            ("Vai trò", "Roles"),
            ("Được vào", "May sign in"),
        ];
        page.table(heads, &rows);
    }
}
