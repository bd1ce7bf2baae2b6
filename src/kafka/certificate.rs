//! What is wrong with a certificate, where librdkafka only says that it does not hold. For messages alone: nothing is
//! trusted or refused by what is found here.

use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// How long the broker may take to show its certificate once more.
const LOOK: Duration = Duration::from_secs(3);

/// Begins a TLS connection to `broker` (`host:port`) once more and says what is wrong with its certificate, as what follows
/// "the brokers at ...". `None` when that cannot be found out.
pub async fn flaw(broker: &str, ca_file: Option<&Path>) -> Option<String> {
    let mut builder = reqwest::Client::builder().no_proxy().timeout(LOOK).connect_timeout(LOOK);
    if let Some(path) = ca_file {
        let pem = std::fs::read(path).ok()?;
        builder = builder.tls_certs_only(reqwest::Certificate::from_pem_bundle(&pem).ok()?);
    }
    let error = builder.build().ok()?.head(format!("https://{broker}/")).send().await.err()?;
    let mut text = String::new();
    let mut cause: Option<&dyn std::error::Error> = Some(&error);
    while let Some(error) = cause {
        text.push_str(&error.to_string());
        cause = error.source();
    }
    named(&text, broker)
}

/// OpenSSL's word for it to ours.
fn named(text: &str, broker: &str) -> Option<String> {
    let text = text.to_lowercase();
    let has = |part: &str| text.contains(part);
    if has("expired") {
        Some(format!("show a certificate that has expired ({broker}): it must be renewed there"))
    } else if has("not yet valid") {
        Some(format!("show a certificate that is not valid yet ({broker}): check the clocks on both sides"))
    } else if has("hostname mismatch") || has("ip address mismatch") {
        Some(format!(
            "show a certificate of another host ({broker}); write the name that it bears in kafka.brokers and in the \
             listeners that they advertise"
        ))
    } else if has("issuer") || has("self-signed") || has("self signed") || has("certificate signature") {
        Some(format!(
            "show a certificate of a CA that is not trusted ({broker}); set kafka.ca_file to the CA's certificate"
        ))
    } else {
        None
    }
}

/// The day on which the first certificate of a PEM file expired; `None` when it did not, or cannot be read.
pub fn expired(path: &Path) -> Option<jiff::civil::Date> {
    let pem = std::fs::read_to_string(path).ok()?;
    let end = end(&der(&pem)?)?;
    (end < Timestamp::now()).then(|| TimeZone::UTC.to_datetime(end).date())
}

fn der(pem: &str) -> Option<Vec<u8>> {
    let (_, rest) = pem.split_once("-----BEGIN CERTIFICATE-----")?;
    let (body, _) = rest.split_once("-----END CERTIFICATE-----")?;
    STANDARD.decode(body.split_whitespace().collect::<String>()).ok()
}

/// The end of a certificate's validity: Certificate { TBSCertificate { [0] version?, serial, algorithm, issuer, Validity {
/// notBefore, notAfter } ... (RFC 5280, 4.1).
fn end(der: &[u8]) -> Option<Timestamp> {
    let (_, certificate, _) = element(der)?;
    let (_, mut body, _) = element(certificate)?;
    if body.first() == Some(&0xa0) {
        body = element(body)?.2;
    }
    for _ in ["serial", "algorithm", "issuer"] {
        body = element(body)?.2;
    }
    let (_, validity, _) = element(body)?;
    let (tag, after, _) = element(element(validity)?.2)?;
    let text = std::str::from_utf8(after).ok()?;
    // UTCTime has two digits of the year, from 1950 on; GeneralizedTime four.
    let century = if tag != 0x17 {
        ""
    } else if text < "50" {
        "20"
    } else {
        "19"
    };
    let time = jiff::civil::DateTime::strptime("%Y%m%d%H%M%SZ", format!("{century}{text}")).ok()?;
    TimeZone::UTC.to_timestamp(time).ok()
}

/// Tag, content and rest of the first element of `der`.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (digits, rest) =
            rest.split_at_checked(usize::from(first & 0x7f)).filter(|(digits, _)| digits.len() <= 4)?;
        (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The frame of a certificate whose validity ends at `after`.
    fn certificate(after: (u8, &str)) -> Vec<u8> {
        let wrap = |tag: u8, parts: &[&[u8]]| {
            let content = parts.concat();
            [&[tag, 0x81, u8::try_from(content.len()).unwrap()][..], &content].concat()
        };
        let time = |(tag, text): (u8, &str)| wrap(tag, &[text.as_bytes()]);
        let validity = wrap(0x30, &[&time((0x17, "200101000000Z")), &time(after)]);
        let version = wrap(0xa0, &[&[2, 1, 2]]);
        let body = wrap(0x30, &[&version, &[2, 1, 7], &wrap(0x30, &[]), &wrap(0x30, &[]), &validity]);
        wrap(0x30, &[&body])
    }

    #[test]
    fn the_end_of_validity_is_read_in_both_forms() {
        let day = |after| end(&certificate(after)).unwrap().to_string();
        assert_eq!(day((0x17, "200201000000Z")), "2020-02-01T00:00:00Z");
        assert_eq!(day((0x17, "991231235959Z")), "1999-12-31T23:59:59Z");
        assert_eq!(day((0x18, "20510630120000Z")), "2051-06-30T12:00:00Z");
    }

    #[test]
    fn what_is_no_certificate_has_no_end() {
        let whole = certificate((0x17, "200201000000Z"));
        for cut in 0..whole.len() {
            assert_eq!(end(&whole[..cut]), None, "{cut}");
        }
        assert_eq!(end(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), None);
        assert_eq!(expired(Path::new("no-such-file")), None);
    }

    #[test]
    fn each_flaw_has_its_sentence() {
        let flaw = |text: &str| named(&format!("certificate verify failed ({text})"), "k:1").unwrap();
        assert!(flaw("certificate has expired").contains("expired (k:1)"));
        assert!(flaw("IP address mismatch").contains("another host"));
        assert!(flaw("unable to get local issuer certificate").contains("kafka.ca_file"));
        assert!(flaw("self-signed certificate in certificate chain").contains("kafka.ca_file"));
        assert_eq!(named("connection refused", "k:1"), None);
    }
}
