//! Who may come in, and what they may do: accounts and their roles, the ways to
//! prove who one is, sessions and API tokens, and the policies that decide.
//!
//! Must hold: who exists, with which role and which kinds of credential, is a
//! fold of ledger events ([`AccessState`]); everything secret or unaudited is in
//! the [`AccessStore`] and never in an event; a [`Change`] is recorded in the
//! ledger first and kept in the store after; every decision comes from the one
//! policy file. Time and randomness are handed in.

mod account;
mod id;
mod role;

mod event;

mod commands;
mod state;

mod change;
mod secret;
mod store;

mod lockout;
mod passkey;
mod password;
mod recovery;
mod sso;
mod token;
mod totp;
mod webhook;

mod action;
mod authorize;

mod credentials;
mod entrance;
mod invitation;
mod session;
mod sign_in;
mod single_sign_on;

pub use account::{Account, AccountStatus, CredentialChange, CredentialKind, Credentials, Profile};
pub use action::Action;
pub use authorize::{Authorizer, Decision, Principal, Resource};
pub use change::Change;
pub use credentials::NewPassword;
pub use entrance::{Entrance, Settings};
pub use event::{
    AccessEvent, AccountProfile, AccountRef, CredentialChanged, InvitationMade, TokenIssued,
    TokenRevoked, WebhookRef, WebhookSet,
};
pub use id::{AccountId, PasskeyId, TokenId, WebhookId};
pub use invitation::{Admission, INVITATION_HOURS, InvitationFor};
pub use lockout::{AddressLimit, AttemptPolicy, Attempts};
pub use passkey::PasskeyOptions;
pub use password::{
    MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS, PasswordCost, Passwords, check_password,
};
pub use role::{Role, Side};
pub use secret::{
    CeremonySecret, Digest, InvitationSecret, PendingSecret, Random, Secret, SessionSecret,
};
pub use session::{Method, Session, SessionId, SessionPolicy, Visitor};
pub use sign_in::{Factor, FactorKind, SignIn, SignInError};
pub use sso::{Identity, Prompt, Sso, SsoCallback, SsoConfig};
pub use state::{AccessState, Webhook};
pub use store::{AccessStore, Delivery, Idempotency, KeptPasskey, SavedView};
pub use token::{ApiToken, MAX_TOKEN_DAYS, Scope, TokenBearer};
pub use totp::TotpEnrolment;
pub use webhook::{MAX_DELIVERY_ATTEMPTS, next_delivery_at};
