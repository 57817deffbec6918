//! `tickmark mcp`, spoken to as an assistant does: JSON-RPC over the process's
//! standard streams.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Stdio};

use serde_json::{Value, json};

use crate::tell::command;
use crate::world::demo;

/// A running server and the number of the last request.
struct Assistant {
    server: Child,
    answers: BufReader<ChildStdout>,
    last: u64,
}

impl Assistant {
    /// Starts a server over the finished demo and greets it.
    fn greet(arguments: &[&str]) -> Self {
        let folder = demo("a");
        let mut server = command()
            .args(["--workspace", "fernhollow", "--keys", "keys/company", "mcp"])
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let answers = BufReader::new(server.stdout.take().unwrap());
        let mut assistant = Self {
            server,
            answers,
            last: 0,
        };
        let greeting = json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "test", "version": "1" } });
        let greeted = assistant.ask("initialize", greeting);
        assert_eq!(greeted["serverInfo"]["name"], "tickmark");
        assert!(greeted["capabilities"]["tools"].is_object());
        assistant.say(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        assistant
    }

    fn say(&mut self, message: &Value) {
        let stdin = self.server.stdin.as_mut().unwrap();
        writeln!(stdin, "{message}").unwrap();
        stdin.flush().unwrap();
    }

    /// The result of a request.
    #[track_caller]
    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        let id = self.last;
        self.say(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let mut line = String::new();
            assert!(self.answers.read_line(&mut line).unwrap() > 0, "it ended");
            let answer: Value = serde_json::from_str(&line).unwrap();
            if answer["id"] == id {
                assert!(answer["error"].is_null(), "{answer}");
                return answer["result"].clone();
            }
        }
    }

    /// What a tool answers.
    #[track_caller]
    fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let result = self.ask(
            "tools/call",
            json!({ "name": tool, "arguments": arguments }),
        );
        assert_ne!(result["isError"], true, "{result}");
        result["structuredContent"].clone()
    }

    /// What a tool complains of.
    #[track_caller]
    fn complaint(&mut self, tool: &str, arguments: Value) -> String {
        let result = self.ask(
            "tools/call",
            json!({ "name": tool, "arguments": arguments }),
        );
        assert_eq!(result["isError"], true, "{result}");
        result["content"][0]["text"].as_str().unwrap().to_owned()
    }

    /// Says good-bye; the server ends by itself.
    fn leave(mut self) {
        drop(self.server.stdin.take());
        assert!(self.server.wait().unwrap().success());
    }
}

#[test]
fn every_tool_reads_and_says_so() {
    let mut assistant = Assistant::greet(&[]);
    let tools = assistant.ask("tools/list", json!({}));
    let tools = tools["tools"].as_array().unwrap();
    let names: BTreeSet<&str> = tools
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    let expected = [
        "explain_deviation",
        "get_control",
        "get_criterion",
        "get_entry",
        "get_population",
        "get_test",
        "list_controls",
        "list_criteria",
        "list_entries",
        "list_items",
        "list_populations",
        "list_tests",
        "readiness",
        "search",
    ];
    assert_eq!(names, BTreeSet::from(expected));
    for tool in tools {
        assert_eq!(tool["annotations"]["readOnlyHint"], true, "{tool}");
        assert!(!tool["description"].as_str().unwrap().is_empty());
        assert_eq!(tool["inputSchema"]["type"], "object", "{tool}");
    }
    assistant.leave();
}

#[test]
fn an_assistant_finds_its_way_from_the_program_to_one_deviation() {
    let mut assistant = Assistant::greet(&[]);
    let readiness = assistant.call("readiness", json!({}));
    assert!(readiness["criteria"].as_array().unwrap().len() > 30);
    let deviating = assistant.call("list_controls", json!({ "standing": "deviates" }));
    let control = deviating["items"][0]["id"].as_str().unwrap().to_owned();
    let control = assistant.call("get_control", json!({ "id": control }));
    let tests: Vec<String> = control["tests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it.as_str().unwrap().to_owned())
        .collect();
    let mut explained = 0;
    for test in tests {
        let items = assistant.call(
            "list_items",
            json!({ "test": test, "status": "deviation", "limit": 1 }),
        );
        let Some(item) = items["items"].get(0) else {
            continue;
        };
        let explanation = assistant.call(
            "explain_deviation",
            json!({ "test": test, "item": item["item"] }),
        );
        assert_eq!(explanation["item"], *item);
        assert!(!item["reason"].as_str().unwrap().is_empty());
        assert_eq!(explanation["test"]["id"], test.as_str());
        assert!(!explanation["test"]["remedy"].as_str().unwrap().is_empty());
        assert!(!explanation["computed_from"].as_array().unwrap().is_empty());
        assert!(
            explanation["controls"]
                .as_array()
                .unwrap()
                .iter()
                .any(|it| it["id"] == control["id"])
        );
        explained += 1;
    }
    assert!(explained > 0);
    assistant.leave();
}

#[test]
fn the_other_tools_answer_too() {
    let mut assistant = Assistant::greet(&[]);
    let criteria = assistant.call("list_criteria", json!({}));
    let criterion = criteria["items"][0]["id"].clone();
    assert_eq!(
        assistant.call("get_criterion", json!({ "id": criterion }))["id"],
        criterion
    );
    let tests = assistant.call("list_tests", json!({ "outcome": "deviations" }));
    let test = tests["items"][0]["id"].clone();
    assert!(
        assistant.call("get_test", json!({ "id": test }))["sql"]
            .as_str()
            .unwrap()
            .to_lowercase()
            .contains("select")
    );
    let populations = assistant.call("list_populations", json!({}));
    let dataset = populations["items"][0]["dataset"].clone();
    assert_eq!(
        assistant.call("get_population", json!({ "dataset": dataset }))["dataset"],
        dataset
    );
    let found = assistant.call("search", json!({ "words": "TM-048" }));
    assert_eq!(found["items"][0]["id"], "TM-048");
    let entries = assistant.call(
        "list_entries",
        json!({ "kind": "control_tests.run_recorded/1", "limit": 2 }),
    );
    assert_eq!(entries["items"].as_array().unwrap().len(), 2);
    let entry = assistant.call(
        "get_entry",
        json!({ "index": entries["items"][0]["index"] }),
    );
    assert!(entry["body"]["result_sha256"].is_string());
    assistant.leave();
}

#[test]
fn what_does_not_exist_is_told_with_where_to_look() {
    let mut assistant = Assistant::greet(&[]);
    for (tool, arguments, expected) in [
        (
            "get_control",
            json!({ "id": "NO-1" }),
            "there is no control `NO-1`; `list_controls` names them",
        ),
        (
            "get_criterion",
            json!({ "id": "CC99.9" }),
            "there is no criterion in scope `CC99.9`; `list_criteria` names them",
        ),
        (
            "get_test",
            json!({ "id": "no-such" }),
            "there is no control test `no-such`; `list_tests` names them",
        ),
        (
            "list_items",
            json!({ "test": "no-such" }),
            "there is no control test `no-such`; `list_tests` names them",
        ),
        (
            "list_items",
            json!({ "test": "second-factor-enrolled", "limit": 0 }),
            "`limit` cannot be 0",
        ),
        (
            "explain_deviation",
            json!({ "test": "second-factor-enrolled", "item": "nobody" }),
            "there is no item `nobody`; `list_items` names them",
        ),
        (
            "get_population",
            json!({ "dataset": "nothing" }),
            "there is no population `nothing`; `list_populations` names them",
        ),
    ] {
        assert_eq!(assistant.complaint(tool, arguments), expected);
    }
    assert!(
        assistant
            .complaint("get_entry", json!({ "index": 9_999_999 }))
            .starts_with("the ledger has no entry 9999999")
    );
    assistant.leave();
}

#[test]
fn a_past_moment_has_only_what_was_recorded_by_then() {
    let mut assistant = Assistant::greet(&["--at", "2026-07-02"]);
    // The tests were first run on that day; nothing of the next is known.
    let entries = assistant.call("list_entries", json!({ "limit": 500 }));
    let entries = entries["items"].as_array().unwrap();
    assert!(
        entries
            .iter()
            .all(|it| it["at"].as_str().unwrap() < "2026-07-03")
    );
    assistant.leave();
    let mut assistant = Assistant::greet(&["--at", "0"]);
    assert_eq!(
        assistant.complaint("readiness", json!({})),
        "no program was recorded yet; `tickmark apply` records it"
    );
    assistant.leave();
}

/// The workspace is only read: no file of it is another one afterwards.
#[test]
fn nothing_of_the_workspace_changes() {
    let folder = demo("a").join("fernhollow");
    let before = crate::world::files(&folder);
    let mut assistant = Assistant::greet(&[]);
    assistant.call("readiness", json!({}));
    assistant.call("list_tests", json!({}));
    assistant.leave();
    let after = crate::world::files(&folder);
    // SQLite's own files beside the ledger come and go with every reader.
    let lasting = |files: std::collections::BTreeMap<String, Vec<u8>>| -> std::collections::BTreeMap<String, Vec<u8>> {
        files.into_iter().filter(|(path, _)| !path.ends_with("-shm") && !path.ends_with("-wal")).collect()
    };
    assert!(lasting(before) == lasting(after));
}
