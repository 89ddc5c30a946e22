//! `cmd:join`: enter a room and learn who is there (docs/protocol.md, join).
//! The list of participants by number, which the batch join shares, stands here; notices to others in `notice.rs`.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

use chat::Mask;

use crate::block::{Participant, PersonBlock, RoomBlock, mask};
use crate::fault::XccosFault;
use crate::pen::Pen;
use crate::reply::Heading;
use crate::room::RoomRef;
use crate::xml::Element;

/// A room that has been joined.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Joined<'a> {
    /// The room.
    pub room: RoomBlock<'a>,
    /// Who is there, the joiner included and each person once; in a large room the joiner alone.
    pub participants: Vec<Participant<'a>>,
}

/// Writes one `chanid` for each room, numbered from 0.
pub(super) fn write(pen: &mut Pen, rooms: &[RoomRef]) {
    for (key, room) in rooms.iter().enumerate() {
        pen.start("chanid").plain("key", key).attribute("domain", room.domain());
        pen.attribute("value", room.value()).end();
    }
}

/// Writes the rooms, then everybody who is in any of them: a person keeps one number in the whole reply.
pub(super) fn write_reply(pen: &mut Pen, heading: &Heading<'_>, joined: &[Joined<'_>]) {
    let mut people: Vec<&PersonBlock<'_>> = Vec::new();
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    for Joined { room, participants } in joined {
        let mut masks: BTreeMap<Mask, String> = BTreeMap::new();
        for Participant { person, mask } in participants {
            let number = *numbers.entry(&person.address).or_insert(people.len());
            if number == people.len() {
                people.push(person);
            }
            let list = masks.entry(heading.compat.mask(*mask)).or_default();
            let comma = if list.is_empty() { "" } else { "," };
            write!(list, "{comma}{number}").expect("a String takes everything");
        }
        room.start_joined(pen, heading.domain);
        for (mask, list) in &masks {
            pen.start("aib").plain("key", mask).plain("value", list).end();
        }
        room.finish(pen);
    }
    for (number, person) in people.into_iter().enumerate() {
        pen.start("uib").plain("id", number);
        person.write(pen);
        pen.end();
    }
}

pub(super) fn read_reply(data: &Element) -> Result<Joined<'static>, XccosFault> {
    read_rooms(data)?.pop().ok_or(XccosFault::MissingBlock { block: "chanib" })
}

/// Reads what [`write_reply`] writes; participants stand in the order of their numbers.
pub(super) fn read_rooms(data: &Element) -> Result<Vec<Joined<'static>>, XccosFault> {
    let mut people = Vec::new();
    for uib in data.named("uib") {
        people.push((uib.needed("uib", "id")?, PersonBlock::read(uib)?));
    }
    data.named("chanib").map(|chanib| read_room(chanib, &people)).collect()
}

fn read_room(
    chanib: &Element,
    people: &[(&str, PersonBlock<'static>)],
) -> Result<Joined<'static>, XccosFault> {
    let mut masks = HashMap::new();
    for aib in chanib.named("aib") {
        let key = mask(aib)?;
        let numbers = aib.needed("aib", "value")?.split(',').filter(|number| !number.is_empty());
        masks.extend(numbers.map(|number| (number, key)));
    }
    let mut participants = Vec::with_capacity(masks.len());
    for (number, person) in people {
        if let Some(mask) = masks.remove(number) {
            participants.push(Participant { person: person.clone(), mask });
        }
    }
    if masks.is_empty() {
        Ok(Joined { room: RoomBlock::read(chanib)?, participants })
    } else {
        Err(XccosFault::BadValue { block: "aib", name: "value" })
    }
}
