//! What pages need besides themselves: stylesheet, scripts, icons, font; all
//! inside the executable.
//!
//! What must hold: the address of an asset holds its digest, so it may be
//! cached for ever; nothing is loaded from another host.

use std::io::Write;
use std::sync::LazyLock;

use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tickmark_catalog::Sha256Hex;

/// One embedded file.
struct Asset {
    name: &'static str,
    kind: &'static str,
    bytes: Vec<u8>,
    /// Its name with the digest in it.
    address: String,
    /// The bytes compressed, where that is worth it.
    gzip: Option<Vec<u8>>,
}

macro_rules! asset {
    ($name:literal, $kind:literal) => {
        Asset::new($name, $kind, include_bytes!(concat!("../assets/", $name)))
    };
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let mut assets = vec![
        asset!("app.js", "text/javascript; charset=utf-8"),
        asset!("passkey.js", "text/javascript; charset=utf-8"),
        asset!("theme.js", "text/javascript; charset=utf-8"),
        asset!("htmx.min.js", "text/javascript; charset=utf-8"),
        asset!("icons.svg", "image/svg+xml"),
        asset!("mark.svg", "image/svg+xml"),
        asset!("inter-latin.woff2", "font/woff2"),
        asset!("inter-latin-ext.woff2", "font/woff2"),
    ];
    // The stylesheet names other assets: `{{name}}` becomes their address.
    let mut style = include_str!("../assets/app.css").to_owned();
    for asset in &assets {
        style = style.replace(&format!("{{{{{}}}}}", asset.name), &asset.address);
    }
    assets.push(Asset::new(
        "app.css",
        "text/css; charset=utf-8",
        style.as_bytes(),
    ));
    assets
});

impl Asset {
    fn new(name: &'static str, kind: &'static str, bytes: &[u8]) -> Self {
        let digest = Sha256Hex::of(bytes).to_string();
        let short = digest.get(..10).unwrap_or_default();
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
        Self {
            name,
            kind,
            bytes: bytes.to_vec(),
            address: format!("{stem}-{short}.{extension}"),
            gzip: (!name.ends_with("woff2")).then(|| gzip(bytes)),
        }
    }
}

/// The address of an asset by its name.
pub fn address(name: &str) -> String {
    let found = ASSETS.iter().find(|asset| asset.name == name);
    // A name that is not embedded shows at once: the address answers 404.
    format!(
        "/assets/{}",
        found.map_or(name, |asset| asset.address.as_str())
    )
}

/// Answers with an asset.
pub async fn serve(Path(address): Path<String>, headers: HeaderMap) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.address == address) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let takes_gzip = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("gzip"));
    let mut response = match asset.gzip.as_ref().filter(|_| takes_gzip) {
        Some(packed) => {
            let mut response = Body::from(packed.clone()).into_response();
            set(&mut response, header::CONTENT_ENCODING, "gzip");
            response
        }
        None => Body::from(asset.bytes.clone()).into_response(),
    };
    set(&mut response, header::CONTENT_TYPE, asset.kind);
    set(&mut response, header::VARY, "accept-encoding");
    set(
        &mut response,
        header::CACHE_CONTROL,
        "public, max-age=31536000, immutable",
    );
    response
}

fn set(response: &mut Response, name: header::HeaderName, value: &'static str) {
    response
        .headers_mut()
        .insert(name, header::HeaderValue::from_static(value));
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    // Writing into memory does not fail.
    let _ = packer.write_all(bytes);
    packer.finish().unwrap_or_default()
}
