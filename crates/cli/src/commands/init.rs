//! `tickmark init`: a workspace with a program to start from.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use tickmark_catalog::{Category, ControlDefinition, Period, Problem, catalog};
use tickmark_realm::{Company, Firm, Realm, Result, write_folder};

use super::Session;
use crate::args::InitArgs;

/// Makes the workspace. A company's gets a program of every library control
/// that serves a criterion in scope, ready to be edited.
///
/// # Errors
/// When there is a workspace already, or a file stands in the way.
pub fn run(session: &Session, args: &InitArgs) -> Result<u8> {
    let keys = session.keys()?;
    if args.firm {
        let firm = Firm::create(&session.workspace, &keys, &args.id, &session.surroundings)?;
        return made(session, "firm", firm.workspace());
    }
    let files = program(args)?;
    if let Some(path) = files
        .keys()
        .find(|path| session.workspace.join(path).exists())
    {
        let stands = Problem::new(format!(
            "`{}` stands in the way",
            session.workspace.join(path).display()
        ));
        return Err(stands.hint("use an empty folder; for a program that is written already, make the workspace elsewhere and use `tickmark apply --from`").into());
    }
    let company = Company::create(&session.workspace, &keys, &args.id, &session.surroundings)?;
    write_folder(&session.workspace, &files)?;
    made(session, "company", company.workspace())
}

fn made(session: &Session, whose: &str, workspace: &tickmark_realm::Workspace) -> Result<u8> {
    let (folder, key) = (workspace.folder().display(), workspace.key_path());
    let next = match workspace.file().realm {
        Realm::Company => "edit the files, then `tickmark apply`",
        Realm::Firm => "take a company's package in with `tickmark receive`",
    };
    let answer = json!({ "workspace": workspace.folder(), "realm": whose, "origin": workspace.file().origin, "key": key });
    session.output.print(&answer, || {
        format!("made the {whose}'s workspace in {folder}\nits signing key is {}: keep a copy of it apart from the workspace\nnext: {next}\n", key.display())
    })?;
    Ok(0)
}

/// The files of the starting program.
fn program(args: &InitArgs) -> Result<BTreeMap<String, String>> {
    let (Some(zone), Some(period)) = (&args.time_zone, args.period) else {
        return Err(Problem::new("a program needs its time zone and period").into());
    };
    let mut categories: Vec<Category> = args.categories.clone();
    if !categories.contains(&Category::Security) {
        categories.insert(0, Category::Security);
    }
    let scope: BTreeSet<Category> = categories.iter().copied().collect();
    let criteria: Vec<_> = catalog()
        .applicable_criteria(&scope)
        .into_iter()
        .map(|criterion| criterion.id)
        .collect();
    let mut files = BTreeMap::new();
    files.insert(
        "tickmark.toml".to_owned(),
        settings(args, zone, period, &categories)?,
    );
    files.insert("calendars.toml".to_owned(), CALENDARS.to_owned());
    for control in &catalog().controls {
        let serves = control
            .criteria
            .iter()
            .any(|criterion| criteria.contains(criterion));
        if serves {
            files.insert(
                format!("controls/{}.md", control.id),
                control_file(control)?,
            );
        }
    }
    Ok(files)
}

const CALENDARS: &str = "\
# Business days are the days that are neither weekend nor holiday.
[[calendar]]
id = \"company\"
weekend = [\"saturday\", \"sunday\"]
holidays = []
";

fn settings(
    args: &InitArgs,
    zone: &str,
    period: Period,
    categories: &[Category],
) -> Result<String> {
    let name = args.name.clone().unwrap_or_else(|| args.id.clone());
    let text = |value: &str| toml::Value::String(value.to_owned()).to_string();
    let categories: Vec<String> = categories
        .iter()
        .map(|category| text(&serde_name(category)))
        .collect();
    Ok(format!(
        "version = 1\n\n[organization]\nid = {}\nname = {}\nshort_name = {}\nheadquarters = \"to be written\"\ntime_zone = {}\nemployees = 1\n\n\
         [system]\nname = {}\ntitle = {}\nservices = [\"to be written\"]\nout_of_scope_services = []\n\n[scope]\ncategories = [{}]\n\n[period]\nstart = {}\nend = {}\ncalendar = \"company\"\n\n\
         [management]\nsignatory_title = \"Chief Executive Officer\"\nassertion_place = \"to be written\"\n",
        text(&args.id),
        text(&name),
        text(&name),
        text(zone),
        text(&format!("{name} system")),
        text(&format!("Description of the {name} system")),
        categories.join(", "),
        period.start,
        period.end,
    ))
}

fn serde_name<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// A library control as a file of the program.
fn control_file(control: &ControlDefinition) -> Result<String> {
    let mut front =
        toml::Table::try_from(control).map_err(|error| Problem::new(error.to_string()))?;
    front.remove("description");
    front.insert("library".to_owned(), control.id.to_string().into());
    Ok(format!(
        "+++\n{front}+++\n\n{}\n",
        control.description.trim()
    ))
}
