//! The SQLite file: opening it, its few settings, and reading tiles from it.
//!
//! What must hold: `synchronous = FULL` (with less, a power cut loses entries
//! that were acknowledged); full tiles and the head are written in the same
//! transaction as the entries they cover.

use std::path::{Path, PathBuf};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

use crate::error::{LedgerError, Result};
use crate::hash::{Hash, empty_root, leaf_hash, perfect_root, split_hashes};
use crate::tree::{Edge, TILE_WIDTH, full_hashes, level_count, partial_width};

/// Newest layout of the file that this program reads and writes.
pub const FORMAT: i64 = 1;

/// Number of entries and the root over them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Number of entries.
    pub size: u64,
    /// RFC 6962 root.
    pub root: Hash,
}

/// What the file says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta {
    /// Origin of the first epoch.
    pub epoch_base: String,
    /// Epoch, from 1.
    pub epoch: u64,
    /// Public half of the key that signs checkpoints now.
    pub public_key: [u8; 32],
    /// An erasure is recorded whose pages have not been rewritten yet.
    pub vacuum_due: bool,
}

impl Meta {
    /// Origin line of the current epoch: the base, then `/2`, `/3` …
    #[must_use]
    pub fn origin(&self) -> String {
        epoch_origin(&self.epoch_base, self.epoch)
    }
}

/// Origin line of an epoch.
#[must_use]
pub fn epoch_origin(base: &str, epoch: u64) -> String {
    if epoch == 1 {
        base.to_owned()
    } else {
        format!("{base}/{epoch}")
    }
}

/// An entry and its body as stored.
pub(crate) struct RawRecord {
    pub index: u64,
    pub leaf: Vec<u8>,
    pub salt: Option<Vec<u8>>,
    pub body: Option<Vec<u8>>,
}

/// An open database file.
pub(crate) struct Store {
    pub conn: Connection,
    pub path: PathBuf,
}

impl Store {
    /// Opens or creates the file for writing. `synchronous` is `FULL` but in
    /// the negative controls of the crash tests.
    pub fn open_writer(path: &Path, synchronous: &str) -> Result<Self> {
        let store = Self {
            conn: Connection::open(path).map_err(|e| LedgerError::database(path, e))?,
            path: path.to_owned(),
        };
        store.run(|conn| {
            conn.pragma_update(None, "page_size", 8192)?;
            conn.execute_batch(include_str!("sql/pragmas.sql"))?;
            conn.pragma_update(None, "synchronous", synchronous)?;
            conn.set_prepared_statement_cache_capacity(64);
            Ok(())
        })?;
        Ok(store)
    }

    /// Opens the file for reading only.
    pub fn open_reader(path: &Path) -> Result<Self> {
        if !path.is_file() {
            return Err(LedgerError::Missing { path: path.into() });
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let store = Self {
            conn: Connection::open_with_flags(path, flags)
                .map_err(|e| LedgerError::database(path, e))?,
            path: path.to_owned(),
        };
        if store.has_tables().is_ok() {
            return Ok(store);
        }
        Self::open_unchanging(path)
    }

    /// A folder that cannot be written has no room for the shared-memory file
    /// of the write-ahead log. With no log left behind, the file alone is whole.
    fn open_unchanging(path: &Path) -> Result<Self> {
        let log = with_suffix(path, "-wal");
        if log.metadata().is_ok_and(|log| log.len() > 0) {
            return Err(LedgerError::refused(format!(
                "`{}` lies in a folder that cannot be written and was not closed properly; copy the folder to a place you can write to",
                path.display()
            )));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_URI;
        let escaped = path
            .to_string_lossy()
            .replace('%', "%25")
            .replace('?', "%3f")
            .replace('#', "%23");
        Ok(Self {
            conn: Connection::open_with_flags(format!("file:{escaped}?immutable=1"), flags)
                .map_err(|e| LedgerError::database(path, e))?,
            path: path.to_owned(),
        })
    }

    /// Runs statements, naming the file where they fail.
    pub fn run<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        work(&self.conn).map_err(|error| LedgerError::database(&self.path, error))
    }

    /// Whether the tables of a ledger exist.
    pub fn has_tables(&self) -> Result<bool> {
        self.run(|conn| {
            conn.query_row(include_str!("sql/select_has_meta.sql"), [], |row| {
                row.get::<_, i64>(0)
            })
        })
        .map(|count| count > 0)
    }

    /// Creates the tables in one transaction.
    pub fn create_tables(&self, base: &str, public_key: &[u8; 32]) -> Result<()> {
        self.run(|conn| {
            let tx = conn.unchecked_transaction()?;
            tx.execute_batch(include_str!("sql/schema.sql"))?;
            tx.execute(
                include_str!("sql/insert_meta.sql"),
                params![FORMAT, base, public_key],
            )?;
            tx.execute(include_str!("sql/insert_head.sql"), params![empty_root()])?;
            tx.commit()
        })
    }

    /// Reads what the file says about itself.
    ///
    /// # Errors
    /// [`LedgerError::Missing`] for a database without a ledger in it,
    /// [`LedgerError::NewerFormat`] for one this program cannot read.
    pub fn meta(&self) -> Result<Meta> {
        if !self.has_tables()? {
            return Err(LedgerError::Missing {
                path: self.path.clone(),
            });
        }
        let (format, meta) = self.run(|conn| {
            conn.query_row(include_str!("sql/select_meta.sql"), [], |row| {
                let meta = Meta {
                    epoch_base: row.get(1)?,
                    epoch: row.get::<_, i64>(2)? as u64,
                    public_key: row.get(3)?,
                    vacuum_due: row.get(4)?,
                };
                Ok((row.get::<_, i64>(0)?, meta))
            })
        })?;
        if format > FORMAT {
            return Err(LedgerError::NewerFormat {
                path: self.path.clone(),
                found: format,
                supported: FORMAT,
            });
        }
        Ok(meta)
    }

    /// The stored tree head.
    pub fn head(&self) -> Result<Head> {
        self.run(|conn| {
            conn.prepare_cached(include_str!("sql/select_head.sql"))?
                .query_row([], |row| {
                    Ok(Head {
                        size: row.get::<_, i64>(0)? as u64,
                        root: row.get(1)?,
                    })
                })
        })
    }

    /// Refuses a file with kinds of entries that are not in `known`.
    pub fn check_kinds(&self, known: &[String]) -> Result<()> {
        for (kind, index) in self.kinds()? {
            if !known.contains(&kind) {
                return Err(LedgerError::UnknownKind {
                    path: self.path.clone(),
                    kind,
                    index,
                });
            }
        }
        Ok(())
    }

    /// Every kind that occurs, with the index of its first entry.
    pub fn kinds(&self) -> Result<Vec<(String, u64)>> {
        self.run(|conn| {
            conn.prepare_cached(include_str!("sql/select_kinds.sql"))?
                .query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as u64)))?
                .collect()
        })
    }

    /// The leaf at `index`, where there is one.
    pub fn leaf(&self, index: u64) -> Result<Option<Vec<u8>>> {
        self.run(|conn| {
            conn.prepare_cached(include_str!("sql/select_leaf.sql"))?
                .query_row([index as i64], |row| row.get(0))
                .optional()
        })
    }

    /// The leaves `start..end` with their indexes, in order.
    pub fn leaves(&self, start: u64, end: u64) -> Result<Vec<(u64, Vec<u8>)>> {
        self.run(|conn| {
            conn.prepare_cached(include_str!("sql/select_leaves.sql"))?
                .query_map([start as i64, end as i64], |row| {
                    Ok((row.get::<_, i64>(0)? as u64, row.get(1)?))
                })?
                .collect()
        })
    }

    /// The next `count` rows from `start` as they are, unparsed.
    pub fn raw_records_from(&self, start: u64, count: u64) -> Result<Vec<RawRecord>> {
        self.run(|conn| {
            conn.prepare_cached(include_str!("sql/select_records_from.sql"))?
                .query_map([start as i64, count as i64], |row| {
                    Ok(RawRecord {
                        index: row.get::<_, i64>(0)? as u64,
                        leaf: blob_of(row, 1)?.unwrap_or_default(),
                        salt: blob_of(row, 2)?,
                        body: blob_of(row, 3)?,
                    })
                })?
                .collect()
        })
    }

    /// Indexes of bodies without an entry.
    pub fn orphan_bodies(&self) -> Result<Vec<u64>> {
        self.indexes(include_str!("sql/select_orphan_bodies.sql"))
    }

    /// Keys of every stored tile, in order.
    pub fn tile_keys(&self) -> Result<Vec<u64>> {
        self.indexes(include_str!("sql/select_tile_keys.sql"))
    }

    /// What SQLite itself finds wrong with the file; empty when nothing.
    pub fn integrity_problems(&self) -> Result<Vec<String>> {
        let found: Vec<String> = self.run(|conn| {
            conn.prepare(include_str!("sql/integrity_check.sql"))?
                .query_map([], |row| row.get(0))?
                .collect()
        })?;
        Ok(found.into_iter().filter(|line| line != "ok").collect())
    }

    fn indexes(&self, sql: &str) -> Result<Vec<u64>> {
        self.run(|conn| {
            conn.prepare(sql)?
                .query_map([], |row| Ok(row.get::<_, i64>(0)? as u64))?
                .collect()
        })
    }

    /// The hashes of a full tile, where it is stored.
    pub fn full_tile(&self, level: u8, index: u64) -> Result<Option<Vec<Hash>>> {
        let stored: Option<Vec<u8>> = self.run(|conn| {
            conn.prepare_cached(include_str!("sql/select_tile.sql"))?
                .query_row([tile_key(level, index)], |row| row.get(0))
                .optional()
        })?;
        stored
            .map(|bytes| {
                split_hashes(&bytes)
                    .filter(|hashes| hashes.len() as u64 == TILE_WIDTH)
                    .ok_or_else(|| {
                        LedgerError::damaged(format!(
                            "tile {level}/{index} does not hold {TILE_WIDTH} hashes"
                        ))
                    })
            })
            .transpose()
    }

    /// The right edge of the tree of `size` entries, rebuilt from what is stored.
    pub fn edge(&self, size: u64) -> Result<Edge> {
        let rows = (0..level_count(size))
            .map(|level| self.partial_row(size, level))
            .collect::<Result<Vec<_>>>()?;
        Edge::from_rows(size, rows).ok_or_else(|| {
            LedgerError::damaged(format!(
                "fewer entries or tiles are stored than a ledger of {size} entries has"
            ))
        })
    }

    fn partial_row(&self, size: u64, level: u8) -> Result<Vec<Hash>> {
        let end = full_hashes(size, level);
        let start = end - partial_width(size, level);
        let Some(below) = level.checked_sub(1) else {
            let leaves = self.leaves(start, end)?;
            return Ok(leaves.iter().map(|(_, leaf)| leaf_hash(leaf)).collect());
        };
        (start..end)
            .map(|index| self.stored_tile(below, index).map(|row| perfect_root(&row)))
            .collect()
    }

    /// The hashes of a full tile that must be stored.
    pub fn stored_tile(&self, level: u8, index: u64) -> Result<Vec<Hash>> {
        self.full_tile(level, index)?
            .ok_or_else(|| LedgerError::damaged(format!("tile {level}/{index} is missing")))
    }

    /// The note signed for `(origin, size)`, where there is one.
    pub fn checkpoint(&self, origin: &str, size: u64) -> Result<Option<Vec<u8>>> {
        self.run(|conn| {
            conn.prepare_cached(include_str!("sql/select_checkpoint.sql"))?
                .query_row(params![origin, size as i64], |row| row.get(0))
                .optional()
        })
    }

    /// The newest note signed for `origin`, where there is one.
    pub fn last_checkpoint(&self, origin: &str) -> Result<Option<Vec<u8>>> {
        self.run(|conn| {
            conn.prepare_cached(include_str!("sql/select_last_checkpoint.sql"))?
                .query_row([origin], |row| row.get(0))
                .optional()
        })
    }

    /// Every note this ledger signed: origin, size, note.
    pub fn checkpoints(&self) -> Result<Vec<(String, u64, Vec<u8>)>> {
        self.run(|conn| {
            conn.prepare_cached(include_str!("sql/select_checkpoints.sql"))?
                .query_map([], |row| {
                    let note = blob_of(row, 2)?.unwrap_or_default();
                    Ok((row.get(0)?, row.get::<_, i64>(1)? as u64, note))
                })?
                .collect()
        })
    }

    /// Signature lines of witnesses under the checkpoint `(origin, size)`.
    pub fn cosignatures(&self, origin: &str, size: u64) -> Result<Vec<String>> {
        self.run(|conn| {
            conn.prepare_cached(include_str!("sql/select_cosignatures.sql"))?
                .query_map(params![origin, size as i64], |row| row.get(0))?
                .collect()
        })
    }
}

/// A blob as stored; anything else that damage put there counts as empty.
fn blob_of(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Option<Vec<u8>>> {
    Ok(match row.get_ref(column)? {
        ValueRef::Null => None,
        ValueRef::Blob(bytes) => Some(bytes.to_vec()),
        _ => Some(Vec::new()),
    })
}

/// Primary key of a tile.
pub(crate) fn tile_key(level: u8, index: u64) -> i64 {
    (i64::from(level) << 48) | index as i64
}

/// The path with something appended to its last part.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
