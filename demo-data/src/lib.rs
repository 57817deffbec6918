//! `cargo xtask demo-data`: the raw exports of the sample company.
//!
//! What must hold: the same options write the same bytes on every machine;
//! the populations have the sizes of the domain notes; exactly the seeded
//! deviations deviate; every source's count in its mapping file is true.
//! Values come first (`people`, `story`), then one module per source system.

mod access;
mod campaigns;
mod change_books;
mod changes;
mod clock;
mod cloud;
mod code;
mod customers;
mod devices;
mod draw;
mod files;
mod governance;
mod hiring;
mod identity;
mod key;
mod leaving;
mod monitoring;
mod names;
mod options;
mod people;
mod production;
mod recovery;
mod reviews;
mod roster;
mod scanner;
mod sign_ins;
mod sources;
mod spreadsheet;
mod story;
mod suppliers;
#[cfg(test)]
mod tests;
mod tickets;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clock::Clock;
use draw::Draw;
use key::AnswerKey;
use options::{Options, Pack};
use people::Company;

/// A value, or a message for the one who called.
pub type Outcome<T> = Result<T, String>;

/// Runs `demo-data` with the arguments after its name.
///
/// # Errors
/// The arguments are wrong, a file cannot be written, or `--check` found a difference.
pub fn run(args: &[String]) -> Result<(), String> {
    let options = Options::parse(args)?;
    let sample = sample_folder();
    if options.check {
        return check(&sample);
    }
    match (&options.out, options.pack) {
        (Some(out), _) => generate(&options, out),
        (None, Pack::A) => generate(&options, &sample),
        (None, Pack::B) => write_pack(&options, &sample),
    }
}

/// The sample company's program folder.
fn sample_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../sample/fernhollow")
}

/// Everything a writer needs besides the company.
pub struct Run<'a> {
    /// What was asked for.
    pub options: &'a Options,
    /// The organization's clock.
    pub clock: Clock,
    /// Folder that receives `exports/`.
    pub folder: &'a Path,
    /// The key being filled in.
    pub key: AnswerKey,
    /// Tickets that other systems' records refer to.
    pub tickets: Vec<tickets::Ticket>,
}

impl Run<'_> {
    /// A stream of choices of its own.
    pub fn draw(&self, label: &str) -> Draw {
        Draw::new(self.options.seed, label)
    }

    /// Notes how many records the export of a source holds.
    pub fn count(&mut self, source: &str, records: u64) {
        self.key.records.insert(source.to_owned(), records);
    }
}

/// Writes exports, mapping files and answer key below `folder`.
fn generate(options: &Options, folder: &Path) -> Outcome<()> {
    let clock = Clock::new()?;
    let company = Company::draw(options, &clock)?;
    let period = [
        clock::PERIOD_START.to_string(),
        clock::PERIOD_END.to_string(),
    ];
    let key = AnswerKey::new(options.seed, options.pack.letter(), options.scale, period);
    let mut run = Run {
        options,
        clock,
        folder,
        key,
        tickets: Vec::new(),
    };
    write_exports(&company, &mut run)?;
    sources::write(&sample_folder(), &run)?;
    write_key(&run)
}

fn write_exports(company: &Company, run: &mut Run) -> Outcome<()> {
    roster::write(company, run)?;
    campaigns::write(company, run)?;
    let reviews = reviews::draw(company, run)?;
    identity::write(company, &reviews, run)?;
    reviews::write(&reviews, run)?;
    access::write(company, run)?;
    code::write(company, run)?;
    cloud::write(run)?;
    recovery::write(company, run)?;
    devices::write(company, run)?;
    scanner::write(company, run)?;
    monitoring::write(company, run)?;
    suppliers::write(company, run)?;
    customers::write(run)?;
    governance::write(company, run)?;
    tickets::write(company, run)
}

fn write_key(run: &Run) -> Outcome<()> {
    let text = serde_json::to_string_pretty(&run.key).map_err(|e| e.to_string())?;
    let path = run.folder.join("answer-key.json");
    std::fs::write(&path, text + "\n").map_err(|e| files::told(&path, e))
}

/// Writes into `packs/b` what differs from the committed baseline.
fn write_pack(options: &Options, sample: &Path) -> Outcome<()> {
    let pack = sample.join("packs").join(options.pack.letter());
    if pack.exists() {
        std::fs::remove_dir_all(&pack).map_err(|e| files::told(&pack, e))?;
    }
    extract(options, sample, &pack)
}

/// Generates `options` whole and copies what differs from `base` to `target`.
fn extract(options: &Options, base: &Path, target: &Path) -> Outcome<()> {
    let whole = tempfile::tempdir().map_err(|e| e.to_string())?;
    generate(options, whole.path())?;
    for (path, bytes) in differing(whole.path(), base)? {
        let file = target.join(path);
        let parent = file.parent().unwrap_or(target);
        std::fs::create_dir_all(parent).map_err(|e| files::told(parent, e))?;
        std::fs::write(&file, bytes).map_err(|e| files::told(&file, e))?;
    }
    Ok(())
}

/// Files below `whole` whose bytes are not those of the same file below `base`.
fn differing(whole: &Path, base: &Path) -> Outcome<BTreeMap<PathBuf, Vec<u8>>> {
    let mut found = BTreeMap::new();
    for path in files::listing(whole)? {
        let full = whole.join(&path);
        let bytes =
            std::fs::read(&full).map_err(|e| format!("cannot read `{}`: {e}", full.display()))?;
        if std::fs::read(base.join(&path)).ok().as_deref() != Some(bytes.as_slice()) {
            found.insert(path, bytes);
        }
    }
    Ok(found)
}

/// Generates both packs anew and compares them with the committed files.
fn check(sample: &Path) -> Outcome<()> {
    let fresh = tempfile::tempdir().map_err(|e| e.to_string())?;
    let (base, pack) = (fresh.path().join("a"), fresh.path().join("b"));
    generate(&Options::of(options::DEFAULT_SEED, Pack::A), &base)?;
    extract(&Options::of(options::DEFAULT_SEED, Pack::B), &base, &pack)?;
    let mut wrong = changed(&base, sample)?;
    wrong.extend(changed(&pack, &sample.join("packs/b"))?);
    wrong.extend(changed(&sample.join("exports"), &base.join("exports"))?);
    wrong.extend(changed(&sample.join("packs/b"), &pack)?);
    wrong.sort();
    wrong.dedup();
    if wrong.is_empty() {
        return Ok(());
    }
    let hint = "run `cargo xtask demo-data`, then `cargo xtask demo-data --pack b`";
    Err(format!(
        "{} file(s) are not what the generator writes: {}\nhint: {hint}",
        wrong.len(),
        wrong.join(", ")
    ))
}

/// Names of the files below `left` that are missing or different below `right`.
fn changed(left: &Path, right: &Path) -> Outcome<Vec<String>> {
    let paths = differing(left, right)?;
    Ok(paths
        .keys()
        .map(|path| format!("`{}`", path.display()))
        .collect())
}
