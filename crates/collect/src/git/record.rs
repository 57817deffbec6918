//! The records that are handed to evidence: one JSON object a line, and the
//! mapping that makes rows of a dataset out of them.
//!
//! Must hold: a record holds what was read, texts as texts and times as the
//! seconds git wrote; the mapping is plain data that anyone can apply again.

use serde_json::{Value, json};
use tickmark_evidence::{EvidenceError, RawFile, RawWriter, Store};

use super::GitSource;
use super::change::{Change, Changes};
use super::history::{Commit, History, seconds};
use super::object::Actor;
use super::repository::{Branch, GitRef};

/// Who commits for people that press a button in the code host.
const BUTTON_COMMITTER: &str = "noreply@github.com";

/// Everything that was read, ready to be written.
pub(super) struct Records<'g> {
    source: &'g GitSource<'g>,
    branch: &'g Branch,
    refs: &'g [GitRef],
    history: &'g History,
    changes: Changes,
}

/// The records of one dataset.
pub(super) struct RawRecords<'g> {
    pub(super) dataset: &'static str,
    records: &'g Records<'g>,
    suffix: &'static str,
    columns: &'static str,
    not_collected: &'static [&'static str],
    rows: Vec<Value>,
}

impl<'g> Records<'g> {
    pub(super) fn of(
        source: &'g GitSource<'g>,
        branch: &'g Branch,
        refs: &'g [GitRef],
        history: &'g History,
    ) -> Self {
        let changes = Changes::of(history, branch.tip.and_then(|tip| history.place(tip)));
        Self {
            source,
            branch,
            refs,
            history,
            changes,
        }
    }

    /// All commits, in order of commit time.
    pub(super) fn commits(&self) -> RawRecords<'_> {
        let commits = self.history.in_time_order();
        let rows = commits
            .into_iter()
            .filter_map(|place| self.history.commit(place));
        RawRecords {
            dataset: "commits",
            records: self,
            suffix: "commits",
            columns: include_str!("columns/commits.toml"),
            not_collected: &["whether signatures are valid: only their presence was read"],
            rows: rows
                .map(|commit| commit_row(self.source.repo, commit))
                .collect(),
        }
    }

    /// Changes merged into the default branch, oldest first.
    pub(super) fn pull_requests(&self) -> RawRecords<'_> {
        RawRecords {
            dataset: "pull_requests",
            records: self,
            suffix: "pull-requests",
            columns: include_str!("columns/pull_requests.toml"),
            not_collected: &[
                "logins of the code host: accounts are the addresses that commits name",
                "when a change was opened: the time of its first commit stands for it",
                "changes that were closed without being merged",
            ],
            rows: self
                .changes
                .changes
                .iter()
                .filter_map(|change| self.change_row(change))
                .collect(),
        }
    }

    /// Approvals told by trailers of merge commits and of the commits merged.
    pub(super) fn reviews(&self) -> RawRecords<'_> {
        RawRecords {
            dataset: "reviews",
            records: self,
            suffix: "reviews",
            columns: include_str!("columns/reviews.toml"),
            not_collected: &[
                "reviews recorded in the code host only: these are `Reviewed-by` and `Approved-by` trailers, which whoever commits can write",
                "when a review was given: the time of the commit that names it stands for it",
            ],
            rows: self
                .changes
                .changes
                .iter()
                .flat_map(|change| self.review_rows(change))
                .collect(),
        }
    }

    /// Tags, in order of time.
    pub(super) fn releases(&self) -> RawRecords<'_> {
        RawRecords {
            dataset: "releases",
            records: self,
            suffix: "releases",
            columns: include_str!("columns/releases.toml"),
            not_collected: &["whether signatures are valid: only their presence was read"],
            rows: self.release_rows(),
        }
    }

    fn change_row(&self, change: &Change) -> Option<Value> {
        let merge = self.history.commit(change.merge)?;
        let head = self.history.commit(change.head)?;
        let first = change
            .members
            .iter()
            .filter_map(|place| self.history.commit(*place))
            .chain([head])
            .min_by_key(|commit| seconds(&commit.object.author))?;
        let author = &head.object.author;
        Some(json!({
            "repo": self.source.repo,
            "number": change.number,
            "author": author.email,
            "author_kind": if is_bot(author) { "bot" } else { "human" },
            "title": merge.object.message.title(),
            "base": self.branch.name,
            "head_sha": head.id.to_string(),
            "merge_sha": merge.id.to_string(),
            "created_at": first.object.author.seconds,
            "merged_at": merge.object.committer.seconds,
            "merged_by": merged_by(change, merge),
            "commits": change.members.len(),
            "parents": merge.parents.len(),
        }))
    }

    fn review_rows(&self, change: &Change) -> Vec<Value> {
        let mut commits: Vec<&Commit> = change
            .members
            .iter()
            .filter_map(|place| self.history.commit(*place))
            .collect();
        commits.sort_by_cached_key(|commit| (seconds(&commit.object.committer), commit.id));
        commits.extend(self.history.commit(change.merge));
        let head = self.history.commit(change.head);
        let mut rows = Vec::new();
        for commit in commits {
            let is_merge = !change.is_squash && commit.parents.len() > 1;
            let reviewed = head.filter(|_| is_merge).unwrap_or(commit);
            for (index, approver) in commit.object.message.approvers.iter().enumerate() {
                rows.push(json!({
                    "id": format!("{}:{}", commit.id, index + 1),
                    "repo": self.source.repo,
                    "number": change.number,
                    "reviewer": approver,
                    "at": commit.object.committer.seconds,
                    "commit": reviewed.id.to_string(),
                }));
            }
        }
        rows
    }

    fn release_rows(&self) -> Vec<Value> {
        let mut rows = Vec::new();
        for tag in &self.history.tags {
            let Some(commit) = self.history.commit(tag.commit) else {
                continue;
            };
            let actor = tag.tagger.as_ref().unwrap_or(&commit.object.committer);
            let row = json!({
                "repo": self.source.repo,
                "tag": tag.name,
                "sha": commit.id.to_string(),
                "tagged_at": actor.seconds,
                "tagger": tag.tagger.as_ref().map(|tagger| tagger.email.as_str()),
                "is_signed": tag.is_signed,
            });
            rows.push((seconds(actor), tag.name.as_str(), row));
        }
        rows.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
        rows.into_iter().map(|(_, _, row)| row).collect()
    }

    /// What was asked of the repository.
    fn request(&self) -> String {
        let tip = self
            .branch
            .tip
            .map_or_else(|| "no commit".to_owned(), |tip| tip.to_string());
        format!(
            "all objects reached from {} refs of `{}`; default branch `{}` at {tip}",
            self.refs.len(),
            self.source.repo,
            self.branch.name
        )
    }

    /// What a reader should know.
    fn notes(&self) -> Vec<String> {
        let lossy = self
            .history
            .commits
            .iter()
            .filter(|commit| commit.object.is_lossy)
            .count();
        let changes = &self.changes;
        let squashed = changes
            .changes
            .iter()
            .filter(|change| change.is_squash)
            .count();
        let counts = [
            (
                changes.direct_count,
                "commit(s) reached the default branch without a merge or a number",
            ),
            (
                squashed as u64,
                "change(s) were squashed into one commit and are known by their number",
            ),
            (
                changes.octopus_count,
                "merge(s) have more than two parents; the second stands for the change",
            ),
            (
                changes.unnumbered_count,
                "change(s) have no number of their own; it is made of the commit id",
            ),
            (
                lossy as u64,
                "commit(s) hold bytes that are no text; they are shown as U+FFFD",
            ),
            (
                self.history.other_refs.len() as u64,
                "ref(s) lead to something that is not a commit",
            ),
        ];
        let told = counts.iter().filter(|(count, _)| *count > 0);
        told.map(|(count, what)| format!("{count} {what}"))
            .collect()
    }
}

const NEVER_COLLECTED: [&str; 2] = [
    "commits that no ref leads to any more, such as those of deleted or rewritten branches",
    "`refs/notes`, `refs/replace` and `refs/stash`",
];

impl RawRecords<'_> {
    /// Name of the mapping in problems.
    pub(super) fn mapping_name(&self) -> String {
        format!("mapping of {}", self.source_id())
    }

    fn source_id(&self) -> String {
        format!("{}-{}", self.records.source.source_id, self.suffix)
    }

    fn file_name(&self) -> String {
        format!("git/{}.ndjson", self.source_id())
    }

    /// The mapping file.
    pub(super) fn mapping(&self) -> String {
        let source = self.records.source;
        let not_collected: Vec<&str> = self
            .not_collected
            .iter()
            .copied()
            .chain(NEVER_COLLECTED)
            .collect();
        let keys = [
            ("id", json!(self.source_id())),
            ("dataset", json!(self.dataset)),
            ("system", json!(source.system)),
            ("tenant", json!(source.tenant)),
            ("format", json!("ndjson")),
            ("files", json!([self.file_name()])),
            ("observed_at", json!(source.collected_at.to_string())),
            ("request", json!(self.records.request())),
            ("covers", json!(source.covers.to_string())),
            ("source_count", json!(self.rows.len())),
            ("not_collected", json!(not_collected)),
            ("notes", json!(self.records.notes())),
            ("grade", json!("connector")),
        ];
        // JSON texts, numbers and lists of texts are also TOML.
        let head: String = keys
            .iter()
            .map(|(key, value)| format!("{key} = {value}\n"))
            .collect();
        format!("{head}{}", self.columns)
    }

    /// Writes the records as a raw file.
    pub(super) fn write(&self, store: &Store) -> Result<RawFile, EvidenceError> {
        let mut file = RawWriter::new(&self.file_name(), store)?;
        for row in &self.rows {
            file.append(format!("{row}\n").as_bytes())?;
        }
        file.finish()
    }
}

fn commit_row(repo: &str, commit: &Commit) -> Value {
    let object = &commit.object;
    json!({
        "repo": repo,
        "sha": commit.id.to_string(),
        "parents": object.parents.len(),
        "is_merge": object.parents.len() > 1,
        "author": object.author.email,
        "author_time": object.author.seconds,
        "committer": object.committer.email,
        "commit_time": object.committer.seconds,
        "signature": object.signature.as_str(),
        "subject": object.message.subject,
    })
}

/// Who merged: the author of a merge commit; of a squashed change the
/// committer, unless that is the code host itself.
fn merged_by(change: &Change, merge: &Commit) -> Option<String> {
    let object = &merge.object;
    let email = if change.is_squash {
        &object.committer.email
    } else {
        &object.author.email
    };
    (email != BUTTON_COMMITTER).then(|| email.clone())
}

/// Whether the name or address carries the mark that code hosts give to bots.
fn is_bot(author: &Actor) -> bool {
    author.name.ends_with("[bot]") || author.email.contains("[bot]@")
}
