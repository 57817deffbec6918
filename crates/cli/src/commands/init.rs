//! `tickmark init`: a workspace with a program to start from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::json;
use tickmark_catalog::Problem;
use tickmark_program::Starter;
use tickmark_realm::{Company, Firm, Realm, Result, Unfinished, write_folder};

use super::Session;
use crate::args::InitArgs;

/// What a workspace starts with beside the program.
const COMPANY_README: &str = include_str!("init/README.md");
const DECISIONS: &str = include_str!("init/decisions.toml");
const PROCEDURES: &str = include_str!("init/procedures.toml");

/// Makes the workspace. A company's gets a program of every library control
/// that serves a criterion in scope, ready to be edited; a firm's the files of
/// its decisions, to be filled in.
///
/// # Errors
/// When there is a workspace already, or files stand in the way.
pub fn run(session: &Session, args: &InitArgs) -> Result<u8> {
    let keys = session.keys()?;
    if args.firm {
        refuse_company_words(args)?;
        let unfinished = unfinished(session, &keys, ["decisions.toml", "procedures.toml"]);
        let firm = Firm::create(&session.workspace, &keys, &args.id, &session.surroundings)?;
        write_new(
            &session.workspace,
            &[
                ("decisions.toml", DECISIONS),
                ("procedures.toml", PROCEDURES),
            ],
        )?;
        unfinished.finish();
        return made(session, "firm", firm.workspace());
    }
    let files = program(args)?;
    if !session.workspace.join(".tickmark").exists() {
        refuse_what_is_there(&session.workspace, &files)?;
    }
    let paths = files.keys().map(String::as_str);
    let unfinished = unfinished(
        session,
        &keys,
        paths.chain(["README.md", "sources", "exports"]),
    );
    let company = Company::create(&session.workspace, &keys, &args.id, &session.surroundings)?;
    write_folder(&session.workspace, &files)?;
    let name = args.name.as_deref().unwrap_or(&args.id);
    write_new(
        &session.workspace,
        &[("README.md", &COMPANY_README.replace("{name}", name))],
    )?;
    for folder in ["sources", "exports"] {
        let path = session.workspace.join(folder);
        std::fs::create_dir_all(&path).map_err(|error| not_made(&path, &error))?;
    }
    unfinished.finish();
    made(session, "company", company.workspace())
}

/// Everything that `init` makes: when it fails, none of it stays.
fn unfinished<'p>(
    session: &Session,
    keys: &Path,
    paths: impl IntoIterator<Item = &'p str>,
) -> Unfinished {
    let workspace = &session.workspace;
    let inside = paths.into_iter().map(|path| workspace.join(path));
    let made: Vec<PathBuf> = inside
        .chain([workspace.join(".tickmark"), keys.to_owned()])
        .collect();
    Unfinished::of(made)
}

fn not_made(path: &Path, error: &std::io::Error) -> Problem {
    Problem::new(format!("`{}` cannot be made", path.display())).cause(error.to_string())
}

/// A firm's engagement has its terms in `decisions.toml`, not here.
fn refuse_company_words(args: &InitArgs) -> Result<()> {
    if args.period.is_none() && args.time_zone.is_none() {
        return Ok(());
    }
    Err(
        Problem::new("a firm's workspace has no period and no time zone of its own")
            .hint("leave them away: the terms of the engagement go into `decisions.toml`")
            .into(),
    )
}

/// Refuses a folder that holds files of a program, naming them.
fn refuse_what_is_there(folder: &Path, files: &BTreeMap<String, String>) -> Result<()> {
    let mut there = files
        .keys()
        .map(|path| folder.join(path))
        .filter(|path| path.exists());
    let Some(first) = there.next() else {
        return Ok(());
    };
    let (first, message) = (
        first.display(),
        match there.count() {
            0 => "stands in the way".to_owned(),
            more => format!("and {more} more files stand in the way"),
        },
    );
    Err(Problem::new(format!("`{first}` {message}"))
        .hint("use an empty folder; for a program that is written already, make the workspace elsewhere and use `tickmark apply --from`")
        .into())
}

/// Writes files that are not there yet.
fn write_new(folder: &Path, files: &[(&str, &str)]) -> Result<()> {
    let missing = files.iter().filter(|(path, _)| !folder.join(path).exists());
    let missing: BTreeMap<String, String> = missing
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect();
    write_folder(folder, &missing)
}

fn made(session: &Session, whose: &str, workspace: &tickmark_realm::Workspace) -> Result<u8> {
    let (folder, key) = (workspace.folder().display(), workspace.key_path());
    let next = match workspace.file().realm {
        Realm::Company => COMPANY_NEXT,
        Realm::Firm => FIRM_NEXT,
    };
    let answer = json!({ "workspace": workspace.folder(), "realm": whose, "origin": workspace.file().origin, "key": key });
    session.output.print(&answer, || {
        format!("made the {whose}'s workspace in {folder}\nits signing key is {}: keep a copy of it apart from the workspace\nnext:\n{next}", key.display())
    })?;
    Ok(0)
}

const COMPANY_NEXT: &str = "  \
  1. fill in tickmark.toml, and keep of controls/ what you operate
  2. record it: tickmark apply
  3. write how an export is read: tickmark import --example leavers > sources/leavers.toml
  4. tickmark apply, tickmark import, tickmark test, tickmark readiness
README.md in the folder says more
";

const FIRM_NEXT: &str = "  \
  1. take a company's package in: tickmark receive PACKAGE --company-key KEY
  2. fill in decisions.toml and procedures.toml; tickmark apply --dry-run checks them
  3. record them: tickmark apply
  4. issue the report: tickmark report
";

/// The files of the starting program.
fn program(args: &InitArgs) -> Result<BTreeMap<String, String>> {
    let (Some(zone), Some(period)) = (&args.time_zone, args.period) else {
        return Err(Problem::new("a program needs its time zone and period").into());
    };
    let name = args.name.as_deref().unwrap_or(&args.id);
    let mut starter = Starter::new(&args.id, name, zone, period);
    starter.categories.extend(args.categories.iter().copied());
    Ok(starter.files()?)
}

#[cfg(test)]
mod tests {
    use tickmark_engagement::{Decisions, Procedures};

    /// The example with its lines in force.
    fn filled_in(text: &str) -> String {
        let lines = text.lines().filter(|line| !line.starts_with("##"));
        lines
            .map(|line| line.strip_prefix("# ").unwrap_or(line).to_owned() + "\n")
            .collect()
    }

    #[test]
    fn examples_for_a_firm_are_read_when_filled_in() {
        let decisions = Decisions::parse("decisions.toml", &filled_in(super::DECISIONS));
        assert!(decisions.is_ok(), "{}", decisions.unwrap_err());
        let procedures = Procedures::parse("procedures.toml", &filled_in(super::PROCEDURES));
        assert!(procedures.is_ok(), "{}", procedures.unwrap_err());
    }
}
