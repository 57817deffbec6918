//! Codes of an authenticator app (RFC 6238): six digits that change every thirty
//! seconds.
//!
//! Must hold: a code counts once, and only in its own step, the one before or
//! the one after; a secret counts from when its first code was typed.

use jiff::Timestamp;
use qrcode::QrCode;
use qrcode::render::svg;
use tickmark_catalog::Problem;
use totp_rs::{Builder, Totp};

use crate::secret::{Random, Secret};

/// What a person is shown to set up an authenticator app.
#[derive(Clone, Debug)]
pub struct TotpEnrolment {
    /// The secret in base32, for whoever cannot scan.
    pub secret: Secret,
    /// The `otpauth:` address that the QR code holds.
    pub uri: Secret,
    /// The QR code: an `<svg>` element without style or script.
    pub qr_svg: Secret,
}

impl TotpEnrolment {
    /// A new secret. `issuer` and `name` are what the app shows.
    pub(crate) fn new(random: &Random, issuer: &str, name: &str) -> Result<Self, Problem> {
        let mut bytes = [0; 20];
        random(&mut bytes);
        let secret = totp_rs::Secret::from(bytes).to_base32();
        Self::of(Secret::new(secret), issuer, name)
    }

    /// A secret that was made before, shown again.
    pub(crate) fn of(secret: Secret, issuer: &str, name: &str) -> Result<Self, Problem> {
        let uri = uri(secret.reveal(), issuer, name);
        Ok(Self {
            qr_svg: Secret::new(qr_svg(&uri)?),
            secret,
            uri: Secret::new(uri),
        })
    }
}

/// The step whose code was typed; `None` when it is no code of this secret now.
pub(crate) fn step_of(secret: &Secret, code: &str, now: Timestamp) -> Result<Option<u64>, Problem> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let seconds = u64::try_from(now.as_second()).unwrap_or_default();
    Ok(generator(secret)?.check(&digits, seconds))
}

fn generator(secret: &Secret) -> Result<Totp, Problem> {
    let unreadable = |error: String| {
        Problem::new("the secret of the authenticator app cannot be read")
            .cause(error)
            .hint("remove the app and set it up again")
    };
    let secret = totp_rs::Secret::try_from_base32(secret.reveal())
        .map_err(|error| unreadable(error.to_string()))?;
    Builder::new()
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(30)
        .with_secret(secret)
        .build()
        .map_err(|error| unreadable(error.to_string()))
}

/// The address that authenticator apps read.
///
/// Source: <https://github.com/google/google-authenticator/wiki/Key-Uri-Format>.
fn uri(secret: &str, issuer: &str, name: &str) -> String {
    let (issuer, name) = (escaped(issuer), escaped(name));
    format!(
        "otpauth://totp/{issuer}:{name}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period=30"
    )
}

/// Percent-encoded; apps read a `+` as a plus, so a space is `%20`.
fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b if b.is_ascii_alphanumeric() || b"-._~@".contains(&b) => char::from(b).to_string(),
            b => format!("%{b:02X}"),
        })
        .collect()
}

fn qr_svg(text: &str) -> Result<String, Problem> {
    let code = QrCode::new(text.as_bytes())
        .map_err(|error| Problem::new("the QR code could not be drawn").cause(error.to_string()))?;
    let image: String = code
        .render::<svg::Color<'_>>()
        .min_dimensions(200, 200)
        .build();
    // A page holds the element, not the declaration of a file.
    let element = image.find("<svg").and_then(|start| image.get(start..));
    Ok(element.unwrap_or_default().to_owned())
}

#[cfg(test)]
pub(crate) mod testing {
    use super::*;

    /// The code an app shows at an instant.
    pub(crate) fn code(secret: &Secret, at: Timestamp) -> String {
        let seconds = u64::try_from(at.as_second()).unwrap();
        generator(secret).unwrap().generate(seconds).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entrance::testing::random;

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // Appendix B, SHA-1, the last six of the eight digits.
        let secret = totp_rs::Secret::from(*b"12345678901234567890").to_base32();
        let secret = Secret::new(secret);
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (20_000_000_000, "353130"),
        ] {
            let at = Timestamp::from_second(seconds).unwrap();
            assert_eq!(testing::code(&secret, at), code);
            let step = u64::try_from(seconds).unwrap() / 30;
            assert_eq!(step_of(&secret, code, at).unwrap(), Some(step));
        }
    }

    #[test]
    fn a_code_fits_its_step_and_the_two_beside_it() {
        let secret = TotpEnrolment::new(&random(), "Fernhollow", "a@b.co")
            .unwrap()
            .secret;
        let at = Timestamp::from_second(1_000_000_020).unwrap();
        let code = testing::code(&secret, at);
        for (seconds, fits) in [
            (-60, false),
            (-30, true),
            (0, true),
            (30, true),
            (60, false),
        ] {
            let now = Timestamp::from_second(at.as_second() + seconds).unwrap();
            assert_eq!(
                step_of(&secret, &code, now).unwrap().is_some(),
                fits,
                "{seconds}"
            );
        }
        let (left, right) = code.split_at(3);
        assert!(
            step_of(&secret, &format!(" {left} {right}"), at)
                .unwrap()
                .is_some()
        );
        for wrong in ["", "12345", "abcdef", "1234567", "ａ23456"] {
            assert_eq!(step_of(&secret, wrong, at).unwrap(), None, "{wrong}");
        }
    }

    #[test]
    fn an_app_reads_the_address() {
        assert_eq!(
            uri("ABC", "Fernhollow Labs: SOC 2", "anna+x@b.co"),
            "otpauth://totp/Fernhollow%20Labs%3A%20SOC%202:anna%2Bx@b.co?secret=ABC\
             &issuer=Fernhollow%20Labs%3A%20SOC%202&algorithm=SHA1&digits=6&period=30"
        );
    }

    #[test]
    fn the_picture_needs_no_style_and_no_script() {
        let enrolment = TotpEnrolment::new(&random(), "Fernhollow", "a@b.co").unwrap();
        let svg = enrolment.qr_svg.reveal();
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>"), "{svg}");
        for forbidden in ["style", "<script", "<?xml", "href"] {
            assert!(!svg.contains(forbidden), "{forbidden}");
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let enrolment = TotpEnrolment::new(&random(), "Fernhollow", "a@b.co").unwrap();
        let shown = format!("{enrolment:?}");
        assert_eq!(
            shown,
            "TotpEnrolment { secret: Secret, uri: Secret, qr_svg: Secret }"
        );
    }
}
