//! What was done at sites.

use lienthu_api::administration::{AtSite, AtSites, Migration};
use lienthu_port::message::Message;
use serde::Serialize;

use crate::exit::Exit;
use crate::page::Page;
use crate::report::Reply;

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
        if self.snapshots == Some(false) {
            page.say((
                "  Máy chủ không cho đọc ảnh chụp: lượt tải cuối giữ bộ đếm trong chốc lát.",
                "  The server lets nobody read snapshots: the last page of a pull holds the counter.",
            ));
        }
    }
}
