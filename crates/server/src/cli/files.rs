//! Files named on the command line: read here and sent as a text, or told by their whole path to whoever works on this machine.
//! What stands in them is for the operation to say.

use std::io::Read;
use std::path::Path;

use admin::Spec;
use serde_json::{Map, Value};

use crate::trouble::Trouble;

/// Longest file whose text is sent, in octets (ours: as of an operation over HTTPS and at the socket).
const OCTETS_MAX: u64 = 64 << 20;
/// How standard input is called.
const STDIN: &str = "-";
/// A field that names a file, and the one that holds its text instead.
const TEXT_OF: [(&str, &str); 1] = [("file", "ldif")];

/// The text of a file, or of standard input.
///
/// # Errors
/// [`Trouble::Unavailable`] when it cannot be read, [`Trouble::Invalid`] when it is too long or no text.
pub fn text(field: &str, path: &str) -> Result<String, Trouble> {
    let mut octets = Vec::new();
    let read = if path == STDIN {
        std::io::stdin().lock().take(OCTETS_MAX + 1).read_to_end(&mut octets)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(OCTETS_MAX + 1).read_to_end(&mut octets))
    };
    read.map_err(|error| Trouble::Unavailable(format!("{field}: {path}: {error}")))?;
    if octets.len() as u64 > OCTETS_MAX {
        let most = OCTETS_MAX >> 20;
        return Err(Trouble::Invalid(format!(
            "{field}: {path} has more than {most} MiB, the most that is sent: an export must stay whole, so save it on the server's \
             machine and name the file there; a table can be cut, and each part asked for"
        )));
    }
    String::from_utf8(octets).map_err(|bad| {
        let place = bad.utf8_error().valid_up_to();
        Trouble::Invalid(format!(
            "{field}: {path} is no text in UTF-8 from octet {place} on: convert it first"
        ))
    })
}

/// A path as a server on this machine finds it, wherever that was started; standard input stays what it is.
///
/// # Errors
/// [`Trouble::Usage`] for one that is empty.
pub fn whole(field: &str, path: &str) -> Result<String, Trouble> {
    if path == STDIN {
        return Ok(path.to_owned());
    }
    let path = std::path::absolute(path).map_err(|error| Trouble::Usage(format!("{field}: {error}")))?;
    Ok(path.to_string_lossy().into_owned())
}

/// Puts texts in the place of paths: all of them for a server elsewhere, which does not see the files of this machine, and those of
/// what only flows here (standard input, pipes, devices) for any.
///
/// # Errors
/// Those of [`text`].
pub fn sent(spec: &Spec, fields: &mut Map<String, Value>, elsewhere: bool) -> Result<(), Trouble> {
    for (named, held) in TEXT_OF.into_iter().filter(|(_, held)| spec.field(held).is_some()) {
        let path = fields.get(named).and_then(Value::as_str).map(str::to_owned);
        if let Some(path) = path.filter(|path| elsewhere || flows(path)) {
            fields.shift_remove(named);
            fields.insert(held.to_owned(), text(named, &path)?.into());
        }
    }
    Ok(())
}

/// Whether it is there and neither a file nor a folder: nobody but this process should wait for it.
fn flows(path: &str) -> bool {
    let stays = |facts: std::fs::Metadata| facts.is_file() || facts.is_dir();
    path == STDIN || std::fs::metadata(Path::new(path)).is_ok_and(|facts| !stays(facts))
}
