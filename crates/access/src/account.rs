//! An account: one person's way in, as the ledger tells it.
//!
//! Must hold: nothing here is secret; an e-mail address belongs to one account
//! whatever its capitals; the kinds of credential are those that were recorded,
//! the credentials themselves are in the store.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tickmark_catalog::Problem;

use crate::id::{AccountId, PasskeyId};
use crate::role::Role;

/// One person's account.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// Identifier.
    pub id: AccountId,
    /// Name of the person.
    pub name: String,
    /// E-mail address, as written.
    pub email: String,
    /// Role.
    pub role: Role,
    /// The owner roles, such as `Head of People`, whose controls this person
    /// answers for.
    pub functions: BTreeSet<String>,
    /// Whether the person can come in.
    pub status: AccountStatus,
    /// When the account was added.
    pub added_at: Timestamp,
    /// Until when the last invitation can be used; `None` when there was none,
    /// or the person came in, or the account was closed.
    pub invited_until: Option<Timestamp>,
    /// Which kinds of credential were set up.
    pub credentials: Credentials,
}

impl Account {
    /// Whether the person can come in.
    pub fn is_active(&self) -> bool {
        self.status == AccountStatus::Active
    }
}

/// Whether a person can come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountStatus {
    /// Added; has not come in yet.
    Invited,
    /// Can come in.
    Active,
    /// Can no longer come in; what they did stays.
    Closed,
}
tickmark_catalog::named_values!(AccountStatus, "account status", [
    Invited => "invited",
    Active => "active",
    Closed => "closed",
]);

/// Which kinds of credential an account has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credentials {
    /// A password.
    pub password: bool,
    /// An authenticator app.
    pub totp: bool,
    /// Recovery codes.
    pub recovery_codes: bool,
    /// Passkeys, with the label their owner gave them.
    pub passkeys: BTreeMap<PasskeyId, String>,
    /// A link to an identity provider.
    pub single_sign_on: bool,
}

/// A kind of credential; a passkey says which one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialKind {
    /// A password.
    Password,
    /// An authenticator app.
    Totp,
    /// The set of recovery codes.
    RecoveryCodes,
    /// One passkey.
    Passkey(PasskeyId),
    /// A link to an identity provider.
    SingleSignOn,
}

/// What happened to a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialChange {
    /// Set up, or replaced.
    Set,
    /// Removed.
    Removed,
}

impl Credentials {
    /// Takes a change in.
    pub(crate) fn apply(&mut self, kind: &CredentialKind, change: CredentialChange, label: &str) {
        let is_set = change == CredentialChange::Set;
        match kind {
            CredentialKind::Password => self.password = is_set,
            CredentialKind::Totp => self.totp = is_set,
            CredentialKind::RecoveryCodes => self.recovery_codes = is_set,
            CredentialKind::SingleSignOn => self.single_sign_on = is_set,
            CredentialKind::Passkey(id) if is_set => {
                self.passkeys.insert(id.clone(), label.to_owned());
            }
            CredentialKind::Passkey(id) => {
                self.passkeys.remove(id);
            }
        }
    }
}

/// What an owner types about a person; checked by [`Profile::checked`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Name of the person.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Role.
    pub role: Role,
    /// The owner roles whose controls this person answers for.
    pub functions: BTreeSet<String>,
}

impl Profile {
    /// The profile without surrounding spaces.
    ///
    /// # Errors
    /// A name or function that is empty, too long or holds control characters;
    /// an e-mail address that is none.
    pub fn checked(&self) -> Result<Self, Problem> {
        let functions = self.functions.iter().map(|it| checked_text("function", it));
        Ok(Self {
            name: checked_text("name", &self.name)?,
            email: checked_email(&self.email)?,
            role: self.role,
            functions: functions.collect::<Result<_, _>>()?,
        })
    }
}

/// The e-mail address as it is compared: without regard to capitals.
pub(crate) fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

/// A short line of text a person typed, without surrounding spaces.
pub(crate) fn checked_text(what: &str, text: &str) -> Result<String, Problem> {
    const MAX_CHARS: usize = 200;
    let text = text.trim();
    let problem = if text.is_empty() {
        Problem::new(format!("the {what} is empty")).hint(format!("write a {what}"))
    } else if text.chars().count() > MAX_CHARS {
        Problem::new(format!("the {what} is longer than {MAX_CHARS} characters")).hint("shorten it")
    } else if text.chars().any(char::is_control) {
        Problem::new(format!(
            "the {what} holds a line break or control character"
        ))
        .hint("write it on one line")
    } else {
        return Ok(text.to_owned());
    };
    Err(problem)
}

fn checked_email(email: &str) -> Result<String, Problem> {
    let email = email.trim();
    if is_email(email) {
        return Ok(email.to_owned());
    }
    let shown: String = email.chars().take(80).collect();
    Err(Problem::new(format!("`{shown}` is not an e-mail address"))
        .hint("write it like `anna@example.com`"))
}

/// The shape that every real address has; whether it exists, only mail can tell.
fn is_email(email: &str) -> bool {
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && !"@<>(),;:\\\"[]".contains(c);
    let Some((local, domain)) = email.split_once('@') else {
        return false;
    };
    email.len() <= 254
        && (1..=64).contains(&local.len())
        && local.chars().all(is_plain)
        && domain.chars().all(is_plain)
        && domain.contains('.')
        && domain
            .split('.')
            .all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_has_the_shape_of_one() {
        for good in [
            "a@b.co",
            "anna.berg+soc@example.com",
            "ö@bücher.example",
            "a@x-y.example",
        ] {
            assert!(is_email(good), "{good}");
        }
        let long = format!("{}@example.com", "x".repeat(65));
        for bad in [
            "",
            "anna",
            "anna@",
            "@example.com",
            "anna@example",
            "a b@example.com",
            "a@b@c.de",
            "anna@example..com",
            "anna@.com",
            "anna@-x.com",
            "Anna <a@b.co>",
            "a@b.co\n",
            &long,
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn a_profile_is_trimmed_and_checked() {
        let profile = Profile {
            name: " Anna Berg ".into(),
            email: " Anna@Example.com".into(),
            role: Role::Owner,
            functions: [" Head of People ".to_owned()].into(),
        };
        let checked = profile.checked().unwrap();
        assert_eq!(checked.name, "Anna Berg");
        assert_eq!(checked.email, "Anna@Example.com");
        assert_eq!(checked.functions, ["Head of People".to_owned()].into());
        let with_name = |name: &str| Profile {
            name: name.into(),
            ..profile.clone()
        };
        for broken in [
            with_name("  "),
            with_name("a\nb"),
            with_name(&"x".repeat(201)),
            Profile {
                email: "anna".into(),
                ..profile.clone()
            },
            Profile {
                functions: [String::new()].into(),
                ..profile.clone()
            },
        ] {
            assert!(broken.checked().unwrap_err().hint.is_some());
        }
    }
}
