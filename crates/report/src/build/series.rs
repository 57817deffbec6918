//! Headings of the series of criteria, in our words.

/// The heading of a series such as `CC6`; the code itself for one we do not
/// know.
pub fn title(code: &str) -> &str {
    match code {
        "CC1" => "Control Environment",
        "CC2" => "Information and Communication",
        "CC3" => "Risk Assessment",
        "CC4" => "Monitoring Activities",
        "CC5" => "Control Activities",
        "CC6" => "Logical and Physical Access Controls",
        "CC7" => "System Operations",
        "CC8" => "Change Management",
        "CC9" => "Risk Mitigation",
        "A1" => "Additional Criteria for Availability",
        "C1" => "Additional Criteria for Confidentiality",
        "PI1" => "Additional Criteria for Processing Integrity",
        "P1" => "Privacy: Notice",
        "P2" => "Privacy: Choice and Consent",
        "P3" => "Privacy: Collection",
        "P4" => "Privacy: Use, Retention, and Disposal",
        "P5" => "Privacy: Access",
        "P6" => "Privacy: Disclosure and Notification",
        "P7" => "Privacy: Quality",
        "P8" => "Privacy: Monitoring and Enforcement",
        other => other,
    }
}
