//! Whom the registrar tells to go, and how many at once.
//! Other bells are heard in the stories of links.

use std::sync::Arc;

use chat::{Address, Ancestors, DisplayName, Person, PersonId, PersonState, Roles};
use uuid::Uuid;

use super::{Bell, Registrar, Ring};

fn person(number: i64) -> Person {
    Person {
        id: PersonId(number),
        guid: Uuid::from_u128(number.unsigned_abs().into()),
        address: Address::parse(&format!("sip:person{number}@example.com")).expect("an address"),
        display_name: DisplayName::parse("Somebody").expect("a name"),
        state: PersonState::Enabled,
        standing: 1,
        admission: 1,
        chat: true,
        bot: false,
        roles: Roles::default(),
        ancestors: Ancestors::default(),
    }
}

fn told_to_go(bells: &[Arc<Bell>]) -> usize {
    let rung = |bell: &&Arc<Bell>| bell.rung.lock().expect("nobody fails").contains(&Ring::Leave);
    bells.iter().filter(rung).count()
}

#[test]
fn so_many_links_are_told_to_go_at_once_and_each_of_them_once() {
    let (registrar, mut bells) = (Registrar::default(), Vec::new());
    for (person_number, number) in [(1, 1), (1, 2), (2, 3)] {
        let bell = Arc::<Bell>::default();
        registrar.sign_on(&person(person_number), number, &bell).expect("there is room");
        bells.push(bell);
    }
    registrar.lead_out(2);
    assert_eq!(told_to_go(&bells), 2);
    registrar.lead_out(2);
    assert_eq!(told_to_go(&bells), 3);
    bells.iter().for_each(|bell| bell.rung.lock().expect("nobody fails").clear());
    registrar.lead_out(2);
    assert_eq!(told_to_go(&bells), 0);
}
