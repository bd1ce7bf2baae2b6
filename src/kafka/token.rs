//! Tokens for logins by OAUTHBEARER: read from a file each time one is needed, so that whoever renews the file renews the
//! login. It must never let a token into a message.

use std::path::Path;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rdkafka::client::{Client, ClientContext, OAuthToken};
use serde::Deserialize;

/// Largest token; brokers take less.
const LARGEST: usize = 64 << 10;
/// After this long the file is read again when the token does not say how long it lives.
const UNSTATED: Duration = Duration::from_secs(300);

/// What a JWT says of itself (RFC 7519); its signature is for the broker to check.
#[derive(Deserialize, Default)]
struct Claims {
    sub: Option<String>,
    /// Seconds since 1970-01-01 UTC; may have a fraction.
    exp: Option<f64>,
}

/// Reads the token in `path`.
///
/// # Errors
/// What is wrong with the file or the token, and what to do; never the token.
pub fn read(path: &Path, now: SystemTime) -> Result<OAuthToken, String> {
    let name = path.display();
    let text = std::fs::read_to_string(path);
    let text = text.map_err(|error| format!("kafka.oauth_token_file {name} cannot be read: {error}"))?;
    let token = text.trim();
    if token.is_empty() || token.len() > LARGEST || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(format!("kafka.oauth_token_file {name} holds no token: one word of ASCII, such as a JWT"));
    }
    let claims = claims(token);
    let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let end = claims.exp.map_or(now + UNSTATED, |exp| Duration::try_from_secs_f64(exp).unwrap_or_default());
    if end <= now {
        let ago = (now - end).as_secs();
        return Err(format!("the token in {name} expired {ago} s ago; see to what renews that file"));
    }
    Ok(OAuthToken {
        token: token.to_owned(),
        principal_name: claims.sub.unwrap_or_else(|| "copydesk".into()).replace('\0', ""),
        lifetime_ms: i64::try_from(end.as_millis()).unwrap_or(i64::MAX),
    })
}

/// The claims of a JWT; none of a token of another kind.
fn claims(token: &str) -> Claims {
    let body = token.split('.').nth(1).and_then(|body| URL_SAFE_NO_PAD.decode(body.trim_end_matches('=')).ok());
    body.and_then(|body| serde_json::from_slice(&body).ok()).unwrap_or_default()
}

/// Gives `client` its token. For the admin client, whose events nobody polls, so that the callback is never called.
///
/// # Errors
/// librdkafka's reason for refusing it.
#[allow(unsafe_code)] // rdkafka has no safe call for it
pub fn hand<C: ClientContext>(client: &Client<C>, token: OAuthToken) -> Result<(), String> {
    use std::ffi::{CStr, CString};
    let odd = |_| "the token holds a null character".to_owned();
    let (text, name) = (CString::new(token.token).map_err(odd)?, CString::new(token.principal_name).map_err(odd)?);
    let mut reason = [0; 256];
    // SAFETY: the client lives through the call, both strings are terminated and copied by it, there are no extensions, and
    // it writes at most `reason.len()` bytes, the last of them a null.
    let code = unsafe {
        rdkafka::bindings::rd_kafka_oauthbearer_set_token(
            client.native_ptr(),
            text.as_ptr(),
            token.lifetime_ms,
            name.as_ptr(),
            std::ptr::null_mut(),
            0,
            reason.as_mut_ptr(),
            reason.len(),
        )
    };
    if code == rdkafka::types::RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR {
        return Ok(());
    }
    let bytes: Vec<u8> = reason.iter().map(|c| c.to_ne_bytes()[0]).collect();
    let text = CStr::from_bytes_until_nul(&bytes).map(|text| text.to_string_lossy().into_owned());
    Err(text.unwrap_or_else(|_| "the token was not taken".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(1_800_000_000);

    fn read_text(text: &str) -> Result<OAuthToken, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, text).unwrap();
        read(&path, SystemTime::UNIX_EPOCH + NOW)
    }

    fn jwt(claims: &str) -> String {
        format!("eyJhbGciOiJub25lIn0.{}.", URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn a_jwt_says_for_whom_and_how_long_it_is() {
        let token = read_text(&format!("{}\n", jwt(r#"{"sub":"desk","exp":1800000060}"#))).unwrap();
        assert_eq!((&*token.principal_name, token.lifetime_ms), ("desk", 1_800_000_060_000));
    }

    #[test]
    fn another_token_is_read_again_after_a_while() {
        let token = read_text("opaque-word").unwrap();
        assert_eq!((&*token.token, token.lifetime_ms), ("opaque-word", 1_800_000_300_000));
    }

    #[test]
    fn what_is_wrong_is_said_without_the_token() {
        let expired = jwt(r#"{"sub":"desk","exp":1799999988}"#);
        for (text, says) in [(&*expired, "expired 12 s ago"), ("", "holds no token"), ("two words", "holds no token")] {
            let error = read_text(text).err().unwrap();
            assert!(error.contains(says) && (text.is_empty() || !error.contains(text)), "{error}");
        }
        assert!(read(Path::new("no-such-file"), SystemTime::now()).err().unwrap().contains("cannot be read"));
    }
}
