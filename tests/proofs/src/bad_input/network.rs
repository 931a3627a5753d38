//! Mistakes in the network file.

use lienthu_api::network::{FILE_BYTES_MAX, Network};

use crate::kit::findings::Findings;

const SITE: &str =
    "[[site]]\ncode = \"Q1\"\nname = \"Quận 1\"\nkind = \"embedded\"\npath = \"q1.db\"\n";

/// Each is named, and none is taken for something else.
///
/// # Errors
/// When the files cannot be written.
pub fn mistakes(findings: &mut Findings) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let sqlserver = SITE.replace("embedded", "sqlserver");
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("empty", Vec::new(), "network_empty"),
        ("no TOML", b"[[site".to_vec(), "network_wrong"),
        ("binary", vec![0xff, 0x00, 0xfe], "network_unreadable"),
        ("huge", vec![b'#'; usize::try_from(FILE_BYTES_MAX)? + 1], "network_too_large"),
        ("an unknown key", format!("colour = 1\n{SITE}").into(), "network_wrong"),
        ("an unknown kind", SITE.replace("embedded", "oracle").into(), "network_wrong"),
        ("a code too long", SITE.replace("Q1", "Q1Q1Q1Q1Q1Q1").into(), "network_wrong"),
        ("a code with letters", SITE.replace("Q1", "Quận").into(), "network_wrong"),
        ("a control character", SITE.replace("Q1", "Q\u{7}").into(), "network_wrong"),
        ("no path", SITE.replace("path", "#").into(), "network_wrong"),
        ("an empty name", SITE.replace("Quận 1", "").into(), "network_wrong"),
        ("a key of another kind", format!("{SITE}database = \"x\"\n").into(), "network_wrong"),
        ("a server without address", sqlserver.into(), "network_wrong"),
        ("a branch twice", SITE.repeat(2).into(), "network_twice"),
        ("a number for a text", SITE.replace("\"Q1\"", "1").into(), "network_wrong"),
    ];
    for (name, bytes, code) in cases {
        let file = folder.path().join("network.toml");
        std::fs::write(&file, bytes)?;
        let read = Network::read(&file);
        let is_named = read.as_ref().is_err_and(|error| error.message().code == code);
        findings.check(&format!("a network file, {name}"), is_named, || format!("{read:?}"));
    }
    for (name, path, expected) in [
        ("gone", folder.path().join("no.toml"), "network_missing"),
        ("a folder", folder.path().into(), "network_unreadable"),
    ] {
        let read = Network::read(&path);
        let code = read.as_ref().err().map(|error| error.message().code);
        let is_named = code.as_deref() == Some(expected);
        findings.check(&format!("a network file, {name}"), is_named, || format!("{read:?}"));
    }
    Ok(())
}
