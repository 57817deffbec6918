//! One operation: its route and what the document says of it, in one
//! expression, so that neither is without the other.
//!
//! What must hold: the failures an operation is documented with follow from who
//! may use it and from what it takes; nobody writes them by hand.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::MethodRouter;
use serde_json::{Value, json};
use tickmark_access::{Action, Scope};
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{
    HttpMethod, Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathItem,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Required, Response, ResponseBuilder};
use utoipa::{IntoParams, ToSchema};

use super::{condition, query, repeat};
use crate::app::App;
use crate::route::{Access, Route};

/// Largest JSON that is taken, in bytes.
const MAX_JSON_BYTES: usize = 1024 * 1024;

/// An operation with its route.
pub struct Endpoint {
    route: Route,
    id: &'static str,
    tag: &'static str,
    summary: &'static str,
    description: &'static str,
    parameters: Vec<Parameter>,
    body: Option<utoipa::openapi::request_body::RequestBody>,
    answers: Vec<(StatusCode, Response)>,
    faults: BTreeSet<u16>,
    schemas: Schemas,
}

/// Schemas by name.
pub type Schemas = Vec<(String, RefOr<Schema>)>;

/// An operation that reads; its answer carries an entity tag.
pub fn read<H, T>(path: &'static str, access: Access, handler: H) -> Endpoint
where
    H: Handler<T, App>,
    T: 'static,
{
    let mut endpoint = read_live(path, access, handler);
    endpoint.route.handler = endpoint
        .route
        .handler
        .layer(from_fn(condition::conditional));
    let unchanged = ResponseBuilder::new()
        .description("Nothing changed since the entity tag was given")
        .header("ETag", tag_header())
        .build();
    endpoint.answers.push((StatusCode::NOT_MODIFIED, unchanged));
    endpoint.parameter(header(
        "If-None-Match",
        "Entity tags of answers at hand: one that still holds is answered with 304",
        text(json!("W/\"3f1c0a9be27d4c55\"")),
    ))
}

/// An operation that reads what changes from moment to moment.
pub fn read_live<H, T>(path: &'static str, access: Access, handler: H) -> Endpoint
where
    H: Handler<T, App>,
    T: 'static,
{
    Endpoint::new(crate::route::get(path, access, handler))
}

/// An operation that changes something; with a key it is done once.
pub fn change<H, T>(path: &'static str, access: Access, handler: H) -> Endpoint
where
    H: Handler<T, App>,
    T: 'static,
{
    let mut endpoint = upload(path, access, handler);
    endpoint.route.handler = endpoint
        .route
        .handler
        .layer(DefaultBodyLimit::max(MAX_JSON_BYTES));
    endpoint
}

/// An operation that takes a file in, as large as the server's settings allow.
pub fn upload<H, T>(path: &'static str, access: Access, handler: H) -> Endpoint
where
    H: Handler<T, App>,
    T: 'static,
{
    let mut endpoint = Endpoint::new(crate::route::post(path, access, handler));
    let once: MethodRouter<App> = endpoint.route.handler.layer(from_fn(repeat::once));
    endpoint.route.handler = once;
    endpoint.faults.extend([400, 409, 422]);
    let key = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^[!-~]+$"))
        .min_length(Some(1))
        .max_length(Some(repeat::MAX_KEY_CHARS))
        .examples([json!("4b1f6a0c-run-2026-07-03")]);
    endpoint.parameter(header(
        "Idempotency-Key",
        "A text of your choice: the same request with the same key is done once within a day, and answered as the first time",
        key.into(),
    ))
}

impl Endpoint {
    fn new(route: Route) -> Self {
        let mut faults = BTreeSet::from([500, 504]);
        if route.access != Access::Anyone {
            faults.extend([401, 404, 429]);
        }
        if matches!(route.access, Access::May(..)) {
            faults.insert(403);
        }
        Self {
            route,
            id: "",
            tag: "",
            summary: "",
            description: "",
            parameters: Vec::new(),
            body: None,
            answers: Vec::new(),
            faults,
            schemas: Vec::new(),
        }
    }

    /// Names it. `id`: of the operation, for generated clients; `tag`: the part
    /// of the document it is in; `description`: what `summary` does not say.
    pub fn named(
        mut self,
        id: &'static str,
        tag: &'static str,
        summary: &'static str,
        description: &'static str,
    ) -> Self {
        (self.id, self.tag, self.summary, self.description) = (id, tag, summary, description);
        self
    }

    /// Describes a part of the address.
    pub fn part(self, name: &'static str, description: &'static str, example: Value) -> Self {
        let schema = match &example {
            Value::Number(_) => whole_number(example),
            _ => text(example),
        };
        let part = ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .description(Some(description))
            .schema(Some(schema));
        self.parameter(part.build())
    }

    /// Takes the parameters of `Q` from the query.
    pub fn query<Q: IntoParams>(mut self) -> Self {
        self.parameters
            .extend(Q::into_params(|| Some(ParameterIn::Query)));
        self.faults.insert(400);
        self
    }

    /// Can be asked as of a past moment.
    pub fn at_a_moment(mut self) -> Self {
        self.faults.insert(422);
        let at = ParameterBuilder::new()
            .name("at")
            .parameter_in(ParameterIn::Query)
            .required(Required::False)
            .description(Some(
                "A past moment: the index of an entry, a day (its end in UTC) or an instant",
            ))
            .schema(Some(text(json!("2026-07-05"))));
        self.parameter(at.build())
    }

    fn parameter(mut self, parameter: Parameter) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// Takes a `B` as JSON.
    pub fn takes<B: ToSchema>(self) -> Self {
        self.takes_as::<B>("application/json")
    }

    /// Takes a `B` as a form with a file.
    pub fn takes_form<B: ToSchema>(self) -> Self {
        self.takes_as::<B>("multipart/form-data")
    }

    fn takes_as<B: ToSchema>(mut self, kind: &str) -> Self {
        let body = RequestBodyBuilder::new()
            .required(Some(Required::True))
            .content(
                kind,
                ContentBuilder::new().schema(Some(reference::<B>())).build(),
            );
        self.body = Some(body.build());
        self.learn::<B>();
        self.faults.extend([413, 415]);
        self
    }

    /// Answers a `T` as JSON.
    pub fn answers<T: ToSchema>(self, status: StatusCode, description: &str) -> Self {
        let content = ContentBuilder::new().schema(Some(reference::<T>())).build();
        let mut response = ResponseBuilder::new()
            .description(description)
            .content("application/json", content);
        if matches!(status, StatusCode::CREATED | StatusCode::ACCEPTED) {
            let place = HeaderBuilder::new()
                .description(Some("Where it can be read"))
                .schema(Some(text(json!("/api/v1/jobs/1"))));
            response = response.header("Location", place.build());
        }
        let mut endpoint = self.answered(status, response);
        endpoint.learn::<T>();
        endpoint
    }

    /// Answers bytes of another kind.
    pub fn answers_bytes(self, kind: &str, description: &str) -> Self {
        let schema = ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::Custom("binary".to_owned())));
        let content = ContentBuilder::new()
            .schema(Some(RefOr::T(Schema::from(schema))))
            .build();
        self.answered(
            StatusCode::OK,
            ResponseBuilder::new()
                .description(description)
                .content(kind, content),
        )
    }

    fn answered(mut self, status: StatusCode, mut response: ResponseBuilder) -> Self {
        if self
            .answers
            .iter()
            .any(|(known, _)| *known == StatusCode::NOT_MODIFIED)
        {
            response = response.header("ETag", tag_header());
        }
        self.answers.insert(0, (status, response.build()));
        self
    }

    /// Can fail with this status besides those that follow from the rest.
    pub fn may_answer(mut self, status: StatusCode) -> Self {
        self.faults.insert(status.as_u16());
        self
    }

    fn learn<T: ToSchema>(&mut self) {
        self.schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(&mut self.schemas);
    }

    /// The route, which refuses parameters it does not know.
    pub fn into_route(self) -> Route {
        let of_query = self
            .parameters
            .iter()
            .filter(|it| it.parameter_in == ParameterIn::Query);
        let names = of_query.map(|it| it.name.clone()).collect();
        let mut route = self.route;
        let known = Arc::new(query::Known {
            method: route.method.clone(),
            names,
        });
        route.handler = route
            .handler
            .layer(from_fn_with_state(known, query::known_only));
        route
    }

    /// What the document says: path, operation and the schemas it needs.
    pub fn described(self) -> (&'static str, PathItem, Schemas) {
        let path = self.route.path;
        let method = if self.route.method == axum::http::Method::POST {
            HttpMethod::Post
        } else {
            HttpMethod::Get
        };
        let schemas = self.schemas.clone();
        (path, PathItem::new(method, self.operation()), schemas)
    }

    fn operation(self) -> Operation {
        let needs = needs(self.route.access);
        let description = [self.description, &needs]
            .iter()
            .filter(|it| !it.is_empty())
            .copied()
            .collect::<Vec<_>>()
            .join("\n\n");
        // A parameter the query does not have is refused, whether it takes any or not.
        let faults = self
            .faults
            .into_iter()
            .chain([400])
            .collect::<BTreeSet<u16>>();
        let mut operation = OperationBuilder::new()
            .operation_id(Some(self.id))
            .tag(self.tag)
            .summary(Some(self.summary))
            .description((!description.is_empty()).then_some(description))
            .request_body(self.body);
        if !self.parameters.is_empty() {
            operation = operation.parameters(Some(self.parameters));
        }
        for (status, response) in self.answers {
            operation = operation.response(status.as_str(), response);
        }
        for status in faults {
            operation = operation.response(
                status.to_string(),
                Ref::from_response_name(format!("Problem{status}")),
            );
        }
        if self.route.access != Access::Anyone {
            operation = operation
                .security(SecurityRequirement::new::<&str, [&str; 0], &str>(
                    "token",
                    [],
                ))
                .security(SecurityRequirement::new::<&str, [&str; 0], &str>(
                    "session",
                    [],
                ));
        } else {
            operation = operation.security(SecurityRequirement::default());
        }
        operation.build()
    }
}

/// The scope an API token needs for an action; `None` where only a person may.
pub fn scope_for(action: Action) -> Option<Scope> {
    match action {
        Action::ViewProgram
        | Action::ViewPeople
        | Action::ViewPolicies
        | Action::ViewOwnAccount
        | Action::ViewEngagement
        | Action::ViewReport => Some(Scope::Read),
        Action::EditProgram
        | Action::EditControl
        | Action::SaveTest
        | Action::RespondToDeviation => Some(Scope::WriteProgram),
        Action::UploadEvidence
        | Action::ImportPopulation
        | Action::Reconcile
        | Action::SignCheckpoint
        | Action::MakePackage => Some(Scope::WriteEvidence),
        Action::RunTests | Action::RunUnsavedSql => Some(Scope::RunTests),
        Action::AcknowledgePolicy
        | Action::ApprovePolicy
        | Action::ManageAccess
        | Action::ManageSettings
        | Action::ManageWebhooks
        | Action::ManageKeys
        | Action::ManageOwnCredentials
        | Action::ManageOwnTokens => None,
    }
}

fn needs(access: Access) -> String {
    match access {
        Access::Anyone => String::new(),
        Access::SignedIn => "For everyone who is signed in, with a token of any scope.".to_owned(),
        Access::May(action, _) => match scope_for(action) {
            Some(scope) => {
                format!("For whoever may `{action}`; a token needs the scope `{scope}`.")
            }
            None => format!(
                "For whoever may `{action}`, in person: with a session, never with a token."
            ),
        },
    }
}

/// A reference to the schema of a type.
pub fn reference<T: ToSchema>() -> RefOr<Schema> {
    RefOr::Ref(Ref::from_schema_name(T::name()))
}

fn text(example: Value) -> RefOr<Schema> {
    let schema = ObjectBuilder::new().schema_type(Type::String);
    let is_empty = example.as_str().is_some_and(str::is_empty);
    RefOr::T(Schema::from(if is_empty {
        schema
    } else {
        schema.examples([example])
    }))
}

fn whole_number(example: Value) -> RefOr<Schema> {
    let schema = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(0))
        .examples([example]);
    RefOr::T(Schema::from(schema))
}

fn header(name: &'static str, description: &'static str, schema: RefOr<Schema>) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(schema))
        .build()
}

fn tag_header() -> utoipa::openapi::header::Header {
    HeaderBuilder::new()
        .description(Some("Entity tag: the same while nothing was recorded"))
        .schema(Some(text(json!("W/\"3f1c0a9be27d4c55\""))))
        .build()
}
