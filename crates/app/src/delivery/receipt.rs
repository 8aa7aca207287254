//! Signed receipts of completed instances: what was handed in, without a score.

use super::candidate_session::load_session;
use crate::App;
use crate::caller::CandidateSession;
use crate::failure::Failure;
use crate::services::DeliveryService;
use crate::stored_number::unsigned;
use domain::id::InstanceId;
use domain::json::JsonNode;
use domain::receipt;
use domain::refusal::Refusal;
use domain::time::Timestamp;
use ed25519_dalek::{Signature, Signer, SigningKey};
use storage::instance::InstanceRow;
use storage::organization::InstallationRow;
use storage::{Sha256Digest, Transaction};

/// A completed instance's receipt. `signature` is Ed25519 over [`SignedReceipt::text`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedReceipt {
    pub instance: InstanceId,
    pub completed_at: Timestamp,
    /// Number of kept writes.
    pub n: u64,
    /// The last link of their chain.
    pub digest: Sha256Digest,
    pub signature: [u8; 64],
    pub public_key: [u8; 32],
}

impl SignedReceipt {
    /// The text that is signed: the RFC 8785 form of `{instanceId, completedAt, n, digest}`.
    #[must_use]
    pub fn text(&self) -> String {
        receipt::completion(&self.instance, self.completed_at, self.n, &self.digest)
    }
}

/// The parts of a receipt's code are divided by this.
const CODE_SEPARATOR: char = '.';

impl SignedReceipt {
    /// Everything that was signed and the signature, on one line: what a mail can hold and an
    /// address can carry.
    #[must_use]
    pub fn code(&self) -> String {
        let (digest, signature) = (hex::encode(self.digest), hex::encode(self.signature));
        let at = self.completed_at.seconds();
        format!("{}.{at}.{}.{digest}.{signature}", self.instance, self.n)
    }

    /// The address at which anybody can check the receipt.
    #[must_use]
    pub fn check_address(&self, public_url: &str) -> String {
        format!("{public_url}/verify/{}", self.code())
    }
}

/// The signed text and the signature that a receipt's code stands for; blanks, which mail programs
/// put into long words, do not count.
#[must_use]
pub fn read_code(code: &str) -> Option<(String, [u8; 64])> {
    let code: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
    let mut parts = code.split(CODE_SEPARATOR);
    let instance = InstanceId::from(parts.next().filter(|id| !id.is_empty())?.to_owned());
    let at = Timestamp::from_seconds(parts.next()?.parse::<u32>().ok()?.into());
    let n = parts.next()?.parse::<u64>().ok()?;
    let digest = hex::decode(parts.next()?).ok()?.try_into().ok()?;
    let signature = hex::decode(parts.next()?).ok()?.try_into().ok()?;
    parts.next().is_none().then(|| (receipt::completion(&instance, at, n, &digest), signature))
}

impl DeliveryService {
    /// The receipt of a completed instance again, in a transaction that reads more.
    pub(crate) fn receipt_of(
        &self,
        tx: &mut dyn Transaction,
        row: &InstanceRow,
    ) -> Result<SignedReceipt, Failure> {
        sign_receipt(self, tx, row)
    }

    /// The receipt of a completed instance again.
    ///
    /// # Errors
    /// `instance_open` before completion; [`Failure::NotFound`] for another person's instance or an
    /// erased one.
    pub async fn receipt(
        &self,
        visitor: &CandidateSession,
        instance: &InstanceId,
    ) -> Result<SignedReceipt, Failure> {
        self.ensure_deadlines_swept().await?;
        let (app, visitor, instance) = (self.clone(), visitor.clone(), instance.clone());
        let read = move |tx: &mut dyn Transaction| -> Result<SignedReceipt, Failure> {
            let row = load_session(tx, &visitor)?.own_instance(tx, &instance)?;
            if row.state.is_open() {
                return Err(Refusal::InstanceOpen.into());
            }
            sign_receipt(&app, tx, &row)
        };
        self.storage().read(read).await
    }
}

/// What a receipt that this server signed says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedReceipt {
    pub instance: InstanceId,
    pub completed_at: Timestamp,
    /// Number of kept writes.
    pub n: u64,
    /// The last link of their chain.
    pub digest: Sha256Digest,
}

impl DeliveryService {
    /// Whether this server signed a text, and what it says if so. Anybody may ask: nothing is told
    /// that the text does not hold.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn verify_receipt(
        &self,
        text: &str,
        signature: &[u8; 64],
    ) -> Result<Option<VerifiedReceipt>, Failure> {
        let installation = self
            .storage()
            .read(|tx: &mut dyn Transaction| storage::organization::installation(tx))
            .await?;
        let key = receipt_key(installation.as_ref())?.verifying_key();
        let is_ours = key.verify_strict(text.as_bytes(), &Signature::from_bytes(signature)).is_ok();
        Ok(is_ours.then(|| read_text(text)).flatten())
    }
}

/// Reads the text of a receipt; nothing when it is written in any other way.
fn read_text(text: &str) -> Option<VerifiedReceipt> {
    let node = JsonNode::parse(text.as_bytes(), 2).ok()?;
    let number = |name: &str| match node.member(name)? {
        JsonNode::Number(literal) => literal.parse::<u64>().ok(),
        _ => None,
    };
    let string = |name: &str| match node.member(name)? {
        JsonNode::Text(text) => Some(text.to_string()),
        _ => None,
    };
    let vouched = VerifiedReceipt {
        instance: InstanceId::from(string("instanceId")?),
        completed_at: Timestamp::from_seconds(i64::try_from(number("completedAt")?).ok()?),
        n: number("n")?,
        digest: hex::decode(string("digest")?).ok()?.try_into().ok()?,
    };
    let VerifiedReceipt { instance, completed_at, n, digest } = &vouched;
    (receipt::completion(instance, *completed_at, *n, digest) == text).then_some(vouched)
}

impl DeliveryService {
    /// The key that signs receipts. It never changes, and making it of its secret costs as much as
    /// signing.
    fn receipt_key(&self, tx: &mut dyn Transaction) -> Result<&SigningKey, Failure> {
        if let Some(key) = self.inner.receipt_key.get() {
            return Ok(key);
        }
        let key = receipt_key(storage::organization::installation(tx)?.as_ref())?;
        Ok(self.inner.receipt_key.get_or_init(|| key))
    }
}

pub(crate) fn receipt_key(installation: Option<&InstallationRow>) -> Result<SigningKey, Failure> {
    let installation = installation.ok_or_else(|| Failure::internal("nothing installed"))?;
    let secret = installation
        .receipt_key
        .as_slice()
        .try_into()
        .map_err(|_| Failure::internal("no receipt key"))?;
    Ok(SigningKey::from_bytes(secret))
}

/// Signs what a COMPLETE instance holds. The same state gives the same bytes.
pub(super) fn sign_receipt(
    app: &App,
    tx: &mut dyn Transaction,
    row: &InstanceRow,
) -> Result<SignedReceipt, Failure> {
    let completed_at = row
        .completed_at
        .ok_or_else(|| Failure::internal("a complete instance has no completedAt"))?;
    let (n, digest) = last_link(tx, &row.id)?;
    let delivery = app.delivery();
    let key = delivery.receipt_key(tx)?;
    let text = receipt::completion(&row.id, completed_at, n, &digest);
    Ok(SignedReceipt {
        instance: row.id.clone(),
        completed_at,
        n,
        digest,
        signature: key.sign(text.as_bytes()).to_bytes(),
        public_key: key.verifying_key().to_bytes(),
    })
}

/// Number and digest of an instance's last kept write; the chain's beginning when there is none.
fn last_link(
    tx: &mut dyn Transaction,
    instance: &InstanceId,
) -> Result<(u64, Sha256Digest), Failure> {
    let hot = storage::instance::load_for_save(tx, instance)?.ok_or(Failure::NotFound)?;
    Ok(match hot.last_receipt {
        Some((n, digest)) => (unsigned(n)?, digest),
        None => (0, receipt::first(instance)),
    })
}
