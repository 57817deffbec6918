//! `controls/<id>.md`: the controls of the company.
//!
//! Must hold: a control that follows one of the library names a library control
//! that exists. Whether its control tests exist is for the stage that holds
//! them.

use std::ops::Deref;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_catalog::{
    ControlDefinition, ControlId, Fields, FrontMatter, Located, Place, Problem, catalog, nearest,
};

/// A control of the company.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Control {
    /// What it is, in the company's words; its fields are also the control's.
    #[serde(flatten)]
    pub definition: ControlDefinition,
    /// The library control it follows.
    pub library: Option<ControlId>,
    /// First day on which it operated, when it began within the period.
    pub since: Option<Date>,
}

impl Deref for Control {
    type Target = ControlDefinition;

    fn deref(&self) -> &Self::Target {
        &self.definition
    }
}

/// Reads a control and the place of its id.
pub(crate) fn read_control(
    fields: &mut Fields<'_>,
    text: FrontMatter<'_>,
) -> Option<(Control, Place)> {
    let library = fields.optional("library");
    check_library(fields, library.as_ref());
    let since = fields.optional("since");
    let place = fields.place_of("id");
    let definition = ControlDefinition::read(fields, text.body)?;
    let library = library.map(|id: Located<ControlId>| id.value);
    Some((
        Control {
            definition,
            library,
            since,
        },
        place,
    ))
}

fn check_library(fields: &Fields<'_>, library: Option<&Located<ControlId>>) {
    let Some(id) = library.filter(|id| catalog().control(&id.value).is_none()) else {
        return;
    };
    let known = catalog().controls.iter().map(|control| control.id.as_str());
    let suggestion = nearest(id.value.as_str(), known)
        .map_or_else(String::new, |near| format!("; the nearest is `{near}`"));
    let message = format!("library control `{}` does not exist{suggestion}", id.value);
    fields.report(Problem::new(message).in_place(id.place.clone()));
}
