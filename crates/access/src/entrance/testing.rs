//! What the tests of this crate share: randomness that repeats itself, people,
//! and an entrance with the least work a password can be.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::{Entrance, Settings};
use crate::account::Profile;
use crate::event::AccessEvent;
use crate::id::AccountId;
use crate::password::PasswordCost;
use crate::role::{Role, Side};
use crate::secret::Random;
use crate::session::Visitor;
use crate::sign_in::SignIn;
use crate::state::AccessState;
use crate::store::AccessStore;
use crate::{Change, SessionSecret};

/// A good password.
pub(crate) const PASSWORD: &str = "verdant kestrel ottoman plinth";

/// The same bytes each time it is made.
pub(crate) fn random() -> Random {
    let count = AtomicU64::new(0);
    Arc::new(move |bytes: &mut [u8]| {
        for chunk in bytes.chunks_mut(32) {
            let block = Sha256::digest(count.fetch_add(1, Ordering::Relaxed).to_le_bytes());
            chunk
                .iter_mut()
                .zip(block)
                .for_each(|(to, from)| *to = from);
        }
    })
}

/// A day to start from.
pub(crate) fn start() -> Timestamp {
    "2026-03-02T09:00:00Z".parse().unwrap()
}

/// So many seconds later.
pub(crate) fn after(seconds: i64) -> Timestamp {
    Timestamp::from_second(start().as_second() + seconds).unwrap()
}

pub(crate) fn id(text: &str) -> AccountId {
    text.parse().unwrap()
}

pub(crate) fn profile(name: &str, role: Role) -> Profile {
    Profile {
        name: name.to_owned(),
        email: format!("{name}@fernhollow.example"),
        role,
        functions: [].into(),
    }
}

pub(crate) fn visitor() -> Visitor {
    Visitor {
        address: "192.0.2.7".parse().unwrap(),
        user_agent: "Firefox".to_owned(),
    }
}

/// Takes events in, as a ledger would.
pub(crate) fn record(state: &mut AccessState, events: &[AccessEvent], at: Timestamp) {
    state.check(events, at).unwrap();
    for event in events {
        state.apply(event, at).unwrap();
    }
}

/// A realm in which `anna` is the active owner, with [`PASSWORD`].
pub(crate) struct Realm {
    pub(crate) entrance: Entrance,
    pub(crate) state: AccessState,
}

impl Realm {
    pub(crate) fn empty() -> Self {
        Self::over(AccessStore::open_in_memory().unwrap())
    }

    pub(crate) fn over(store: AccessStore) -> Self {
        let store = Arc::new(store);
        let url = "https://soc2.fernhollow.example".parse().unwrap();
        let mut settings = Settings::new(Side::Company, "Fernhollow Labs", url);
        settings.password_cost = PasswordCost::LEAST;
        Self {
            entrance: Entrance::new(store, random(), settings).unwrap(),
            state: AccessState::default(),
        }
    }

    pub(crate) fn with_anna() -> Self {
        let mut realm = Self::empty();
        realm.add("anna", Role::Owner);
        realm
    }

    /// Adds an active account with [`PASSWORD`].
    pub(crate) fn add(&mut self, name: &str, role: Role) -> AccountId {
        let id = id(name);
        let added = self.state.add(Side::Company, &id, &profile(name, role));
        record(&mut self.state, &[added.unwrap()], start());
        let (change, secret) = self.entrance.invite(&self.state, &id, start()).unwrap();
        self.keep(change, start());
        // From an address of its own, so that it does not count for others.
        let visitor = Visitor {
            address: "198.51.100.1".parse().unwrap(),
            ..visitor()
        };
        let entrance = &self.entrance;
        let admission =
            entrance.accept_invitation(&self.state, &secret, PASSWORD, &visitor, start());
        let admission = admission.unwrap();
        record(&mut self.state, admission.events(), start());
        let entrance = &self.entrance;
        let admitted = entrance.admit(&self.state, admission, &visitor, start());
        let session = session(admitted.unwrap());
        entrance.sign_out(&session).unwrap();
        id
    }

    /// Records a change, then keeps it.
    pub(crate) fn keep(&mut self, change: Change, at: Timestamp) {
        record(&mut self.state, change.events(), at);
        self.entrance.store().keep(change, at).unwrap();
    }
}

/// The session of a sign-in that is complete.
pub(crate) fn session(sign_in: SignIn) -> SessionSecret {
    match sign_in {
        SignIn::Complete(secret) => secret,
        SignIn::SecondFactor(..) => panic!("a second factor is due"),
    }
}
