//! The kind of file system a folder lies on, by the number the kernel gives it (linux/magic.h).
//! Which of them guard files is said in `topology`.

use std::fs::File;

use rustix::fs::fstatfs;
use topology::facts::FileSystem;

/// The file systems that are called by name. ext2, ext3 and ext4 have one number.
const NAMES: [(i64, &str); 14] = [
    (0xef53, "ext4"),
    (0x5846_5342, "xfs"),
    (0x9123_683e, "btrfs"),
    (0x2fc1_2fc1, "zfs"),
    (0xf2f5_2010, "f2fs"),
    (0xca45_1a4e, "bcachefs"),
    (0x0102_1994, "tmpfs"),
    (0x8584_58f6, "ramfs"),
    (0x794c_7630, "overlayfs"),
    (0x6969, "nfs"),
    (0xff53_4d42, "cifs"),
    (0xfe53_4d42, "smb2"),
    (0x4d44, "vfat"),
    (0x2011_bab0, "exfat"),
];

/// The kind an open folder lies on.
///
/// # Errors
/// What the system says when it does not tell.
pub fn of(folder: &File) -> std::io::Result<FileSystem> {
    let system = fstatfs(folder)?;
    #[expect(clippy::useless_conversion, reason = "the width of this number differs between machines")]
    let number = i64::from(system.f_type);
    Ok(numbered(number))
}

/// The kind with this number.
#[must_use]
pub fn numbered(number: i64) -> FileSystem {
    // Where the number has 32 bits, the upper half of them comes as a negative one.
    let number = number & 0xffff_ffff;
    let known = NAMES.iter().find(|(of, _)| *of == number);
    FileSystem(known.map_or_else(|| format!("unknown ({number:#x})"), |(_, name)| (*name).to_owned()))
}
