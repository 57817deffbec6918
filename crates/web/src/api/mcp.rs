//! The tools of `tickmark mcp`: the interface's reading side, for assistants
//! that speak the Model Context Protocol.
//!
//! What must hold: every tool reads and none changes or concludes; the
//! workspace is opened for reading, so a server that writes it is not kept
//! waiting; what a tool answers are the types of the interface.

use std::sync::{Arc, Mutex, PoisonError};

use rmcp::handler::server::wrapper::{Json, Parameters};
use rmcp::schemars::{self, JsonSchema};
use rmcp::transport::IntoTransport;
use rmcp::{RoleServer, ServerHandler, ServiceExt, tool, tool_handler, tool_router};
use serde::{Deserialize, Serialize};
use tickmark_catalog::{CriterionId, Problem};
use tickmark_realm::{CompanyState, Folded, Moment, Result, Workspace};

use super::controls::{self, Control, ControlDetail};
use super::criteria::{self, Criterion, CriterionDetail};
use super::ledger::{self, Entry, EntryDetail};
use super::page::{Cut, Page};
use super::populations::{self, Population, PopulationDetail};
use super::readiness::{self, Readiness};
use super::search::{self, FoundList};
use super::tests::{self, ControlTestDetail, ControlTestSummary, Item};
use super::words::{ItemStatus, Standing};
use crate::fault::Fault;
use crate::picture::{Picture, Recorded, run_of};
use crate::results::Results;

/// A company's workspace, read for an assistant.
pub struct Tools {
    workspace: Workspace,
    at: Option<Moment>,
    results: Results,
    picture: Mutex<Arc<Picture>>,
}

/// What a tool answers: a value, or what to tell the assistant.
type Told<T> = std::result::Result<Json<T>, String>;

/// Which control.
#[derive(Deserialize, JsonSchema)]
struct OneControl {
    /// Identifier, for example `TM-048`.
    id: String,
}

/// Which criterion.
#[derive(Deserialize, JsonSchema)]
struct OneCriterion {
    /// Identifier, for example `CC6.2`.
    id: String,
}

/// Which control test.
#[derive(Deserialize, JsonSchema)]
struct OneTest {
    /// Identifier, for example `access-removed-on-leaving`.
    id: String,
}

/// Which population.
#[derive(Deserialize, JsonSchema)]
struct OnePopulation {
    /// Name of the dataset, for example `leavers`.
    dataset: String,
}

/// Which controls.
#[derive(Deserialize, JsonSchema)]
struct SomeControls {
    /// Only controls that stand so.
    standing: Option<Standing>,
    /// Only controls that support this criterion.
    criterion: Option<String>,
    /// Only controls that this role answers for.
    owner_role: Option<String>,
}

/// Which items of which control test.
#[derive(Deserialize, JsonSchema)]
struct SomeItems {
    /// The control test.
    test: String,
    /// Only items with this status.
    status: Option<ItemStatus>,
    /// Most items to answer with, 1 to 500; 100 where it is not said.
    limit: Option<usize>,
    /// `next` of the page before.
    after: Option<String>,
}

/// Which entries of the ledger.
#[derive(Deserialize, JsonSchema)]
struct SomeEntries {
    /// Only entries of this kind, for example `control_tests.run_recorded/1`.
    kind: Option<String>,
    /// Only entries about this.
    subject: Option<String>,
    /// Only entries of this actor.
    actor: Option<String>,
    /// Most entries to answer with, 1 to 500; 100 where it is not said.
    limit: Option<usize>,
    /// `next` of the page before.
    after: Option<String>,
}

/// Which entry.
#[derive(Deserialize, JsonSchema)]
struct OneEntry {
    /// Index, from 0.
    index: u64,
}

/// What to look for.
#[derive(Deserialize, JsonSchema)]
struct Words {
    /// Words that all have to occur.
    words: String,
}

/// Which item of which control test.
#[derive(Deserialize, JsonSchema)]
struct OneItem {
    /// The control test.
    test: String,
    /// The item, as the list of items names it.
    item: String,
}

/// Several values.
#[derive(Serialize, JsonSchema)]
struct List<T> {
    /// The values.
    items: Vec<T>,
}

/// An item of a control test with everything that bears on it.
#[derive(Serialize, JsonSchema)]
struct Explanation {
    /// The item with its status and its reason.
    item: Item,
    /// What the test checks, how, and what to do about a deviation.
    test: ControlTestDetail,
    /// The controls tested, as they stand.
    controls: Vec<Control>,
    /// What the result was computed from: each dataset, its source and digest.
    computed_from: Vec<ComputedFrom>,
}

/// A snapshot a result was computed from.
#[derive(Serialize, JsonSchema)]
struct ComputedFrom {
    /// The dataset.
    dataset: String,
    /// The source it came from.
    source: String,
    /// When the source was observed.
    observed_at: String,
    /// Digest of its rows.
    sha256: String,
}

impl Tools {
    /// The tools over a workspace, as of now or of a moment.
    ///
    /// # Errors
    /// When the ledger cannot be read or does not reach the moment.
    pub fn open(workspace: Workspace, at: Option<Moment>) -> Result<Self> {
        let results = Results::new(workspace.results_folder());
        let state = Arc::new(CompanyState::read(&workspace, at)?);
        let picture = Mutex::new(Arc::new(Picture::new(state, &results, None)?));
        Ok(Self {
            workspace,
            at,
            results,
            picture,
        })
    }

    /// Answers over a transport until the other side ends.
    ///
    /// # Errors
    /// When the two sides do not come to speak.
    pub async fn serve<T, E, A>(self, transport: T) -> Result<()>
    where
        T: IntoTransport<RoleServer, E, A>,
        E: std::error::Error + Send + Sync + 'static,
    {
        let failed = |cause: String| {
            Problem::new("the assistant and this program did not come to speak")
                .cause(cause)
                .hint("start it from a client of the Model Context Protocol")
        };
        let service = ServiceExt::<RoleServer>::serve(self, transport)
            .await
            .map_err(|error| failed(error.to_string()))?;
        service
            .waiting()
            .await
            .map_err(|error| failed(error.to_string()))?;
        Ok(())
    }

    /// Answers over standard input and output.
    ///
    /// # Errors
    /// As [`Self::serve`].
    pub async fn serve_stdio(self) -> Result<()> {
        self.serve(rmcp::transport::io::stdio()).await
    }

    /// The company now: read again when its ledger grew meanwhile.
    fn picture(&self) -> std::result::Result<Arc<Picture>, String> {
        let told = |error: tickmark_realm::Error| error.to_string();
        let mut held = self.picture.lock().unwrap_or_else(PoisonError::into_inner);
        if self.at.is_none() {
            let size = self
                .workspace
                .reader()
                .and_then(|reader| Ok(reader.head()?.size))
                .map_err(told)?;
            if size != held.state.size {
                let state = Arc::new(CompanyState::read(&self.workspace, None).map_err(told)?);
                *held = Arc::new(Picture::new(state, &self.results, None).map_err(told)?);
            }
        }
        Ok(Arc::clone(&held))
    }

    /// Answers from the program that was recorded.
    fn answer<T>(
        &self,
        read: impl FnOnce(&Picture, &Recorded) -> std::result::Result<T, String>,
    ) -> Told<T> {
        let picture = self.picture()?;
        let recorded = picture
            .recorded
            .as_ref()
            .ok_or("no program was recorded yet; `tickmark apply` records it")?;
        read(&picture, recorded).map(Json)
    }
}

/// What is said where nothing has this name.
fn unknown(what: &str, id: &str, tool: &str) -> String {
    format!("there is no {what} `{id}`; `{tool}` names them")
}

fn page<T, K>(
    cut: &Cut,
    all: impl IntoIterator<Item = T>,
    key: impl Fn(&T) -> K,
) -> std::result::Result<Page<T>, String>
where
    K: Ord + std::fmt::Display + std::str::FromStr,
{
    Page::of(cut, all, key).map_err(|malformed| malformed.message().to_owned())
}

#[tool_router]
impl Tools {
    /// Where the program stands: for each criterion which controls are
    /// evidenced, which deviate, and what is missing.
    #[tool(annotations(read_only_hint = true, open_world_hint = false))]
    fn readiness(&self) -> Told<Readiness> {
        self.answer(|_, recorded| Ok(readiness::readiness(recorded)))
    }

    /// Lists the trust services criteria in scope.
    #[tool(annotations(read_only_hint = true, open_world_hint = false))]
    fn list_criteria(&self) -> Told<List<Criterion>> {
        self.answer(|_, recorded| {
            Ok(List {
                items: criteria::criteria(recorded).collect(),
            })
        })
    }

    /// Reads one criterion with its controls and points of focus.
    #[tool(annotations(read_only_hint = true, open_world_hint = false))]
    fn get_criterion(&self, Parameters(wanted): Parameters<OneCriterion>) -> Told<CriterionDetail> {
        self.answer(|_, recorded| {
            let id: Option<CriterionId> = wanted.id.parse().ok();
            id.and_then(|id| criteria::criterion(recorded, id))
                .ok_or_else(|| unknown("criterion in scope", &wanted.id, "list_criteria"))
        })
    }

    /// Lists controls and how each stands.
    #[tool(annotations(read_only_hint = true, open_world_hint = false))]
    fn list_controls(&self, Parameters(wanted): Parameters<SomeControls>) -> Told<List<Control>> {
        let SomeControls {
            standing,
            criterion,
            owner_role,
        } = wanted;
        let wanted = controls::Wanted {
            standing,
            criterion,
            owner_role,
        };
        self.answer(|_, recorded| {
            Ok(List {
                items: controls::controls(recorded, &wanted),
            })
        })
    }

    /// Reads one control: its description, tests, documents and how it stands.
    #[tool(annotations(read_only_hint = true, open_world_hint = false))]
    fn get_control(&self, Parameters(wanted): Parameters<OneControl>) -> Told<ControlDetail> {
        self.answer(|picture, recorded| {
            let id = wanted.id.parse().ok();
            id.and_then(|id| controls::control(picture, recorded, &id))
                .ok_or_else(|| unknown("control", &wanted.id, "list_controls"))
        })
    }

    /// Lists the control tests in force with what each found last.
    #[tool(annotations(read_only_hint = true, open_world_hint = false))]
    fn list_tests(
        &self,
        Parameters(wanted): Parameters<tests::Wanted>,
    ) -> Told<List<ControlTestSummary>> {
        self.answer(|picture, recorded| {
            Ok(List {
                items: tests::tests(picture, recorded, &wanted),
            })
        })
    }

    /// Reads one control test: what it checks, its SQL, its latest run and
    /// management's answer to it.
    #[tool(annotations(read_only_hint = true, open_world_hint = false))]
    fn get_test(&self, Parameters(wanted): Parameters<OneTest>) -> Told<ControlTestDetail> {
        self.answer(|picture, recorded| {
            let id = wanted.id.parse().ok();
            id.and_then(|id| tests::test(picture, recorded, &self.results, &id))
                .ok_or_else(|| unknown("control test", &wanted.id, "list_tests"))
        })
    }

    /// Lists the items of the latest run of a control test, each with its status
    /// and reason.
    #[tool(annotations(read_only_hint = true, open_world_hint = false))]
    fn list_items(&self, Parameters(wanted): Parameters<SomeItems>) -> Told<Page<Item>> {
        self.answer(|picture, recorded| {
            let result = self.result(picture, recorded, &wanted.test)?;
            let all = result.items.iter().filter(|it| {
                wanted
                    .status
                    .is_none_or(|status| status == it.status.into())
            });
            let cut = Cut {
                limit: wanted.limit,
                after: wanted.after,
            };
            Ok(page(&cut, all, |it| it.item.clone())?.map(tests::item))
        })
    }

    /// Explains one item of a control test, a deviation above all: what was
    /// found, what the test asks, why it matters, what it was computed from, and
    /// what management answered. It draws no conclusion.
    #[tool(annotations(read_only_hint = true, open_world_hint = false))]
    fn explain_deviation(&self, Parameters(wanted): Parameters<OneItem>) -> Told<Explanation> {
        self.answer(|picture, recorded| {
            let result = self.result(picture, recorded, &wanted.test)?;
            let item = result
                .items
                .iter()
                .find(|it| it.item == wanted.item)
                .ok_or_else(|| unknown("item", &wanted.item, "list_items"))?;
            let test = tests::test(picture, recorded, &self.results, &result.test)
                .ok_or_else(|| unknown("control test", &wanted.test, "list_tests"))?;
            let tested = controls::controls(recorded, &controls::Wanted::default())
                .into_iter()
                .filter(|it| test.test.controls.contains(&it.id));
            let snapshot = |it: &tickmark_control_tests::SnapshotRef| ComputedFrom {
                dataset: it.dataset.clone(),
                source: it.source.clone(),
                observed_at: it.observed_at.to_string(),
                sha256: it.sha256.to_string(),
            };
            Ok(Explanation {
                item: tests::item(item),
                controls: tested.collect(),
                computed_from: result.inputs.snapshots.iter().map(snapshot).collect(),
                test,
            })
        })
    }

    /// Lists the populations and how complete each is shown to be.
    #[tool(annotations(read_only_hint = true, open_world_hint = false))]
    fn list_populations(&self) -> Told<List<Population>> {
        self.answer(|picture, recorded| {
            Ok(List {
                items: populations::populations(picture, recorded),
            })
        })
    }

    /// Reads one population: its columns, sources and who reads it.
    #[tool(annotations(read_only_hint = true, open_world_hint = false))]
    fn get_population(
        &self,
        Parameters(wanted): Parameters<OnePopulation>,
    ) -> Told<PopulationDetail> {
        self.answer(|picture, recorded| {
            populations::population(picture, recorded, &wanted.dataset)
                .ok_or_else(|| unknown("population", &wanted.dataset, "list_populations"))
        })
    }

    /// Finds controls, criteria, tests, policies, risks, vendors, commitments,
    /// populations and documents by words.
    #[tool(annotations(read_only_hint = true, open_world_hint = false))]
    fn search(&self, Parameters(wanted): Parameters<Words>) -> Told<FoundList> {
        self.answer(|picture, _| Ok(search::find(picture, &wanted.words)))
    }

    /// Lists entries of the ledger, oldest first: who did what when.
    #[tool(annotations(read_only_hint = true, open_world_hint = false))]
    fn list_entries(&self, Parameters(wanted): Parameters<SomeEntries>) -> Told<Page<Entry>> {
        let SomeEntries {
            kind,
            subject,
            actor,
            limit,
            after,
        } = wanted;
        let (wanted, cut) = (
            ledger::Wanted {
                kind,
                subject,
                actor,
            },
            Cut { limit, after },
        );
        self.answer(|picture, _| {
            let lines = picture
                .state
                .journal
                .lines()
                .filter(|line| wanted.has(line));
            Ok(page(&cut, lines, |line| line.index)?.map(|line| ledger::entry(&line)))
        })
    }

    /// Reads one entry of the ledger with what it says.
    #[tool(annotations(read_only_hint = true, open_world_hint = false))]
    fn get_entry(&self, Parameters(wanted): Parameters<OneEntry>) -> Told<EntryDetail> {
        self.answer(|picture, _| {
            match ledger::read_entry(&self.workspace, &picture.state.journal, wanted.index) {
                Ok(told) => Ok(ledger::detail(told)),
                Err(Fault::NotFound) => Err(format!(
                    "the ledger has no entry {}: it has {}, counted from 0",
                    wanted.index, picture.state.size
                )),
                Err(fault) => Err(crate::jobs::told(&fault.problems()).join("; ")),
            }
        })
    }
}

impl Tools {
    /// The result of the latest run of a test.
    fn result(
        &self,
        picture: &Picture,
        recorded: &Recorded,
        test: &str,
    ) -> std::result::Result<Arc<tickmark_control_tests::TestResult>, String> {
        let id = test.parse().ok();
        let id = id
            .filter(|id| recorded.test(id).is_some())
            .ok_or_else(|| unknown("control test", test, "list_tests"))?;
        let run = run_of(&picture.state, &id, recorded.program.period)
            .ok_or_else(|| format!("control test `{test}` was not run over the period yet"))?;
        self.results
            .of(run)
            .ok_or_else(|| crate::jobs::told(&tests::gone().into()).join("; "))
    }
}

#[tool_handler(
    name = "tickmark",
    instructions = "Reads a company's SOC 2 program as its ledger recorded it: criteria, controls, control tests over whole populations with every item, populations and their completeness, ledger entries. Nothing can be changed and nothing is concluded here: whether a control operated effectively and what the opinion is are for the auditor's people. Say 'not tested' where a test could not tell; it never means 'no deviations'. Name the digest or the ledger entry a statement rests on."
)]
impl ServerHandler for Tools {}
