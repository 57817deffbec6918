//! What a person keeps for themselves: saved views and preferences.

use std::collections::BTreeMap;

use rusqlite::params;
use tickmark_catalog::Problem;

use super::{AccessStore, execute, execute_one};
use crate::account::checked_text;
use crate::id::AccountId;

/// A filter kept under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedView {
    /// Identifier.
    pub id: i64,
    /// The page it is of, for example `controls`.
    pub page: String,
    /// What its owner calls it.
    pub title: String,
    /// The query string of the page.
    pub query: String,
}

impl AccessStore {
    /// Keeps a view, in place of one with the same title; its id.
    ///
    /// # Errors
    /// When the title is empty or too long, or the file cannot be written.
    pub fn save_view(
        &self,
        account: &AccountId,
        page: &str,
        title: &str,
        query: &str,
    ) -> Result<i64, Problem> {
        let title = checked_text("title", title)?;
        self.write(|conn| {
            conn.prepare_cached(include_str!("../sql/set_saved_view.sql"))?
                .query_row(params![account.as_str(), page, title, query], |row| {
                    row.get(0)
                })
        })
    }

    /// The views an account keeps of a page, by title.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn saved_views(&self, account: &AccountId, page: &str) -> Result<Vec<SavedView>, Problem> {
        self.read(|conn| {
            conn.prepare_cached(include_str!("../sql/select_saved_views.sql"))?
                .query_map([account.as_str(), page], |row| {
                    Ok(SavedView {
                        id: row.get(0)?,
                        page: row.get(1)?,
                        title: row.get(2)?,
                        query: row.get(3)?,
                    })
                })?
                .collect()
        })
    }

    /// Removes a view.
    ///
    /// # Errors
    /// When the account has no such view.
    pub fn remove_view(&self, account: &AccountId, id: i64) -> Result<(), Problem> {
        let sql = include_str!("../sql/delete_saved_view.sql");
        self.write(|conn| execute_one(conn, sql, params![account.as_str(), id]))
    }

    /// What an account prefers.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn preferences(&self, account: &AccountId) -> Result<BTreeMap<String, String>, Problem> {
        self.read(|conn| {
            conn.prepare_cached(include_str!("../sql/select_preferences.sql"))?
                .query_map([account.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        })
    }

    /// Sets a preference, or forgets it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn prefer(
        &self,
        account: &AccountId,
        key: &str,
        value: Option<&str>,
    ) -> Result<(), Problem> {
        let account = account.as_str();
        self.write(|conn| match value {
            Some(value) => {
                let sql = include_str!("../sql/set_preference.sql");
                execute(conn, sql, [account, key, value])
            }
            None => execute(
                conn,
                include_str!("../sql/delete_preference.sql"),
                [account, key],
            ),
        })
        .map(|_| ())
    }
}
