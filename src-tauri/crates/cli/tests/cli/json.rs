//! The shape of what programs read. A change here is a change for those who wrote scripts.

use serde_json::Value;

use crate::network::{Desk, Network};

/// The answer with what differs from run to run replaced by what it is.
fn shape(mut answer: Value) -> Value {
    replace(&mut answer, "");
    answer
}

fn replace(value: &mut Value, key: &str) {
    match value {
        Value::Object(fields) => fields.iter_mut().for_each(|(key, value)| replace(value, key)),
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, key)),
        Value::String(text) => {
            if let Some(kind) = kind_of(text, key) {
                *text = kind.to_owned();
            }
        }
        Value::Number(_) if key == "uncertainty_ms" => *value = "<ms>".into(),
        _ => {}
    }
}

fn kind_of(text: &str, key: &str) -> Option<&'static str> {
    match key {
        "computer" => Some("<hash>"),
        "version" => Some("<version>"),
        "due" | "returned_on" => Some("<date>"),
        _ if text.len() == 36 && text.matches('-').count() == 4 => Some("<uuid>"),
        _ if text.len() == 24 && text.ends_with('Z') => Some("<time>"),
        _ => None,
    }
}

#[test]
fn the_answers_of_circulation_keep_their_shape() {
    let (network, desk) = Network::with_books();
    let lend = ["desk", "borrow", "Q001", "--patron", "DG1"];
    insta::assert_json_snapshot!("lent", shape(desk.json(&lend)));
    insta::assert_json_snapshot!("refused", shape(desk.json(&lend)));
    network.line().cut().unwrap();
    insta::assert_json_snapshot!("queued", shape(desk.json(&["desk", "return", "Q001"])));
    insta::assert_json_snapshot!("queue", shape(desk.json(&["queue", "list"])));
    let needs_site = ["review", "list"];
    insta::assert_json_snapshot!("needs_site", shape(desk.json(&needs_site)));
}

#[test]
fn the_acknowledgements_of_scans_keep_their_shape() {
    let (_network, desk) = Network::with_books();
    let (lines, ended) = desk.scan(&[], b"DG1\nQ001\nQ001\nmode:return\n\n");
    let lines: Vec<Value> = lines.into_iter().map(shape).collect();
    insta::assert_json_snapshot!("acknowledgements", lines);
    let report: Value = serde_json::from_str(ended.out.lines().last().unwrap()).unwrap();
    insta::assert_json_snapshot!("scan_report", shape(report));
}

#[test]
fn the_state_and_the_records_keep_their_shape() {
    let (_network, desk) = Network::with_books();
    insta::assert_json_snapshot!("health", shape(desk.json(&["health"])));
    insta::assert_json_snapshot!("patron", shape(desk.json(&["patron", "show", "DG1"])));
    insta::assert_json_snapshot!("copy", shape(desk.json(&["copy", "show", "Q001"])));
    insta::assert_json_snapshot!("titles", shape(desk.json(&["title", "search", "may"])));
    let change = ["patron", "change", "DG1", "--note", "x"];
    insta::assert_json_snapshot!("changed", shape(desk.json(&change)));
}

#[test]
fn a_failure_before_anything_is_open_has_the_same_shape() {
    let network = Network::new();
    let desk = Desk { network: network.file().with_file_name("none.toml"), ..network.desk() };
    let mut answer = desk.json(&["health"]);
    assert_eq!((&answer["ok"], &answer["code"]), (&false.into(), &"network_missing".into()));
    let message = answer["message"].take();
    assert!(message["vi"].is_string() && message["en"].is_string());
    let keys: Vec<&String> = answer.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["code", "message", "ok"]);
}
