//! Command line of `cargo xtask demo-data`.

use std::path::PathBuf;

use super::Outcome;

/// The seed of the committed exports.
pub const DEFAULT_SEED: u64 = 1;

/// Scenario pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pack {
    /// Baseline: exceptions, yet an unmodified opinion is in reach.
    A,
    /// Access is not removed and not reviewed: a qualified opinion is in reach.
    B,
}

impl Pack {
    /// Letter of the pack.
    pub fn letter(self) -> &'static str {
        match self {
            Pack::A => "a",
            Pack::B => "b",
        }
    }
}

/// What to generate, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Seed of every choice.
    pub seed: u64,
    /// Factor on the volumes.
    pub scale: usize,
    /// Scenario pack.
    pub pack: Pack,
    /// Folder to write to; the sample company's when none.
    pub out: Option<PathBuf>,
    /// Compare instead of writing.
    pub check: bool,
}

impl Options {
    /// Reads the arguments after `demo-data`.
    ///
    /// # Errors
    /// An argument is unknown, lacks its value, or its value cannot be read.
    pub fn parse(args: &[String]) -> Outcome<Options> {
        let mut options = Options::of(DEFAULT_SEED, Pack::A);
        let mut args = args.iter();
        while let Some(name) = args.next() {
            match name.as_str() {
                "--seed" => options.seed = number(name, args.next())?,
                "--scale" => options.scale = number(name, args.next())?,
                "--pack" => options.pack = pack(args.next())?,
                "--out" => options.out = Some(PathBuf::from(value(name, args.next())?)),
                "--check" => options.check = true,
                other => {
                    return Err(format!(
                        "unknown argument `{other}` of demo-data\nhint: {USAGE}"
                    ));
                }
            }
        }
        options.checked()
    }

    /// The unscaled company of one seed.
    pub fn of(seed: u64, pack: Pack) -> Options {
        Options {
            seed,
            scale: 1,
            pack,
            out: None,
            check: false,
        }
    }

    fn checked(self) -> Outcome<Options> {
        let varied = self.seed != DEFAULT_SEED || self.scale != 1;
        if self.scale == 0 {
            return Err("`--scale` must be at least 1".to_owned());
        }
        if self.check && (varied || self.out.is_some()) {
            return Err(
                "`--check` compares the committed files: give it no seed, scale or folder"
                    .to_owned(),
            );
        }
        if varied && self.out.is_none() {
            return Err("another seed or scale would overwrite the committed exports\nhint: give `--out DIR`".to_owned());
        }
        Ok(self)
    }
}

const USAGE: &str = "demo-data [--seed S] [--scale N] [--pack a|b] [--out DIR] [--check]";

fn value<'a>(name: &str, value: Option<&'a String>) -> Outcome<&'a String> {
    value.ok_or_else(|| format!("`{name}` needs a value\nhint: {USAGE}"))
}

fn number<T: std::str::FromStr>(name: &str, given: Option<&String>) -> Outcome<T> {
    let text = value(name, given)?;
    text.parse()
        .map_err(|_| format!("`{text}` is not a number for `{name}`"))
}

fn pack(given: Option<&String>) -> Outcome<Pack> {
    match value("--pack", given)?.as_str() {
        "a" => Ok(Pack::A),
        "b" => Ok(Pack::B),
        other => Err(format!(
            "there is no pack `{other}`\nhint: packs are `a` and `b`"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Outcome<Options> {
        let args: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        Options::parse(&args)
    }

    #[test]
    fn arguments_are_read_or_refused() {
        assert_eq!(parse("").unwrap(), Options::of(1, Pack::A));
        assert_eq!(parse("--pack b").unwrap(), Options::of(1, Pack::B));
        assert_eq!(parse("--seed 7 --out x").unwrap().seed, 7);
        for bad in [
            "--seed",
            "--seed x --out y",
            "--seed 2",
            "--scale 0",
            "--pack c",
            "--chek",
            "--check --out x",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
