//! The client's side ([MS-NLMP] 3.1.5.2 and 3.3.2): the answer to a CHALLENGE.
//! Used by our own wire clients in tests and under load; the server never signs on anywhere.

use crate::association::Association;
use crate::authenticate::{HEADER, KIND};
use crate::challenge::ReceivedChallenge;
use crate::crypt;
use crate::filetime::FileTime;
use crate::flags::Flags;
use crate::hash::NtHash;
use crate::limits::NAME_UNITS_MAX;
use crate::refused::{Field, Refused};
use crate::wire::Builder;

/// Who wants to sign on, in names as they are sent.
#[derive(Clone, Copy, Debug)]
pub struct Applicant<'a> {
    /// "alice" or "alice@example.com".
    pub user: &'a str,
    /// "EXAMPLE" or empty.
    pub domain: &'a str,
    /// The name of the machine.
    pub workstation: &'a str,
    /// The hash of the password.
    pub hash: &'a NtHash,
}

/// What must be new for every answer.
#[derive(Clone, Copy)]
pub struct Fresh {
    /// Eight unforeseeable octets.
    pub client_challenge: [u8; 8],
    /// Sixteen unforeseeable octets: the session key both sides will use.
    pub session_key: [u8; 16],
    /// The present time. A server's own time in its CHALLENGE is used before it.
    pub time: FileTime,
}

/// The version we name, that of Windows XP (5.1 build 2600, revision 15), as the common free client does.
const VERSION: [u8; 8] = [5, 1, 0x28, 0x0a, 0, 0, 0, 15];

/// The AUTHENTICATE message for a CHALLENGE, with LMv2 and NTLMv2 responses, and the association in the client's role.
///
/// # Errors
///
/// [`Refused::LongName`] if a name is longer than [`NAME_UNITS_MAX`].
pub fn answer(
    challenge: &ReceivedChallenge,
    who: &Applicant<'_>,
    fresh: &Fresh,
) -> Result<(Vec<u8>, Association), Refused> {
    let user = name(who.user, Field::User)?;
    let domain = name(who.domain, Field::Domain)?;
    let workstation = name(who.workstation, Field::Workstation)?;

    let key = crypt::ntowf_v2(who.hash.as_bytes(), who.user, who.domain);
    let blob = blob(challenge, fresh);
    let proof = crypt::hmac_md5(&key, &[&challenge.server_challenge, &blob]);
    let base = crypt::hmac_md5(&key, &[&proof]);
    let lm_proof = crypt::hmac_md5(&key, &[&challenge.server_challenge, &fresh.client_challenge]);

    let mut message = Builder::new(KIND, HEADER);
    let domain = message.gather(&domain);
    let user = message.gather(&user);
    let workstation = message.gather(&workstation);
    let lm = message.gather(&[&lm_proof[..], &fresh.client_challenge].concat());
    let nt = message.gather(&[&proof[..], &blob].concat());
    let session_key = message.gather(&crypt::rc4(&base, fresh.session_key));
    for pointer in [lm, nt, domain, user, workstation, session_key] {
        message.put(&pointer);
    }
    // Only the server says what its target is, and 128 bits leave no place for 56.
    let flags = challenge.flags.without(Flags::TARGET_TYPE_DOMAIN).without(Flags::KEY_56);
    message.put(&flags.bits().to_le_bytes());
    message.put(&if flags.has(Flags::VERSION) { VERSION } else { [0; 8] });
    Ok((message.finish(), Association::of_client(&fresh.session_key)))
}

/// The variable part of the NTLMv2 response ([MS-NLMP] 2.2.2.7), with the four zero octets that follow it.
fn blob(challenge: &ReceivedChallenge, fresh: &Fresh) -> Vec<u8> {
    let time = challenge.time.unwrap_or(fresh.time);
    let mut blob = vec![1, 1, 0, 0, 0, 0, 0, 0];
    blob.extend(time.ticks().to_le_bytes());
    blob.extend(fresh.client_challenge);
    blob.extend([0; 4]);
    blob.extend(&challenge.target_info);
    blob.extend([0; 4]);
    blob
}

fn name(text: &str, field: Field) -> Result<Vec<u8>, Refused> {
    let octets = crypt::utf16le(text);
    let units = octets.len() / 2;
    if units > NAME_UNITS_MAX {
        return Err(Refused::LongName { field, units, limit: NAME_UNITS_MAX });
    }
    Ok(octets)
}
