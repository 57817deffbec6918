//! Which records the files define, and which they point to.
//!
//! Must hold: an id is defined once per kind; every reference leads to a record
//! that exists. What fails is told at the place where it was written.

use std::collections::BTreeMap;

use tickmark_catalog::{FieldValue, Fields, Located, Place, Problem, nearest};

use crate::record::RecordKind;

/// Definitions and references, gathered while files are read.
#[derive(Debug, Default)]
pub(crate) struct Links {
    definitions: Vec<Link>,
    references: Vec<Link>,
}

#[derive(Debug)]
struct Link {
    kind: RecordKind,
    id: String,
    place: Place,
}

impl Links {
    /// Reads the key `id` and notes that it defines a record.
    pub(crate) fn define<T: FieldValue + AsRef<str>>(
        &mut self,
        fields: &mut Fields<'_>,
        kind: RecordKind,
    ) -> Option<T> {
        let id: Located<T> = fields.required("id")?;
        self.define_at(kind, id.value.as_ref(), id.place);
        Some(id.value)
    }

    /// Notes that a record is defined at a place.
    pub(crate) fn define_at(&mut self, kind: RecordKind, id: &str, place: Place) {
        self.definitions.push(Link {
            kind,
            id: id.to_owned(),
            place,
        });
    }

    /// Reads a list of references to records of one kind.
    pub(crate) fn refer<T: FieldValue + AsRef<str>>(
        &mut self,
        fields: &mut Fields<'_>,
        key: &str,
        kind: RecordKind,
    ) -> Vec<T> {
        let ids: Vec<Located<T>> = fields.list(key);
        ids.into_iter().map(|id| self.note(kind, id)).collect()
    }

    /// Reads one reference that must be there.
    pub(crate) fn refer_to_one<T: FieldValue + AsRef<str>>(
        &mut self,
        fields: &mut Fields<'_>,
        key: &str,
        kind: RecordKind,
    ) -> Option<T> {
        fields.required(key).map(|id| self.note(kind, id))
    }

    fn note<T: AsRef<str>>(&mut self, kind: RecordKind, id: Located<T>) -> T {
        self.references.push(Link {
            kind,
            id: id.value.as_ref().to_owned(),
            place: id.place,
        });
        id.value
    }

    /// Everything that is defined twice or leads nowhere.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let mut defined: BTreeMap<(RecordKind, &str), &Place> = BTreeMap::new();
        let mut problems = Vec::new();
        for link in &self.definitions {
            match defined.get(&(link.kind, link.id.as_str())) {
                Some(first) => problems.push(link.defined_again(first)),
                None => {
                    defined.insert((link.kind, &link.id), &link.place);
                }
            }
        }
        let dangling = |link: &&Link| !defined.contains_key(&(link.kind, link.id.as_str()));
        problems.extend(self.references.iter().filter(dangling).map(|link| {
            let same_kind = defined.keys().filter(|(kind, _)| *kind == link.kind);
            link.leads_nowhere(nearest(&link.id, same_kind.map(|(_, id)| *id)))
        }));
        problems
    }
}

impl Link {
    fn defined_again(&self, first: &Place) -> Problem {
        Problem::new(format!("{} `{}` is defined twice", self.kind, self.id))
            .cause(format!("it is already defined at {first}"))
            .in_place(self.place.clone())
            .hint("give one of them another id")
    }

    fn leads_nowhere(&self, nearest: Option<&str>) -> Problem {
        let suggestion = nearest.map_or_else(String::new, |id| format!("; the nearest is `{id}`"));
        let message = format!(
            "{} `{}` is not in the program{suggestion}",
            self.kind, self.id
        );
        Problem::new(message).in_place(self.place.clone())
    }
}
