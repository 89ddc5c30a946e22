//! File systems as the system lists them.
//! What rules say of them is told in `topology`.

use std::path::Path;

use super::file_system;

const MOUNTS: &str = "\
22 1 0:21 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:40 / /mnt/stick rw - vfat /dev/sdb1 rw
31 22 0:41 / /mnt/old rw - nfs4 files:/old rw
32 31 0:42 / /mnt/old rw - xfs /dev/sdc1 rw
33 22 0:43 / /mnt/two\\040words rw - zfs tank rw
";

#[test]
fn a_place_lies_on_what_was_mounted_deepest_and_last_above_it() {
    for (place, expected) in [
        ("/var/lib/causerie", "ext4"),
        ("/mnt/stick/chat", "vfat"),
        ("/mnt/sticky", "ext4"),
        ("/mnt/old", "xfs"),
        ("/mnt/two words/chat", "zfs"),
    ] {
        assert_eq!(file_system(MOUNTS, Path::new(place)).0, expected, "{place}");
    }
    assert_eq!(file_system("", Path::new("/")).0, "unknown");
}
