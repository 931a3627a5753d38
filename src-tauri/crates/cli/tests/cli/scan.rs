//! The scan loop.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use serde_json::Value;

use crate::network::{Desk, Network};

fn outcomes(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["outcome"].as_str().unwrap()).collect()
}

#[test]
fn every_line_is_acknowledged_once_in_its_order() {
    let (_network, desk) = Network::with_books();
    let input = b"Q001\nDG1\nQ001\nQ002\n\nDG2\nQ001\nNOPE\nmode:return\nQ001\nQ001\n\
                  mode:renew\nQ002\nmode:lend\nQ003\nDG2\npatron:none\nQ003";
    let (lines, ended) = desk.scan(&[], input);
    ended.ends(1);
    assert_eq!(
        outcomes(&lines),
        [
            "refused",
            "card",
            "done",
            "done",
            "not_understood",
            "card",
            "refused",
            "not_understood",
            "mode",
            "done",
            "refused",
            "mode",
            "done",
            "mode",
            "refused",
            "card",
            "mode",
            "refused",
        ]
    );
    for (index, (line, text)) in
        lines.iter().zip(std::str::from_utf8(input).unwrap().lines()).enumerate()
    {
        assert_eq!(line["line"], index + 1);
        assert_eq!(line["text"], text.trim_start());
        assert_eq!(line["event"].is_string(), line["outcome"] == "done", "{line}");
        let says_why = matches!(line["outcome"].as_str(), Some("refused" | "not_understood"));
        assert_eq!(line["message"]["code"].is_string(), says_why, "{line}");
    }
    let report: Value = serde_json::from_str(ended.out.lines().last().unwrap()).unwrap();
    assert_eq!((&report["data"]["lines"], &report["data"]["done"]), (&18.into(), &4.into()));
}

#[test]
fn people_read_a_line_for_a_line_too() {
    let (_network, desk) = Network::with_books();
    let ended = desk.run_with(&["desk", "scan", "--stdin", "--patron", "DG1", "-q"], b"Q001\nX\n");
    let lines: Vec<&str> = ended.ends(1).out.lines().collect();
    assert_eq!(lines.len(), 2, "{}", ended.out);
    assert!(lines[0].contains("done") && lines[0].contains("Lent. Q001  Đường xưa mây trắng"));
    assert!(lines[1].contains("not_understood"));
}

#[test]
fn control_characters_and_lines_of_any_length_are_answered_and_do_no_harm() {
    let (_network, desk) = Network::with_books();
    let mut input = b"DG1\n\x02Q001\x03\n\x1b[2J\x07\nQ\xff\xfe\n".to_vec();
    input.extend(vec![b'1'; 10_000]);
    input.push(b'\n');
    input.extend("đ".repeat(2_000_000).into_bytes());
    input.extend(b"\nQ002\n");
    let (lines, ended) = desk.scan(&[], &input);
    ended.ends(1);
    let expected = [
        "card",
        "done",
        "not_understood",
        "not_understood",
        "not_understood",
        "not_understood",
        "done",
    ];
    assert_eq!(outcomes(&lines), expected);
    assert_eq!(lines[4]["message"]["code"], "scan_too_long");
    assert_eq!(lines[5]["message"]["code"], "scan_too_long");
    assert!(ended.out.lines().all(|line| line.len() < 2_000));
    let plain = desk.run_with(&["desk", "scan", "--stdin"], b"\x1b[2J\x07\n");
    assert!(!plain.out.contains('\u{1b}') && !plain.out.contains('\u{7}'));
}

#[test]
fn telex_letters_of_an_input_method_are_read_as_the_label_says() {
    let (_network, desk) = Network::with_books();
    desk.run(&["copy", "add", "DD1", "--title", crate::network::TITLE]).ends(0);
    let (lines, _) = desk.scan(&["--patron", "DG1"], "Đ1\n".as_bytes());
    assert_eq!(outcomes(&lines), ["done"]);
}

/// The program while it takes scans.
struct Loop {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Loop {
    fn start(desk: &Desk) -> Self {
        let mut command = desk.command(&["desk", "scan", "--stdin", "--json", "--patron", "DG1"]);
        let mut child = command.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, input, output }
    }

    /// Scans, and waits for the acknowledgement: it comes without another line.
    fn scan(&mut self, text: &str) -> Value {
        writeln!(self.input, "{text}").unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

#[test]
fn what_was_acknowledged_outlives_the_program_however_it_ends() {
    let (network, desk) = Network::with_books();
    network.line().cut().unwrap();
    let mut scanning = Loop::start(&desk);
    let mut events = Vec::new();
    for copy in ["Q001", "Q002", "Q003"] {
        let line = scanning.scan(copy);
        assert_eq!(line["outcome"], "queued", "{line}");
        events.push(line["event"].clone());
    }
    scanning.child.kill().unwrap();
    scanning.child.wait().unwrap();
    let waiting = desk.json(&["queue", "list"]);
    let waiting: Vec<Value> = waiting["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["queued"]["event"]["id"].clone())
        .collect();
    assert_eq!(waiting, events);
}

#[test]
fn what_was_queued_leaves_by_itself_while_scans_go_on() {
    let (network, desk) = Network::with_books();
    network.line().cut().unwrap();
    let mut scanning = Loop::start(&desk);
    assert_eq!(scanning.scan("Q001")["outcome"], "queued");
    network.line().restore().unwrap();
    // Each turn asks the desk something that changes nothing, until the line's tending has noticed.
    let other = network.desk();
    other.enrol();
    const TRIES_MAX: u32 = 100;
    let arrived = (0..TRIES_MAX).any(|_| {
        scanning.scan("DG1");
        let shown = other.json(&["copy", "show", "Q001"]);
        shown["data"]["file"]["copy"]["state"] == "on_loan"
    });
    assert!(arrived, "the loan did not reach the site");
    assert_eq!(scanning.scan("Q002")["outcome"], "done");
    drop(scanning.input);
    assert!(scanning.child.wait().unwrap().success());
}
