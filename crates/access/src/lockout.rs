//! How guessing is made slow: an account is locked for longer and longer, an
//! address gets so many attempts a minute.
//!
//! Must hold: an address that exists and one that does not are locked alike; a
//! lock never lasts longer than the policy's longest, so nobody can be kept out
//! for good by someone else's guesses.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use jiff::{SignedDuration, Timestamp};

/// When failures lock, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptPolicy {
    /// Failures in a row that lock for the first time.
    pub failures: u32,
    /// How long the first lock lasts; each failure after it doubles that.
    pub first_lock: SignedDuration,
    /// How long a lock lasts at most.
    pub longest_lock: SignedDuration,
}

impl Default for AttemptPolicy {
    /// Five failures lock for a minute, doubling up to an hour.
    fn default() -> Self {
        Self {
            failures: 5,
            first_lock: SignedDuration::from_mins(1),
            longest_lock: SignedDuration::from_hours(1),
        }
    }
}

/// Attempts in a row that failed, or have not succeeded yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempts {
    /// How many.
    pub failures: u32,
    /// When the last was made.
    pub last_at: Timestamp,
}

impl AttemptPolicy {
    /// Until when there can be no attempt; `None` when they did not lock.
    pub fn locked_until(&self, attempts: &Attempts) -> Option<Timestamp> {
        let beyond = attempts.failures.checked_sub(self.failures)?;
        let factor = 2_i32.checked_pow(beyond).unwrap_or(i32::MAX);
        let doubled = self.first_lock.checked_mul(factor);
        let length = doubled.map_or(self.longest_lock, |it| it.min(self.longest_lock));
        attempts.last_at.checked_add(length).ok()
    }
}

/// Time as it is handed in.
#[derive(Clone, Default)]
struct HandedIn(Arc<AtomicU64>);

impl HandedIn {
    fn advance_to(&self, now: Timestamp) {
        let ms = u64::try_from(now.as_millisecond()).unwrap_or_default();
        self.0.fetch_max(ms, Ordering::Relaxed);
    }
}

impl Clock for HandedIn {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }
}

type Limiter = RateLimiter<IpAddr, HashMapStateStore<IpAddr>, HandedIn, NoOpMiddleware<Duration>>;

/// So many attempts a minute for each network address.
pub struct AddressLimit {
    limiter: Limiter,
    clock: HandedIn,
}

impl fmt::Debug for AddressLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AddressLimit")
    }
}

impl AddressLimit {
    /// A limit of `per_minute` attempts, all at once or spread out.
    pub fn new(per_minute: NonZeroU32) -> Self {
        let clock = HandedIn::default();
        Self {
            limiter: RateLimiter::hashmap_with_clock(Quota::per_minute(per_minute), clock.clone()),
            clock,
        }
    }

    /// Counts an attempt. `Err` is how long to wait for the next.
    ///
    /// # Errors
    /// When the address made too many.
    pub fn count(&self, address: IpAddr, now: Timestamp) -> Result<(), SignedDuration> {
        self.clock.advance_to(now);
        self.limiter
            .check_key(&network(address))
            .map_err(|refused| {
                let wait = refused.wait_time_from(self.clock.now());
                SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX)
            })
    }

    /// Forgets addresses that made no attempt for a while.
    pub fn forget_idle(&self, now: Timestamp) {
        self.clock.advance_to(now);
        self.limiter.retain_recent();
    }
}

/// Whoever has one IPv6 address has the 2^64 beside it.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_double_up_to_an_hour() {
        let locked = |failures| {
            let attempts = Attempts {
                failures,
                last_at: Timestamp::UNIX_EPOCH,
            };
            AttemptPolicy::default()
                .locked_until(&attempts)
                .map(|until| until.as_second() / 60)
        };
        let table = [
            (0, None),
            (4, None),
            (5, Some(1)),
            (6, Some(2)),
            (7, Some(4)),
            (8, Some(8)),
            (10, Some(32)),
            (11, Some(60)),
            (12, Some(60)),
            (40, Some(60)),
            (u32::MAX, Some(60)),
        ];
        for (failures, minutes) in table {
            assert_eq!(locked(failures), minutes, "{failures} failures");
        }
    }

    #[test]
    fn an_address_gets_so_many_attempts_a_minute() {
        let limit = AddressLimit::new(NonZeroU32::new(30).unwrap());
        let start: Timestamp = "2026-03-01T09:00:00Z".parse().unwrap();
        let after = |seconds| start + SignedDuration::from_secs(seconds);
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let mine = address("192.0.2.1");
        for _ in 0..30 {
            limit.count(mine, start).unwrap();
        }
        let wait = limit.count(mine, start).unwrap_err();
        assert_eq!(wait, SignedDuration::from_secs(2));
        limit.count(address("192.0.2.2"), start).unwrap();
        limit.count(mine, after(2)).unwrap();
        limit.count(mine, after(2)).unwrap_err();
        limit.forget_idle(after(3600));
        assert!(limit.limiter.is_empty());
    }

    #[test]
    fn neighbours_in_ipv6_count_as_one() {
        for (a, b, same) in [
            ("2001:db8::1", "2001:db8::ffff:1", true),
            ("2001:db8::1", "2001:db8:0:1::1", false),
            ("::ffff:192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
        ] {
            let key = |text: &str| network(text.parse().unwrap());
            assert_eq!(key(a) == key(b), same, "{a} {b}");
        }
    }
}
