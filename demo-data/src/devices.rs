//! Device management: laptops at the end of each month; asset register:
//! laptops disposed of.
//!
//! Every active person has a laptop; those of leavers go back to stock and to
//! the next who join. All are protected at every observation.

use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use serde_json::{Value, json};

use super::clock::{self, PERIOD_START, plus, us, utc};
use super::draw::Draw;
use super::files::{Csv, Dialect, JsonList};
use super::people::{Company, Worker};
use super::{Outcome, Run};

/// Laptops at the end of the period.
const DEVICES: usize = 141;
const DISPOSED: usize = 12;
/// Days a returned laptop stays in stock before it is given out again.
const REST: i64 = 3;

/// Writes the laptops.
pub fn write(company: &Company, run: &mut Run) -> Outcome<()> {
    let devices = assign(company, DEVICES * run.options.scale)?;
    snapshots(&devices, run)?;
    run.key.population("devices", devices.len());
    disposals(run)
}

/// One laptop and who had it.
struct Device<'a> {
    enrolled_on: Date,
    spells: Vec<&'a Worker>,
}

impl Device<'_> {
    fn owner(&self, day: Date) -> Option<&Worker> {
        self.spells.iter().find(|w| w.works_on(day)).copied()
    }
}

/// Laptops that come back, by place.
#[derive(Default)]
struct Stock {
    returning: BTreeSet<(Date, usize)>,
    ready: BTreeSet<usize>,
}

impl Stock {
    /// The first laptop that is ready on `day`; days never go back.
    fn take(&mut self, day: Date) -> Option<usize> {
        while let Some((free_on, place)) = self.returning.pop_first() {
            if free_on > day {
                self.returning.insert((free_on, place));
                break;
            }
            self.ready.insert(place);
        }
        self.ready.pop_first()
    }
}

/// Gives everyone a laptop: from stock where there is one, else a new one.
fn assign(company: &Company, total: usize) -> Outcome<Vec<Device<'_>>> {
    let mut people: Vec<&Worker> = company.workers.iter().collect();
    people.sort_by_key(|w| (w.start, w.id.clone()));
    let mut devices: Vec<Device> = Vec::new();
    let mut stock = Stock::default();
    for worker in people {
        let taken = stock.take(worker.start);
        let place = taken.unwrap_or(devices.len());
        match devices.get_mut(place) {
            Some(device) => device.spells.push(worker),
            None => devices.push(Device {
                enrolled_on: plus(worker.start, -3),
                spells: vec![worker],
            }),
        }
        if let Some(last_day) = worker.last_day {
            stock.returning.insert((plus(last_day, REST), place));
        }
    }
    let seconds = company
        .workers
        .iter()
        .filter(|w| w.writes_code() && w.last_day.is_none() && w.start < PERIOD_START);
    let missing = total
        .checked_sub(devices.len())
        .ok_or("more people than laptops")?;
    devices.extend(seconds.take(missing).map(|w| Device {
        enrolled_on: plus(w.start, 90),
        spells: vec![w],
    }));
    if devices.len() == total {
        Ok(devices)
    } else {
        Err("too few people for the laptops".to_owned())
    }
}

fn snapshots(devices: &[Device], run: &mut Run) -> Outcome<()> {
    let mut rows = 0;
    let mut draw = run.draw("devices");
    for day in clock::month_ends() {
        let path = format!("exports/mdm/devices-{day}.json");
        let mut list = JsonList::create(run.folder, &path, "devices")?;
        for (number, device) in (1..).zip(devices) {
            if device.enrolled_on <= day {
                list.row(&record(number, device, day, &mut draw)?)?;
            }
        }
        rows += list.finish()?;
    }
    run.count("mdm-devices", rows);
    Ok(())
}

fn record(number: usize, device: &Device, day: Date, draw: &mut Draw) -> Outcome<Value> {
    let os = match number % 10 {
        0 => "Ubuntu 24.04",
        1..=2 => "Windows 11",
        _ => "macOS 15",
    };
    Ok(json!({
        "deviceId": format!("dev-{number:05}"), "name": format!("FH-LT-{number:04}"),
        "serial": format!("FHX{:07}", 3_104_977 + number * 7919), "assignedUser": device.owner(day).map(|w| &w.email), "os": os,
        "lastCheckIn": utc(day, draw.between(200, 1100))?.to_string(), "managed": true,
        "posture": { "diskEncryption": "on", "screenLock": "on", "antiMalware": "running", "firewall": "on" },
        "inventoryAt": utc(day, 1170)?.to_string(),
    }))
}

fn disposals(run: &mut Run) -> Outcome<()> {
    let mut draw = run.draw("disposals");
    let days = clock::clear_days(date(2025, 7, 14), date(2026, 6, 12), 0);
    let header = ["Asset", "Class", "Disposed", "Method", "Certificate"];
    let mut csv = Csv::create(
        run.folder,
        "exports/assets/disposals.csv",
        Dialect::Plain,
        &header,
    )?;
    for n in draw.sample(days.len(), DISPOSED * run.options.scale) {
        let day = days.get(n).copied().ok_or("no day for a disposal")?;
        let asset = format!("FH-OLD-{:04}", 100 + n);
        let method = *draw.pick(&["cryptographic erase", "shredding"])?;
        csv.row(&[
            asset,
            "laptop".to_owned(),
            us(day),
            method.to_owned(),
            format!("COD-{}", draw.between(10_000, 99_999)),
        ])?;
    }
    let rows = csv.finish()?;
    run.count("assets-disposals", rows);
    run.key.population("laptops_disposed", rows as usize);
    Ok(())
}
