//! What can be defined and published, and is not run by this version: N1, N2.
//! Refuses nothing.

use crate::rule::case::Case;

/// N1.
pub fn compliance(case: &mut Case<'_>) {
    for (_, object) in case.pools().filter(|(pool, _)| pool.compliance) {
        case.note(
            object.field("compliance"),
            "compliance is defined, and not run by this version: nothing is recorded yet",
            "nothing need be done",
        );
    }
}

/// N2.
pub fn disaster_recovery(case: &mut Case<'_>) {
    for (_, object) in case.pools().filter(|(pool, _)| pool.disaster_recovery) {
        case.note(
            object.field("disaster-recovery"),
            "disaster recovery is defined, and not run by this version: no backup is kept yet",
            "nothing need be done",
        );
    }
}
