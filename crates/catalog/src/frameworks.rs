//! Which identifiers exist in the frameworks that the crosswalk points to.
//!
//! Must hold: structure and counts only, no wording of any framework. Where a
//! framework's full list is not reproduced, the check is of the shape and the
//! part of it that is: it can refuse what cannot exist, not prove what does.

use crate::control_id::is_kebab_case;
use crate::crosswalk::CrosswalkRow;
use crate::problem::Problem;

/// Controls per theme of ISO/IEC 27001:2022 Annex A: organizational, people,
/// physical, technological; 93 in all.
const ANNEX_A: [(&str, u8); 4] = [("A.5", 37), ("A.6", 8), ("A.7", 14), ("A.8", 34)];

/// Clauses of ISO/IEC 27001:2022 that hold requirements, with their
/// subclauses.
const CLAUSES: [(u8, u8); 7] = [(4, 4), (5, 3), (6, 3), (7, 5), (8, 3), (9, 3), (10, 2)];

/// The 22 categories of NIST CSF 2.0.
const CSF_CATEGORIES: [&str; 22] = [
    "GV.OC", "GV.RM", "GV.RR", "GV.PO", "GV.OV", "GV.SC", "ID.AM", "ID.RA", "ID.IM", "PR.AA",
    "PR.AT", "PR.DS", "PR.PS", "PR.IR", "DE.CM", "DE.AE", "RS.MA", "RS.AN", "RS.CO", "RS.MI",
    "RC.RP", "RC.CO",
];

/// The 20 families of NIST SP 800-53 revision 5.
const NIST_FAMILIES: [&str; 20] = [
    "AC", "AT", "AU", "CA", "CM", "CP", "IA", "IR", "MA", "MP", "PE", "PL", "PM", "PS", "PT", "RA",
    "SA", "SC", "SI", "SR",
];

/// The five sections of the HIPAA Security Rule that hold standards.
const HIPAA_SECTIONS: [&str; 5] = ["164.308", "164.310", "164.312", "164.314", "164.316"];

/// Every control of ISO/IEC 27001:2022 Annex A, `A.5.1` to `A.8.34`, in order:
/// 93 identifiers.
pub fn iso27001_annex_a() -> Vec<String> {
    ANNEX_A
        .iter()
        .flat_map(|(theme, count)| (1..=*count).map(move |n| format!("{theme}.{n}")))
        .collect()
}

/// Whether `id` is a clause or an Annex A control of ISO/IEC 27001:2022.
pub fn is_iso27001_2022(id: &str) -> bool {
    let clause = |(clause, count): &(u8, u8)| (1..=*count).any(|n| id == format!("{clause}.{n}"));
    iso27001_annex_a().iter().any(|known| known == id) || CLAUSES.iter().any(clause)
}

/// Whether `id` has the shape of a subcategory of NIST CSF 2.0 in one of its
/// 22 categories, for example `PR.AA-01`.
pub fn is_nist_csf_2(id: &str) -> bool {
    id.split_once('-').is_some_and(|(category, number)| {
        CSF_CATEGORIES.contains(&category) && number.len() == 2 && is_positive(number)
    })
}

/// Whether `id` has the shape of a base control of one of the 20 families of
/// NIST SP 800-53 revision 5, for example `AC-2`.
pub fn is_nist_800_53_r5(id: &str) -> bool {
    id.split_once('-')
        .is_some_and(|(family, number)| NIST_FAMILIES.contains(&family) && is_positive(number))
}

/// Whether `id` lies in a section of the HIPAA Security Rule that holds
/// standards, for example `164.308(a)(2)`.
pub fn is_hipaa_security_rule(id: &str) -> bool {
    let (section, rest) = id.split_once('(').unwrap_or((id, ")"));
    let well_formed = rest.strip_suffix(')').is_some_and(|inner| {
        inner.is_empty()
            || inner
                .split(")(")
                .all(|part| is_kebab_case(&part.to_lowercase()))
    });
    HIPAA_SECTIONS.contains(&section) && well_formed
}

/// Whether `id` lies under one of the 12 requirements of PCI DSS 4, for example
/// `12.6`.
pub fn is_pci_dss_4(id: &str) -> bool {
    let mut parts = id.split('.');
    let requirement = parts.next().and_then(|first| first.parse::<u8>().ok());
    requirement.is_some_and(|number| (1..=12).contains(&number)) && parts.all(is_positive)
}

/// What in a crosswalk row cannot exist on the other side; empty when all is
/// well.
pub fn check_crosswalk_row(row: &CrosswalkRow) -> Vec<Problem> {
    [
        missing("ISO/IEC 27001:2022", &row.iso27001_2022, is_iso27001_2022),
        missing("NIST CSF 2.0", &row.nist_csf_2, is_nist_csf_2),
        missing("NIST SP 800-53 r5", &row.nist_800_53_r5, is_nist_800_53_r5),
        missing(
            "the HIPAA Security Rule",
            &row.hipaa,
            is_hipaa_security_rule,
        ),
        missing("PCI DSS 4", &row.pci_dss_4, is_pci_dss_4),
    ]
    .concat()
}

fn missing(framework: &str, ids: &[String], exists: fn(&str) -> bool) -> Vec<Problem> {
    let missing = ids.iter().filter(|id| !exists(id));
    missing
        .map(|id| Problem::new(format!("`{id}` is not in {framework}")))
        .collect()
}

fn is_positive(number: &str) -> bool {
    number.parse::<u16>().is_ok_and(|number| number > 0)
}
