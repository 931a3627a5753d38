//! A network of one embedded site, and the program run at desks of it.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use lienthu_api::system::wall_clock;
use lienthu_domain::replicated::{Branch, BranchStanding, LoanPolicy, Title};
use lienthu_domain::rights::Role;
use lienthu_domain::times::ZoneOffset;
use lienthu_embedded::{EmbeddedSite, Founding, Line, PasswordCost};
use lienthu_port::seed::{SiteSeed, StaffSeed};
use lienthu_protocol::terms::MembershipVersion;
use serde_json::Value;
use tempfile::TempDir;

/// The librarian of Q1, and their password.
pub const LIBRARIAN: &str = "lan";
pub const PASSWORD: &str = "mật khẩu của Lan";
/// A manager, with the same password.
pub const MANAGER: &str = "hang";
/// The one title.
pub const TITLE: &str = "978-604-1-00001-0";

/// A site of Q1 with one title, no copies and no patrons, and a network file that names it and Q3,
/// whose site does not exist.
pub struct Network {
    folder: TempDir,
}

impl Network {
    pub fn new() -> Self {
        let network = Self { folder: tempfile::tempdir().unwrap() };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let founding = Founding { password_cost: PasswordCost::TEST };
        let clock = Arc::new(wall_clock);
        let (path, seed) = (network.site(), seed());
        runtime.block_on(EmbeddedSite::create(&path, &seed, clock, founding)).unwrap();
        let file = "
            [[site]]
            code = 'Q1'
            name = 'Thư viện Quận 1'
            kind = 'embedded'
            path = 'q1.db'

            [[site]]
            code = 'Q3'
            name = 'Thư viện Quận 3'
            kind = 'embedded'
            path = 'q3.db'
        ";
        std::fs::write(network.file(), file).unwrap();
        network
    }

    /// With the copies Q001 to Q009, the patrons DG1 and DG2, and a desk that knows them.
    pub fn with_books() -> (Self, Desk) {
        let network = Self::new();
        let desk = network.desk();
        desk.enrol();
        let copies = (1..10).map(|n| format!("Q00{n}"));
        let add: Vec<String> =
            ["copy", "add"].map(String::from).into_iter().chain(copies).collect();
        let add: Vec<&str> = add.iter().map(String::as_str).chain(["--title", TITLE]).collect();
        desk.run(&add).ends(0);
        for (code, name) in [("DG1", "Nguyễn Văn An"), ("DG2", "Đặng Thị Bình")] {
            desk.run(&["patron", "add", code, "--name", name, "--category", "STUDENT"]).ends(0);
        }
        desk.run(&["queue", "send"]).ends(0);
        (network, desk)
    }

    /// Founds the site of the other branch as well.
    pub fn found(&self, code: &str) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let founding = Founding { password_cost: PasswordCost::TEST };
        let path = self.site_of(code);
        let seed = SiteSeed { branch: code.parse().unwrap(), ..seed() };
        let made = EmbeddedSite::create(&path, &seed, Arc::new(wall_clock), founding);
        runtime.block_on(made).unwrap();
    }

    pub fn site_of(&self, code: &str) -> PathBuf {
        self.folder.path().join(format!("{}.db", code.to_lowercase()))
    }

    /// The same, with a site of Q3 too, and each knows the other.
    pub fn across() -> (Self, Desk) {
        let (network, desk) = Self::with_books();
        network.found("Q3");
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (founding, mut sites, mut cards) = (Founding::default(), Vec::new(), Vec::new());
            for path in ["Q1", "Q3"].map(|code| network.site_of(code)) {
                let site = EmbeddedSite::open(&path, Arc::new(wall_clock), founding).await.unwrap();
                cards.push(site.card().await.unwrap());
                sites.push(site);
            }
            for site in sites {
                site.join(cards.clone(), MembershipVersion(1)).await.unwrap();
            }
        });
        (network, desk)
    }

    /// The line to the site of Q3.
    pub fn other_line(&self) -> Line {
        Line::to(&self.site_of("Q3"))
    }

    pub fn site(&self) -> PathBuf {
        self.folder.path().join("q1.db")
    }

    pub fn file(&self) -> PathBuf {
        self.folder.path().join("network.toml")
    }

    pub fn line(&self) -> Line {
        Line::to(&self.site())
    }

    /// A desk in a folder of its own, with the librarian signed in.
    pub fn desk(&self) -> Desk {
        Desk {
            folder: tempfile::tempdir_in(self.folder.path()).unwrap(),
            network: self.file(),
            login: Some(LIBRARIAN),
            password: Some(PASSWORD),
        }
    }
}

fn seed() -> SiteSeed {
    let branch = |code: &str, name: &str| Branch {
        code: code.parse().unwrap(),
        name: name.to_owned(),
        address: String::new(),
        standing: BranchStanding::Active,
    };
    let person = |login: &str, name: &str, role| StaffSeed {
        login: login.parse().unwrap(),
        name: name.to_owned(),
        password: PASSWORD.into(),
        roles: vec![role],
    };
    SiteSeed {
        branch: "Q1".parse().unwrap(),
        zone: ZoneOffset::VIET_NAM,
        branches: vec![branch("Q1", "Quận 1"), branch("Q3", "Quận 3")],
        titles: vec![Title {
            key: TITLE.parse().unwrap(),
            name: "Đường xưa mây trắng".to_owned(),
            author: "Thích Nhất Hạnh".to_owned(),
            publisher: String::new(),
            year: Some(1991),
            ddc: "294.3".to_owned(),
            language: "vie".to_owned(),
        }],
        policies: vec![LoanPolicy {
            branch: None,
            category: None,
            loan_days: 14,
            loans_max: 3,
            renewals_max: 1,
            renewal_days: 7,
            may_override: true,
        }],
        closed_days: Vec::new(),
        staff: vec![
            person(LIBRARIAN, "Nguyễn Thị Lan", Role::Librarian),
            person(MANAGER, "Đỗ Thanh Hằng", Role::Manager),
        ],
    }
}

/// One installation, and who runs the program there.
pub struct Desk {
    pub folder: TempDir,
    pub network: PathBuf,
    pub login: Option<&'static str>,
    pub password: Option<&'static str>,
}

impl Desk {
    /// The program, ready to start; in English, with a key file.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lienthu-cli"));
        command
            .args(arguments)
            .args(["--key-file", "--lang", "en"])
            .env("LIENTHU_DATA", self.folder.path())
            .env("LIENTHU_NETWORK", &self.network)
            .env_remove("LIENTHU_LOGIN")
            .env_remove("LIENTHU_PASSWORD")
            .env_remove("LIENTHU_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(login) = self.login {
            command.env("LIENTHU_LOGIN", login);
        }
        if let Some(password) = self.password {
            command.env("LIENTHU_PASSWORD", password);
        }
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ended {
        Ended::of(self.command(arguments), b"")
    }

    /// As somebody else, or as nobody.
    pub fn run_as(&self, login: Option<&str>, arguments: &[&str]) -> Ended {
        let mut command = self.command(arguments);
        match login {
            Some(login) => command.env("LIENTHU_LOGIN", login),
            None => command.env_remove("LIENTHU_LOGIN"),
        };
        Ended::of(command, b"")
    }

    pub fn run_with(&self, arguments: &[&str], input: &[u8]) -> Ended {
        Ended::of(self.command(arguments), input)
    }

    /// Runs a command with `--json` and reads what it printed.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let json: Vec<&str> = arguments.iter().copied().chain(["--json"]).collect();
        self.run(&json).json()
    }

    pub fn enrol(&self) {
        self.run(&["desk", "enrol", "--branch", "Q1", "--name", "Quầy 1"]).ends(0);
    }

    /// Takes scans with `--json`: the acknowledgements, and the report after them.
    pub fn scan(&self, arguments: &[&str], input: &[u8]) -> (Vec<Value>, Ended) {
        let all = ["desk", "scan", "--stdin", "--json"];
        let all: Vec<&str> = all.into_iter().chain(arguments.iter().copied()).collect();
        let ended = self.run_with(&all, input);
        let mut lines: Vec<Value> =
            ended.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let report = lines.pop().unwrap();
        assert!(report["ok"].is_boolean(), "the report comes last: {}", ended.out);
        (lines, ended)
    }

    /// How many events wait.
    pub fn waiting(&self) -> u64 {
        self.json(&["queue", "list"])["data"].as_array().map_or(0, |events| events.len() as u64)
    }
}

/// What the program printed, and how it ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub errors: String,
}

impl Ended {
    pub fn of(mut command: Command, input: &[u8]) -> Self {
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        // A program that ends before it has read everything breaks this pipe, rightly.
        let writer = std::thread::spawn(move || stdin.write_all(&input).ok());
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            errors: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Holds the program to its exit code.
    #[track_caller]
    pub fn ends(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "out: {}\nerrors: {}", self.out, self.errors);
        self
    }

    /// Holds the program to its exit code, and to the code of the message that it printed.
    #[track_caller]
    pub fn ends_saying(&self, code: i32, message: &str) -> &Self {
        self.ends(code);
        assert!(self.errors.contains(&format!("[{message}]")), "errors: {}", self.errors);
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|e| panic!("{e}: {}\nerrors: {}", self.out, self.errors))
    }
}
