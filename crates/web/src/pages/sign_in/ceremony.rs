//! The cookie that ties the two halves of a ceremony to one browser: a passkey
//! that is registered or shown, a sign-in through an identity provider.
//!
//! What must hold: no script reads it, no other site sends it along with a
//! change; it holds nothing that lets anyone in by itself.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use tickmark_access::{CeremonySecret, Side};

use crate::settings::Settings;

/// How long browsers keep it, in seconds; the ceremony ends by then.
const MAX_AGE_SECONDS: u32 = 600;

/// A ceremony that was begun.
#[derive(Clone, Debug)]
pub struct Ceremony {
    /// The realm whose store has its first half.
    pub side: Side,
    /// What ties this browser to it.
    pub secret: CeremonySecret,
    /// Where to go once it is done.
    pub to: String,
}

impl Ceremony {
    /// The one a browser is in.
    pub fn of(settings: &Settings, headers: &HeaderMap) -> Option<Self> {
        let all = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|it| it.to_str().ok());
        let mut pairs = all
            .flat_map(|it| it.split(';'))
            .filter_map(|pair| pair.trim().split_once('='));
        let (_, value) = pairs.find(|(key, _)| *key == name(settings))?;
        let mut parts = value.splitn(3, '.');
        let (side, secret, to) = (parts.next()?, parts.next()?, parts.next()?);
        let to = format!("to={to}");
        let (_, to) = url::form_urlencoded::parse(to.as_bytes()).next()?;
        Some(Self {
            side: side.parse().ok()?,
            secret: CeremonySecret::new(secret),
            to: to.into_owned(),
        })
    }

    /// Gives it to the browser.
    pub fn begin(&self, settings: &Settings, response: &mut Response) {
        let value = format!(
            "{}.{}.{}",
            self.side,
            self.secret.reveal(),
            crate::format::url_part(&self.to)
        );
        put(settings, response, &value, MAX_AGE_SECONDS);
    }

    /// Takes it from the browser.
    pub fn end(settings: &Settings, response: &mut Response) {
        put(settings, response, "", 0);
    }
}

/// The prefix makes browsers insist on `Secure` and on this host.
fn name(settings: &Settings) -> &'static str {
    if settings.is_secure() {
        "__Host-tickmark-ceremony"
    } else {
        "tickmark-ceremony"
    }
}

/// An identity provider leads back from another site, so it cannot be `Strict`.
fn put(settings: &Settings, response: &mut Response, value: &str, max_age_seconds: u32) {
    let secure = if settings.is_secure() { "; Secure" } else { "" };
    let cookie = format!(
        "{}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age_seconds}{secure}",
        name(settings)
    );
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};
    use axum::response::{IntoResponse, Response};
    use tickmark_access::{CeremonySecret, Side};

    use super::{Ceremony, Settings};

    /// What the browser sends back.
    fn sent(response: &Response) -> HeaderMap {
        let set = response
            .headers()
            .get(header::SET_COOKIE)
            .unwrap()
            .to_str()
            .unwrap();
        let pair = format!("other=1; {}", set.split(';').next().unwrap());
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(&pair).unwrap())])
    }

    #[test]
    fn it_comes_back_as_it_went() {
        let settings = Settings::default();
        let mut response = ().into_response();
        let begun = Ceremony {
            side: Side::Firm,
            secret: CeremonySecret::new("s3-cret_"),
            to: "/a.b?c=d e&f=%;x".to_owned(),
        };
        begun.begin(&settings, &mut response);
        let found = Ceremony::of(&settings, &sent(&response)).unwrap();
        assert_eq!(
            (found.side, found.secret.reveal(), found.to.as_str()),
            (Side::Firm, "s3-cret_", "/a.b?c=d e&f=%;x")
        );
    }

    #[test]
    fn once_it_is_over_there_is_none() {
        let mut response = ().into_response();
        Ceremony::end(&Settings::default(), &mut response);
        assert!(Ceremony::of(&Settings::default(), &sent(&response)).is_none());
        assert!(Ceremony::of(&Settings::default(), &HeaderMap::new()).is_none());
    }
}
