//! Webhooks: telling other systems that something was recorded.
//!
//! A command appends entries; [`Outbox::tell`] queues a delivery for each
//! webhook that wants their kind; [`deliver_due`] posts what is due.
//!
//! What must hold: every entry that any command of this server appends is seen,
//! once; what is posted says which entry it is and nothing of what the entry
//! says; nothing is posted unsigned, to an address inside the network unless
//! the settings allow it, or wherever an answer would lead. Time and network are
//! handed in.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};
use serde::Serialize;
use sha2::Sha256;
use tickmark_access::{AccessState, AccessStore, Delivery, Entrance, Secret, Side, WebhookId};
use tickmark_catalog::Problem;
use tickmark_realm::{Journal, Line, Surroundings};
use tokio::sync::Notify;
use url::{Host, Url};

use crate::app::App;

/// How long a receiver may take, in seconds.
const TIMEOUT_SECONDS: u64 = 10;

/// Deliveries that are posted at the same time.
const AT_ONCE: u32 = 10;

/// How often is looked for deliveries to be tried again, in seconds.
const LOOK_SECONDS: u64 = 15;

/// Header that holds the signature.
pub const SIGNATURE: &str = "tickmark-signature";

/// What a webhook posts.
#[derive(Serialize)]
struct Payload<'l> {
    /// The webhook that is told.
    webhook: &'l str,
    /// Whose ledger: the company's or the firm's.
    realm: &'static str,
    /// Kind and version of the entry.
    kind: &'l str,
    /// What it is about.
    subject: &'l str,
    /// Who did it.
    actor: &'l str,
    /// Index of the entry.
    index: u64,
    /// When the ledger recorded it.
    at: Timestamp,
    /// Where what it says can be read, with a token.
    href: Option<String>,
}

/// Where the deliveries of one realm are queued.
pub struct Outbox {
    side: Side,
    entrance: Arc<Entrance>,
    surroundings: Surroundings,
    wake: Notify,
}

impl Outbox {
    /// The queue of a realm.
    pub fn new(entrance: Arc<Entrance>, surroundings: Surroundings) -> Self {
        Self {
            side: entrance.settings().side,
            entrance,
            surroundings,
            wake: Notify::new(),
        }
    }

    /// Queues what the entries from `from` on call for. A queue that fails is
    /// told to the log: the entries stand.
    pub fn tell(&self, access: &AccessState, journal: &Journal, from: u64) {
        let mut is_queued = false;
        for line in (from..journal.len()).filter_map(|index| journal.line(index)) {
            for webhook in access.webhooks().filter(|it| it.events.contains(line.kind)) {
                match self.queue(&webhook.id, &line) {
                    Ok(()) => is_queued = true,
                    Err(problem) => {
                        tracing::error!(%problem, webhook = %webhook.id, index = line.index, "a delivery was not queued")
                    }
                }
            }
        }
        if is_queued {
            self.wake();
        }
    }

    /// Looks for deliveries now, not at the next look.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    fn queue(&self, webhook: &WebhookId, line: &Line<'_>) -> Result<(), Problem> {
        let payload = payload(self.side, webhook, line)?;
        self.entrance
            .store()
            .queue_delivery(webhook, &payload, self.surroundings.now())
            .map(|_| ())
    }
}

fn payload(side: Side, webhook: &WebhookId, line: &Line<'_>) -> Result<String, Problem> {
    let payload = Payload {
        webhook: webhook.as_str(),
        realm: side.as_str(),
        kind: line.kind,
        subject: line.subject,
        actor: line.actor,
        index: line.index,
        at: line.at,
        href: (side == Side::Company).then(|| format!("/api/v1/ledger/entries/{}", line.index)),
    };
    serde_json::to_string(&payload)
        .map_err(|error| Problem::new("a delivery cannot be written").cause(error.to_string()))
}

/// Says that `body` comes from whoever has `secret`, and when it was sent:
/// `t=1751562600,v1=5257a869…`.
pub fn signature(secret: &Secret, at: Timestamp, body: &str) -> Result<String, Problem> {
    let seconds = at.as_second();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes())
        .map_err(|error| Problem::new("a delivery cannot be signed").cause(error.to_string()))?;
    mac.update(format!("{seconds}.{body}").as_bytes());
    Ok(format!(
        "t={seconds},v1={}",
        hex::encode(mac.finalize().into_bytes())
    ))
}

/// Posts deliveries.
pub struct Poster {
    client: Client,
    allows_private: bool,
}

impl Poster {
    /// One that follows no redirect and uses no proxy. `allows_private`: whether
    /// addresses inside the network may be posted to.
    ///
    /// # Errors
    /// When the system has no way to make connections.
    pub fn new(allows_private: bool) -> Result<Self, Problem> {
        let client = Client::builder()
            .redirect(Policy::none())
            .timeout(Duration::from_secs(TIMEOUT_SECONDS))
            .no_proxy()
            .dns_resolver(Arc::new(Public { allows_private }))
            .user_agent(concat!("tickmark/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| Problem::new("webhooks cannot be posted").cause(error.to_string()))?;
        Ok(Self {
            client,
            allows_private,
        })
    }

    /// The status of the receiver's answer.
    async fn post(
        &self,
        url: &str,
        id: i64,
        signature: &str,
        body: &str,
    ) -> Result<StatusCode, String> {
        let url = postable(url, self.allows_private).map_err(|problem| problem.message)?;
        let request = self
            .client
            .post(url)
            .header("content-type", "application/json")
            .header("tickmark-delivery", id)
            .header(SIGNATURE, signature)
            .body(body.to_owned());
        let answer = request.send().await.map_err(|error| {
            // An address may hold a secret of the receiver's.
            let error = error.without_url();
            let cause = std::error::Error::source(&error).map(|it| format!(": {it}"));
            format!("{error}{}", cause.unwrap_or_default())
        })?;
        Ok(answer.status())
    }
}

/// An address that may be posted to, as far as can be told without asking for
/// the name: TLS, or this machine; not inside the network unless allowed.
///
/// # Errors
/// Why it may not.
pub fn postable(text: &str, allows_private: bool) -> Result<Url, Problem> {
    let refuse = |why: &str| Problem::new(format!("a webhook cannot post to that address: {why}"));
    let url = Url::parse(text).map_err(|error| refuse(&error.to_string()))?;
    let literal = match url.host() {
        Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
        Some(Host::Domain("localhost")) => Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        Some(Host::Domain(_)) => None,
        None => return Err(refuse("it has no host")),
    };
    let is_encrypted = url.scheme() == "https";
    let is_here = literal.is_some_and(|address| address.is_loopback());
    let is_open_here = url.scheme() == "http" && is_here;
    if !is_encrypted && !is_open_here {
        return Err(refuse("it does not start with `https://`"));
    }
    if literal.is_some_and(|address| !allows_private && !is_public(address)) {
        let inside = refuse("it is inside the network");
        return Err(inside
            .hint("set `webhook_private_addresses = true` for the server if it really is meant"));
    }
    Ok(url)
}

/// Finds the addresses of a name, and leaves out those inside the network: they
/// are checked where they are used, so a name cannot mean another later.
struct Public {
    allows_private: bool,
}

impl Resolve for Public {
    fn resolve(&self, name: Name) -> Resolving {
        let allows_private = self.allows_private;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let usable: Vec<SocketAddr> = found
                .filter(|it| allows_private || is_public(it.ip()))
                .collect();
            if usable.is_empty() {
                return Err(Inside(name.as_str().to_owned()).into());
            }
            Ok(Box::new(usable.into_iter()) as Addrs)
        })
    }
}

/// A name that means nothing but addresses inside the network.
#[derive(Debug)]
struct Inside(String);

impl fmt::Display for Inside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is inside the network", self.0)
    }
}

impl std::error::Error for Inside {}

/// Whether an address is one of the internet at large.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_multicast()
        || address.is_documentation()
        || matches!(
            (a, b, c),
            (0 | 240..=255, _, _)
                | (100, 64..=127, _)
                | (192, 0, 0)
                | (192, 88, 99)
                | (198, 18..=19, _)
        );
    !is_special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = embedded(address) {
        return is_public_v4(inner);
    }
    let [first, second, ..] = address.segments();
    // Of the rest, only 2000::/3 is given out; 2001:db8::/32 is for examples.
    (0x2000..=0x3fff).contains(&first)
        && (first, second) != (0x2001, 0x0db8)
        && !(first == 0x2001 && second < 0x0200)
}

/// The address of IPv4 that one of IPv6 stands for: mapped, translated or 6to4.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let bits = address.to_bits();
    let low = |shift: u32| {
        Ipv4Addr::from_bits(u32::try_from(bits >> shift & u128::from(u32::MAX)).unwrap_or(0))
    };
    match address.segments() {
        [0x2002, ..] => Some(low(80)),
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => Some(low(0)),
        _ => address.to_ipv4_mapped(),
    }
}

/// Posts what is due by `now`, and says how many were tried. `urls`: where each
/// webhook posts to.
///
/// # Errors
/// When the store fails; what was taken is tried again once its lease ends.
pub async fn deliver_due(
    store: &AccessStore,
    urls: &BTreeMap<WebhookId, String>,
    poster: &Poster,
    now: Timestamp,
) -> Result<usize, Problem> {
    let due = store.take_deliveries(AT_ONCE, now)?;
    let posted = due
        .iter()
        .map(|delivery| deliver(store, urls, poster, delivery, now));
    for posted in futures::future::join_all(posted).await {
        posted?;
    }
    Ok(due.len())
}

async fn deliver(
    store: &AccessStore,
    urls: &BTreeMap<WebhookId, String>,
    poster: &Poster,
    delivery: &Delivery,
    now: Timestamp,
) -> Result<(), Problem> {
    // A webhook that was removed meanwhile takes its deliveries with it.
    let (Some(url), Some(secret)) = (
        urls.get(&delivery.webhook),
        store.webhook_secret(&delivery.webhook)?,
    ) else {
        return Ok(());
    };
    let signature = signature(&secret, now, &delivery.payload)?;
    match poster
        .post(url, delivery.id, &signature, &delivery.payload)
        .await
    {
        Ok(status) if status.is_success() => store.delivered(delivery.id, status.as_u16(), now),
        Ok(status) => store.not_delivered(delivery, Some(status.as_u16()), now),
        Err(cause) => {
            tracing::warn!(webhook = %delivery.webhook, delivery = delivery.id, cause, "a delivery did not arrive");
            store.not_delivered(delivery, None, now)
        }
    }
}

/// Delivers beside everything else, until the runtime ends.
pub fn start(app: &App) {
    for side in app.sides() {
        let app = app.clone();
        tokio::spawn(async move { go_on(&app, side).await });
    }
}

async fn go_on(app: &App, side: Side) {
    let poster = match Poster::new(app.settings().webhook_private_addresses) {
        Ok(poster) => poster,
        Err(problem) => return tracing::error!(%problem, "no webhook is told anything"),
    };
    let (Some(entrance), Some(outbox)) = (app.entrance(side), app.outbox(side)) else {
        return;
    };
    loop {
        let urls = app.with_access(side, |state, _| {
            state
                .webhooks()
                .map(|it| (it.id.clone(), it.url.clone()))
                .collect()
        });
        let tried = deliver_due(
            entrance.store(),
            &urls.unwrap_or_default(),
            &poster,
            app.surroundings().now(),
        )
        .await;
        match tried {
            Ok(tried) if tried == AT_ONCE as usize => continue,
            Ok(_) => {}
            Err(problem) => tracing::error!(%problem, "deliveries could not be taken"),
        }
        tokio::select! {
            () = outbox.wake.notified() => {}
            () = tokio::time::sleep(Duration::from_secs(LOOK_SECONDS)) => {}
        }
    }
}

#[cfg(test)]
mod tests;
