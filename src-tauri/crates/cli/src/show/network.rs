//! The network file, and tries of its connections.

use lienthu_api::commands::network::{ConnectionTest, NetworkView, ShownCertificate};
use lienthu_api::network::{SignIn, SiteKind, Tls};
use lienthu_port::diagnosis::{Finding, Stage};
use lienthu_port::message::Message;

use crate::exit::Exit;
use crate::language::Sentence;
use crate::page::Page;
use crate::report::Reply;

impl Reply for NetworkView {
    fn show(&self, page: &mut Page) {
        page.fields(&[(("Tệp mạng", "Network file"), self.file.clone())]);
        let rows: Vec<[String; 5]> = self
            .sites
            .iter()
            .map(|site| {
                let (reached, tls, sign_in) = match &site.kind {
                    SiteKind::Embedded { path } => {
                        (path.display().to_string(), String::new(), String::new())
                    }
                    SiteKind::SqlServer { address, database, tls, sign_in } => (
                        format!("{address} {database}"),
                        checked(tls, page),
                        match sign_in {
                            SignIn::Sql => "SQL".to_owned(),
                            SignIn::Windows => "Windows".to_owned(),
                        },
                    ),
                };
                [site.code.to_string(), site.name.clone(), reached, tls, sign_in]
            })
            .collect();
        let heads = [
            ("Chi nhánh", "Branch"),
            ("Tên", "Name"),
            ("Ở đâu", "Where"),
            ("Chứng thư", "Certificate"),
            ("Đăng nhập", "Sign-in"),
        ];
        page.table(heads, &rows);
    }
}

fn checked(tls: &Tls, page: &Page) -> String {
    match tls {
        Tls::System => page.pick(("của hệ thống", "system")).to_owned(),
        Tls::Ca(file) => format!("ca={}", file.display()),
        Tls::Pinned(file) => format!("pinned={}", file.display()),
        Tls::Off => page.pick(("KHÔNG MÃ HÓA", "NOT ENCRYPTED")).to_owned(),
    }
}

impl Reply for ShownCertificate {
    fn show(&self, page: &mut Page) {
        page.fields(&[
            (("Tệp", "File"), self.file.clone()),
            (("Dấu vân tay SHA-256", "SHA-256 fingerprint"), self.fingerprint.clone()),
        ]);
        page.say((
            "So dấu vân tay này với chứng thư trên máy chủ trước khi ghim.",
            "Compare this fingerprint with the certificate at the server before you pin it.",
        ));
    }
}

impl Reply for ConnectionTest {
    fn exit(&self, _: bool) -> Exit {
        match self.diagnosis.as_ref().map(|found| &found.finding) {
            _ if self.fine => Exit::Done,
            Some(Finding::LoginFailed { .. }) => Exit::NotAllowed,
            Some(Finding::CertificateFile { .. }) => Exit::NetworkFile,
            Some(_) => Exit::NoSite,
            None if self.message.code == "login_failed" => Exit::NotAllowed,
            None => Exit::NoSite,
        }
    }

    fn message(&self, _: bool) -> Option<Message> {
        (!self.fine).then(|| self.message.clone())
    }

    fn show(&self, page: &mut Page) {
        if self.fine {
            page.message(&self.message);
        }
        page.notes(self.warning.as_slice());
        let Some(found) = &self.diagnosis else { return };
        let server = match &found.finding {
            Finding::Fine { server, .. } => server.clone(),
            _ => String::new(),
        };
        page.fields(&[
            (("Đến bước", "Came to"), page.pick(stage(found.stage)).to_owned()),
            (("Mất", "Took"), format!("{} ms", found.took_ms)),
            (("Máy chủ", "Server"), server),
        ]);
    }
}

const fn stage(stage: Stage) -> Sentence {
    match stage {
        Stage::Name => ("tìm máy chủ", "finding the server"),
        Stage::Port => ("mở cổng", "reaching its port"),
        Stage::Encryption => ("mã hóa", "encryption"),
        Stage::SignIn => ("đăng nhập", "signing in"),
        Stage::Database => ("mở cơ sở dữ liệu", "opening the database"),
        Stage::Site => ("kiểm tra chi nhánh", "comparing the site"),
    }
}
