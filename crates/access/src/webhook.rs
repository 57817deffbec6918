//! Webhooks: their secrets, and when a failed delivery is tried again.
//!
//! Must hold: a webhook's secret signs what it posts and is in the store only;
//! a delivery is given up after [`MAX_DELIVERY_ATTEMPTS`].

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use tickmark_catalog::Problem;

use crate::change::{Change, Effect};
use crate::entrance::Entrance;
use crate::id::WebhookId;
use crate::secret::Secret;
use crate::state::AccessState;

/// How often a delivery is tried before it is given up: over about a day.
pub const MAX_DELIVERY_ATTEMPTS: u32 = 8;

/// When to try again after `attempts` failures: 1, 4, 16, … minutes later, at
/// most 8 hours; `None` to give up.
pub fn next_delivery_at(attempts: u32, now: Timestamp) -> Option<Timestamp> {
    const LONGEST_MINUTES: i64 = 8 * 60;
    if attempts >= MAX_DELIVERY_ATTEMPTS {
        return None;
    }
    let minutes = 4_i64
        .saturating_pow(attempts.saturating_sub(1))
        .min(LONGEST_MINUTES);
    now.checked_add(SignedDuration::from_mins(minutes)).ok()
}

impl Entrance {
    /// Adds a webhook. The secret is shown once, for whoever checks signatures.
    ///
    /// # Errors
    /// As [`AccessState::set_webhook`].
    pub fn add_webhook(
        &self,
        state: &AccessState,
        url: &str,
        events: &BTreeSet<String>,
    ) -> Result<(Change, Secret), Problem> {
        let id = WebhookId::random(self.random());
        let event = state.set_webhook(&id, url, events)?;
        let secret = Secret::random(self.random());
        let keep = Effect::SetWebhookSecret {
            id,
            secret: secret.clone(),
        };
        Ok((Change::new([event], [keep]), secret))
    }

    /// Removes a webhook, its secret and its deliveries.
    ///
    /// # Errors
    /// As [`AccessState::remove_webhook`].
    pub fn remove_webhook(&self, state: &AccessState, id: &WebhookId) -> Result<Change, Problem> {
        let event = state.remove_webhook(id)?;
        Ok(Change::new(
            [event],
            [Effect::RemoveWebhook { id: id.clone() }],
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_delivery_waits_longer_each_time_and_is_given_up() {
        let now = Timestamp::UNIX_EPOCH;
        let waits: Vec<Option<i64>> = (1..=9)
            .map(|attempts| next_delivery_at(attempts, now).map(|at| at.as_second() / 60))
            .collect();
        let expected = [
            Some(1),
            Some(4),
            Some(16),
            Some(64),
            Some(256),
            Some(480),
            Some(480),
            None,
            None,
        ];
        assert_eq!(waits, expected);
    }
}
