//! Webhook secrets, and the queue of what is to be posted.
//!
//! Must hold: a delivery that is taken is taken by nobody else until its lease
//! ends; one that failed comes again until it is given up.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, Row, params};
use tickmark_catalog::Problem;

use super::{AccessStore, execute, execute_one, instant, ms, optional_instant, parsed};
use crate::id::WebhookId;
use crate::secret::Secret;
use crate::webhook::next_delivery_at;

/// How long a worker may take to post one, in minutes.
const LEASE_MINUTES: i64 = 2;

/// Something to post, or that was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Identifier, ascending.
    pub id: i64,
    /// The webhook.
    pub webhook: WebhookId,
    /// What to post.
    pub payload: String,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was queued.
    pub created_at: Timestamp,
    /// When it is tried next; `None` when it was delivered or given up.
    pub next_at: Option<Timestamp>,
    /// Status of the last answer; `None` when there was none.
    pub last_status: Option<u16>,
    /// When it was delivered.
    pub delivered_at: Option<Timestamp>,
}

impl AccessStore {
    /// What signs the deliveries of a webhook.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn webhook_secret(&self, webhook: &WebhookId) -> Result<Option<Secret>, Problem> {
        self.read(|conn| {
            conn.prepare_cached(include_str!("../sql/select_webhook_secret.sql"))?
                .query_row([webhook.as_str()], |row| {
                    row.get::<_, String>(0).map(Secret::new)
                })
                .optional()
        })
    }

    /// Queues something to post; its id.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn queue_delivery(
        &self,
        webhook: &WebhookId,
        payload: &str,
        now: Timestamp,
    ) -> Result<i64, Problem> {
        let sql = include_str!("../sql/insert_delivery.sql");
        self.write(|conn| {
            execute(conn, sql, params![webhook.as_str(), payload, ms(now)])?;
            Ok(conn.last_insert_rowid())
        })
    }

    /// Takes up to `count` deliveries that are due, for two minutes.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn take_deliveries(&self, count: u32, now: Timestamp) -> Result<Vec<Delivery>, Problem> {
        let lease = SignedDuration::from_mins(LEASE_MINUTES);
        let until = now.checked_add(lease).unwrap_or(Timestamp::MAX);
        let mut taken: Vec<Delivery> = self.write(|conn| {
            conn.prepare_cached(include_str!("../sql/lease_deliveries.sql"))?
                .query_map(params![ms(now), ms(until), count], delivery)?
                .collect()
        })?;
        taken.sort_by_key(|delivery| delivery.id);
        Ok(taken)
    }

    /// Says that a delivery arrived.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn delivered(&self, id: i64, status: u16, now: Timestamp) -> Result<(), Problem> {
        let sql = include_str!("../sql/finish_delivery.sql");
        self.write(|conn| execute(conn, sql, params![id, status, ms(now)]))
            .map(|_| ())
    }

    /// Says that a delivery did not arrive: it is tried again as
    /// [`next_delivery_at`] says, or given up. `status` is that of the answer,
    /// where there was one.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn not_delivered(
        &self,
        delivery: &Delivery,
        status: Option<u16>,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let next = next_delivery_at(delivery.attempts.saturating_add(1), now);
        let sql = include_str!("../sql/retry_delivery.sql");
        self.write(|conn| execute(conn, sql, params![delivery.id, status, next.map(ms)]))
            .map(|_| ())
    }

    /// Queues a delivery again, whether it arrived or was given up.
    ///
    /// # Errors
    /// When the webhook has no such delivery.
    pub fn redeliver(&self, webhook: &WebhookId, id: i64, now: Timestamp) -> Result<(), Problem> {
        let sql = include_str!("../sql/redeliver.sql");
        self.write(|conn| execute_one(conn, sql, params![webhook.as_str(), id, ms(now)]))
    }

    /// The last `count` deliveries of a webhook, newest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn deliveries(&self, webhook: &WebhookId, count: u32) -> Result<Vec<Delivery>, Problem> {
        self.read(|conn| {
            conn.prepare_cached(include_str!("../sql/select_deliveries.sql"))?
                .query_map(params![webhook.as_str(), count], delivery)?
                .collect()
        })
    }
}

fn delivery(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    Ok(Delivery {
        id: row.get(0)?,
        webhook: parsed(row, 1)?,
        payload: row.get(2)?,
        attempts: row.get(3)?,
        created_at: instant(row, 4)?,
        next_at: optional_instant(row, 5)?,
        last_status: row.get(6)?,
        delivered_at: optional_instant(row, 7)?,
    })
}
