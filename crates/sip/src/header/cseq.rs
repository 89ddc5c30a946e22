//! CSeq: the number and method of a request (RFC 3261 20.16).
//! The order of numbers is checked in `dialog.rs`.

use super::Name;
use crate::fault::Fault;
use crate::limits::CSEQ_END;
use crate::method::Method;
use crate::text;

/// The number and method of a request, repeated in its answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CSeq {
    /// The number, below [`CSEQ_END`].
    pub number: u32,
    /// The method.
    pub method: Method,
}

impl CSeq {
    /// Reads a value.
    ///
    /// # Errors
    /// [`Fault::Bad`] with [`Name::CSeq`].
    pub fn parse(value: &str) -> Result<Self, Fault> {
        Self::read(value).ok_or(Fault::Bad(Name::CSeq))
    }

    fn read(value: &str) -> Option<Self> {
        let (number, method) = value.split_once([' ', '\t'])?;
        let number = u32::try_from(text::number(number)?).ok().filter(|number| *number < CSEQ_END)?;
        Some(Self { number, method: Method::parse(text::trim(method))? })
    }
}
