//! What the tests get: a network file, and an environment with the administrator's login.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

use super::certificate;
use super::site::Site;
use crate::process;

/// Names the network file whose sites the tests may use.
pub const SITES: &str = "LIENTHU_TEST_SITES";
/// The login with which the tests make databases there, and its password.
const LOGIN: &str = "LIENTHU_TEST_ADMIN_LOGIN";
pub const PASSWORD: &str = "LIENTHU_TEST_ADMIN_PASSWORD";

const NETWORK_FILE: &str = "network.toml";
const ENVIRONMENT_FILE: &str = "env";

/// As SQL Server calls it, where it cannot be chosen.
pub const LOGIN_DEFAULT: &str = "sa";
/// What may stand in a password from the environment: nothing that a shell, a URL or psql would read.
const PASSWORD_SIGNS: &str = "-_.!";

/// The administrator of the servers.
pub struct Admin {
    pub login: String,
    pub password: String,
}

impl Admin {
    /// As the environment says; what it leaves open is made up, the password at random.
    pub fn from_environment() -> anyhow::Result<Self> {
        let login = variable(LOGIN)?.unwrap_or_else(|| LOGIN_DEFAULT.to_owned());
        if login.is_empty() || !login.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            bail!("{LOGIN}: only letters, digits and _ of ASCII may stand in it");
        }
        let password = match variable(PASSWORD)? {
            Some(password) => password,
            None => random_password()?,
        };
        let is_plain = |c: char| c.is_ascii_alphanumeric() || PASSWORD_SIGNS.contains(c);
        if password.is_empty() || !password.chars().all(is_plain) {
            bail!(
                "{PASSWORD}: only letters and digits of ASCII and {PASSWORD_SIGNS} may stand in it"
            );
        }
        Ok(Self { login, password })
    }
}

fn variable(name: &str) -> anyhow::Result<Option<String>> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(reason) => Err(reason).with_context(|| name.to_owned()),
    }
}

/// 128 random bits, and what SQL Server's password policy asks for besides.
fn random_password() -> anyhow::Result<String> {
    let random = process::capture(Command::new("openssl").args(["rand", "-hex", "16"]))
        .context("a random password is made with OpenSSL's command")?;
    Ok(format!("Lt-{}", random.trim()))
}

/// Writes both files.
pub fn write(folder: &Path, sites: &[Site], admin: &Admin) -> anyhow::Result<()> {
    fs::write(folder.join(NETWORK_FILE), network(sites))?;
    write_private(&folder.join(ENVIRONMENT_FILE), &environment(folder, admin))
}

/// How to use them, for the terminal.
pub fn advice(folder: &Path) -> String {
    format!(
        "The network file: {}\n\
         The tests use these sites once the environment names it:\n  . {}",
        folder.join(NETWORK_FILE).display(),
        folder.join(ENVIRONMENT_FILE).display(),
    )
}

fn network(sites: &[Site]) -> String {
    let mut text = "# Written by `cargo xtask site-server start`; gone after `stop`.\n".to_owned();
    for Site { code, name, database, port } in sites {
        text.push_str(&format!(
            "\n[[site]]\n\
             code = \"{code}\"\n\
             name = \"{name}\"\n\
             kind = \"sqlserver\"\n\
             address = \"127.0.0.1,{port}\"\n\
             database = \"{database}\"\n\
             tls = {{ ca = \"{}\" }}\n",
            certificate::AUTHORITY
        ));
    }
    text
}

fn environment(folder: &Path, Admin { login, password }: &Admin) -> String {
    let network: PathBuf = folder.join(NETWORK_FILE);
    let network = quoted(&network.to_string_lossy());
    format!("export {SITES}={network}\nexport {LOGIN}={login}\nexport {PASSWORD}='{password}'\n")
}

/// What the environment file sets: names and values.
///
/// # Errors
/// It cannot be read.
pub fn read_environment(folder: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let file = folder.join(ENVIRONMENT_FILE);
    let text = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
    let set = text.lines().filter_map(|line| line.strip_prefix("export ")?.split_once('='));
    Ok(set.map(|(name, word)| (name.to_owned(), unquoted(word))).collect())
}

/// As one word of a POSIX shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// What stands in a word that [`quoted`] wrote, or in one without quotes.
fn unquoted(word: &str) -> String {
    let inside = word.strip_prefix('\'').and_then(|word| word.strip_suffix('\''));
    inside.map_or_else(|| word.to_owned(), |inside| inside.replace(r"'\''", "'"))
}

/// A file that nobody else may read, from its first moment on.
pub fn write_private(file: &Path, text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut open = options.open(file).with_context(|| format!("writing {}", file.display()))?;
    open.write_all(text.as_bytes())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_folder_with_a_quote_in_its_name_is_still_one_word() {
        let admin = Admin { login: "sa".into(), password: "Lt-1".into() };
        let text = environment(Path::new("it's here"), &admin);
        let file = Path::new("it's here").join(NETWORK_FILE);
        let words = format!("{}\\''{}", "'it'", &file.to_string_lossy()[3..]);
        assert_eq!(text.lines().next().unwrap(), format!("export {SITES}={words}'"));
    }

    #[test]
    fn what_is_written_for_a_shell_is_read_as_it_was_meant() {
        let folder = std::env::temp_dir().join(format!("xtask-handover-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let admin = Admin { login: "sa".into(), password: "Lt-1".into() };
        let text = environment(Path::new("it's here"), &admin);
        fs::write(folder.join(ENVIRONMENT_FILE), text).unwrap();
        let read = read_environment(&folder);
        fs::remove_dir_all(&folder).unwrap();
        let network = Path::new("it's here").join(NETWORK_FILE).to_string_lossy().into_owned();
        let set = [(SITES, network), (LOGIN, "sa".to_owned()), (PASSWORD, "Lt-1".to_owned())];
        assert_eq!(read.unwrap(), set.map(|(name, value)| (name.to_owned(), value)));
    }

    #[test]
    fn every_site_of_the_network_is_encrypted_and_checked() {
        let text = network(&[Site::nth(0, 14330), Site::nth(1, 14331)]);
        assert_eq!(text.matches("tls = { ca = \"ca.pem\" }").count(), 2);
        assert!(text.contains("code = \"Q3\""));
        assert!(text.contains("address = \"127.0.0.1,14331\"\ndatabase = \"Site_TV_Q3\""));
    }
}
