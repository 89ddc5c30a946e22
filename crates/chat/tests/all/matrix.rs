//! The permission matrix, cell by cell: who may do what in which room, who may move one, who may create.
//! The last column names sections of the product's specification (3.5 is its matrix) and the questions Q of its section 12.

use chat::{
    Ancestors, Category, CategoryId, GroupId, Person, PersonState, Principal, Privacy, Refusal, Right, Role,
    Roles, Room, RoomKind, Scope,
};

use crate::people::{alice, category, domain, is, person, room};
use crate::table::{Column, read};

// Each case is Alice's, and tried with each way in which a list can name her. Her roles: - none, M member, G manager,
// P presenter, C creator of the category. Where she stands: in the scope; out of it; denied, herself or by a group; in it, but
// without policy; in it, but disabled or removed herself. Her office: an administrative role. Outcomes: y granted, . not allowed,
// ? as if there were no such room, x "the room is disabled". The category invites and lets files be posted; SWITCHED has the rest.
#[rustfmt::skip]
const COLUMNS: &[Column] = &[
    ("room",    &["enabled", "disabled"]),
    ("privacy", &["open", "closed", "secret"]),
    ("kind",    &["normal", "auditorium"]),
    ("roles",   &["-", "M", "G", "P", "MG", "MP", "GP", "MGP", "C"]),
    ("stands",  &["in", "out", "denied", "group-denied", "no-policy", "disabled", "removed"]),
    ("office",  &["none", "reader", "user-admin", "chat-admin", "admin"]),
];

const MATRIX: &str = "
# What the room gives: no office changes any of it.
room     | privacy       | kind       | roles       | stands                  | office | see participants join read post files invitation | specification
enabled  | open          | normal     | any         | in                      | any    |  y       y        y    y    y     y       .      | 3.5; Q4: membership counts for nothing
enabled  | open          | auditorium | - M G MG C  | in                      | any    |  y       y        y    y    .     y       .      | 3.5 presenters only; managers do not post either
enabled  | open          | auditorium | P MP GP MGP | in                      | any    |  y       y        y    y    y     y       .      | 3.5; Q4: presenters of an open room need no membership
enabled  | closed        | any        | - P C       | in                      | any    |  y       y        .    .    .     .       .      | 3.5; 3.4 a creator only creates; Q12
enabled  | closed secret | any        | G GP        | in                      | any    |  y       y        .    .    .     .       .      | 3.4 a manager who is no member cannot join
enabled  | closed secret | normal     | M MP MG MGP | in                      | any    |  y       y        y    y    y     y       y      | 3.5
enabled  | closed secret | auditorium | M MG        | in                      | any    |  y       y        y    y    .     y       y      | 3.5 presenters only
enabled  | closed secret | auditorium | MP MGP      | in                      | any    |  y       y        y    y    y     y       y      | 3.5
enabled  | secret        | any        | - P C       | in                      | any    |  ?       ?        ?    ?    ?     ?       ?      | 3.5; Q17: an administrator, too
disabled | open closed   | any        | - M P MP C  | in                      | any    |  x       x        x    x    x     x       x      | 3.7 nobody finds, joins or reads it
disabled | secret        | any        | M MP        | in                      | any    |  x       x        x    x    x     x       x      | 3.7
disabled | secret        | any        | - P C       | in                      | any    |  ?       ?        ?    ?    ?     ?       ?      | 3.5
disabled | any           | any        | G MG GP MGP | in                      | any    |  y       x        x    x    x     x       x      | 3.7 its managers go on seeing it
any      | any           | any        | any         | out denied group-denied | any    |  ?       ?        ?    ?    ?     ?       ?      | 3.5 out of scope; 3.2 denied overrides allowed
any      | any           | any        | any         | no-policy               | any    |  ?       ?        ?    ?    ?     ?       ?      | 6: the switch for everything
any      | any           | any        | any         | disabled removed        | any    |  ?       ?        ?    ?    ?     ?       ?      | 3.8

# What administers the room: by being its manager, or by an office; whether it is disabled changes nothing.
room | privacy     | kind | roles       | stands                               | office                 | inspect manage move disable enable remove purge | specification
any  | any         | any  | G MG GP MGP | in                                   | none reader user-admin |    y      y     y      y      .      .      .   | 3.5; Q3: moving, with a say of the target; Q19: enabling
any  | open closed | any  | - M P MP C  | in                                   | none                   |    .      .     .      .      .      .      .   | 3.5
any  | secret      | any  | M MP        | in                                   | none                   |    .      .     .      .      .      .      .   | 3.5
any  | secret      | any  | - P C       | in                                   | none                   |    ?      ?     ?      ?      ?      ?      ?   | 3.5
any  | any         | any  | - M P MP C  | in                                   | reader user-admin      |    y      .     .      .      .      .      .   | 3.4: metadata, by commands (Q17)
any  | any         | any  | any         | out denied group-denied no-policy    | none                   |    ?      ?     ?      ?      ?      ?      ?   | 3.6 all rooms are bound by the scope at all times
any  | any         | any  | any         | out denied group-denied no-policy    | reader user-admin      |    y      .     .      .      .      .      .   | 3.4
any  | any         | any  | any         | in out denied group-denied no-policy | chat-admin admin       |    y      y     y      y      y      y      y   | 3.4 not bound by creators or scopes
any  | any         | any  | any         | disabled removed                     | any                    |    ?      ?     ?      ?      ?      ?      ?   | 3.8: no office without an account
";

/// How a list names Alice: herself, a group, the container around that group, her domain.
const TRADERS: GroupId = GroupId(10);
const LONDON: GroupId = GroupId(11);

fn ways() -> [Principal; 4] {
    [is(&alice()), Principal::Group(TRADERS), Principal::Group(LONDON), domain("example.com")]
}

/// A list that names others, and Alice by one way if it should.
fn list(named: bool, by: &Principal) -> Vec<Principal> {
    let others =
        [is(&person(9, "sip:mallory@other.example")), Principal::Group(GroupId(12)), domain("other.example")];
    others.into_iter().chain(named.then(|| by.clone())).collect()
}

fn scope(stands: &str, by: &Principal) -> Scope {
    let denied = match stands {
        "denied" => vec![is(&alice())],
        "group-denied" => vec![Principal::Group(LONDON)],
        _ => list(false, by),
    };
    Scope { allowed: list(stands != "out", by), denied }
}

fn who(stands: &str, office: &str) -> Person {
    let state = match stands {
        "disabled" => PersonState::Disabled,
        "removed" => PersonState::Removed,
        _ => PersonState::Enabled,
    };
    let roles = match office {
        "none" => Roles::default(),
        "reader" => Roles::of(&[Role::Reader]),
        "user-admin" => Roles::of(&[Role::UserAdministrator]),
        "chat-admin" => Roles::of(&[Role::ChatAdministrator]),
        "admin" => Roles::of(&[Role::Administrator]),
        other => panic!("{other} is no office"),
    };
    let ancestors = Ancestors::of(vec![TRADERS, LONDON]);
    Person { state, roles, ancestors, chat: stands != "no-policy", ..alice() }
}

fn place(privacy: &str, kind: &str, state: &str, roles: &str, by: &Principal) -> Room {
    let privacy = match privacy {
        "open" => Privacy::Open,
        "closed" => Privacy::Closed,
        _ => Privacy::Secret,
    };
    let kind = if kind == "normal" { RoomKind::Normal } else { RoomKind::Auditorium };
    Room {
        disabled: state == "disabled",
        members: list(roles.contains('M'), by),
        managers: list(roles.contains('G'), by),
        presenters: list(roles.contains('P'), by),
        ..room(privacy, kind)
    }
}

fn home(stands: &str, creator: bool, by: &Principal) -> Category {
    Category { scope: scope(stands, by), creators: list(creator, by), file_upload: true, ..category() }
}

fn letter(answer: Result<(), Refusal>) -> char {
    match answer {
        Ok(()) => 'y',
        Err(Refusal::NotAllowed) => '.',
        Err(Refusal::NotFound) => '?',
        Err(Refusal::Disabled) => 'x',
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn the_matrix() {
    let cells = read(COLUMNS, &Right::ALL.map(Right::word), MATRIX);
    for cells in cells.chunk_by(|one, other| one.0 == other.0) {
        let case = &cells[0].0;
        let &[state, privacy, kind, roles, stands, office] = case.as_slice() else { panic!("{case:?}") };
        let alice = who(stands, office);
        let homes = ways().map(|by| home(stands, roles == "C", &by));
        let rooms = ways().map(|by| place(privacy, kind, state, roles, &by));
        for (room, by) in rooms.iter().zip(ways()) {
            for (home, scoped_by) in homes.iter().zip(ways()) {
                for (_, outcome, expected) in cells {
                    let answer = letter(room.allows(home, &alice, Right::of_word(outcome).unwrap()));
                    assert_eq!(answer, *expected, "{outcome} for {case:?} by {by:?} in {scoped_by:?}");
                }
            }
        }
    }
}

// The switches of the category and of the room (3.2, 3.3): they take away, and take away nothing else.
#[rustfmt::skip]
const SWITCHES: &[Column] = &[
    ("category", &["files-and-invitations", "files", "invitations", "neither"]),
    ("invites",  &["inherit", "false"]),
];

const SWITCHED: &str = "
category              | invites | see join read post files invitation | specification
files-and-invitations | inherit |  y   y    y    y     y       y      | 3.2
files-and-invitations | false   |  y   y    y    y     y       .      | 3.3 a room may only switch off
files                 | any     |  y   y    y    y     y       .      | 3.2 off: no room may invite
invitations           | inherit |  y   y    y    y     .       y      | 3.2; Q2, Q13: files hang on the category alone
invitations           | false   |  y   y    y    y     .       .      | 3.3
neither               | any     |  y   y    y    y     .       .      | 3.2
";

#[test]
fn files_and_invitations_hang_on_the_category() {
    let outcomes = ["see", "join", "read", "post", "files", "invitation"];
    for (case, outcome, expected) in read(SWITCHES, &outcomes, SWITCHED) {
        let mut home = home("in", false, &is(&alice()));
        home.file_upload = case[0].contains("files");
        home.invitations = case[0].contains("invitations");
        let mut room = place("closed", "normal", "enabled", "M", &is(&alice()));
        room.invitations =
            if case[1] == "inherit" { chat::Invitations::Inherit } else { chat::Invitations::Off };
        let answer = letter(room.allows(&home, &alice(), Right::of_word(outcome).unwrap()));
        assert_eq!(answer, expected, "{outcome} for {case:?}");
    }
}

// Creating a room in a category; C says that Alice is one of its creators.
#[rustfmt::skip]
const CREATING: &[Column] = &[
    ("creator", &["-", "C"]),
    COLUMNS[4],
    COLUMNS[5],
];

const CREATED: &str = "
creator | stands                               | office                 | create | specification
C       | in                                   | none reader user-admin |   y    | 3.5
-       | in                                   | none reader user-admin |   .    | 3.2 only creators
any     | out denied group-denied              | none                   |   ?    | 3.2 creators lie inside the scope
any     | no-policy                            | none                   |   ?    | 6
any     | out denied group-denied no-policy    | reader user-admin      |   .    | 3.4: they know of the category
any     | in out denied group-denied no-policy | chat-admin admin       |   y    | 3.4 anywhere
any     | disabled removed                     | any                    |   ?    | 3.8
";

#[test]
fn creating() {
    for (case, _, expected) in read(CREATING, &["create"], CREATED) {
        let &[creator, stands, office] = case.as_slice() else { panic!("{case:?}") };
        for by in ways() {
            let (home, alice) = (home(stands, creator == "C", &by), who(stands, office));
            assert_eq!(letter(home.decide_create(&alice)), expected, "{case:?} by {by:?}");
            assert_eq!(home.may_create(&alice), expected == 'y', "{case:?}");
            assert_eq!(home.explain_creating(&alice).0, expected == 'y', "{case:?}");
        }
    }
}

// Moving a room into another category; where Alice stands in it, and whether she is one of its creators.
#[rustfmt::skip]
const MOVING: &[Column] = &[
    ("room",    &["enabled", "disabled"]),
    ("privacy", &["open", "secret"]),
    ("roles",   &["-", "M", "G", "C"]),
    ("target",  &["in", "out", "denied"]),
    ("creator", &["-", "C"]),
    ("office",  &["none", "reader", "chat-admin"]),
];

const MOVED: &str = "
room | privacy | roles | target     | creator | office      | move | specification
any  | any     | G     | in         | C       | none reader |  y   | 3.5, Q3
any  | any     | G     | in         | -       | none reader |  .   | 3.5 only if also a creator in the target
any  | any     | G     | out denied | any     | none        |  ?   | as if there were no such target
any  | any     | G     | out denied | any     | reader      |  .   | who knows of all categories
any  | open    | - M C | any        | any     | none reader |  .   | 3.5
any  | secret  | M     | any        | any     | none reader |  .   | 3.5
any  | secret  | - C   | any        | any     | none        |  ?   | 3.5
any  | secret  | - C   | any        | any     | reader      |  .   | who knows of all rooms
any  | any     | any   | any        | any     | chat-admin  |  y   | 3.5
";

#[test]
fn moving() {
    for (case, _, expected) in read(MOVING, &["move"], MOVED) {
        let &[state, privacy, roles, stands, creator, office] = case.as_slice() else { panic!("{case:?}") };
        for by in ways() {
            let room = place(privacy, "normal", state, roles, &by);
            let home = home("in", roles == "C", &by);
            let target = Category { id: CategoryId(2), ..self::home(stands, creator == "C", &by) };
            let answer = letter(room.decide_move(&home, &target, &who("in", office)));
            assert_eq!(answer, expected, "{case:?} by {by:?}");
        }
    }
}
