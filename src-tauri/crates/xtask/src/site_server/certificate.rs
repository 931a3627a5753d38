//! A private authority for one throw-away server, and the certificate that it signs.
//!
//! Two certificates, not one: rustls refuses an authority's certificate as a server's, and one without
//! version 3 and subjectAltName altogether. Made with OpenSSL's command: a crate would have to be compiled
//! by everyone who only wants `cargo xtask test`.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::bail;

use crate::process;

/// The authority's certificate, which the network file names.
pub const AUTHORITY: &str = "ca.pem";
/// The server's certificate and its key.
pub const SERVER: &str = "server.pem";
pub const SERVER_KEY: &str = "server.key";

/// Longer than any run of tests, shorter than anyone could come to rely on.
const DAYS: &str = "30";

const OPENSSL_CONFIGURATION: &str = "\
[req]
prompt = no
distinguished_name = name
[name]
CN = localhost
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost, IP:127.0.0.1
";

/// Writes [`AUTHORITY`], [`SERVER`] and [`SERVER_KEY`] into the folder.
pub fn issue(folder: &Path) -> anyhow::Result<()> {
    if !process::on_path("openssl") {
        bail!("the command openssl is missing, with which the test servers' certificate is made");
    }
    // No certificate will be signed after this one, so the authority's key need not outlive us.
    const AUTHORITY_KEY: &str = "ca.key";
    const CONFIGURATION: &str = "openssl.cnf";
    const REQUEST: &str = "server.csr";

    fs::write(folder.join(CONFIGURATION), OPENSSL_CONFIGURATION)?;
    let openssl = |words: &str| {
        process::capture(Command::new("openssl").current_dir(folder).args(words.split(' ')))
    };
    let new_key = format!("-config {CONFIGURATION} -newkey rsa:2048 -nodes");
    openssl(&format!(
        "req -new -x509 {new_key} -keyout {AUTHORITY_KEY} -out {AUTHORITY} -days {DAYS} \
         -extensions authority -subj /CN=throw-away-test-authority"
    ))?;
    openssl(&format!("req -new {new_key} -keyout {SERVER_KEY} -out {REQUEST}"))?;
    openssl(&format!(
        "x509 -req -in {REQUEST} -CA {AUTHORITY} -CAkey {AUTHORITY_KEY} -set_serial 2 \
         -days {DAYS} -extfile {CONFIGURATION} -extensions server -out {SERVER}"
    ))?;
    for file in [AUTHORITY_KEY, CONFIGURATION, REQUEST] {
        fs::remove_file(folder.join(file))?;
    }
    Ok(())
}
