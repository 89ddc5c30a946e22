//! The folder of certificates handed to the driver, which takes every file in it for one to trust.
//! It does not look into certificates.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use crate::place::Place;
use crate::trouble::Trouble;

/// The name of the certificate authority's file in a server's data directory.
const CA_FILE: &str = "ca.pem";

/// A folder with certificates to trust.
pub struct Trust {
    folder: PathBuf,
}

impl Trust {
    /// What `--ca` names: a file is copied into a folder of its own, so that nothing beside it (a key, say) is
    /// offered to the client; so is the `ca.pem` of a folder that has one; any other folder is taken as it is.
    ///
    /// # Errors
    /// [`Trouble::File`] when there is no such file or it cannot be copied.
    pub fn of(ca: &Path, place: &Place) -> Result<Trust, Trouble> {
        let inside = ca.join(CA_FILE);
        let file = if inside.is_file() { inside } else { ca.to_path_buf() };
        if file.is_dir() {
            return Ok(Trust { folder: file });
        }
        let bytes = std::fs::read(&file).map_err(Trouble::file(&file))?;
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        // Named by its content: the next session with the same server finds it, two at once do not disturb each other.
        let folder = place.target()?.join("sipe-client").join(format!("trust-{:016x}", hasher.finish()));
        std::fs::create_dir_all(&folder).map_err(Trouble::file(&folder))?;
        let part = folder.join(format!("{}.part", std::process::id()));
        std::fs::write(&part, &bytes).map_err(Trouble::file(&part))?;
        std::fs::rename(&part, folder.join(CA_FILE)).map_err(Trouble::file(&part))?;
        Ok(Trust { folder })
    }

    /// The folder for the driver's `--ca-dir`.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}
