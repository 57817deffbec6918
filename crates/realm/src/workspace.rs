//! Where a realm lives on disk.
//!
//! ```text
//! DIR/                  the program's files, or the firm's decisions
//! DIR/.tickmark/        the store: written by Tickmark only
//!   workspace.toml      version, realm, origin
//!   ledger.db           the ledger
//!   evidence/           the content-addressed store
//!   results/            results of control tests by key; can be made again
//!   access.db           secrets of who may come in; made by the server
//! KEYS/<id>.key         the signing key, outside the workspace
//! KEYS/<id>.head        the last signed head, outside the workspace
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tickmark_catalog::{Place, Problem};
use tickmark_evidence::Store;
use tickmark_ledger::{Ledger, LedgerReader, LogKey};

use crate::error::{Error, Result};
use crate::folder::Unfinished;
use crate::surroundings::Surroundings;

/// Version of the workspace's layout that this program writes and reads.
const VERSION: u32 = 1;

/// Which realm a workspace belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Realm {
    /// The service organization's.
    Company,
    /// The service auditor's.
    Firm,
}

/// What `workspace.toml` holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkspaceFile {
    /// Version of the layout.
    pub version: u32,
    /// Whose it is.
    pub realm: Realm,
    /// Id of the organization or firm: letters, digits, dashes.
    pub id: String,
    /// Origin line of the ledger's checkpoints.
    pub origin: String,
}

/// An opened workspace: its folders and names; the ledger is opened apart.
#[derive(Debug, Clone)]
pub struct Workspace {
    folder: PathBuf,
    keys: PathBuf,
    file: WorkspaceFile,
}

impl Workspace {
    /// Makes the store of a new workspace in `folder` and its key in `keys`.
    ///
    /// # Errors
    /// When a workspace or its key exists already, or a folder cannot be
    /// written; nothing is left behind half made.
    pub fn create(
        folder: &Path,
        keys: &Path,
        realm: Realm,
        id: &str,
        surroundings: &Surroundings,
        kinds: &[&str],
    ) -> Result<(Self, Ledger)> {
        check_id(id)?;
        let file = WorkspaceFile {
            version: VERSION,
            realm,
            id: id.to_owned(),
            origin: format!("tickmark.dev/{}/{id}", realm_name(realm)),
        };
        let workspace = Self {
            folder: folder.to_owned(),
            keys: keys.to_owned(),
            file,
        };
        if workspace.file_path().exists() {
            return Err(Problem::new(format!(
                "there is a workspace in `{}` already",
                folder.display()
            ))
            .hint("use it, or choose another folder")
            .into());
        }
        let unfinished = Unfinished::of([
            workspace.store_folder(),
            workspace.database(),
            workspace.key_path(),
            workspace.high_water_path(),
        ]);
        make(&workspace.store_folder())?;
        make(keys)?;
        LogKey::from_seed(surroundings.seed()).write_new(&workspace.key_path())?;
        let ledger = Ledger::create(
            workspace.settings(surroundings, kinds)?,
            &workspace.file.origin,
        )?;
        Store::open(&workspace.evidence_folder())?;
        let text =
            toml::to_string(&workspace.file).map_err(|error| Problem::new(error.to_string()))?;
        fs::write(workspace.file_path(), text)
            .map_err(|error| Error::file("written", &workspace.file_path(), &error))?;
        unfinished.finish();
        Ok((workspace, ledger))
    }

    /// Opens the workspace in `folder`.
    ///
    /// # Errors
    /// When there is none (naming one nearby), or it was made by a newer
    /// version.
    pub fn open(folder: &Path, keys: &Path) -> Result<Self> {
        let path = folder.join(".tickmark/workspace.toml");
        let text = fs::read_to_string(&path).map_err(|error| missing(folder, &path, &error))?;
        let place = || Place {
            file: path.display().to_string(),
            line: Some(1),
            column: None,
        };
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            let mut problem =
                Problem::new("the workspace file cannot be read").cause(error.message().to_owned());
            problem.place = Some(place());
            Error::Damaged(problem)
        })?;
        let version = table
            .get("version")
            .and_then(toml::Value::as_integer)
            .unwrap_or_default();
        if version != i64::from(VERSION) {
            let mut problem = Problem::new(format!(
                "the workspace has version {version}, this program reads version {VERSION}"
            ));
            problem.place = Some(place());
            return Err(problem
                .hint("use the version of Tickmark that wrote it, or a later one")
                .into());
        }
        let file = table.try_into().map_err(|error: toml::de::Error| {
            let mut problem =
                Problem::new("the workspace file cannot be read").cause(error.message().to_owned());
            problem.place = Some(place());
            Error::Damaged(problem)
        })?;
        Ok(Self {
            folder: folder.to_owned(),
            keys: keys.to_owned(),
            file,
        })
    }

    /// The folder of the program or the decisions.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What `workspace.toml` says.
    pub fn file(&self) -> &WorkspaceFile {
        &self.file
    }

    /// The ledger's database file.
    pub fn database(&self) -> PathBuf {
        self.store_folder().join("ledger.db")
    }

    /// The signing key's file, outside the workspace.
    pub fn key_path(&self) -> PathBuf {
        self.keys.join(format!("{}.key", self.file.id))
    }

    /// The file that remembers the last signed head, outside the workspace.
    pub fn high_water_path(&self) -> PathBuf {
        self.keys.join(format!("{}.head", self.file.id))
    }

    /// The content-addressed store.
    pub fn evidence(&self) -> Result<Store> {
        Ok(Store::open(&self.evidence_folder())?)
    }

    /// The folder of the content-addressed store, absolute where the system
    /// tells: SQL runs in a process that works in another folder.
    pub fn evidence_folder(&self) -> PathBuf {
        let folder = self.store_folder().join("evidence");
        std::path::absolute(&folder).unwrap_or(folder)
    }

    /// The folder in which results of control tests are kept by key.
    pub fn results_folder(&self) -> PathBuf {
        self.store_folder().join("results")
    }

    /// What is secret or unaudited of who may come in: hashes of passwords,
    /// sessions. Never part of a package.
    pub fn access_store(&self) -> PathBuf {
        self.store_folder().join("access.db")
    }

    /// Opens the ledger for reading.
    pub fn reader(&self) -> Result<LedgerReader> {
        Ok(LedgerReader::open(&self.database())?)
    }

    /// Opens the ledger for writing; only one process may.
    ///
    /// # Errors
    /// When another process has it, or it is not the one that was last signed.
    pub fn ledger(&self, surroundings: &Surroundings, kinds: &[&str]) -> Result<Ledger> {
        Ok(Ledger::open(self.settings(surroundings, kinds)?)?)
    }

    /// Everything the ledger needs from outside.
    pub fn settings(
        &self,
        surroundings: &Surroundings,
        kinds: &[&str],
    ) -> Result<tickmark_ledger::Settings> {
        let key = LogKey::read(&self.key_path())?;
        let (clock, random) = (surroundings.clone(), surroundings.clone());
        Ok(tickmark_ledger::Settings::new(
            &self.database(),
            &self.high_water_path(),
            key,
            kinds,
            move || clock.now(),
            move |bytes| random.fill(bytes),
        ))
    }

    /// Refuses a workspace of the other realm.
    pub fn expect(self, realm: Realm) -> Result<Self> {
        if self.file.realm == realm {
            return Ok(self);
        }
        let text = format!(
            "`{}` is the workspace of a {}, this command is for a {}",
            self.folder.display(),
            realm_name(self.file.realm),
            realm_name(realm)
        );
        Err(Problem::new(text).into())
    }

    fn store_folder(&self) -> PathBuf {
        self.folder.join(".tickmark")
    }

    fn file_path(&self) -> PathBuf {
        self.store_folder().join("workspace.toml")
    }
}

fn realm_name(realm: Realm) -> &'static str {
    match realm {
        Realm::Company => "company",
        Realm::Firm => "firm",
    }
}

fn check_id(id: &str) -> Result<()> {
    let plain = id
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if id.is_empty() || id.len() > 60 || !plain {
        return Err(
            Problem::new(format!("`{id}` cannot be the id of a workspace"))
                .hint("use lower-case letters, digits and dashes")
                .into(),
        );
    }
    Ok(())
}

fn make(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(|error| Error::file("made", folder, &error))
}

fn missing(folder: &Path, path: &Path, error: &std::io::Error) -> Error {
    if error.kind() != std::io::ErrorKind::NotFound {
        return Error::file("read", path, error);
    }
    let below = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(std::result::Result::ok);
    let near = below
        .map(|entry| entry.path())
        .find(|path| path.join(".tickmark/workspace.toml").is_file());
    let problem = Problem::new(format!("there is no workspace in `{}`", folder.display()));
    match near {
        Some(near) => problem.hint(format!(
            "there is one in `{}`: use `--workspace {}`",
            near.display(),
            near.display()
        )),
        None => problem.hint("make one with `tickmark init`, or name one with `--workspace DIR`"),
    }
    .into()
}
