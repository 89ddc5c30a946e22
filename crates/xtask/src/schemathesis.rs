//! Schemathesis, which asks the API what its own document says may be asked: installed into the target folder, into an
//! environment of its own, in the versions that `clients/schemathesis/requirements.txt` names.
//! It starts no server and makes no request; the module `schemathesis` of the server's tests does.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::place::Place;
use crate::trouble::Trouble;
use crate::{setup, step};

/// Where the versions stand.
const REQUIREMENTS: &str = "clients/schemathesis/requirements.txt";

/// The program, installed anew when other versions are wanted than those that are there.
///
/// # Errors
/// Those of [`setup::packages`], or of the installation.
pub fn ready(place: &Place) -> Result<PathBuf, Trouble> {
    setup::packages()?;
    let wanted = place.join(REQUIREMENTS);
    let folder = place.target()?.join("schemathesis");
    let program = folder.join("bin/schemathesis");
    let installed = folder.join("installed.txt");
    let read = |path: &Path| std::fs::read_to_string(path).map_err(Trouble::file(path));
    let versions = read(&wanted)?;
    let works = || step::succeeds(Command::new(&program).arg("--version"));
    if read(&installed).is_ok_and(|there| there == versions) && works() {
        return Ok(program);
    }
    let mut make = Command::new("python3");
    make.args(["-m", "venv", "--clear"]).arg(&folder).stdout(Stdio::from(std::io::stderr()));
    step::run("an environment for schemathesis", &mut make)?;
    let mut install = Command::new(folder.join("bin/pip"));
    install
        .args([
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--only-binary",
            ":all:",
            "--requirement",
        ])
        .arg(&wanted)
        .stdout(Stdio::from(std::io::stderr()));
    step::run("installing schemathesis", &mut install)?;
    std::fs::write(&installed, versions).map_err(Trouble::file(&installed))?;
    Ok(program)
}
