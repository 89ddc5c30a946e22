//! The key file and the sealing of legacy secrets under it: whoever has only the database has no secret.
//! AES-256-GCM; the person's address is bound in, so that a sealed secret cannot be moved to somebody else.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use chat::Clock;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;

use crate::fault::DirectoryFault;

const KEY_LEN: usize = 32;
/// What the sealed bytes are bound to besides the key.
const PURPOSE: &[u8] = b"causerie legacy secret 1";
/// What is proved with the key to recognise it.
const FINGERPRINT: &[u8] = b"causerie sealing key fingerprint 1";
/// Octets of the proof that are kept (ours: no two keys of a deployment have the same).
const FINGERPRINT_LEN: usize = 16;

/// The key under which legacy secrets are sealed.
pub struct SealingKey {
    key: LessSafeKey,
    fingerprint: String,
}

impl SealingKey {
    /// The key itself.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; KEY_LEN]) -> Self {
        let key =
            UnboundKey::new(&AES_256_GCM, bytes).expect("the key has the length the algorithm asks for");
        let proof = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, bytes), FINGERPRINT);
        let fingerprint =
            proof.as_ref()[..FINGERPRINT_LEN].iter().map(|octet| format!("{octet:02x}")).collect();
        Self { key: LessSafeKey::new(key), fingerprint }
    }

    /// By what the key is recognised where it may not be: nothing of the key follows from it.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Reads the key file.
    ///
    /// # Errors
    /// [`DirectoryFault::Key`] when it is missing, readable by others, or not of 32 octets.
    pub fn load(path: &Path) -> Result<Self, DirectoryFault> {
        let mut file = File::open(path).map_err(|e| fault(path, format!("cannot be opened: {e}")))?;
        let facts = file.metadata().map_err(|e| fault(path, e.to_string()))?;
        if facts.mode() & 0o077 != 0 {
            return Err(fault(
                path,
                "others may read it: run chmod 600 on it and change the passwords it sealed".into(),
            ));
        }
        let mut bytes = [0; KEY_LEN];
        if facts.len() != KEY_LEN as u64 || file.read_exact(&mut bytes).is_err() {
            return Err(fault(path, format!("has {} octets, a key has {KEY_LEN}: restore it", facts.len())));
        }
        Ok(Self::from_bytes(&bytes))
    }

    /// Makes a key file, readable by its owner alone, durable before this returns.
    ///
    /// # Errors
    /// [`DirectoryFault::Key`] when it exists already or cannot be written.
    pub fn make(path: &Path, clock: &dyn Clock) -> Result<Self, DirectoryFault> {
        let mut bytes = [0; KEY_LEN];
        clock.fill_random(&mut bytes);
        if path.exists() {
            return Err(fault(path, "exists already".into()));
        }
        // Under its name only once it is whole: a disk that is full must not leave half a key.
        let beside = path.with_extension("new");
        let written =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside).and_then(
                |mut file| {
                    file.write_all(&bytes)?;
                    file.sync_all()?;
                    std::fs::rename(&beside, path)?;
                    // Its name as well: without the key every secret sealed under it is lost.
                    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
                    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
                },
            );
        match written {
            Ok(()) => Ok(Self::from_bytes(&bytes)),
            Err(e) => Err(fault(path, format!("cannot be written: {e}"))),
        }
    }

    /// Seals a secret for its owner: nonce, ciphertext, tag.
    pub(crate) fn seal(&self, owner: &str, secret: &[u8; 16], clock: &dyn Clock) -> Vec<u8> {
        let mut nonce = [0; NONCE_LEN];
        clock.fill_random(&mut nonce);
        let mut sealed = secret.to_vec();
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), bound(owner), &mut sealed)
            .expect("sixteen octets are far below the limit of the algorithm");
        let mut out = nonce.to_vec();
        out.append(&mut sealed);
        out
    }

    /// Opens what was sealed for this owner under this key; `None` for anything else.
    pub(crate) fn open(&self, owner: &str, sealed: &[u8]) -> Option<[u8; 16]> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut rest = rest.to_vec();
        let plain =
            self.key.open_in_place(Nonce::assume_unique_for_key(*nonce), bound(owner), &mut rest).ok()?;
        <[u8; 16]>::try_from(&*plain).ok()
    }
}

impl std::fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealingKey(..)")
    }
}

fn bound(owner: &str) -> Aad<Vec<u8>> {
    let mut bytes = PURPOSE.to_vec();
    bytes.extend_from_slice(owner.as_bytes());
    Aad::from(bytes)
}

fn fault(path: &Path, what: String) -> DirectoryFault {
    DirectoryFault::Key { path: path.display().to_string(), what }
}
