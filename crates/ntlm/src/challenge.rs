//! The CHALLENGE message ([MS-NLMP] 2.2.1.2): built by the server, read by the client.
//! Decides nothing about the answer; that is `accept.rs`.

use crate::av;
use crate::crypt;
use crate::filetime::FileTime;
use crate::flags::Flags;
use crate::limits::{CHALLENGE_OCTETS_MAX, DNS_UNITS_MAX, NETBIOS_UNITS_MAX};
use crate::refused::{Field, Refused};
use crate::wire::{Builder, Message};

/// A CHALLENGE we sent. It can be answered once: accepting takes it.
pub struct Challenge {
    octets: Vec<u8>,
    server_challenge: [u8; 8],
}

/// The names a server gives itself in its CHALLENGE. Clients carry them back and do not act on them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TargetNames {
    netbios_domain: Vec<u8>,
    netbios_host: Vec<u8>,
    dns_domain: Vec<u8>,
    dns_host: Vec<u8>,
}

/// A CHALLENGE as a client read it: fit to be answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReceivedChallenge {
    pub(crate) flags: Flags,
    pub(crate) server_challenge: [u8; 8],
    pub(crate) target_info: Vec<u8>,
    pub(crate) time: Option<FileTime>,
}

pub(crate) const KIND: u32 = 2;
/// With the version field, which we always send.
const HEADER: usize = 56;
/// Without it, as old servers do.
const HEADER_LEAST: usize = 48;
/// The version we name, that of Windows 7 (6.1 build 7601, revision 15): clients only show it.
const VERSION: [u8; 8] = [6, 1, 0xb1, 0x1d, 0, 0, 0, 15];

impl Challenge {
    /// A CHALLENGE with eight unforeseeable octets, made for one answer.
    #[must_use]
    pub fn new(server_challenge: [u8; 8], names: &TargetNames, time: FileTime) -> Self {
        let mut message = Builder::new(KIND, HEADER);
        let target_name = message.gather(&names.netbios_domain);
        message.put(&target_name);
        message.put(&Flags::CHALLENGE.bits().to_le_bytes());
        message.put(&server_challenge);
        message.put(&[0; 8]);
        let target_info = message.gather(&av::write(&names.av(), time));
        message.put(&target_info);
        message.put(&VERSION);
        Self { octets: message.finish(), server_challenge }
    }

    /// The message, to be sent as base64 in `gssapi-data`.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    pub(crate) fn server_challenge(&self) -> &[u8; 8] {
        &self.server_challenge
    }
}

impl std::fmt::Debug for Challenge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Challenge(..)")
    }
}

impl TargetNames {
    /// The names for a server `dns_host` ("server.example.com") of `dns_domain` ("example.com"). The NetBIOS names are the
    /// first labels in upper case, cut to the length such names have.
    ///
    /// # Errors
    ///
    /// [`Refused::LongName`] if one is longer than [`DNS_UNITS_MAX`].
    pub fn new(dns_domain: &str, dns_host: &str) -> Result<Self, Refused> {
        Ok(Self {
            netbios_domain: netbios(dns_domain),
            netbios_host: netbios(dns_host),
            dns_domain: dns(dns_domain)?,
            dns_host: dns(dns_host)?,
        })
    }

    fn av(&self) -> av::Names<'_> {
        av::Names {
            netbios_domain: &self.netbios_domain,
            netbios_host: &self.netbios_host,
            dns_domain: &self.dns_domain,
            dns_host: &self.dns_host,
        }
    }
}

fn dns(name: &str) -> Result<Vec<u8>, Refused> {
    let octets = crypt::utf16le(name);
    let units = octets.len() / 2;
    if units > DNS_UNITS_MAX {
        return Err(Refused::LongName { field: Field::TargetInfo, units, limit: DNS_UNITS_MAX });
    }
    Ok(octets)
}

fn netbios(name: &str) -> Vec<u8> {
    let label = name.split('.').next().unwrap_or_default();
    let upper = label.to_ascii_uppercase();
    let mut units = 0;
    let fits = |c: &char| {
        units += c.len_utf16();
        units <= NETBIOS_UNITS_MAX
    };
    crypt::utf16le(&upper.chars().take_while(fits).collect::<String>())
}

impl ReceivedChallenge {
    /// Reads a CHALLENGE. Any octets may come in.
    ///
    /// # Errors
    ///
    /// [`Refused::TooLong`], [`Refused::TooShort`], [`Refused::OtherMessage`] for the frame; [`Refused::MissingFlags`] if
    /// it lacks one of [`Flags::CHALLENGE_NEEDS`]; [`Refused::Outside`] and [`Refused::Broken`] for its target name
    /// and information.
    pub fn parse(octets: &[u8]) -> Result<Self, Refused> {
        let message = Message::open(octets, KIND, HEADER_LEAST, CHALLENGE_OCTETS_MAX)?;
        let flags = Flags::from_bits(message.number(20));
        let missing = Flags::CHALLENGE_NEEDS.without(flags);
        if !missing.is_empty() {
            return Err(Refused::MissingFlags(missing));
        }
        let message = if flags.has(Flags::VERSION) { message.with_header(HEADER)? } else { message };
        message.field(12, Field::TargetName)?;
        let target_info = message.field(40, Field::TargetInfo)?;
        let known = av::read(target_info).ok_or(Refused::Broken(Field::TargetInfo))?;
        Ok(Self {
            flags,
            server_challenge: message.array(24),
            target_info: target_info.to_vec(),
            time: known.time,
        })
    }
}
