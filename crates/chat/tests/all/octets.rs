//! Entries as they are written down for ever: golden octets of each version, and one way to write each value.

use chat::{
    Actor, AddInId, CategoryId, Change, Entry, GroupId, Header, JournalKey, Mask, PartReason, PersonId,
    PoolEntry, Position, Range, RoomEntry, RoomId, ServerEntry, ServerId, Stand, Subject, Time,
};

fn header(entry: Entry) -> Header {
    let journal = match entry {
        Entry::Room(_) => JournalKey::Room(RoomId(7)),
        Entry::Server(_) => JournalKey::Server(ServerId(1)),
        Entry::Pool(_) => JournalKey::Pool,
    };
    let position = Position { era: 2, number: 1_000_005 };
    Header { journal, position, time: Time::from_unix_micros(1_700_000_000_000_000), entry, body_mac: None }
}

fn every_room_entry() -> Vec<RoomEntry> {
    let author = PersonId(3);
    let mut all = vec![RoomEntry::Gap { fork: 5, to: 1_000_005 }];
    for bits in 0..8 {
        let (alert, story, kept) = (bits & 1 != 0, bits & 2 != 0, bits & 4 != 0);
        all.push(RoomEntry::Posted { post: u32::MAX, author, alert, story, kept, category_rules: 4 });
    }
    for by in [Actor::Person(author), Actor::Shell(u32::MAX), Actor::Server, Actor::Token(i64::MAX)] {
        all.extend([RoomEntry::Removed { post: 1, by }, RoomEntry::Replaced { post: 2, by }]);
        for change in [Change::Created, Change::Changed, Change::Disabled, Change::Enabled, Change::Removed] {
            all.push(RoomEntry::Changed { change, by, rules: u64::MAX });
        }
    }
    all
}

fn every_server_entry() -> Vec<ServerEntry> {
    let at = Position { era: 1, number: 9 };
    let stand = |room| Stand { room: RoomId(room), at, mask: Mask(11_652) };
    let (person, endpoint) = (PersonId(3), u64::MAX);
    let range = |journal| Range { journal, from: 1, to: u64::MAX };
    let ranges = [JournalKey::Room(RoomId(i64::MAX)), JournalKey::Server(ServerId(2)), JournalKey::Pool];
    let parted = |reason| ServerEntry::Parted { person, endpoint, reason, rooms: vec![stand(1)] };
    vec![
        ServerEntry::Moved(ranges.map(range).to_vec()),
        ServerEntry::Moved(vec![]),
        ServerEntry::Joined { person, endpoint, rooms: vec![stand(1), stand(2)] },
        parted(PartReason::Left),
        parted(PartReason::Gone),
        parted(PartReason::Removed),
        ServerEntry::Viewed { person, room: RoomId(1), from: 1, to: 30, head: at },
        ServerEntry::Started { epoch: 12 },
        ServerEntry::ServerLost { server: ServerId(2), epoch: 11 },
        ServerEntry::Gap { fork: 5, to: 1_000_005 },
    ]
}

fn every_pool_entry() -> Vec<PoolEntry> {
    let subjects = [
        Subject::Person(PersonId(1)),
        Subject::Category(CategoryId(2)),
        Subject::Room(RoomId(3)),
        Subject::Settings,
        Subject::Group(GroupId(u32::MAX)),
        Subject::Policy(4),
        Subject::Configuration(5),
        Subject::AddIn(AddInId(6)),
        Subject::Endpoint(7),
        Subject::Token(8),
        Subject::Server(ServerId(9)),
        Subject::Topology(10),
    ];
    let administered = |subject| PoolEntry::Administered {
        by: Actor::Server,
        subject,
        change: Change::Created,
        operation: 7,
    };
    let mut all: Vec<_> = subjects.into_iter().map(administered).collect();
    all.push(PoolEntry::Gap { fork: 5, to: 1_000_005 });
    all
}

fn every_header() -> Vec<Header> {
    let entries = every_room_entry()
        .into_iter()
        .map(Entry::Room)
        .chain(every_server_entry().into_iter().map(Entry::Server))
        .chain(every_pool_entry().into_iter().map(Entry::Pool));
    entries
        .flat_map(|entry| {
            [None, Some([0xAB; 32])].map(|body_mac| Header { body_mac, ..header(entry.clone()) })
        })
        .collect()
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// These octets are in stores: whoever changes them needs a new version and keeps this test.
#[test]
fn the_octets_of_version_one() {
    let posted = RoomEntry::Posted {
        post: 42,
        author: PersonId(3),
        alert: true,
        story: false,
        kept: true,
        category_rules: 4,
    };
    let start = |journal: &str| format!("01{journal}0000000200000000000f424500060a24181e4000");
    let post = Header { body_mac: Some([0xCD; 32]), ..header(Entry::Room(posted)) };
    let expected = start("010000000000000007")
        + "01"
        + &"cd".repeat(32)
        + "010000002a0000000000000003050000000000000004";
    assert_eq!(hex(&post.to_bytes()), expected);

    let range = Range { journal: JournalKey::Room(RoomId(7)), from: 5, to: 6 };
    let moved = header(Entry::Server(ServerEntry::Moved(vec![range])));
    let expected = start("020000000000000001")
        + "00"
        + "0100000001"
        + "01000000000000000700000000000000050000000000000006";
    assert_eq!(hex(&moved.to_bytes()), expected);

    let (by, subject) = (Actor::Shell(1000), Subject::Person(PersonId(9)));
    let told =
        header(Entry::Pool(PoolEntry::Administered { by, subject, change: Change::Removed, operation: 7 }));
    let expected =
        start("030000000000000000") + "00" + "010200000000000003e8010000000000000009050000000000000007";
    assert_eq!(hex(&told.to_bytes()), expected);
}

#[test]
fn every_form_comes_back_and_no_two_are_alike() {
    let all = every_header();
    let mut seen = std::collections::BTreeSet::new();
    for header in &all {
        let octets = header.to_bytes();
        assert_eq!(Header::from_bytes(&octets).as_ref(), Ok(header));
        assert!(seen.insert(octets), "{header:?}");
    }
}

#[test]
fn another_octet_is_another_entry_or_none() {
    for header in every_header() {
        let octets = header.to_bytes();
        for at in 0..octets.len() {
            for value in [0, 1, 2, 7, 8, 0x7F, 0xFF].into_iter().filter(|value| *value != octets[at]) {
                let mut other = octets.clone();
                other[at] = value;
                // Canonical: whatever is read is written the same way, so that no two spellings share a hash.
                if let Ok(read) = Header::from_bytes(&other) {
                    assert_ne!(read, header);
                    assert_eq!(read.to_bytes(), other);
                }
            }
        }
    }
    let mut newer = every_header()[0].to_bytes();
    newer[0] = 2;
    assert!(Header::from_bytes(&newer).is_err(), "a later version is not guessed at");
}
