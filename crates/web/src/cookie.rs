//! The cookie of a session.
//!
//! What must hold: no script can read it, no other site can send it along with
//! a change, and over the network it travels only encrypted.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use tickmark_access::{SessionSecret, Side};

use crate::settings::Settings;

/// Its name. The prefix makes browsers insist on `Secure` and on this host.
fn name(settings: &Settings) -> &'static str {
    if settings.is_secure() {
        "__Host-tickmark"
    } else {
        "tickmark"
    }
}

/// The side and secret that a request shows.
pub fn session(settings: &Settings, headers: &HeaderMap) -> Option<(Side, String)> {
    let wanted = name(settings);
    let all = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|it| it.to_str().ok());
    let mut pairs = all
        .flat_map(|it| it.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(name, _)| *name == wanted)?;
    let (side, secret) = value.split_once('.')?;
    Some((side.parse().ok()?, secret.to_owned()))
}

/// Gives a session to the browser.
pub fn set(settings: &Settings, response: &mut Response, side: Side, secret: &SessionSecret) {
    put(
        settings,
        response,
        &format!("{side}.{}", secret.reveal()),
        "",
    );
}

/// Takes the session from the browser.
pub fn clear(settings: &Settings, response: &mut Response) {
    put(settings, response, "", "; Max-Age=0");
}

fn put(settings: &Settings, response: &mut Response, value: &str, more: &str) {
    let secure = if settings.is_secure() { "; Secure" } else { "" };
    let cookie = format!(
        "{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{more}",
        name(settings)
    );
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}
