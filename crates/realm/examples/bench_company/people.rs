//! The accounts of a company of thousands.

use tickmark_access::{
    AccessEvent, AccountId, AccountProfile, CredentialChange, CredentialChanged, CredentialKind,
    Role,
};
use tickmark_realm::Company;

use super::{LEAD, Outcome};

/// The id of a person's account.
pub fn account(number: u64) -> Outcome<AccountId> {
    Ok(format!("person-{number:05}").parse()?)
}

/// What an account of a person says.
pub fn profile(number: u64) -> Outcome<AccountProfile> {
    Ok(AccountProfile {
        account: account(number)?,
        name: format!("Person {number}"),
        email: format!("person{number}@bench.example"),
        role: Role::Employee,
        functions: [].into(),
    })
}

/// Something that happens to a way of signing in.
pub fn credential(
    number: u64,
    credential: CredentialKind,
    change: CredentialChange,
) -> Outcome<AccessEvent> {
    Ok(AccessEvent::CredentialChanged(CredentialChanged {
        account: account(number)?,
        credential,
        change,
        label: None,
    }))
}

/// Adds accounts, each able to come in.
pub fn add(company: &mut Company, count: u64) -> Outcome<()> {
    let mut events = Vec::new();
    for number in 0..count {
        events.push(AccessEvent::AccountAdded(profile(number)?));
        events.push(AccessEvent::activated(&account(number)?));
        events.push(credential(
            number,
            CredentialKind::Password,
            CredentialChange::Set,
        )?);
    }
    company.record_access(LEAD, &events)?;
    Ok(())
}
