//! What is written down of the counts, by build: `crates/counts/baseline.toml`, read and written.
//! Compares nothing.

use std::fmt;
use std::fmt::Write as _;

use serde::Deserialize;

use crate::counts::figures::Figures;
use crate::place::Place;
use crate::trouble::Trouble;

/// Where it is.
const FILE: &str = "crates/counts/baseline.toml";

/// What stands at its head.
const HEAD: &str = "\
# What the codecs of the hot path cost, by compiler, target and processor: instructions and allocations of all messages together.
# Written by `cargo xtask counts --write`; the commit says why a figure is another one.
";

/// By what the counts of two runs may differ although the code is the same.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Build {
    /// As `rustc -V` names it.
    pub compiler: String,
    /// What it compiles for.
    pub target: String,
    /// Which vectors it has, where libraries choose by that while they run.
    pub processor: String,
}

/// All that is written down.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    #[serde(default)]
    counted: Vec<Counted>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Counted {
    build: Build,
    codecs: Figures,
}

impl Build {
    /// The build of a compiler that says this of itself (`rustc -vV`), run on this processor.
    ///
    /// # Errors
    /// [`Trouble::Unreadable`] when it does not name its version and target.
    pub fn read(compiler: &str, processor: String) -> Result<Self, Trouble> {
        let version = compiler.lines().next().filter(|line| line.starts_with("rustc "));
        let target = compiler.lines().find_map(|line| line.strip_prefix("host: "));
        let (Some(version), Some(target)) = (version, target) else {
            let why = "names no version or no host".to_owned();
            return Err(Trouble::Unreadable { what: "rustc -vV".to_owned(), why });
        };
        Ok(Self { compiler: version.to_owned(), target: target.to_owned(), processor })
    }
}

impl fmt::Display for Build {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}, {}, {}", self.compiler, self.target, self.processor)
    }
}

impl Baseline {
    /// Reads it; without the file nothing is written down.
    ///
    /// # Errors
    /// [`Trouble::File`] or [`Trouble::Unreadable`].
    pub fn read(place: &Place) -> Result<Self, Trouble> {
        let path = place.join(FILE);
        if !path.exists() {
            return Ok(Self::default());
        }
        let text = std::fs::read_to_string(&path).map_err(Trouble::file(&path))?;
        toml::from_str(&text)
            .map_err(|error| Trouble::Unreadable { what: FILE.to_owned(), why: error.to_string() })
    }

    /// What is written down of this build.
    pub fn of(&self, build: &Build) -> Option<&Figures> {
        self.counted.iter().find(|counted| counted.build == *build).map(|counted| &counted.codecs)
    }

    /// From now on this is what is expected of this build.
    pub fn replace(&mut self, build: Build, codecs: Figures) {
        self.counted.retain(|counted| counted.build != build);
        self.counted.push(Counted { build, codecs });
        self.counted.sort_by_key(|counted| counted.build.to_string());
    }

    /// Writes it.
    ///
    /// # Errors
    /// [`Trouble::File`].
    pub fn write(&self, place: &Place) -> Result<(), Trouble> {
        let path = place.join(FILE);
        std::fs::write(&path, self.print()).map_err(Trouble::file(&path))
    }

    fn print(&self) -> String {
        let mut out = HEAD.to_owned();
        for Counted { build: Build { compiler, target, processor }, codecs } in &self.counted {
            let build = format!(
                "\n[[counted]]\nbuild = {{ compiler = {compiler:?}, target = {target:?}, processor = {processor:?} }}\n\n[counted.codecs]\n"
            );
            out.push_str(&build);
            for (name, cost) in codecs {
                writeln!(
                    out,
                    "{name} = {{ messages = {}, instructions = {}, allocations = {} }}",
                    cost.messages, cost.instructions, cost.allocations
                )
                .expect("a string takes all that is written");
            }
        }
        out
    }
}
