//! What a machine must have before the server is installed on it: each check passes, warns or fails, with what to do.
//! Judges what was seen; `preflight/look.rs` looks.

mod look;

#[cfg(test)]
mod tests;

use std::net::{IpAddr, SocketAddr};

use serde::Serialize;
use store::Survey;
use topology::facts::FileSystem;

use crate::certificate::{Flaw, SOON_DAYS};

pub use look::{Looked, look};

/// Oldest kernel (ours: the first with all calls that are used, and with long support).
const KERNEL_MIN: (u32, u32) = (4, 19);
/// Memory below which a server cannot work, and below which a pool is slow, in MiB (ours: measured, and the product's advice of a
/// machine of its own divided by what this server needs).
const MEMORY_MIB: [u64; 2] = [512, 2_048];
/// Descriptors below which there is no server, and below which people are turned away (ours: those kept, and the usual links).
const DESCRIPTORS: [u64; 2] = [512, 16_384];
/// Free space below which nothing is begun, and below which it will soon be needed, in MiB (ours).
const FREE_MIB: [u64; 2] = [256, 10_240];
/// Skew to the database that is refused (journals: entries carry times), in milliseconds.
const SKEW_MS_MAX: i64 = 2_000;
/// Skew that is odd already, in milliseconds (ours).
const SKEW_MS_ODD: i64 = 500;
/// Oldest version of PostgreSQL.
const POSTGRES_MIN: u32 = 13;

/// Everything that was seen.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The operating system, as it names itself, and its kernel.
    pub system: (String, String),
    /// Memory, in MiB, if it is known.
    pub memory_mib: Option<u64>,
    /// How many descriptors a process may have.
    pub descriptors: u64,
    /// Places for files.
    pub folders: Vec<Folder>,
    /// Whether the clock is kept right by others, if it is known.
    pub clock_is_synchronised: Option<bool>,
    /// Names and what DNS says.
    pub names: Vec<Name>,
    /// Where the server is to listen.
    pub ports: Vec<Port>,
    /// The certificate that would be shown.
    pub certificate: Option<Certificate>,
    /// The databases the machine needs.
    pub databases: Vec<Database>,
    /// Why the server that runs here is to be restarted, if it is.
    pub restart: Option<String>,
}

/// A place for files.
#[derive(Clone, Debug)]
pub struct Folder {
    /// What it is for.
    pub what: String,
    /// Where it is.
    pub place: String,
    /// Its file system and the free MiB on it, or why that is not known.
    pub found: Result<(FileSystem, u64), String>,
}

/// A name and the addresses DNS knows.
#[derive(Clone, Debug)]
pub struct Name {
    /// The name.
    pub name: String,
    /// Whether it must lead to this very machine.
    pub is_own: bool,
    /// Its addresses, each with whether it is one of this machine.
    pub addresses: Vec<(IpAddr, bool)>,
}

/// A port the server is to listen on.
#[derive(Clone, Debug)]
pub struct Port {
    /// For what, as the option calls it.
    pub what: String,
    /// Where.
    pub address: SocketAddr,
    /// Why it cannot be taken.
    pub refused: Option<String>,
    /// Whether our own server is running, which may be the one that has it.
    pub ours: bool,
}

/// The certificate that would be shown.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// What is wrong with it.
    pub flaws: Vec<Flaw>,
    /// Whole days that are left.
    pub days_left: i64,
}

/// A database the machine needs.
#[derive(Clone, Debug)]
pub struct Database {
    /// Which it is.
    pub what: String,
    /// What it answered, or why it did not.
    pub answer: Result<Answer, String>,
}

/// What a database answered.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Something listens; it was not asked more, since no address with a role was given.
    Listens,
    /// It was asked.
    Asked {
        /// The main number of its version.
        version: u32,
        /// Rights that are missing.
        lacking: Vec<String>,
        /// Rights that no server needs.
        excess: Vec<String>,
        /// How far its clock is ahead of ours, in milliseconds.
        skew_ms: i64,
        /// Switched off there, so that what is kept can be lost.
        unsafe_settings: Vec<String>,
    },
}

/// How a check went.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As it should be.
    Pass,
    /// It works, but.
    Warn,
    /// It does not work.
    Fail,
}

/// One check.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Check {
    /// How it went.
    pub result: Verdict,
    /// What was checked.
    pub check: &'static str,
    /// Of what, where there are several.
    pub about: String,
    /// What was found.
    pub found: String,
    /// What to do, if anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

impl Check {
    fn of(check: &'static str, about: impl Into<String>, found: impl Into<String>) -> Self {
        Self { result: Verdict::Pass, check, about: about.into(), found: found.into(), fix: None }
    }

    fn warn(self, fix: impl Into<String>) -> Self {
        Self { result: Verdict::Warn, fix: Some(fix.into()), ..self }
    }

    fn fail(self, fix: impl Into<String>) -> Self {
        Self { result: Verdict::Fail, fix: Some(fix.into()), ..self }
    }

    /// Fails below the first bound, warns below the second.
    fn at_least(self, count: u64, bounds: [u64; 2], fix: &str) -> Self {
        match count {
            count if count < bounds[0] => self.fail(fix),
            count if count < bounds[1] => self.warn(fix),
            _ => self,
        }
    }
}

/// Every check, in the order of [`Seen`].
#[must_use]
pub fn judge(seen: &Seen) -> Vec<Check> {
    let mut checks = vec![system(&seen.system), memory(seen.memory_mib), descriptors(seen.descriptors)];
    checks.extend(seen.folders.iter().flat_map(folder));
    checks.push(clock(seen.clock_is_synchronised));
    checks.extend(seen.names.iter().map(name));
    checks.extend(seen.ports.iter().map(port));
    checks.extend(seen.certificate.iter().map(certificate));
    checks.extend(seen.databases.iter().flat_map(|database| of_database(&database.what, &database.answer)));
    checks.extend(seen.restart.as_deref().map(restart));
    checks
}

fn restart(why: &str) -> Check {
    Check::of("published topology", "", why)
        .warn("`causerie service drain`, then stop and start, when the people here can go elsewhere")
}

fn system((name, kernel): &(String, String)) -> Check {
    let check = Check::of("operating system", "", format!("{name} {kernel}"));
    let mut numbers = kernel.split(|c: char| !c.is_ascii_digit()).map(|part| part.parse().unwrap_or(0));
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    match name.as_str() {
        "Linux" if version >= KERNEL_MIN => check,
        "Linux" => check.fail(format!("take Linux {}.{} or newer", KERNEL_MIN.0, KERNEL_MIN.1)),
        _ => check.fail("take a machine with Linux"),
    }
}

fn memory(mib: Option<u64>) -> Check {
    match mib {
        None => Check::of("memory", "", "unknown").warn("see that there are 2 GiB at least"),
        Some(mib) => Check::of("memory", "", format!("{mib} MiB")).at_least(
            mib,
            MEMORY_MIB,
            "give the machine 2 GiB at least, 4 GiB for a pool of thousands of people",
        ),
    }
}

fn descriptors(count: u64) -> Check {
    let fix = "set LimitNOFILE=65536 in the unit, or `ulimit -n 65536` in the shell that starts it";
    Check::of("file descriptors", "", count.to_string()).at_least(count, DESCRIPTORS, fix)
}

/// Where its files would lie: the kind of file system, and the room there.
fn folder(folder: &Folder) -> Vec<Check> {
    let (system, free) = match &folder.found {
        Ok(found) => found,
        Err(why) => {
            let check = Check::of("file system", &folder.what, format!("{}: {why}", folder.place));
            let fix = "make the folder, on ext4, XFS, Btrfs or ZFS, for the user the server runs as";
            return vec![check.fail(fix)];
        }
    };
    let check = Check::of("file system", &folder.what, format!("{} on {}", folder.place, system.0));
    let kind = match system.0.as_str() {
        _ if !system.guards_files() => check.fail(
            "take a file system with rights of owners, such as ext4, XFS, Btrfs or ZFS: on this one anybody could read what is \
             said",
        ),
        "tmpfs" | "ramfs" => {
            check.warn("what lies there is gone with the power: for anything but a trial take ext4, XFS, Btrfs or ZFS")
        }
        "ext4" | "xfs" | "btrfs" | "zfs" | "overlayfs" | "f2fs" | "bcachefs" => check,
        "nfs" | "cifs" | "smb2" if folder.what != DATA => check,
        "nfs" | "cifs" | "smb2" => check.fail("keep the data directory on a disk of this machine: locks are not sure there"),
        _ => check.warn("this file system was never tried: ext4, XFS, Btrfs and ZFS were"),
    };
    let fix = "free some space, or take a larger disk";
    let room = Check::of("free space", &folder.what, format!("{free} MiB")).at_least(*free, FREE_MIB, fix);
    vec![kind, room]
}

/// What the data directory is called among the folders.
pub const DATA: &str = "data directory";

fn clock(is_synchronised: Option<bool>) -> Check {
    let fix = "have chrony or systemd-timesyncd keep the clock: `timedatectl set-ntp true`";
    match is_synchronised {
        Some(true) => Check::of("clock", "", "synchronised"),
        Some(false) => Check::of("clock", "", "not synchronised").warn(fix),
        None => Check::of("clock", "", "nothing here says whether it is kept right").warn(fix),
    }
}

fn name(name: &Name) -> Check {
    let addresses: Vec<String> = name.addresses.iter().map(|(address, _)| address.to_string()).collect();
    let check = Check::of("name", &name.name, addresses.join(", "));
    if name.addresses.is_empty() {
        let check = Check { found: "DNS knows no address".to_owned(), ..check };
        return check.fail(format!("add an A or AAAA record for {}, or correct the name", name.name));
    }
    if name.is_own && !name.addresses.iter().any(|(_, is_here)| *is_here) {
        return check.fail(format!(
            "none of these is an address of this machine: correct the record of {}, or give the right --machine",
            name.name
        ));
    }
    check
}

fn port(port: &Port) -> Check {
    let check = Check::of("port", &port.what, port.address.to_string());
    match &port.refused {
        None => check,
        Some(_) if port.ours => Check { found: format!("{}: our server has it", port.address), ..check },
        Some(why) => {
            let found = format!("{}: {why}", port.address);
            let fix = format!("stop what has it (`ss -ltnp`), or choose another with --{}", port.what);
            Check { found, ..check }.fail(fix)
        }
    }
}

fn certificate(certificate: &Certificate) -> Check {
    let check = Check::of("certificate", "", format!("{} days left", certificate.days_left));
    if let Some(flaw) = certificate.flaws.first() {
        let said: Vec<String> = certificate.flaws.iter().map(Flaw::to_string).collect();
        let fix = match flaw {
            Flaw::Empty => {
                "`causerie certificate trial` makes one, `causerie certificate request` asks an authority"
            }
            _ => "see `causerie certificate show`, and assign another",
        };
        return Check { found: said.join("; "), ..check }.fail(fix);
    }
    if certificate.days_left < SOON_DAYS {
        return check.warn("ask its authority for a new one: `causerie certificate request`");
    }
    check
}

/// What a database answered, as far as it is judged.
#[must_use]
pub fn answered(survey: &Survey) -> Answer {
    Answer::Asked {
        version: survey.version,
        lacking: survey.lacking.clone(),
        excess: survey.excess.clone(),
        skew_ms: survey.skew_micros / 1_000,
        unsafe_settings: survey.unsafe_settings.clone(),
    }
}

/// The checks of one database.
#[must_use]
pub fn of_database(what: &str, answer: &Result<Answer, String>) -> Vec<Check> {
    let check = |check, found: String| Check::of(check, what, found);
    match answer {
        Err(why) => {
            let fix = "see that PostgreSQL runs there, lets this machine in (pg_hba.conf, listen_addresses), and that address and \
                       password are right";
            vec![check("database", why.clone()).fail(fix)]
        }
        Ok(Answer::Listens) => {
            let fix =
                "give the address of the server's own role with --store to have rights and version looked at";
            vec![check("database", "something listens".to_owned()).warn(fix)]
        }
        Ok(Answer::Asked { version, lacking, excess, skew_ms, unsafe_settings }) => {
            let found = check("database version", version.to_string());
            let version = if *version < POSTGRES_MIN {
                found.fail(format!("take PostgreSQL {POSTGRES_MIN} or newer"))
            } else {
                found
            };
            let rights = match (&lacking[..], &excess[..]) {
                ([], []) => check("database rights", "enough".to_owned()),
                ([], excess) => check("database rights", format!("too many: the role may {}", excess.join(", ")))
                    .warn("take the role that `causerie database install` makes, which may use its database alone"),
                (lacking, _) => check("database rights", format!("missing: {}", lacking.join(", ")))
                    .fail("`causerie database install` gives them, or `--script` prints what the administrator is to run"),
            };
            let durable = match &unsafe_settings[..] {
                [] => check("database durability", "what is kept is on its disk".to_owned()),
                off => check("database durability", off.join(", "))
                    .fail("switch it on: with it off, a power failure loses what people were told is kept"),
            };
            vec![version, rights, durable, skew(what, *skew_ms)]
        }
    }
}

fn skew(what: &str, ms: i64) -> Check {
    let check = Check::of("clock of the database", what, format!("{ms} ms apart"));
    let fix = "have both machines take their time from the same source: `timedatectl set-ntp true`";
    match ms.abs() {
        ms if ms > SKEW_MS_MAX => check.fail(fix),
        ms if ms > SKEW_MS_ODD => check.warn(fix),
        _ => check,
    }
}
