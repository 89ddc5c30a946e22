//! `tidy-waivers.txt`: what may exceed a limit, and why.
//! A waiver that nothing needs is a fault, so that the list only shrinks.

use super::complain;
use super::complaint::Complaint;
use super::tree::Tree;

/// The file with the waivers: `path: reason` for a file, `path function: reason` for a function, `#` for remarks.
const FILE: &str = "tidy-waivers.txt";

const RULE: &str = "waiver";

/// The waivers, and which of them were needed.
pub struct Waivers {
    all: Vec<Waiver>,
}

struct Waiver {
    line: usize,
    path: String,
    function: Option<String>,
    used: bool,
}

impl Waivers {
    /// Reads the file; complains about lines without a reason.
    pub fn read(tree: &Tree, complaints: &mut Vec<Complaint>) -> Waivers {
        let mut all = Vec::new();
        for (index, line) in tree.text(FILE).unwrap_or_default().lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (subject, reason) = line.split_once(':').unwrap_or((line, ""));
            if reason.trim().is_empty() {
                let what = "no reason given; write `path: reason` or `path function: reason`".to_owned();
                complain(complaints, FILE, index + 1, RULE, what);
            }
            let mut words = subject.split_whitespace();
            let path = words.next().unwrap_or_default().to_owned();
            all.push(Waiver {
                line: index + 1,
                path,
                function: words.next().map(str::to_owned),
                used: false,
            });
        }
        Waivers { all }
    }

    /// Whether a file, or a function in it, may exceed the limits.
    pub fn cover(&mut self, path: &str, function: Option<&str>) -> bool {
        let found =
            self.all.iter_mut().find(|waiver| waiver.path == path && waiver.function.as_deref() == function);
        found.is_some_and(|waiver| {
            waiver.used = true;
            true
        })
    }

    /// Complains about waivers nobody needed.
    pub fn unused(&self, complaints: &mut Vec<Complaint>) {
        for waiver in self.all.iter().filter(|waiver| !waiver.used) {
            let what = format!("{} keeps to the limits; take this line out", waiver.path);
            complain(complaints, FILE, waiver.line, RULE, what);
        }
    }
}
