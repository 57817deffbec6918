//! Passwords: which are good enough, how they are kept, how one is checked.
//!
//! Must hold: Argon2id, so that a stolen file is slow to guess from; checking
//! takes the same work for an account that does not exist; a refusal says what
//! would be accepted.

use std::fmt;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tickmark_catalog::Problem;
use zxcvbn::{Score, zxcvbn};

use crate::secret::Random;

/// Shortest password, in characters.
pub const MIN_PASSWORD_CHARS: usize = 12;
/// Longest password, in characters.
pub const MAX_PASSWORD_CHARS: usize = 200;

/// How much work one hash is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for PasswordCost {
    /// 19 MiB, two passes, one lane.
    ///
    /// Source: OWASP Password Storage Cheat Sheet.
    fn default() -> Self {
        Self {
            memory_kib: 19 * 1024,
            passes: 2,
            lanes: 1,
        }
    }
}

impl PasswordCost {
    /// The least work there is, so that tests are fast. Never for people.
    pub const LEAST: Self = Self {
        memory_kib: 8,
        passes: 1,
        lanes: 1,
    };
}

/// Hashes and checks passwords.
pub struct Passwords {
    argon: Argon2<'static>,
    /// Hash of a password nobody has.
    decoy: String,
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Passwords").field(&self.argon).finish()
    }
}

impl Passwords {
    /// With this much work.
    ///
    /// # Errors
    /// A cost that Argon2 does not have.
    pub fn new(cost: PasswordCost, random: &Random) -> Result<Self, Problem> {
        let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, None);
        let params = params.map_err(|error| {
            Problem::new("that cost of a password hash does not exist").cause(error.to_string())
        })?;
        let mut passwords = Self {
            argon: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            decoy: String::new(),
        };
        passwords.decoy = passwords.hash("a password nobody has", random)?;
        Ok(passwords)
    }

    /// What is kept of a password, in PHC form.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub fn hash(&self, password: &str, random: &Random) -> Result<String, Problem> {
        let mut salt = [0; 16];
        random(&mut salt);
        let hash: Result<PasswordHash, _> = self
            .argon
            .hash_password_with_salt(password.as_bytes(), &salt);
        hash.map(|hash| hash.to_string()).map_err(|error| {
            Problem::new("the password could not be hashed")
                .cause(error.to_string())
                .hint("try again; the server may be short of memory")
        })
    }

    /// Whether a password is the one of a hash. Without a hash the work is the
    /// same and the answer no.
    pub fn verify(&self, hash: Option<&str>, password: &str) -> bool {
        if password.chars().count() > MAX_PASSWORD_CHARS {
            return false;
        }
        let checked = PasswordHash::new(hash.unwrap_or(&self.decoy));
        let fits = checked.is_ok_and(|checked| {
            self.argon
                .verify_password(password.as_bytes(), &checked)
                .is_ok()
        });
        fits && hash.is_some()
    }
}

/// Whether a password may be chosen. `about` is what a guesser knows: the name,
/// the address, the organization.
///
/// # Errors
/// What is wrong with it, and what would be accepted.
pub fn check_password(password: &str, about: &[&str]) -> Result<(), Problem> {
    let length = password.chars().count();
    if length < MIN_PASSWORD_CHARS {
        let short = format!("the password has fewer than {MIN_PASSWORD_CHARS} characters");
        return Err(Problem::new(short).hint("use four or five random words"));
    }
    if length > MAX_PASSWORD_CHARS {
        let long = format!("the password has more than {MAX_PASSWORD_CHARS} characters");
        return Err(Problem::new(long).hint("shorten it"));
    }
    check_guesses(password, about)
}

fn check_guesses(password: &str, about: &[&str]) -> Result<(), Problem> {
    // The estimate's time grows with the length; a hundred characters tell.
    let start: String = password.chars().take(100).collect();
    let words = words_about(about);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let estimate = zxcvbn(&start, &words);
    if estimate.score() >= Score::Three {
        return Ok(());
    }
    let problem = Problem::new("the password is too easy to guess");
    let warning = estimate.feedback().and_then(|feedback| feedback.warning());
    let problem = match warning {
        Some(warning) => problem.cause(lower_case(&warning.to_string())),
        None => problem,
    };
    Err(problem.hint("use four or five random words, none of them about you or your company"))
}

/// zxcvbn speaks in sentences; ours have no capital and no full stop.
fn lower_case(sentence: &str) -> String {
    let mut letters = sentence.trim_end_matches('.').chars();
    let first = letters.next().map(char::to_lowercase);
    first.into_iter().flatten().chain(letters).collect()
}

/// Each text, its words, and its words run together.
fn words_about(about: &[&str]) -> Vec<String> {
    let parts = about
        .iter()
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()))
        .filter(|part| part.chars().count() > 2)
        .map(str::to_lowercase);
    let whole = about.iter().map(|text| text.to_lowercase());
    let joined = whole
        .clone()
        .map(|text| text.chars().filter(|c| c.is_alphanumeric()).collect());
    parts.chain(whole).chain(joined).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entrance::testing::random;

    const ABOUT: [&str; 3] = [
        "Anna Bergström",
        "anna@fernhollow.example",
        "Fernhollow Labs",
    ];

    #[test]
    fn a_refusal_says_what_to_do() {
        let table = [
            ("short", "the password has fewer than 12 characters"),
            ("password1234", "the password is too easy to guess"),
            ("aaaaaaaaaaaaaaaa", "the password is too easy to guess"),
            ("fernhollowlabs2026", "the password is too easy to guess"),
            ("annabergström1", "the password is too easy to guess"),
            (
                &"x7#".repeat(67),
                "the password has more than 200 characters",
            ),
        ];
        for (password, expected) in table {
            let problem = check_password(password, &ABOUT).unwrap_err();
            assert_eq!(problem.message, expected, "{password}");
            assert!(problem.hint.is_some());
        }
        for good in [
            "verdant kestrel ottoman plinth",
            "Zr7!kq0$Lw2vTe",
            "ひみつの長いパスワードです鯨",
        ] {
            check_password(good, &ABOUT).unwrap();
        }
    }

    #[test]
    fn a_password_is_kept_as_argon2id() {
        let passwords = Passwords::new(PasswordCost::LEAST, &random()).unwrap();
        let hash = passwords.hash("verdant kestrel", &random()).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{hash}");
        assert!(passwords.verify(Some(&hash), "verdant kestrel"));
        assert!(!passwords.verify(Some(&hash), "verdant kestrels"));
        assert!(!passwords.verify(Some("nonsense"), "verdant kestrel"));
        assert!(!passwords.verify(Some(&hash), &"x".repeat(201)));
    }

    #[test]
    fn the_default_cost_is_the_one_owasp_names() {
        let cost = PasswordCost::default();
        assert_eq!((cost.memory_kib, cost.passes, cost.lanes), (19_456, 2, 1));
    }

    #[test]
    fn nobody_has_the_password_of_the_decoy() {
        let passwords = Passwords::new(PasswordCost::LEAST, &random()).unwrap();
        assert!(!passwords.verify(None, "a password nobody has"));
        // The same work: the decoy has the cost of every other hash.
        assert!(passwords.decoy.starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
    }

    #[test]
    fn debug_shows_no_hash() {
        let passwords = Passwords::new(PasswordCost::LEAST, &random()).unwrap();
        assert!(!format!("{passwords:?}").contains(&passwords.decoy));
    }
}
