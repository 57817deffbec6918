//! What someone may do: decided by the policies in `policies.cedar` and nothing
//! else.
//!
//! Must hold: the policies fit the schema strictly, or the program does not
//! start; what they do not permit is refused, also when evaluating fails; a
//! remembered decision was made from exactly the same facts.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;
use std::sync::{PoisonError, RwLock};

use cedar_policy::{
    Authorizer as Evaluator, Context, Entities, Entity, EntityId, EntityTypeName, EntityUid,
    PolicySet, Request, RestrictedExpression, Schema, ValidationMode, Validator,
};
use tickmark_catalog::Problem;

use crate::account::Account;
use crate::action::Action;
use crate::id::AccountId;
use crate::role::{Role, Side};
use crate::token::{Scope, TokenBearer};

const SCHEMA: &str = include_str!("schema.cedarschema");
const POLICIES: &str = include_str!("policies.cedar");

/// Most decisions that are remembered; more roles and functions than a realm has.
const MAX_REMEMBERED: usize = 10_000;

/// Someone who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The realm the account belongs to.
    pub side: Side,
    /// The account.
    pub account: AccountId,
    /// Its role.
    pub role: Role,
    /// The owner roles whose controls they answer for.
    pub functions: BTreeSet<String>,
    /// Scopes of the API token they act through; `None` in person.
    pub scopes: Option<BTreeSet<Scope>>,
}

impl Principal {
    /// A person who is signed in to the realm of `side`.
    pub fn person(side: Side, account: &Account) -> Self {
        Self {
            side,
            account: account.id.clone(),
            role: account.role,
            functions: account.functions.clone(),
            scopes: None,
        }
    }

    /// A program that shows an API token.
    pub fn token(side: Side, bearer: &TokenBearer) -> Self {
        Self {
            scopes: Some(bearer.token.scopes.clone()),
            ..Self::person(side, &bearer.account)
        }
    }
}

/// What is acted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource<'a> {
    /// The company's program, and what belongs to it.
    Company,
    /// The firm's engagement, and what belongs to it.
    Firm,
    /// A control of the company.
    Control {
        /// The owner role that answers for it, for example `Head of People`.
        owner_role: &'a str,
    },
    /// An account.
    Account {
        /// Its id.
        id: &'a AccountId,
    },
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether it may be done.
    pub allowed: bool,
    /// The policies that decided, by id, in order; none when none permits it.
    pub policies: Vec<String>,
}

/// Exactly the facts that the policies are shown, and so all that a decision can
/// depend on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Question {
    action: Action,
    side: Side,
    role: Role,
    scopes: Option<BTreeSet<Scope>>,
    /// Of whoever acts; none unless the question is about a control.
    functions: BTreeSet<String>,
    /// Who acts; nobody unless the question is about an account.
    account: Option<AccountId>,
    resource: Asked,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Asked {
    Company,
    Firm,
    Control(String),
    Account(AccountId),
}

impl Question {
    fn new(principal: &Principal, action: Action, resource: Resource<'_>) -> Self {
        let resource = match resource {
            Resource::Company => Asked::Company,
            Resource::Firm => Asked::Firm,
            Resource::Control { owner_role } => Asked::Control(owner_role.to_owned()),
            Resource::Account { id } => Asked::Account(id.clone()),
        };
        let functions = match resource {
            Asked::Control(_) => principal.functions.clone(),
            _ => BTreeSet::new(),
        };
        let account = matches!(resource, Asked::Account(_)).then(|| principal.account.clone());
        Self {
            action,
            side: principal.side,
            role: principal.role,
            scopes: principal.scopes.clone(),
            functions,
            account,
            resource,
        }
    }
}

/// Decides who may do what.
pub struct Authorizer {
    evaluator: Evaluator,
    policies: PolicySet,
    schema: Schema,
    names: Names,
    remembered: RwLock<HashMap<Question, Decision>>,
}

impl fmt::Debug for Authorizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authorizer")
    }
}

impl Authorizer {
    /// Reads the policies and checks them against the schema.
    ///
    /// # Errors
    /// Policies that do not fit; nothing must start with them.
    pub fn new() -> Result<Self, Problem> {
        Self::with(SCHEMA, POLICIES)
    }

    fn with(schema: &str, policies: &str) -> Result<Self, Problem> {
        let (schema, _) = Schema::from_cedarschema_str(schema).map_err(|error| misfit(&error))?;
        let policies: PolicySet = policies.parse().map_err(|error| misfit(&error))?;
        check_ids(&policies)?;
        let checked = Validator::new(schema.clone()).validate(&policies, ValidationMode::Strict);
        if !checked.validation_passed_without_warnings() {
            let found = checked.validation_errors().map(ToString::to_string);
            let warned = checked.validation_warnings().map(ToString::to_string);
            let misfit = Problem::new("the access policies do not fit their schema");
            return Err(found.chain(warned).fold(misfit, Problem::cause));
        }
        Ok(Self {
            evaluator: Evaluator::new(),
            policies,
            schema,
            names: Names::new()?,
            remembered: RwLock::default(),
        })
    }

    /// Whether `principal` may do `action` to `resource`, and by which policy.
    /// An action that does not go with the resource is refused.
    pub fn decide(
        &self,
        principal: &Principal,
        action: Action,
        resource: Resource<'_>,
    ) -> Decision {
        let question = Question::new(principal, action, resource);
        if let Some(decision) = self.remembered(&question) {
            return decision;
        }
        let decision = self.evaluate(&question).unwrap_or(Decision {
            allowed: false,
            policies: Vec::new(),
        });
        self.remember(question, &decision);
        decision
    }

    fn remembered(&self, question: &Question) -> Option<Decision> {
        let remembered = self.remembered.read();
        let remembered = remembered.unwrap_or_else(PoisonError::into_inner);
        remembered.get(question).cloned()
    }

    fn remember(&self, question: Question, decision: &Decision) {
        let remembered = self.remembered.write();
        let mut remembered = remembered.unwrap_or_else(PoisonError::into_inner);
        if remembered.len() >= MAX_REMEMBERED {
            remembered.clear();
        }
        remembered.insert(question, decision.clone());
    }

    /// `None` when the question does not fit the schema.
    fn evaluate(&self, question: &Question) -> Option<Decision> {
        let request = Request::new(
            self.names.actor(),
            self.names.action(question.action),
            self.names.resource(&question.resource),
            Context::empty(),
            Some(&self.schema),
        );
        let entities = self.entities(question)?;
        let response = self
            .evaluator
            .is_authorized(&request.ok()?, &self.policies, &entities);
        let reasons = response.diagnostics().reason();
        let id = |policy| self.policies.annotation(policy, "id").map(str::to_owned);
        let policies: BTreeSet<String> = reasons.filter_map(id).collect();
        let is_sound = response.diagnostics().errors().next().is_none();
        Some(Decision {
            allowed: is_sound && response.decision() == cedar_policy::Decision::Allow,
            policies: policies.into_iter().collect(),
        })
    }

    fn entities(&self, question: &Question) -> Option<Entities> {
        let resource = self.names.resource(&question.resource);
        let attributes = match &question.resource {
            Asked::Control(owner_role) => HashMap::from([(
                "owner_role".to_owned(),
                RestrictedExpression::new_string(owner_role.clone()),
            )]),
            _ => HashMap::new(),
        };
        let resource = Entity::new(resource, attributes, HashSet::new()).ok()?;
        let actor = self.names.actor_of(question)?;
        Entities::from_entities([actor, resource], Some(&self.schema)).ok()
    }
}

/// Types of entities, parsed once.
struct Names {
    action: EntityTypeName,
    actor: EntityTypeName,
    account: EntityTypeName,
    company: EntityTypeName,
    control: EntityTypeName,
    firm: EntityTypeName,
    role: EntityTypeName,
    scope: EntityTypeName,
    side: EntityTypeName,
}

impl Names {
    fn new() -> Result<Self, Problem> {
        let name = |text: &str| text.parse().map_err(|error| misfit(&error));
        Ok(Self {
            action: name("Action")?,
            actor: name("Actor")?,
            account: name("Account")?,
            company: name("Company")?,
            control: name("Control")?,
            firm: name("Firm")?,
            role: name("Role")?,
            scope: name("Scope")?,
            side: name("Side")?,
        })
    }

    fn action(&self, action: Action) -> EntityUid {
        named(&self.action, action.as_str())
    }

    fn actor(&self) -> EntityUid {
        named(&self.actor, "")
    }

    /// An id is never empty, so the empty one is nobody's.
    fn account(&self, id: Option<&AccountId>) -> EntityUid {
        named(&self.account, id.map_or("", AccountId::as_str))
    }

    fn resource(&self, asked: &Asked) -> EntityUid {
        match asked {
            Asked::Company => named(&self.company, ""),
            Asked::Firm => named(&self.firm, ""),
            Asked::Control(_) => named(&self.control, ""),
            Asked::Account(id) => self.account(Some(id)),
        }
    }

    fn actor_of(&self, question: &Question) -> Option<Entity> {
        let entity = |uid| RestrictedExpression::new_entity_uid(uid);
        let scopes = question.scopes.iter().flatten();
        let scopes = scopes.map(|scope| entity(named(&self.scope, scope.as_str())));
        let functions = question.functions.iter().cloned();
        let functions = functions.map(RestrictedExpression::new_string);
        let attributes = [
            ("account", entity(self.account(question.account.as_ref()))),
            ("side", entity(named(&self.side, question.side.as_str()))),
            ("role", entity(named(&self.role, question.role.as_str()))),
            ("functions", RestrictedExpression::new_set(functions)),
            (
                "by_token",
                RestrictedExpression::new_bool(question.scopes.is_some()),
            ),
            ("scopes", RestrictedExpression::new_set(scopes)),
        ];
        let attributes = attributes.map(|(name, value)| (name.to_owned(), value));
        Entity::new(self.actor(), attributes.into(), HashSet::new()).ok()
    }
}

fn named(kind: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
}

/// Every policy has an id of its own, for the record of what decided.
fn check_ids(policies: &PolicySet) -> Result<(), Problem> {
    let mut seen = HashSet::new();
    for policy in policies.policies() {
        match policy.annotation("id") {
            Some(id) if seen.insert(id.to_owned()) => {}
            Some(id) => return Err(Problem::new(format!("two access policies have id `{id}`"))),
            None => {
                let nameless = Problem::new("an access policy has no `@id`");
                return Err(nameless.cause(policy.to_string()));
            }
        }
    }
    Ok(())
}

fn misfit(error: &dyn std::error::Error) -> Problem {
    Problem::new("the access policies cannot be read").cause(error.to_string())
}

#[cfg(test)]
mod tests;
