//! Lists in pages: a cursor says where the last page ended.
//!
//! What must hold: a list is in ascending order of its keys, and a page begins
//! after the key of its cursor, so that nothing is seen twice or left out when
//! something is added meanwhile; a cursor is opaque to whoever carries it.

use std::borrow::Cow;
use std::fmt::Display;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};
use tickmark_catalog::Problem;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::endpoint::Schemas;
use super::extract::Malformed;

/// Items of a page where none are asked for.
const USUAL_LIMIT: usize = 100;

/// Most items of a page.
const MOST_LIMIT: usize = 500;

/// A part of a list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Page<T> {
    /// The items, in ascending order of their key.
    pub items: Vec<T>,
    /// The cursor of the next page; absent on the last.
    pub next: Option<String>,
}

/// Where a page begins and how long it is.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
pub struct Cut {
    /// Most items to answer with; 100 where it is not said.
    #[param(minimum = 1, maximum = 500, example = 50)]
    pub limit: Option<usize>,
    /// The cursor of the page before: its `next`.
    #[param(example = "VE0tMDQ3")]
    pub after: Option<String>,
}

impl Cut {
    fn limit(&self) -> Result<usize, Malformed> {
        match self.limit {
            None => Ok(USUAL_LIMIT),
            Some(limit @ 1..=MOST_LIMIT) => Ok(limit),
            Some(limit) => Err(Malformed::query(
                Problem::new(format!("`limit` cannot be {limit}"))
                    .hint(format!("ask for 1 to {MOST_LIMIT} items")),
            )),
        }
    }

    /// The key that the page begins after.
    fn after<K: FromStr>(&self) -> Result<Option<K>, Malformed> {
        let Some(text) = &self.after else {
            return Ok(None);
        };
        let bytes = URL_SAFE_NO_PAD.decode(text).ok();
        let key = bytes
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .and_then(|text| text.parse().ok());
        match key {
            Some(key) => Ok(Some(key)),
            None => Err(Malformed::query(
                Problem::new("`after` is no cursor of this list")
                    .hint("hand over `next` of the page before as it is"),
            )),
        }
    }

    /// Where in a list that is addressed by place the page begins, and its
    /// length.
    ///
    /// # Errors
    /// A limit or cursor that is none.
    pub fn places(&self) -> Result<(u64, usize), Malformed> {
        let start = self
            .after::<u64>()?
            .map_or(0, |last| last.saturating_add(1));
        Ok((start, self.limit()?))
    }
}

impl<T> Page<T> {
    /// The page of a list that `cut` asks for. `all`: in ascending order of the
    /// key that `key` tells.
    ///
    /// # Errors
    /// A limit or cursor that is none.
    pub fn of<K: Ord + Display + FromStr>(
        cut: &Cut,
        all: impl IntoIterator<Item = T>,
        key: impl Fn(&T) -> K,
    ) -> Result<Self, Malformed> {
        let (limit, after) = (cut.limit()?, cut.after::<K>()?);
        let rest = all
            .into_iter()
            .filter(|item| after.as_ref().is_none_or(|after| key(item) > *after));
        let mut items: Vec<T> = rest.take(limit + 1).collect();
        let goes_on = items.len() > limit;
        items.truncate(limit);
        let next = items
            .last()
            .filter(|_| goes_on)
            .map(|last| cursor(key(last)));
        Ok(Self { items, next })
    }

    /// A page that begins at `start` of a list of `count`.
    pub fn at(items: Vec<T>, start: u64, count: u64) -> Self {
        let end = start.saturating_add(items.len() as u64);
        let next = (end < count && !items.is_empty()).then(|| cursor(end - 1));
        Self { items, next }
    }

    /// The page with its items made into something else.
    pub fn map<U>(self, make: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(make).collect(),
            next: self.next,
        }
    }
}

fn cursor(key: impl Display) -> String {
    URL_SAFE_NO_PAD.encode(key.to_string())
}

impl<T: ToSchema> PartialSchema for Page<T> {
    fn schema() -> RefOr<Schema> {
        let next = ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
            .description(Some("The cursor of the next page; null on the last"))
            .examples([serde_json::json!("VE0tMDQ3")]);
        let items = ArrayBuilder::new()
            .items(super::endpoint::reference::<T>())
            .description(Some("The items, in ascending order of their key"));
        let page = ObjectBuilder::new()
            .description(Some("A part of a list"))
            .property("items", items)
            .property("next", next)
            .required("items")
            .required("next");
        RefOr::T(Schema::from(page))
    }
}

impl<T: ToSchema> ToSchema for Page<T> {
    fn name() -> Cow<'static, str> {
        Cow::Owned(format!("{}Page", T::name()))
    }

    fn schemas(schemas: &mut Schemas) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}

#[cfg(test)]
mod tests {
    use super::{Cut, Page};

    fn cut(limit: Option<usize>, after: Option<&str>) -> Cut {
        Cut {
            limit,
            after: after.map(str::to_owned),
        }
    }

    #[test]
    fn pages_one_after_the_other_are_the_whole_list() {
        let all: Vec<u64> = (0..7).map(|n| n * 10).collect();
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let page = Page::of(&cut(Some(3), after.as_deref()), all.clone(), |n| *n).unwrap();
            assert!(page.items.len() <= 3);
            seen.extend(page.items);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, all);
    }

    #[test]
    fn what_is_added_meanwhile_moves_nothing() {
        let first = Page::of(&cut(Some(2), None), [1_u64, 3, 5], |n| *n).unwrap();
        let second = Page::of(
            &cut(Some(2), first.next.as_deref()),
            [0_u64, 1, 2, 3, 4, 5],
            |n| *n,
        )
        .unwrap();
        assert_eq!((first.items, second.items), (vec![1, 3], vec![4, 5]));
        assert_eq!(second.next, None);
    }

    #[test]
    fn a_limit_or_cursor_that_is_none_is_refused() {
        for wrong in [
            cut(Some(0), None),
            cut(Some(501), None),
            cut(None, Some("!")),
            cut(None, Some("eA")),
        ] {
            assert!(Page::of(&wrong, [1_u64], |n| *n).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_page_of_places_goes_on_where_it_ended() {
        let page = Page::at(vec!["a", "b"], 0, 3);
        let (start, _) = cut(None, page.next.as_deref()).places().unwrap();
        assert_eq!(start, 2);
        assert_eq!(Page::at(vec!["c"], start, 3).next, None);
    }
}
