//! `vendors.toml`: the suppliers.
//!
//! Must hold: a vendor that is also a subservice organization says so here; how
//! its controls are treated stands in `subservice.toml`.

use serde::{Deserialize, Serialize};
use tickmark_catalog::Fields;

use crate::links::Links;
use crate::record::{RecordId, RecordKind};

/// A supplier of goods or services.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vendor {
    /// Identifier, for example `v-001`.
    pub id: RecordId,
    /// Its name.
    pub name: String,
    /// The company's own tier, for example `critical`.
    pub tier: String,
    /// What it supplies.
    pub services: String,
    /// Role that answers for it.
    pub owner_role: String,
    /// Is also a subservice organization.
    pub subservice: bool,
    /// Kinds of data it sees.
    pub data: Vec<String>,
}

pub(crate) fn read_vendors(fields: &mut Fields<'_>, links: &mut Links) -> Option<Vec<Vendor>> {
    Some(fields.tables("vendor", |fields| read_vendor(fields, links)))
}

fn read_vendor(fields: &mut Fields<'_>, links: &mut Links) -> Option<Vendor> {
    let id = links.define(fields, RecordKind::Vendor);
    let name = fields.text("name");
    let tier = fields.text("tier");
    let services = fields.text("services");
    let owner_role = fields.text("owner_role");
    let subservice = fields.required("subservice");
    let data = fields.list("data");
    Some(Vendor {
        id: id?,
        name: name?,
        tier: tier?,
        services: services?,
        owner_role: owner_role?,
        subservice: subservice?,
        data,
    })
}
