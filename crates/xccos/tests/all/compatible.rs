//! What some clients need is printed for them and for nobody else.

use xccos::{Arrival, Notice};
use xccos::{Code, Compat, Heading, Joined, Reply, notice, reply};

use crate::people::{ENGINEERING, MANAGER, MEMBER, alice, asked, bob, carol, heading, home, room};

const PIDGIN: &str = "Purple/2.14.12 Sipe/1.25.0 (linux-x86_64)";
const LYNC: &str = "UCCAPI/15.0.4420.1017 OC/15.0.4420.1017 (Microsoft Lync)";

fn joined_as_seen_by(compat: Compat) -> String {
    let home = home();
    let participants = vec![alice(MANAGER), bob(MEMBER), carol(chat::Mask(15_748))];
    let joined = Joined { room: room(ENGINEERING, "Engineering"), participants };
    reply::print(&Heading { compat, ..heading(&home) }, &asked(), &Reply::Join(joined))
}

#[test]
fn managers_are_operators_to_pidgin() {
    let seen = joined_as_seen_by(Compat::of(PIDGIN));
    assert!(
        seen.contains("<aib key=\"3456\" value=\"1\"/><aib key=\"12276\" value=\"0,2\"/><info"),
        "{seen}"
    );
}

#[test]
fn others_see_the_masks_as_they_are() {
    let seen = joined_as_seen_by(Compat::of(LYNC));
    let expected = "<aib key=\"3456\" value=\"1\"/><aib key=\"11652\" value=\"0\"/><aib key=\"15748\" value=\"2\"/><info";
    assert!(seen.contains(expected), "{seen}");
}

#[test]
fn notices_show_operators_to_pidgin_too() {
    let home = home();
    let came =
        Notice::Join(vec![Arrival { person: alice(MANAGER).person, rooms: vec![(ENGINEERING, MANAGER)] }]);
    let seen_by = |agent| notice::print(&Heading { compat: Compat::of(agent), ..heading(&home) }, &came);
    assert!(seen_by(PIDGIN).contains("<aib key=\"12276\" domain=\"contoso.com\""));
    assert!(seen_by(LYNC).contains("<aib key=\"11652\" domain=\"contoso.com\""));
}

#[test]
fn getserverinfo_can_be_answered_under_its_short_name() {
    let home = home();
    let compat = Compat { short_server_info: true, ..Compat::default() };
    let refused =
        |name, compat| reply::refuse(&Heading { compat, ..heading(&home) }, &asked(), name, Code::Server);
    assert!(refused("getserverinfo", compat).contains("id=\"rpl:getservinfo\""));
    assert!(refused("getserverinfo", Compat::default()).contains("id=\"rpl:getserverinfo\""));
    assert!(refused("join", compat).contains("id=\"rpl:join\""));
}
