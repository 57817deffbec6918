//! Story: what is packaged starts the program as it is.
//!
//! What must hold: the command of the unit and of the container are words the
//! program understands, their settings are settings, and what they copy is there.

use std::fs;
use std::path::{Path, PathBuf};

use crate::new_user::acme;
use crate::server::Server;
use crate::tell::{command, run};
use crate::world::{World, copy};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn packaged(name: &str) -> String {
    fs::read_to_string(root().join("packaging").join(name)).unwrap()
}

/// What the unit says under a key, once for each line.
fn unit(key: &str) -> Vec<String> {
    let unit = packaged("tickmark.service");
    let lines = unit.lines().filter_map(|line| line.split_once('='));
    lines
        .filter(|(name, _)| *name == key)
        .map(|(_, value)| value.to_owned())
        .collect()
}

/// A workspace where the unit looks for it, with the settings that go with it.
fn installed() -> World {
    let world = acme();
    copy(&world.path("acme"), &world.path("lib/tickmark"));
    copy(&world.path("keys"), &world.path("lib/tickmark-keys"));
    world.write("etc/tickmark/serve.toml", packaged("serve.toml"));
    world
}

#[test]
fn the_command_of_the_unit_serves_with_the_settings_that_go_with_it() {
    let world = installed();
    let start = unit("ExecStart");
    assert_eq!(start.len(), 1);
    let (program, arguments) = start[0].split_once(' ').unwrap();
    assert_eq!(program, "/usr/bin/tickmark");
    let states = unit("StateDirectory");
    for state in states[0].split(' ') {
        assert!(
            arguments.contains(&format!("%S/{state}")),
            "{state}: {arguments}"
        );
    }
    let arguments = arguments
        .replace("%S", &world.arg("lib"))
        .replace("/etc", &world.arg("etc"));
    let arguments: Vec<&str> = arguments.split(' ').collect();
    let free = [
        ("TICKMARK_SERVE_LISTEN", "127.0.0.1:0"),
        ("TICKMARK_SERVE_METRICS", "127.0.0.1:0"),
    ];
    let server = Server::start_as(&world, &arguments, &free);
    let ended = server.end();
    assert_eq!(ended.code, Some(0), "{}", ended.log);
    assert!(ended.log.starts_with('{'), "as JSON: {}", ended.log);
}

#[test]
fn the_settings_that_are_packaged_are_settings() {
    let world = installed();
    // A wrong one beside them is the only one that is told.
    let settings = world.read("etc/tickmark/serve.toml") + "\nloud = true\n";
    world.write("etc/tickmark/serve.toml", settings);
    let config = world.arg("etc/tickmark/serve.toml");
    let told = run(command().current_dir(world.folder()).args([
        "serve",
        "--workspace",
        "lib/tickmark",
        "--config",
        &config,
    ]));
    let told = told.exits(2).complaint(world.folder());
    assert_eq!(told.matches("error:").count(), 1, "{told}");
    assert!(told.contains("there is no setting `loud`"), "{told}");
}

/// Lines of the container file that begin with a word.
fn container(word: &str) -> Vec<String> {
    let text = packaged("Containerfile").replace("\\\n", " ");
    let lines = text.lines().filter_map(|line| line.split_once(' '));
    lines
        .filter(|(first, _)| *first == word)
        .map(|(_, rest)| rest.to_owned())
        .collect()
}

#[test]
fn the_container_copies_what_is_there_and_all_that_the_build_needs() {
    let mut copied = Vec::new();
    for line in container("COPY") {
        let words: Vec<&str> = line.split(' ').collect();
        if words[0].starts_with("--from=build") {
            assert_eq!(words[1], "/src/target/release/tickmark");
            continue;
        }
        for source in &words[..words.len() - 1] {
            assert!(root().join(source).exists(), "`{source}` is not there");
            copied.push((*source).to_owned());
        }
    }
    let manifest: toml::Table = fs::read_to_string(root().join("Cargo.toml"))
        .unwrap()
        .parse()
        .unwrap();
    for member in manifest["workspace"]["members"].as_array().unwrap() {
        let top = member.as_str().unwrap().split('/').next().unwrap();
        assert!(copied.iter().any(|it| it == top), "`{top}` is not copied");
    }
    // What texts are built in from outside of the crates.
    assert!(copied.iter().any(|it| it == "sample"));
    let rust = manifest["workspace"]["package"]["rust-version"]
        .as_str()
        .unwrap();
    let from = container("FROM");
    assert!(from[0].contains(&format!("rust:{rust}-")), "{from:?}");
    let user = container("USER");
    assert!(user == ["10001:10001"], "{user:?}");
}

#[test]
fn the_command_of_the_container_is_understood() {
    let list = |line: &str| -> Vec<String> { serde_json::from_str(line).unwrap() };
    assert_eq!(list(&container("ENTRYPOINT")[0]), ["/usr/bin/tickmark"]);
    let arguments = list(&container("CMD")[0]);
    let words = |environment: &[(&str, &str)]| {
        let mut command = command();
        let told = run(command.envs(environment.iter().copied()).args(&arguments));
        told.exits(2).err
    };
    let unencrypted = words(&[]);
    assert!(unencrypted.contains("without encryption"), "{unencrypted}");
    let behind = [("TICKMARK_SERVE_PUBLIC_URL", "https://tickmark.example.com")];
    let empty = words(&behind);
    assert!(
        empty.contains("there is no workspace in `/var/lib/tickmark`"),
        "{empty}"
    );
    let volumes = list(&container("VOLUME")[0]);
    for volume in volumes {
        assert!(arguments.contains(&volume), "{volume}");
    }
}
