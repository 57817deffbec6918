//! The OpenAPI document: all operations in one, made from the routes and types
//! themselves.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use utoipa::openapi::path::{Paths, PathsBuilder};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder,
    ResponseBuilder, ServerBuilder,
};
use utoipa::{PartialSchema, ToSchema};

use super::endpoint::{Endpoint, read_live, reference};
use super::problem;
use crate::route::Access;

/// The parts of the document, in order, and what each holds.
const TAGS: &[(&str, &str)] = &[
    ("Interface", "The description of the interface itself."),
    ("Readiness", "Where the program stands."),
    (
        "Criteria",
        "What the trust services criteria in scope ask, and which controls support each.",
    ),
    ("Controls", "What the company does to keep its promises."),
    (
        "Tests",
        "Tests of controls over whole populations: definitions, runs, items, responses.",
    ),
    (
        "Populations",
        "Every item of one kind in the period, as imported, and what shows that it is complete.",
    ),
    (
        "Reconciliations",
        "Comparisons of two independent sources, in both directions.",
    ),
    (
        "Documents",
        "Files kept as evidence, each under its digest.",
    ),
    ("Policies", "What the company has decided and published."),
    ("Commitments", "What the company promises its customers."),
    ("Risks", "What could go wrong, and what is done about it."),
    ("Vendors", "Whom the company depends on."),
    (
        "Engagement",
        "What the firm agreed, found and concluded; for the firm's people alone.",
    ),
    ("Reports", "Reports the firm issued, bound to their inputs."),
    (
        "Ledger",
        "Everything that happened, in order, with proofs and signed checkpoints.",
    ),
    (
        "Jobs",
        "Work that goes on beside: how far it is and how it ended.",
    ),
    ("Accounts", "Who may come in."),
    ("Search", "Finding anything by a word."),
];

/// Every status a failure can have, and what it says.
const FAILURES: &[(u16, &str)] = &[
    (
        400,
        "The query, a header or the body cannot be read, or the query has a parameter that the operation does not take",
    ),
    (
        401,
        "Nobody is signed in: the token or session is missing, wrong, expired or revoked",
    ),
    (403, "The role or the token's scopes do not allow it"),
    (404, "There is no such thing, or nothing was recorded yet"),
    (
        409,
        "Someone changed the same thing meanwhile, or the first request with this key still runs",
    ),
    (413, "What was sent is too large"),
    (415, "The body is not said to be what the operation takes"),
    (
        422,
        "What was sent can be read and cannot be accepted; every problem is told",
    ),
    (
        429,
        "Too many attempts; `Retry-After` says how long to wait",
    ),
    (500, "The server's own failure"),
    (504, "It took too long"),
];

const DESCRIPTION: &str = "\
Everything Tickmark knows of a company's program and of the firm's engagement, and the commands programs may give.

Lists come in pages: `limit` says how many items, `after` is the `next` of the page before. Answers carry an `ETag`; \
sent back as `If-None-Match` it is answered with 304 while nothing was recorded. A change with an `Idempotency-Key` is \
done once however often it is sent. `at` shows the company as its ledger stood at a past moment. Every failure is a \
problem document (RFC 9457). Identifiers of people are opaque; texts in the ledger are never changed.";

/// The operation that serves the document.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        read_live("/api/v1/openapi.json", Access::Anyone, serve)
            .named(
                "get_openapi",
                "Interface",
                "Read this document",
                "The description of every operation, in OpenAPI 3.1.",
            )
            .answers::<AnyDocument>(StatusCode::OK, "The document"),
    ]
}

/// A JSON object; this document is described by the OpenAPI specification.
#[derive(ToSchema)]
#[schema(as = OpenApiDocument, value_type = Object)]
struct AnyDocument(
    #[expect(dead_code, reason = "stands for a document that is already text")] serde_json::Value,
);

async fn serve() -> Response {
    let kind = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    (kind, super::openapi_json()).into_response()
}

/// The document of the whole interface.
pub fn openapi() -> OpenApi {
    let mut paths: PathsBuilder = PathsBuilder::new();
    let mut known = Paths::new();
    let mut components = ComponentsBuilder::new();
    for endpoint in super::endpoints() {
        let (path, item, schemas) = endpoint.described();
        let mut one = Paths::new();
        one.paths.insert(path.to_owned(), item);
        known.merge(one);
        for (name, schema) in schemas {
            components = components.schema(name, schema);
        }
    }
    for (path, item) in known.paths {
        paths = paths.path(path, item);
    }
    components = components.schema(problem::Document::name(), problem::Document::schema());
    components = components.schema(problem::Detail::name(), problem::Detail::schema());
    for (status, description) in FAILURES {
        let content = ContentBuilder::new()
            .schema(Some(reference::<problem::Document>()))
            .example(Some(example(*status)));
        let response = ResponseBuilder::new()
            .description(*description)
            .content(problem::MEDIA_TYPE, content.build());
        components = components.response(format!("Problem{status}"), response.build());
    }
    let token = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("tmk_<id>_<secret>");
    let token = token.description(Some("An API token of an account. It never may more than its account, and only what its scopes say."));
    components = components
        .security_scheme("token", SecurityScheme::Http(token.build()))
        .security_scheme(
            "session",
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
                "__Host-tickmark",
                "The session of a browser; `tickmark` on a server without encryption.",
            ))),
        );
    let info = InfoBuilder::new()
        .title("Tickmark")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .license(Some(
            LicenseBuilder::new()
                .name("Apache-2.0")
                .identifier(Some("Apache-2.0"))
                .build(),
        ));
    let tags = TAGS.iter().map(|(name, description)| {
        TagBuilder::new()
            .name(*name)
            .description(Some(*description))
            .build()
    });
    OpenApiBuilder::new()
        .info(info.build())
        .servers(Some([ServerBuilder::new().url("/").build()]))
        .paths(paths.build())
        .components(Some(components.build()))
        .tags(Some(tags))
        .build()
}

fn example(status: u16) -> serde_json::Value {
    let title = StatusCode::from_u16(status)
        .ok()
        .and_then(|it| it.canonical_reason())
        .unwrap_or_default();
    let (detail, hint) = match status {
        400 => (
            "this operation takes no parameter `limt`",
            "did you mean `limit`?",
        ),
        401 => ("you are not signed in", "sign in and try again"),
        403 => (
            "your role does not allow this",
            "ask an owner of the workspace to do it, or to change your role",
        ),
        404 => (
            "there is nothing at this address",
            "it may have been removed or renamed: look for it with the search",
        ),
        409 => (
            "the test was run again meanwhile, with another result",
            "read the new items, then answer them",
        ),
        413 => ("what was sent is too large", "send less at a time"),
        415 => (
            "the body is not said to be JSON",
            "send it with `Content-Type: application/json`",
        ),
        422 => ("the position is empty", "say it in a sentence"),
        429 => ("too many attempts", "wait 60 seconds and try again"),
        504 => ("it took too long", "ask for less, or again later"),
        _ => (
            "the server could not do this",
            "try again; if it stays, the server's log has the cause under the request's id",
        ),
    };
    json!({
        "type": "about:blank", "title": title, "status": status, "detail": detail,
        "problems": [{ "detail": detail, "causes": [], "file": null, "line": null, "hint": hint }],
    })
}
