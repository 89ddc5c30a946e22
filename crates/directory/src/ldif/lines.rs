//! Lines of an export: folded ones put together, comments and marks of byte order left out, limits kept (RFC 2849, notes 2 and 3).
//! Knows nothing of what a line says.

use std::io::{BufRead, Read};

use super::fault::{LdifFault, LdifTrouble};

/// The lines of some octets, one at a time.
pub(super) struct Lines<R> {
    input: R,
    octets_max: usize,
    /// The line that was read last, folds taken out.
    line: Vec<u8>,
    /// The number of its first piece.
    number: u64,
    /// How many pieces have been read.
    pieces: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(input: R, octets_max: usize) -> Self {
        Self { input, octets_max, line: Vec::new(), number: 0, pieces: 0 }
    }

    /// Goes to the next line that is no comment; `false` at the end.
    pub(super) fn advance(&mut self) -> Result<bool, LdifFault> {
        loop {
            self.line.clear();
            self.number = self.pieces + 1;
            if !self.piece()? {
                return Ok(false);
            }
            if self.line.first() == Some(&b' ') {
                return Err(LdifTrouble::FoldOfNothing.at(self.number));
            }
            while self.peek()? == Some(b' ') {
                if self.line.is_empty() {
                    return Err(LdifTrouble::FoldOfNothing.at(self.pieces + 1));
                }
                self.input.consume(1);
                self.piece()?;
            }
            if self.line.first() != Some(&b'#') {
                return Ok(true);
            }
        }
    }

    /// The line; empty between entries.
    pub(super) fn line(&self) -> &[u8] {
        &self.line
    }

    /// Its number, counted from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Appends the octets up to the next line end, which is left out; `false` if there are none.
    fn piece(&mut self) -> Result<bool, LdifFault> {
        if self.pieces == 0 {
            self.mark()?;
        }
        let before = self.line.len();
        // Two octets more than allowed: the line end does not count.
        let most = (self.octets_max - before) as u64 + 2;
        let read = (&mut self.input).take(most).read_until(b'\n', &mut self.line);
        let number = self.pieces + 1;
        let read = read.map_err(|error| LdifTrouble::Read(error).at(number))?;
        self.pieces += u64::from(read > 0);
        if self.line.len() > before && self.line.last() == Some(&b'\n') {
            self.line.pop();
            if self.line.len() > before && self.line.last() == Some(&b'\r') {
                self.line.pop();
            }
        }
        if self.line.len() > self.octets_max {
            return Err(LdifTrouble::LineTooLong(self.octets_max).at(self.number));
        }
        Ok(read > 0)
    }

    /// The mark of byte order with which some editors begin a file.
    fn mark(&mut self) -> Result<(), LdifFault> {
        match self.peek()? {
            Some(0xFE | 0xFF) => return Err(LdifTrouble::Utf16.at(1)),
            Some(0xEF) => (),
            _ => return Ok(()),
        }
        // It may come in pieces, so it is read by octets.
        for octet in [0xEF, 0xBB, 0xBF] {
            if self.peek()? != Some(octet) {
                return Err(LdifTrouble::AttributeName.at(1));
            }
            self.input.consume(1);
        }
        Ok(())
    }

    fn peek(&mut self) -> Result<Option<u8>, LdifFault> {
        loop {
            match self.input.fill_buf() {
                Ok(octets) => return Ok(octets.first().copied()),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => (),
                Err(error) => return Err(LdifTrouble::Read(error).at(self.pieces + 1)),
            }
        }
    }
}
