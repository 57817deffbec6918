//! The raw exports: rows made from their number, without any other state.
//!
//! Must hold: the same scale gives the same bytes on every machine; every
//! population holds items that operate and items that deviate.

use std::io::{Result, Write};

use jiff::Timestamp;

/// 2025-07-01T00:00:00Z, the first second of the period.
const PERIOD_START: i64 = 1_751_328_000;
const DAY: i64 = 86_400;
/// Days of the period.
pub const DAYS: u64 = 365;

const CHANGES: u64 = 1_000_000;
const REVIEWS_PER_CHANGE: u64 = 2;
const DEVELOPERS: u64 = 3_000;
const LEAVERS: u64 = 3_000;
const PEOPLE: u64 = 20_000;
const EVENTS: u64 = 10_000_000;
const ACCOUNTS: u64 = 5_000;

/// A number that looks random and depends on two others only (SplitMix64).
fn noise(stream: u64, index: u64) -> u64 {
    let mut word = stream
        .wrapping_mul(0xd134_2543_de82_ef95)
        .wrapping_add(index.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// Whether something holds for about `share` of a thousand numbers.
fn chance(stream: u64, index: u64, share: u64) -> bool {
    noise(stream, index) % 1000 < share
}

/// An instant as ISO 8601.
fn instant(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or_default()
}

/// The civil date of a day of the period; negative days lie before it.
fn date(day: i64) -> String {
    let text = instant(PERIOD_START + day * DAY).to_string();
    text.chars().take(10).collect()
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A commit id made of a number.
fn commit(stream: u64, index: u64) -> String {
    let (a, b) = (noise(stream, index), noise(stream + 1, index));
    format!("{a:016x}{b:016x}{:08x}", noise(stream + 2, index) >> 32)
}

/// What is known of a change.
struct Change {
    repo: u64,
    number: u64,
    author: u64,
    is_bot: bool,
    merged: i64,
    head: String,
}

fn change(index: u64, count: u64) -> Change {
    let span = u64::try_from(365 * DAY).unwrap_or_default();
    Change {
        repo: noise(1, index) % 40,
        number: index + 1,
        author: noise(2, index) % DEVELOPERS,
        is_bot: chance(3, index, 30),
        merged: PERIOD_START + signed(index * span / count),
        head: commit(4, index),
    }
}

fn login(change: &Change) -> String {
    if change.is_bot {
        "relay-autobump".to_owned()
    } else {
        format!("dev{:05}", change.author)
    }
}

/// Changes, in the order in which they were merged.
pub fn pull_requests(file: &mut dyn Write, scale: u64) -> Result<u64> {
    let count = CHANGES * scale;
    writeln!(
        file,
        "repo,number,author,author_kind,title,head_sha,merge_sha,created_at,merged_at,merged_by,bypass,ticket"
    )?;
    for index in 0..count {
        let change = change(index, count);
        let (author, kind) = (login(&change), if change.is_bot { "bot" } else { "human" });
        let opened = change.merged - 600 - signed(noise(8, index) % 400_000);
        writeln!(
            file,
            "service-{:02},{},{author},{kind},Change {} of the {} module,{},{},{},{},dev{:05},{},WORK-{}",
            change.repo,
            change.number,
            noise(9, index) % 9000,
            ["billing", "search", "import", "report"]
                .get(usize::try_from(noise(10, index) % 4).unwrap_or_default())
                .unwrap_or(&"core"),
            change.head,
            commit(11, index),
            instant(opened),
            instant(change.merged),
            noise(14, index) % DEVELOPERS,
            chance(15, index, 2),
            noise(16, index) % 300_000
        )?;
    }
    Ok(count)
}

/// Reviews, two of each change: most approve the final commit before the merge.
pub fn reviews(file: &mut dyn Write, scale: u64) -> Result<u64> {
    let changes = CHANGES * scale;
    let count = changes * REVIEWS_PER_CHANGE;
    writeln!(file, "id,change,reviewer,state,submitted_at,commit")?;
    for index in 0..count {
        let number = index / REVIEWS_PER_CHANGE;
        let change = change(number, changes);
        let reviewer = if chance(20, index, 4) || chance(21, number, 1) {
            login(&change)
        } else {
            format!("dev{:05}", noise(22, index) % DEVELOPERS)
        };
        let state = match noise(23, index) % 100 {
            0..75 => "approved",
            75..90 => "commented",
            _ => "changes_requested",
        };
        let late = chance(24, index, 3);
        let distance = signed(noise(25, index) % 300_000) + 1;
        let at = change.merged + if late { distance } else { -distance };
        let commit = if chance(26, index, 40) {
            commit(27, index)
        } else {
            change.head
        };
        writeln!(
            file,
            "rv-{index:09},service-{:02}#{},{reviewer},{state},{},{commit}",
            change.repo,
            change.number,
            instant(at)
        )?;
    }
    Ok(count)
}

const ACCOUNT_HEAD: &str =
    "system,id,person,login,email,name,kind,status,admin,mfa,production,created_at,deactivated_at";

/// The logins of the code host; some people have two.
pub fn developers(file: &mut dyn Write, _scale: u64) -> Result<u64> {
    writeln!(file, "{ACCOUNT_HEAD}")?;
    for index in 0..DEVELOPERS {
        let person = if chance(30, index, 20) {
            index / 2
        } else {
            index
        };
        let kind = if chance(31, index, 5) {
            "service"
        } else {
            "human"
        };
        writeln!(
            file,
            "codehost,ch-{index:05},P{person:05},dev{index:05},dev{index:05}@bench.example,Developer {index},{kind},active,false,true,{},2023-01-09T08:00:00Z,",
            chance(32, index, 200)
        )?;
    }
    Ok(DEVELOPERS)
}

/// How many people there are, and how many of them left.
fn staff(scale: u64) -> (u64, u64) {
    (PEOPLE * scale, LEAVERS * scale)
}

/// The last day of a leaver, as a day of the period; `None` for whoever stayed.
fn last_day(person: u64, scale: u64) -> Option<u64> {
    let (people, leavers) = staff(scale);
    let step = people / leavers;
    (person.is_multiple_of(step) && person / step < leavers).then(|| noise(40, person) % 330)
}

/// The roster: everybody, those who left included.
pub fn people(file: &mut dyn Write, scale: u64) -> Result<u64> {
    writeln!(file, "id,name,email,status,start_date,end_date")?;
    let (people, _) = staff(scale);
    for person in 0..people {
        let left = last_day(person, scale);
        let status = if left.is_some() { "left" } else { "active" };
        let end = left.map(|day| date(signed(day))).unwrap_or_default();
        writeln!(
            file,
            "P{person:06},Person {person},p{person}@bench.example,{status},{},{end}",
            date(-30 - signed(noise(41, person) % 3000))
        )?;
    }
    Ok(people)
}

/// The leavers of the period.
pub fn leavers(file: &mut dyn Write, scale: u64) -> Result<u64> {
    writeln!(file, "id,name,email,last_day")?;
    let (people, leavers) = staff(scale);
    for person in 0..people {
        if let Some(day) = last_day(person, scale) {
            writeln!(
                file,
                "P{person:06},Person {person},p{person}@bench.example,{}",
                date(signed(day))
            )?;
        }
    }
    Ok(leavers)
}

/// One account per person; one in ten is linked by its address only.
pub fn staff_accounts(file: &mut dyn Write, scale: u64) -> Result<u64> {
    writeln!(file, "{ACCOUNT_HEAD}")?;
    let (people, _) = staff(scale);
    for person in 0..people {
        let left = last_day(person, scale);
        let linked = if chance(42, person, 100) {
            String::new()
        } else {
            format!("P{person:06}")
        };
        let off = left.map(|day| instant(PERIOD_START + signed(day + 1) * DAY).to_string());
        writeln!(
            file,
            "keyring,acc-{person:06},{linked},p{person},p{person}@bench.example,Person {person},human,{},false,true,false,2023-01-09T08:00:00Z,{}",
            if off.is_some() {
                "deprovisioned"
            } else {
                "active"
            },
            off.unwrap_or_default()
        )?;
    }
    Ok(people)
}

/// Attempts to sign in over the year. Whoever left signs in no more, but for
/// one in fifty.
pub fn sign_ins(file: &mut dyn Write, scale: u64) -> Result<u64> {
    let count = EVENTS * scale;
    let (people, _) = staff(scale);
    let span = u64::try_from(365 * DAY).unwrap_or_default();
    let last_days: Vec<Option<u64>> = (0..people).map(|person| last_day(person, scale)).collect();
    writeln!(file, "id,system,account,time,result,ip,mfa")?;
    for index in 0..count {
        let second = index * span / count;
        let mut person = noise(50, index) % people;
        let left = last_days
            .get(usize::try_from(person).unwrap_or_default())
            .copied()
            .flatten();
        let is_gone = left.is_some_and(|day| second / 86_400 > day);
        if is_gone && !(chance(51, person, 20) && chance(52, index, 100)) {
            person = (person + 1) % people;
        }
        let word = noise(53, index);
        writeln!(
            file,
            "ev-{index:010},{},acc-{person:06},{},{},10.{}.{}.{},{}",
            if word % 10 < 8 { "keyring" } else { "console" },
            instant(PERIOD_START + signed(second)),
            if word % 97 < 3 { "FAILURE" } else { "SUCCESS" },
            person / 62_500 % 250,
            person / 250 % 250,
            person % 250,
            !word.is_multiple_of(3)
        )?;
    }
    Ok(count)
}

/// The instant of the collection on a day.
pub fn collected_at(day: u64) -> Timestamp {
    instant(PERIOD_START + signed(day) * DAY + 6 * 3600)
}

/// The accounts as one collection shows them.
pub fn accounts_of_day(file: &mut dyn Write, scale: u64, day: u64) -> Result<u64> {
    writeln!(file, "{ACCOUNT_HEAD}")?;
    let mut count = 0;
    for account in (0..ACCOUNTS * scale).filter(|account| is_listed(*account, day)) {
        count += 1;
        writeln!(
            file,
            "keyring,acc-{account:06},P{account:06},p{account},p{account}@bench.example,Person {account},{},active,{},{},{},2023-01-09T08:00:00Z,",
            if chance(60, account, 10) {
                "service"
            } else {
                "human"
            },
            chance(61, account, 30),
            second_factor(account, day),
            chance(62, account, 100)
        )?;
    }
    Ok(count)
}

/// One in twenty accounts was opened within the period, one in twenty closed; a
/// few are missing from single collections.
fn is_listed(account: u64, day: u64) -> bool {
    let opened = chance(63, account, 50).then(|| noise(64, account) % 300);
    let closed = chance(65, account, 50).then(|| 30 + noise(66, account) % 330);
    let is_there = opened.is_none_or(|from| day >= from) && closed.is_none_or(|end| day < end);
    is_there && !(chance(67, account, 5) && chance(68, account * 1000 + day, 100))
}

/// Whether a second factor is enrolled; empty where the source cannot say.
fn second_factor(account: u64, day: u64) -> &'static str {
    let spell = |stream: u64, share: u64, length: u64| {
        let start = noise(stream, account) % DAYS;
        chance(stream + 1, account, share) && (start..start + length).contains(&day)
    };
    if spell(70, 20, 12) || spell(72, 20, 40) {
        "false"
    } else if spell(74, 10, 20) {
        ""
    } else {
        "true"
    }
}
