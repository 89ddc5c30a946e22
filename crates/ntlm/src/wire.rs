//! The frame all NTLM messages share ([MS-NLMP] 2.2): signature, type, and fields that point into the payload.
//! Does not know what the fields mean.

use crate::limits::NAME_UNITS_MAX;
use crate::refused::{Field, Refused};

/// What every message begins with.
pub(crate) const SIGNATURE: &[u8; 8] = b"NTLMSSP\0";

/// A message whose signature, type and header length have been checked.
#[derive(Clone, Copy)]
pub(crate) struct Message<'a> {
    octets: &'a [u8],
    header: usize,
}

impl<'a> Message<'a> {
    /// Checks length, signature and type. `header` is the least the header has; payload cannot begin before it ends.
    pub(crate) fn open(octets: &'a [u8], kind: u32, header: usize, limit: usize) -> Result<Self, Refused> {
        if octets.len() > limit {
            return Err(Refused::TooLong { octets: octets.len(), limit });
        }
        if octets.len() < header {
            return Err(Refused::TooShort { octets: octets.len(), header });
        }
        let message = Self { octets, header };
        if &message.array(0) != SIGNATURE || message.number(8) != kind {
            return Err(Refused::OtherMessage);
        }
        Ok(message)
    }

    /// The same message if its header is in truth longer.
    pub(crate) fn with_header(self, header: usize) -> Result<Self, Refused> {
        if self.octets.len() < header {
            return Err(Refused::TooShort { octets: self.octets.len(), header });
        }
        Ok(Self { header, ..self })
    }

    /// A part of the header.
    pub(crate) fn array<const N: usize>(&self, at: usize) -> [u8; N] {
        assert!(at + N <= self.header, "only called for parts of the header");
        self.octets[at..at + N].try_into().expect("the slice has N octets")
    }

    /// A 32-bit number of the header.
    pub(crate) fn number(&self, at: usize) -> u32 {
        u32::from_le_bytes(self.array(at))
    }

    /// The octets that the pointer at `at` names. The second length of a pointer is ignored on receipt, and so is where
    /// nothing lies.
    pub(crate) fn field(&self, at: usize, field: Field) -> Result<&'a [u8], Refused> {
        let length = usize::from(u16::from_le_bytes(self.array(at)));
        if length == 0 {
            return Ok(&[]);
        }
        let start = usize::try_from(self.number(at + 4)).map_err(|_| Refused::Outside(field))?;
        let end = start.checked_add(length).ok_or(Refused::Outside(field))?;
        if start < self.header {
            return Err(Refused::Outside(field));
        }
        self.octets.get(start..end).ok_or(Refused::Outside(field))
    }

    /// A name in UTF-16LE.
    pub(crate) fn name(&self, at: usize, field: Field) -> Result<String, Refused> {
        let octets = self.field(at, field)?;
        let (pairs, rest) = octets.as_chunks::<2>();
        if !rest.is_empty() {
            return Err(Refused::NotText(field));
        }
        if pairs.len() > NAME_UNITS_MAX {
            return Err(Refused::LongName { field, units: pairs.len(), limit: NAME_UNITS_MAX });
        }
        let units: Vec<u16> = pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
        String::from_utf16(&units).map_err(|_| Refused::NotText(field))
    }
}

/// Builds a message: the header with pointers grows while the payload is gathered behind it.
pub(crate) struct Builder {
    head: Vec<u8>,
    payload: Vec<u8>,
    header: usize,
}

impl Builder {
    /// Begins a message whose header will have `header` octets.
    pub(crate) fn new(kind: u32, header: usize) -> Self {
        let mut head = SIGNATURE.to_vec();
        head.extend(kind.to_le_bytes());
        Self { head, payload: Vec::new(), header }
    }

    /// Adds to the header.
    pub(crate) fn put(&mut self, octets: &[u8]) {
        self.head.extend(octets);
    }

    /// Adds octets to the payload and gives back the pointer to them, to be put where the header wants it.
    ///
    /// # Panics
    ///
    /// When the octets exceed what a pointer can say; every caller's lengths are bounded far below by
    /// [`crate::limits`].
    pub(crate) fn gather(&mut self, octets: &[u8]) -> [u8; 8] {
        let length = u16::try_from(octets.len()).expect("fields are bounded by the limits");
        let start =
            u32::try_from(self.header + self.payload.len()).expect("messages are bounded by the limits");
        self.payload.extend(octets);
        let mut pointer = [0; 8];
        pointer[..2].copy_from_slice(&length.to_le_bytes());
        pointer[2..4].copy_from_slice(&length.to_le_bytes());
        pointer[4..].copy_from_slice(&start.to_le_bytes());
        pointer
    }

    /// The message.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        assert_eq!(self.head.len(), self.header, "the header has the length its pointers were computed for");
        self.head.append(&mut self.payload);
        self.head
    }
}
