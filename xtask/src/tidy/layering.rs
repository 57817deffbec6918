//! The order of the pipeline: a crate uses only crates above it, and the heavy
//! engines stay behind the crates that fence them in.

use std::collections::BTreeMap;
use std::fs;

use crate::run;

/// Which of our crates may have an engine in their dependency tree.
const FENCES: [(&str, &[&str]); 2] = [
    (
        "datafusion",
        &[
            "tickmark-runner",
            "tickmark-realm",
            "tickmark-web",
            "tickmark",
        ],
    ),
    (
        "typst",
        &[
            "tickmark-report",
            "tickmark-realm",
            "tickmark-web",
            "tickmark",
        ],
    ),
];

/// Every breach of the order in this workspace.
pub fn findings() -> Result<Vec<String>, String> {
    Ok(breaches(&members()?))
}

/// Breaches among members given by name and manifest, in pipeline order.
fn breaches(members: &[(String, toml::Table)]) -> Vec<String> {
    let mut findings = Vec::new();
    let order: BTreeMap<&str, usize> = members
        .iter()
        .enumerate()
        .map(|(index, (name, _))| (name.as_str(), index))
        .collect();
    for (name, manifest) in members {
        for dependency in dependencies(manifest) {
            match order.get(dependency.as_str()) {
                Some(position) if Some(position) >= order.get(name.as_str()) => {
                    findings.push(format!(
                        "crate `{name}` uses `{dependency}`, which is not above it in the pipeline"
                    ));
                }
                _ => {}
            }
        }
    }
    findings.extend(escaped_engines(members));
    findings
}

/// Engines that reached a crate outside their fence, by following our crates.
fn escaped_engines(members: &[(String, toml::Table)]) -> Vec<String> {
    let mut findings = Vec::new();
    for (engine, allowed) in FENCES {
        let mut reached: Vec<&str> = Vec::new();
        for (name, manifest) in members {
            let uses = dependencies(manifest);
            if uses
                .iter()
                .any(|it| it == engine || reached.contains(&it.as_str()))
            {
                reached.push(name);
            }
        }
        let escaped = reached
            .iter()
            .filter(|name| !allowed.contains(name) && name.starts_with("tickmark"));
        findings.extend(escaped.map(|name| {
            format!(
                "crate `{name}` has {engine} in its tree; only {} may",
                allowed.join(", ")
            )
        }));
    }
    findings
}

/// Names and manifests of the members, in the order of the workspace.
fn members() -> Result<Vec<(String, toml::Table)>, String> {
    let root = read("Cargo.toml")?;
    let listed = root
        .get("workspace")
        .and_then(|it| it.get("members"))
        .and_then(toml::Value::as_array)
        .cloned()
        .unwrap_or_default();
    listed
        .iter()
        .filter_map(toml::Value::as_str)
        .map(member)
        .collect()
}

fn member(folder: &str) -> Result<(String, toml::Table), String> {
    let manifest = read(&format!("{folder}/Cargo.toml"))?;
    let name = manifest
        .get("package")
        .and_then(|it| it.get("name"))
        .and_then(toml::Value::as_str);
    let name = name
        .ok_or_else(|| format!("`{folder}/Cargo.toml` has no package name"))?
        .to_owned();
    Ok((name, manifest))
}

fn read(path: &str) -> Result<toml::Table, String> {
    let text =
        fs::read_to_string(run::root().join(path)).map_err(|error| format!("`{path}`: {error}"))?;
    text.parse().map_err(|error| format!("`{path}`: {error}"))
}

/// Normal and build dependencies; tests may look anywhere.
fn dependencies(manifest: &toml::Table) -> Vec<String> {
    ["dependencies", "build-dependencies"]
        .iter()
        .filter_map(|section| manifest.get(*section).and_then(toml::Value::as_table))
        .flat_map(|table| table.keys().cloned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::breaches;

    fn check(members: &[(&str, &str)], expected: &[&str]) {
        let members: Vec<_> = members
            .iter()
            .map(|(name, manifest)| ((*name).to_owned(), manifest.parse().unwrap()))
            .collect();
        assert_eq!(breaches(&members), expected);
    }

    #[test]
    fn a_crate_uses_only_crates_above_it() {
        let uses_a = "[dependencies]\na = {}";
        check(&[("a", ""), ("b", uses_a)], &[]);
        check(
            &[("b", uses_a), ("a", "")],
            &["crate `b` uses `a`, which is not above it in the pipeline"],
        );
        check(
            &[("a", uses_a)],
            &["crate `a` uses `a`, which is not above it in the pipeline"],
        );
        check(
            &[("b", "[build-dependencies]\na = {}"), ("a", "")],
            &["crate `b` uses `a`, which is not above it in the pipeline"],
        );
        // Tests may look anywhere.
        check(&[("b", "[dev-dependencies]\na = {}"), ("a", "")], &[]);
    }

    #[test]
    fn an_engine_stays_behind_its_fence() {
        let engine = "[dependencies]\ndatafusion = {}";
        let through = "[dependencies]\ntickmark-runner = {}";
        let only = "only tickmark-runner, tickmark-realm, tickmark-web, tickmark may";
        check(&[("tickmark-runner", engine), ("tickmark", through)], &[]);
        check(
            &[("tickmark-runner", engine), ("tickmark-report", through)],
            &[&format!(
                "crate `tickmark-report` has datafusion in its tree; {only}"
            )],
        );
        check(
            &[("tickmark-ledger", engine)],
            &[&format!(
                "crate `tickmark-ledger` has datafusion in its tree; {only}"
            )],
        );
    }
}
