//! Documents on the disk: read whole, and written whole or not at all.
//! What stands in them is for the crate `topology` to say.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use topology::limits::ORIGINAL_BYTES_MAX;
use topology::{Topology, parse};

use super::super::print;
use crate::trouble::{Trouble, at};

/// How standard input and output are called.
const STREAM: &str = "-";
/// What a file is called until it is whole.
const HALF: &str = "part";

/// The octets of a file or of standard input.
///
/// # Errors
/// [`Trouble::Unavailable`] when it cannot be read, [`Trouble::Invalid`] when it is longer than any topology.
pub fn octets(place: &Path) -> Result<Vec<u8>, Trouble> {
    let mut octets = Vec::new();
    // One more than may be, so that what is too long is seen to be.
    let most = ORIGINAL_BYTES_MAX as u64 + 1;
    let read = if place == Path::new(STREAM) {
        std::io::stdin().lock().take(most).read_to_end(&mut octets)
    } else {
        File::open(place).and_then(|file| file.take(most).read_to_end(&mut octets))
    };
    read.map_err(at(place))?;
    if octets.len() as u64 == most {
        let why = format!("it has more than {ORIGINAL_BYTES_MAX} octets: is it a topology?");
        return Err(wrong(place)(why));
    }
    Ok(octets)
}

/// The topology in a file.
///
/// # Errors
/// Those of [`octets`]; [`Trouble::Invalid`] naming the line for what is no topology.
pub fn topology(place: &Path) -> Result<Topology, Trouble> {
    parse(&octets(place)?).map_err(|fault| wrong(place)(fault.to_string()))
}

/// Names the file in which something is wrong.
pub fn wrong(place: &Path) -> impl Fn(String) -> Trouble + '_ {
    move |why| Trouble::Invalid(format!("{}: {why}", place.display()))
}

/// Where a document is to be written; looked at before any work, so that no answer is in vain.
#[derive(Debug)]
pub struct Out {
    place: PathBuf,
    replace: bool,
}

impl Out {
    /// A file that may be written.
    ///
    /// # Errors
    /// [`Trouble::Conflict`] when it is there and may not be replaced.
    pub fn at(place: &Path, replace: bool) -> Result<Self, Trouble> {
        let out = Self { place: place.to_owned(), replace };
        if !replace && !out.is_stream() && place.exists() {
            return Err(out.is_there());
        }
        Ok(out)
    }

    /// Writes it, and says where.
    ///
    /// # Errors
    /// [`Trouble::Conflict`] when it came to be there meanwhile, [`Trouble::Unavailable`] when it cannot be written.
    pub fn write(self, text: &str) -> Result<(), Trouble> {
        if self.is_stream() {
            return print::say(text);
        }
        let half = self.place.with_added_extension(HALF);
        let written = self.through(&half, text);
        if written.is_err() {
            // What is left of it is of no use to anybody.
            let _ = std::fs::remove_file(&half);
        }
        written?;
        print::aside(&format!("wrote {}", self.place.display()));
        Ok(())
    }

    /// By way of a file of another name.
    fn through(&self, half: &Path, text: &str) -> Result<(), Trouble> {
        let mut file =
            OpenOptions::new().create(true).truncate(true).write(true).open(half).map_err(at(half))?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(at(half))?;
        if self.replace {
            return std::fs::rename(half, &self.place).map_err(at(&self.place));
        }
        // A second name is refused where there is a file; moving would write over it.
        match std::fs::hard_link(half, &self.place) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(self.is_there()),
            linked => linked.map_err(at(&self.place))?,
        }
        std::fs::remove_file(half).map_err(at(half))
    }

    fn is_stream(&self) -> bool {
        self.place == Path::new(STREAM)
    }

    fn is_there(&self) -> Trouble {
        let place = self.place.display();
        Trouble::Conflict(format!(
            "{place} is there already: say --replace to write over it, or another place with --out"
        ))
    }
}
