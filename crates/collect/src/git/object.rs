//! Parses the bytes of commit and tag objects.
//!
//! Must hold: any bytes are parsed or refused, never a panic; nothing is lost
//! in silence: bytes that are not text in the object's encoding become U+FFFD
//! and are counted.

use encoding_rs::Encoding;

use super::message::Message;

/// Who did something, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Actor {
    pub name: String,
    /// Address in lower case.
    pub email: String,
    /// Seconds since 1970 as written; empty when absent.
    pub seconds: String,
}

/// What kind of signature an object carries; it is read, not checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signature {
    None,
    OpenPgp,
    Ssh,
    X509,
    Unknown,
}

impl Signature {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::OpenPgp => "openpgp",
            Self::Ssh => "ssh",
            Self::X509 => "x509",
            Self::Unknown => "unknown",
        }
    }

    fn of(armour: &[u8]) -> Self {
        const KINDS: [(&[u8], Signature); 3] = [
            (b"-----BEGIN PGP", Signature::OpenPgp),
            (b"-----BEGIN SSH SIGNATURE", Signature::Ssh),
            (b"-----BEGIN SIGNED MESSAGE", Signature::X509),
        ];
        let found = KINDS
            .iter()
            .find(|(start, _)| armour.trim_ascii_start().starts_with(start));
        found.map_or(Signature::Unknown, |(_, kind)| *kind)
    }
}

/// A commit object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CommitObject {
    /// Ids of the parents, in hexadecimal.
    pub parents: Vec<String>,
    pub author: Actor,
    pub committer: Actor,
    pub signature: Signature,
    pub message: Message,
    /// Whether bytes had to be replaced.
    pub is_lossy: bool,
}

/// A tag object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TagObject {
    /// Id of the tagged object, in hexadecimal.
    pub target: String,
    pub tagger: Option<Actor>,
    pub is_signed: bool,
}

/// The headers of an object, and the rest.
struct Parts<'o> {
    headers: Vec<(&'o [u8], Vec<&'o [u8]>)>,
    body: &'o [u8],
}

impl<'o> Parts<'o> {
    /// Splits an object: headers to the first empty line; a line that begins
    /// with a space goes on with the header before it.
    fn of(bytes: &'o [u8]) -> Option<Self> {
        let mut headers: Vec<(&[u8], Vec<&[u8]>)> = Vec::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            let (line, after) = line(rest);
            rest = after;
            if line.is_empty() {
                return Some(Self {
                    headers,
                    body: rest,
                });
            }
            match line.strip_prefix(b" ") {
                Some(more) => headers.last_mut()?.1.push(more),
                None => {
                    let space = line.iter().position(|byte| *byte == b' ')?;
                    let (name, value) = line.split_at_checked(space)?;
                    headers.push((name, vec![value.strip_prefix(b" ").unwrap_or(value)]));
                }
            }
        }
        Some(Self {
            headers,
            body: rest,
        })
    }

    fn all(&self, name: &[u8]) -> impl Iterator<Item = &[&'o [u8]]> {
        self.headers
            .iter()
            .filter(move |(key, _)| *key == name)
            .map(|(_, value)| value.as_slice())
    }

    fn first(&self, name: &[u8]) -> Option<&'o [u8]> {
        self.all(name).next()?.first().copied()
    }
}

fn line(bytes: &[u8]) -> (&[u8], &[u8]) {
    match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) => (
            bytes.get(..end).unwrap_or_default(),
            bytes.get(end + 1..).unwrap_or_default(),
        ),
        None => (bytes, &[]),
    }
}

impl CommitObject {
    /// Parses a commit; `None` when it is not one.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let parts = Parts::of(bytes)?;
        let mut text = Text::new(parts.first(b"encoding"));
        parts.first(b"tree")?;
        let parents = parts
            .all(b"parent")
            .map(|value| hex(value.first().copied()?))
            .collect::<Option<_>>()?;
        let author = actor(parts.first(b"author")?, &mut text);
        let committer = actor(parts.first(b"committer")?, &mut text);
        let message = Message::parse(&text.decode(parts.body));
        let signature = ["gpgsig", "gpgsig-sha256"]
            .iter()
            .find_map(|name| parts.first(name.as_bytes()))
            .map_or(Signature::None, Signature::of);
        Some(Self {
            parents,
            author,
            committer,
            signature,
            message,
            is_lossy: text.is_lossy,
        })
    }
}

impl TagObject {
    /// Parses a tag; `None` when it is not one.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let parts = Parts::of(bytes)?;
        let mut text = Text::new(None);
        let starts_signature = |line: &[u8]| {
            line.starts_with(b"-----BEGIN ") && Signature::of(line) != Signature::Unknown
        };
        let in_header = parts
            .headers
            .iter()
            .any(|(name, _)| name.starts_with(b"gpgsig"));
        Some(Self {
            target: hex(parts.first(b"object")?)?,
            tagger: parts
                .first(b"tagger")
                .map(|tagger| actor(tagger, &mut text)),
            is_signed: in_header
                || parts
                    .body
                    .split(|byte| *byte == b'\n')
                    .any(starts_signature),
        })
    }
}

fn hex(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    text.bytes()
        .all(|byte| byte.is_ascii_hexdigit())
        .then(|| text.to_owned())
}

/// `Name <address> seconds zone`, as leniently as git itself reads it.
fn actor(bytes: &[u8], text: &mut Text) -> Actor {
    let open = bytes.iter().position(|byte| *byte == b'<');
    let close = bytes.iter().rposition(|byte| *byte == b'>');
    let (Some(open), Some(close)) = (open, close) else {
        return Actor {
            name: text.decode(bytes),
            ..Actor::default()
        };
    };
    let part = |range: std::ops::Range<usize>| bytes.get(range).unwrap_or_default().trim_ascii();
    let times = String::from_utf8_lossy(part(close + 1..bytes.len())).into_owned();
    Actor {
        name: text.decode(part(0..open)),
        email: text.decode(part(open + 1..close)).to_lowercase(),
        seconds: times.split(' ').next().unwrap_or_default().to_owned(),
    }
}

/// Decodes the texts of one object.
struct Text {
    encoding: Option<&'static Encoding>,
    is_lossy: bool,
}

impl Text {
    fn new(label: Option<&[u8]>) -> Self {
        Self {
            encoding: label.and_then(Encoding::for_label),
            is_lossy: false,
        }
    }

    /// UTF-8 where it is; else the object's own encoding; else replaced bytes.
    fn decode(&mut self, bytes: &[u8]) -> String {
        if let Ok(text) = std::str::from_utf8(bytes) {
            return text.to_owned();
        }
        let decode = |encoding: &'static Encoding| {
            encoding.decode_without_bom_handling_and_without_replacement(bytes)
        };
        match self.encoding.and_then(decode) {
            Some(text) => text.into_owned(),
            None => {
                self.is_lossy = true;
                String::from_utf8_lossy(bytes).into_owned()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789012345678901234567890123456789";

    fn commit(headers: &[u8], body: &[u8]) -> Option<CommitObject> {
        let head = format!("tree {ID}\nparent {ID}\n");
        CommitObject::parse(&[head.as_bytes(), headers, b"\n", body].concat())
    }

    const PEOPLE: &[u8] =
        b"author Ann <Ann@Example.com> 1751328000 +0200\ncommitter B <> -5 +0000\n";

    #[test]
    fn parses_commits() {
        let plain = commit(PEOPLE, b"Subject\n\nBody\n").unwrap();
        assert_eq!(plain.parents, [ID]);
        assert_eq!(
            (plain.author.email.as_str(), plain.author.seconds.as_str()),
            ("ann@example.com", "1751328000")
        );
        assert_eq!(
            (
                plain.committer.email.as_str(),
                plain.committer.seconds.as_str()
            ),
            ("", "-5")
        );
        assert_eq!((plain.signature, plain.is_lossy), (Signature::None, false));
        assert_eq!(plain.message.subject, "Subject");
        assert_eq!(commit(PEOPLE, b"").unwrap().message.subject, "");
    }

    #[test]
    fn knows_signatures() {
        let check = |armour: &str, expected| {
            let header =
                format!("gpgsig -----BEGIN {armour}-----\n abc\n \n -----END-----\nmergetag x\n");
            let found = commit(&[PEOPLE, header.as_bytes()].concat(), b"S\n").unwrap();
            assert_eq!(
                (found.signature, found.message.subject.as_str()),
                (expected, "S")
            );
        };
        check("PGP SIGNATURE", Signature::OpenPgp);
        check("SSH SIGNATURE", Signature::Ssh);
        check("SIGNED MESSAGE", Signature::X509);
        check("SOMETHING", Signature::Unknown);
    }

    #[test]
    fn decodes_other_encodings() {
        let latin =
            [b"author \xc4nn <\xc4@x> 1 +0000\ncommitter B <b@x> 1 +0000\n".as_slice()].concat();
        let lossy = commit(&latin, b"").unwrap();
        assert!(lossy.is_lossy);
        assert_eq!(lossy.author.email, "\u{fffd}@x");
        let told = commit(
            &[&latin, b"encoding ISO-8859-1\n".as_slice()].concat(),
            b"\xdcber\n",
        )
        .unwrap();
        assert!(!told.is_lossy);
        assert_eq!(
            (told.author.name.as_str(), told.message.subject.as_str()),
            ("Änn", "Über")
        );
    }

    #[test]
    fn refuses_what_is_no_object() {
        for bytes in [
            b"".as_slice(),
            b"\n\n",
            b" x",
            b"tree\n",
            b"tree 1\nparent x\n\n",
            b"\xff\xfe",
        ] {
            assert_eq!(CommitObject::parse(bytes), None);
            assert_eq!(TagObject::parse(bytes), None);
        }
    }

    #[test]
    fn parses_tags() {
        let tag = |more: &str, body: &str| {
            TagObject::parse(format!("object {ID}\ntype commit\ntag v1\n{more}\n{body}").as_bytes())
                .unwrap()
        };
        let plain = tag("tagger Ann <ann@x> 7 +0000\n", "First\n");
        assert_eq!(
            (plain.tagger.unwrap().email.as_str(), plain.is_signed),
            ("ann@x", false)
        );
        assert_eq!(tag("", "First").tagger, None);
        assert!(tag("", "First\n-----BEGIN SSH SIGNATURE-----\nx\n").is_signed);
        assert!(!tag("", "-----BEGIN CERTIFICATE-----\n").is_signed);
    }
}
