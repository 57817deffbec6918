//! What a row tells besides its contract: columns of detail, as text by name.
//!
//! Must hold: names come sorted and a null has no entry, wherever the texts are
//! kept; two details with the same entries are equal. A population of a million
//! items shares its columns with the engine instead of a map for each item.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Where a row is found: whatever its holder makes of the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowAt(pub u64);

/// Columns of detail that many rows share.
pub trait DetailColumns: fmt::Debug + Send + Sync {
    /// The columns' names, sorted.
    fn names(&self) -> &[String];

    /// The text of a cell; `None` when it is null.
    ///
    /// `column`: index into [`Self::names`].
    fn text(&self, column: usize, row: RowAt) -> Option<Cow<'_, str>>;
}

/// Texts by name.
#[derive(Clone)]
pub struct Detail(Kept);

#[derive(Clone)]
enum Kept {
    Texts(BTreeMap<String, String>),
    Shared(Arc<dyn DetailColumns>, RowAt),
}

impl Detail {
    /// The detail of one row of shared columns.
    pub fn shared(columns: Arc<dyn DetailColumns>, row: RowAt) -> Self {
        Self(Kept::Shared(columns, row))
    }

    /// The text under a name.
    pub fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        match &self.0 {
            Kept::Texts(texts) => texts.get(name).map(Cow::from),
            Kept::Shared(columns, row) => {
                let names = columns.names();
                let column = names.binary_search_by(|known| known.as_str().cmp(name));
                columns.text(column.ok()?, *row)
            }
        }
    }

    /// All texts with their names, sorted by name.
    pub fn iter(&self) -> Box<dyn Iterator<Item = (&str, Cow<'_, str>)> + '_> {
        match &self.0 {
            Kept::Texts(texts) => Box::new(
                texts
                    .iter()
                    .map(|(name, text)| (name.as_str(), Cow::from(text))),
            ),
            Kept::Shared(columns, row) => {
                let names = columns.names().iter().enumerate();
                Box::new(names.filter_map(|(column, name)| {
                    Some((name.as_str(), columns.text(column, *row)?))
                }))
            }
        }
    }

    /// The texts in a map of their own.
    pub fn to_map(&self) -> BTreeMap<String, String> {
        self.iter()
            .map(|(name, text)| (name.to_owned(), text.into_owned()))
            .collect()
    }
}

impl Default for Detail {
    fn default() -> Self {
        Self(Kept::Texts(BTreeMap::new()))
    }
}

impl From<BTreeMap<String, String>> for Detail {
    fn from(texts: BTreeMap<String, String>) -> Self {
        Self(Kept::Texts(texts))
    }
}

impl PartialEq for Detail {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Detail {}

impl fmt::Debug for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl Serialize for Detail {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Detail {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::deserialize(deserializer).map(|texts| Self(Kept::Texts(texts)))
    }
}
