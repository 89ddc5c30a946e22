//! The list of attribute-value pairs that target information consists of ([MS-NLMP] 2.2.2.1).
//! Reads only the pairs this crate acts on; others pass.

use crate::filetime::FileTime;

const END: u16 = 0;
const NETBIOS_HOST: u16 = 1;
const NETBIOS_DOMAIN: u16 = 2;
const DNS_HOST: u16 = 3;
const DNS_DOMAIN: u16 = 4;
const FLAGS: u16 = 6;
const TIMESTAMP: u16 = 7;

/// In the flags pair: the client sends a message integrity code.
const HAS_INTEGRITY_CODE: u32 = 2;

/// What was found in a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Known {
    /// The server's time.
    pub(crate) time: Option<FileTime>,
    /// Whether the AUTHENTICATE that carries this list has a message integrity code.
    pub(crate) integrity_code: bool,
}

/// Reads a list up to its end mark. `None` if it has no end mark or a pair runs out of it; what follows the end mark is
/// not looked at.
pub(crate) fn read(mut list: &[u8]) -> Option<Known> {
    let mut known = Known::default();
    loop {
        let (head, rest) = list.split_first_chunk::<4>()?;
        let [a, b, c, d] = *head;
        let (id, length) = (u16::from_le_bytes([a, b]), usize::from(u16::from_le_bytes([c, d])));
        let (value, rest) = rest.split_at_checked(length)?;
        match id {
            END => return value.is_empty().then_some(known),
            FLAGS => {
                known.integrity_code = u32::from_le_bytes(value.try_into().ok()?) & HAS_INTEGRITY_CODE != 0
            }
            TIMESTAMP => known.time = Some(FileTime::from_ticks(u64::from_le_bytes(value.try_into().ok()?))),
            _ => {}
        }
        list = rest;
    }
}

/// The list of a server: its names in UTF-16LE and its time.
pub(crate) fn write(names: &Names<'_>, time: FileTime) -> Vec<u8> {
    let mut list = Vec::new();
    put(&mut list, NETBIOS_DOMAIN, names.netbios_domain);
    put(&mut list, NETBIOS_HOST, names.netbios_host);
    put(&mut list, DNS_DOMAIN, names.dns_domain);
    put(&mut list, DNS_HOST, names.dns_host);
    put(&mut list, TIMESTAMP, &time.ticks().to_le_bytes());
    put(&mut list, END, &[]);
    list
}

/// The names of a server, in UTF-16LE.
pub(crate) struct Names<'a> {
    pub(crate) netbios_domain: &'a [u8],
    pub(crate) netbios_host: &'a [u8],
    pub(crate) dns_domain: &'a [u8],
    pub(crate) dns_host: &'a [u8],
}

fn put(list: &mut Vec<u8>, id: u16, value: &[u8]) {
    let length = u16::try_from(value.len()).expect("names are bounded by the limits");
    list.extend(id.to_le_bytes());
    list.extend(length.to_le_bytes());
    list.extend(value);
}
