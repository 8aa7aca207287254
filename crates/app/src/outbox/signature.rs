//! Signatures as Standard Webhooks has them: HMAC-SHA256 over id, moment and body, one for each
//! secret that works.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// What a shown secret begins with.
pub const SECRET_PREFIX: &str = "whsec_";

/// The header `webhook-signature`: `v1,` and Base64 for each secret, separated by spaces. `seconds`
/// is the moment of the try, as `webhook-timestamp` says it.
#[must_use]
pub fn sign<'secret>(
    secrets: impl IntoIterator<Item = &'secret [u8]>,
    id: &str,
    seconds: i64,
    body: &str,
) -> String {
    let signatures: Vec<String> =
        secrets.into_iter().map(|secret| one(secret, id, seconds, body)).collect();
    signatures.join(" ")
}

fn one(secret: &[u8], id: &str, seconds: i64, body: &str) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret).expect("an HMAC takes a key of any length");
    mac.update(format!("{id}.{seconds}.").as_bytes());
    mac.update(body.as_bytes());
    format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
}

/// A secret as a receiver keeps it.
pub(super) fn display_secret(secret: &[u8]) -> String {
    format!("{SECRET_PREFIX}{}", BASE64_STANDARD.encode(secret))
}

#[cfg(test)]
mod tests {
    use super::*;
    use standardwebhooks::Webhook;

    const ID: &str = "c_00000001abc";
    /// The verifier goes by the system's clock and takes what is at most five minutes old.
    #[allow(clippy::disallowed_methods, reason = "the verifier asks it too")]
    fn present() -> i64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        i64::try_from(since.as_secs()).unwrap()
    }

    const BODY: &str = r#"{"type":"test-instance.completed"}"#;

    fn verifies(secret: &[u8], signature: &str, seconds: i64, body: &str) -> bool {
        let mut headers = http::HeaderMap::new();
        headers.insert("webhook-id", ID.parse().unwrap());
        headers.insert("webhook-timestamp", seconds.into());
        headers.insert("webhook-signature", signature.parse().unwrap());
        Webhook::new(&display_secret(secret)).unwrap().verify(body.as_bytes(), &headers).is_ok()
    }

    #[test]
    fn another_body_moment_or_secret_does_not_verify() {
        let now = present();
        let signature = sign([[1; 32].as_slice()], ID, now, BODY);
        assert!(verifies(&[1; 32], &signature, now, BODY));
        assert!(!verifies(&[1; 32], &signature, now + 1, BODY));
        assert!(!verifies(&[1; 32], &signature, now, "{}"));
        assert!(!verifies(&[2; 32], &signature, now, BODY));
    }

    #[test]
    fn while_a_secret_is_changed_either_verifies() {
        let now = present();
        let signature = sign([[2; 32].as_slice(), [1; 32].as_slice()], ID, now, BODY);
        assert_eq!(signature.split(' ').count(), 2);
        assert!(
            verifies(&[1; 32], &signature, now, BODY) && verifies(&[2; 32], &signature, now, BODY)
        );
    }
}
