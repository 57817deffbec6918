//! Access to a clone: its refs and its objects.
//!
//! Must hold: no configuration of the machine and no replacement ref changes
//! what is read; every object is hashed again; a missing or damaged object is
//! an error that names it.

use std::path::Path;

use gix::ObjectId;
use gix::objs::Kind;
use tickmark_catalog::Problem;
use tickmark_evidence::EvidenceError;

/// A clone that is opened for reading.
pub(super) struct GitRepository {
    inner: gix::Repository,
    shown: String,
}

/// A ref that leads to an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct GitRef {
    /// Full name, such as `refs/heads/main`.
    pub name: String,
    /// The object it names, before tags are followed.
    pub target: ObjectId,
}

/// The branch that changes are merged into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Branch {
    /// Short name, such as `main`.
    pub name: String,
    /// Its newest commit; `None` in a repository without commits.
    pub tip: Option<ObjectId>,
}

impl GitRepository {
    pub(super) fn open(path: &Path) -> Result<Self, EvidenceError> {
        let shown = path.display().to_string();
        let options =
            gix::open::Options::isolated().config_overrides(["core.useReplaceRefs=false"]);
        let inner = gix::open_opts(path, options).map_err(|error| {
            let problem = Problem::new(format!(
                "`{shown}` is not a git repository that can be read"
            ));
            match unread_format(path) {
                Some((why, hint)) => problem.cause(why).hint(hint),
                None => problem
                    .cause(lower_case(&error.to_string()))
                    .hint("name a work tree, its `.git` folder or a bare repository"),
            }
        })?;
        if let Some((why, hint)) = unread_format(path) {
            let problem = Problem::new(format!("`{shown}` cannot be read"));
            return Err(problem.cause(why).hint(hint).into());
        }
        let repository = Self { inner, shown };
        repository.refuse_shallow()?;
        Ok(repository)
    }

    fn refuse_shallow(&self) -> Result<(), EvidenceError> {
        if !self
            .inner
            .is_shallow()
            .map_err(|error| self.broken(error))?
        {
            return Ok(());
        }
        let problem = Problem::new(format!(
            "`{}` is a shallow clone: its history is cut off",
            self.shown
        ));
        Err(problem
            .hint("fetch the rest with `git fetch --unshallow`, then collect again")
            .into())
    }

    /// All refs by name, without notes, stashes and replacements.
    pub(super) fn refs(&self) -> Result<Vec<GitRef>, EvidenceError> {
        let platform = self
            .inner
            .references()
            .map_err(|error| self.broken(error))?;
        let mut refs = Vec::new();
        for found in platform.all().map_err(|error| self.broken(error))? {
            let found = found.map_err(|error| self.broken(error))?;
            let name = found.name().as_bstr().to_string();
            if let (true, Some(target)) = (is_read(&name), found.try_id()) {
                refs.push(GitRef {
                    name,
                    target: target.detach(),
                });
            }
        }
        refs.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(refs)
    }

    /// The branch to read changes from.
    pub(super) fn default_branch(&self, wanted: Option<&str>) -> Result<Branch, EvidenceError> {
        match wanted {
            Some(name) => self.named_branch(name),
            None => match self.symbolic("refs/remotes/origin/HEAD")? {
                Some(target) => {
                    self.named_branch(target.trim_start_matches("refs/remotes/origin/"))
                }
                None => self.checked_out(),
            },
        }
    }

    fn checked_out(&self) -> Result<Branch, EvidenceError> {
        let head = self.inner.head_name().map_err(|error| self.broken(error))?;
        let Some(head) = head else {
            let problem = Problem::new(format!("no branch is checked out in `{}`", self.shown));
            return Err(problem
                .hint("name the branch that changes are merged into with `--branch`")
                .into());
        };
        let name = head.shorten().to_string();
        let tip = self.find_ref(&head.as_bstr().to_string())?;
        Ok(Branch { name, tip })
    }

    fn named_branch(&self, name: &str) -> Result<Branch, EvidenceError> {
        for full in [
            format!("refs/heads/{name}"),
            format!("refs/remotes/origin/{name}"),
        ] {
            if let Some(tip) = self.find_ref(&full)? {
                return Ok(Branch {
                    name: name.to_owned(),
                    tip: Some(tip),
                });
            }
        }
        let problem = Problem::new(format!("`{}` has no branch `{name}`", self.shown));
        let names = self.branch_names()?;
        Err(match names.is_empty() {
            true => problem,
            false => problem.hint(format!("it has {}", names.join(", "))),
        }
        .into())
    }

    /// Short names of the local branches, for a hint.
    fn branch_names(&self) -> Result<Vec<String>, EvidenceError> {
        let refs = self.refs()?;
        let names = refs
            .iter()
            .filter_map(|found| found.name.strip_prefix("refs/heads/"));
        Ok(names.take(20).map(|name| format!("`{name}`")).collect())
    }

    fn find_ref(&self, name: &str) -> Result<Option<ObjectId>, EvidenceError> {
        let found = self
            .inner
            .try_find_reference(name)
            .map_err(|error| self.broken(error))?;
        Ok(found.and_then(|found| found.try_id().map(gix::Id::detach)))
    }

    fn symbolic(&self, name: &str) -> Result<Option<String>, EvidenceError> {
        let found = self
            .inner
            .try_find_reference(name)
            .map_err(|error| self.broken(error))?;
        let target = |found: &gix::Reference<'_>| match found.target() {
            gix::refs::TargetRef::Symbolic(name) => Some(name.as_bstr().to_string()),
            gix::refs::TargetRef::Object(_) => None,
        };
        Ok(found.as_ref().and_then(target))
    }

    /// The kind and bytes of an object, after hashing them again.
    ///
    /// `named_by`: what led to it, for the error.
    pub(super) fn object(
        &self,
        id: ObjectId,
        named_by: &str,
    ) -> Result<(Kind, Vec<u8>), EvidenceError> {
        let refuse = |why: String| {
            Problem::new(format!("object {id} of `{}` cannot be read", self.shown))
                .cause(lower_case(&why))
                .cause(format!("it is named by {named_by}"))
                .hint("check the clone with `git fsck`, then clone it again")
        };
        let object = self
            .inner
            .find_object(id)
            .map_err(|error| refuse(error.to_string()))?;
        let mut object = object.detach();
        let data = std::mem::take(&mut object.data);
        let found = gix::objs::compute_hash(id.kind(), object.kind, &data)
            .map_err(|error| refuse(error.to_string()))?;
        if found != id {
            return Err(refuse(format!("its bytes hash to {found}")).into());
        }
        Ok((object.kind, data))
    }

    /// A problem with one object.
    pub(super) fn malformed(&self, id: ObjectId, what: &str) -> EvidenceError {
        Problem::new(format!(
            "object {id} of `{}` is not a {what} that can be read",
            self.shown
        ))
        .into()
    }

    fn broken(&self, error: impl std::fmt::Display) -> EvidenceError {
        Problem::new(format!("`{}` cannot be read", self.shown))
            .cause(lower_case(&error.to_string()))
            .into()
    }
}

/// What a repository's own settings say that is not read here, and what to do.
fn unread_format(path: &Path) -> Option<(&'static str, &'static str)> {
    let folder = match path.join(".git") {
        inside if inside.exists() => inside,
        _ => path.to_owned(),
    };
    if !folder.join("HEAD").is_file() {
        return None;
    }
    let text = std::fs::read_to_string(folder.join("config")).ok()?;
    let text = text.to_ascii_lowercase();
    let has = |key: &str, value: &str| {
        text.lines()
            .filter_map(|line| line.split_once('='))
            .any(|(left, right)| left.trim() == key && right.trim() == value)
    };
    if has("objectformat", "sha256") {
        return Some((
            "its objects are named by SHA-256; repositories with SHA-1 are read",
            "import what the code host exports with a mapping instead",
        ));
    }
    has("refstorage", "reftable").then_some((
        "its refs are kept as a reftable, which is not read",
        "convert a clone with `git refs migrate --ref-format=files`",
    ))
}

/// A message of the library in the form of ours.
fn lower_case(message: &str) -> String {
    let mut letters = message.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

/// Whether a ref belongs to the history of the source code.
fn is_read(name: &str) -> bool {
    !["refs/notes/", "refs/replace/"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
        && name != "refs/stash"
}
