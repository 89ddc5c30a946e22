//! Which file systems protect a data directory. Those that do not cannot be mounted on every machine, so the decision
//! is tested apart from the question to the kernel.

use std::path::Path;

use super::protected;
use crate::file_system::numbered;
use crate::trouble::INVALID;

#[test]
fn a_file_system_without_rights_of_owners_is_refused_with_the_reason() {
    for (number, name) in [(0x4d44, "vfat"), (0x2011_bab0, "exfat")] {
        let refused = protected(Path::new("/media/stick/causerie"), &numbered(number))
            .expect_err("it protects nothing");
        let said = refused.to_string();
        assert_eq!(refused.code(), INVALID);
        for part in ["/media/stick/causerie", name, "anybody on this machine could read", "ext4"] {
            assert!(said.contains(part), "'{part}' in '{said}'");
        }
    }
}

#[test]
fn file_systems_with_rights_of_owners_are_taken() {
    // ext4, XFS, Btrfs, ZFS, tmpfs, overlayfs; Btrfs where the number has 32 bits.
    for number in [-0x6edc_97c2, 0xef53, 0x5846_5342, 0x9123_683e, 0x2fc1_2fc1, 0x0102_1994, 0x794c_7630] {
        protected(Path::new("/var/lib/causerie"), &numbered(number)).expect("it protects its files");
    }
}
