//! Invitation and set-up links that were not used yet.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};
use tickmark_catalog::Problem;

use super::{AccessStore, ms, parsed};
use crate::invitation::InvitationFor;
use crate::secret::Digest;

impl AccessStore {
    /// What a link is for; `None` when it was used, replaced or is expired.
    pub(crate) fn invitation(
        &self,
        digest: Digest,
        now: Timestamp,
    ) -> Result<Option<InvitationFor>, Problem> {
        self.read(|conn| {
            conn.prepare_cached(include_str!("../sql/select_invitation.sql"))?
                .query_row(params![digest, ms(now)], |row| {
                    Ok(match row.get::<_, Option<String>>(0)? {
                        Some(_) => InvitationFor::Account(parsed(row, 0)?),
                        None => InvitationFor::SetUp,
                    })
                })
                .optional()
        })
    }
}
