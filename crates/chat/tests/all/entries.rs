//! Every entry of every journal survives its canonical bytes, and nothing else is read as one.

use chat::{
    Actor, CategoryId, Change, Entry, Header, JournalKey, Mask, PartReason, PersonId, PoolEntry, Position,
    Range, RoomEntry, RoomId, ServerEntry, ServerId, Stand, Subject, Time,
};

fn all() -> Vec<(JournalKey, Entry)> {
    let (room, server) = (JournalKey::Room(RoomId(7)), JournalKey::Server(ServerId(2)));
    let at = Position { era: 3, number: 41 };
    let stand = Stand { room: RoomId(7), at, mask: Mask(3456) };
    let by = Actor::Shell(1000);
    let posted = |alert, story, kept| RoomEntry::Posted {
        post: 40,
        author: PersonId(5),
        alert,
        story,
        kept,
        category_rules: 9,
    };
    let room_entries = [
        posted(true, false, true),
        posted(false, true, false),
        RoomEntry::Removed { post: 3, by: Actor::Person(PersonId(1)) },
        RoomEntry::Replaced { post: 3, by: Actor::Server },
        RoomEntry::Changed { change: Change::Disabled, by, rules: 12 },
        RoomEntry::Gap { fork: 41, to: 1_000_041 },
    ];
    let server_entries = [
        ServerEntry::Moved(vec![
            Range { journal: room, from: 1, to: 9 },
            Range { journal: JournalKey::Pool, from: 2, to: 2 },
        ]),
        ServerEntry::Joined { person: PersonId(5), endpoint: 77, rooms: vec![stand, stand] },
        ServerEntry::Parted {
            person: PersonId(5),
            endpoint: 77,
            reason: PartReason::Gone,
            rooms: vec![stand],
        },
        ServerEntry::Viewed { person: PersonId(5), room: RoomId(7), from: 1, to: 30, head: at },
        ServerEntry::Started { epoch: 12 },
        ServerEntry::ServerLost { server: ServerId(2), epoch: 12 },
        ServerEntry::Gap { fork: 1, to: 2 },
    ];
    let administered = |subject, change| PoolEntry::Administered { by, subject, change, operation: 7 };
    let pool_entries = [
        administered(Subject::Person(PersonId(1)), Change::Created),
        administered(Subject::Category(CategoryId(1)), Change::Changed),
        administered(Subject::Room(RoomId(1)), Change::Removed),
        administered(Subject::Settings, Change::Enabled),
        PoolEntry::Gap { fork: 0, to: 1_000_000 },
    ];
    let mut entries: Vec<_> = room_entries.into_iter().map(|entry| (room, Entry::Room(entry))).collect();
    entries.extend(server_entries.into_iter().map(|entry| (server, Entry::Server(entry))));
    entries.extend(pool_entries.into_iter().map(|entry| (JournalKey::Pool, Entry::Pool(entry))));
    entries
}

fn header(journal: JournalKey, entry: Entry, body_mac: Option<[u8; 32]>) -> Header {
    let position = Position { era: 3, number: 42 };
    Header { journal, position, time: Time::from_unix_micros(1_795_514_400_000_000), entry, body_mac }
}

#[test]
fn every_entry_comes_back_from_its_bytes() {
    for (journal, entry) in all() {
        for mac in [None, Some([0xab; 32])] {
            let header = header(journal, entry.clone(), mac);
            assert_eq!(Header::from_bytes(&header.to_bytes()), Ok(header));
        }
    }
}

#[test]
fn bytes_that_are_cut_or_have_a_tail_are_no_entry() {
    for (journal, entry) in all() {
        let bytes = header(journal, entry, Some([1; 32])).to_bytes();
        for length in 0..bytes.len() {
            assert!(Header::from_bytes(&bytes[..length]).is_err(), "cut at {length}");
        }
        assert!(Header::from_bytes(&[bytes, vec![0]].concat()).is_err());
    }
}

#[test]
fn a_changed_octet_is_never_read_as_the_same_entry() {
    for (journal, entry) in all() {
        let header = header(journal, entry, None);
        let bytes = header.to_bytes();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x40;
            assert_ne!(Header::from_bytes(&changed).as_ref(), Ok(&header), "octet {at}");
        }
    }
}

#[test]
fn a_count_that_promises_more_than_there_is_costs_nothing() {
    let entry = Entry::Server(ServerEntry::Moved(Vec::new()));
    let mut bytes = header(JournalKey::Server(ServerId(1)), entry, None).to_bytes();
    let count = bytes.len() - 4;
    bytes[count..].copy_from_slice(&u32::MAX.to_be_bytes());
    assert!(Header::from_bytes(&bytes).is_err());
}
