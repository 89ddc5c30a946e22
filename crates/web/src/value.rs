//! Values that several resources show: positions, times, people, rooms as one person sees them, posts.
//! Says how each travels as JSON; decides nothing.

use std::borrow::Cow;

use chat::{Mask, Person, Position, Time};
use rooms::{Mentioned, Message, RoomCard};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// Longest text of a position: two numbers and a dot.
const POSITION_OCTETS_MAX: usize = 32;

/// A place in a room's journal, as `ERA.NUMBER`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Place(pub(crate) Position);

/// A point in time: ISO 8601 in UTC.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Moment(pub(crate) Time);

/// A person as others see it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename = "Person", rename_all = "camelCase")]
pub(crate) struct PersonValue {
    /// The GUID: whoever gets the address later has another one.
    guid: Uuid,
    /// The address, `sip:ana@example.com`.
    address: String,
    /// The display name.
    display_name: String,
}

/// A room as the caller sees it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Card {
    /// The GUID.
    guid: Uuid,
    /// The name.
    name: String,
    /// The description.
    description: String,
    /// The GUID of the category.
    category_guid: Uuid,
    /// Who may find and join it.
    privacy: Privacy,
    /// Who may post.
    #[serde(rename = "type")]
    kind: Kind,
    /// Whether it is closed to everybody.
    disabled: bool,
    /// People in it now, each counted once.
    participants: usize,
    /// Whether what is said becomes history.
    chat_history: bool,
    /// Whether its members are invited.
    invitations: bool,
    /// Whether files may be posted.
    file_upload: bool,
    /// The page shown beside it, if there is one.
    add_in: Option<AddInValue>,
    /// What the caller may do there.
    rights: Vec<Right>,
}

/// A page shown beside a room.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename = "CardAddIn", rename_all = "camelCase")]
struct AddInValue {
    /// Its name.
    name: String,
    /// Where it is: http or https.
    url: String,
}

/// Who may find and join a room.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Privacy {
    Open,
    Closed,
    Secret,
}

/// Who may post in a room.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Normal,
    Auditorium,
}

/// What somebody may do in a room.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Right {
    See,
    Join,
    Read,
    Post,
    Present,
    Manage,
}

/// A post as it is now.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename = "Message", rename_all = "camelCase")]
pub(crate) struct MessageValue {
    /// The GUID of the room.
    room: Uuid,
    /// Its number in the room, from 1.
    post: u32,
    /// Where it was said.
    position: Place,
    /// When it was said.
    time: Moment,
    /// Who said it.
    author: PersonValue,
    /// High importance.
    alert: bool,
    /// A story: a long text with a title.
    story: bool,
    /// The title of a story.
    title: Option<String>,
    /// Where its text was replaced or taken away, if it was.
    changed: Option<Place>,
    /// The present text; null once it was taken away.
    text: Option<String>,
    /// The rich rendering of the present text.
    rtf: Option<String>,
    /// Whom the text mentioned when it was kept, in its order; nobody once it was replaced.
    mentions: Vec<Mention>,
}

/// Somebody whom a text mentions.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Mention {
    /// Who.
    person: PersonValue,
    /// The name as it is written in the text after its `@`.
    name: String,
}

/// How far a room was read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReadMark {
    /// The GUID of the room.
    pub(crate) room: Uuid,
    /// The last post read.
    pub(crate) read: u32,
    /// The number of the room's last post.
    pub(crate) posts: u32,
    /// Posts after the last one read.
    pub(crate) unread: u32,
    /// Those of them that mention the caller, and still have the text they were said with.
    pub(crate) mentions: u32,
}

impl ReadMark {
    pub(crate) fn of(state: &rooms::ReadState) -> Self {
        let rooms::ReadState { room, read, posts, unread, mentions } = *state;
        Self { room, read, posts, unread, mentions }
    }
}

impl PersonValue {
    pub(crate) fn of(person: &Person) -> Self {
        Self {
            guid: person.guid,
            address: person.address.to_string(),
            display_name: person.display_name.to_string(),
        }
    }
}

impl Card {
    /// The same without how many are in it.
    pub(crate) fn empty(self) -> Self {
        Self { participants: 0, ..self }
    }

    pub(crate) fn of(card: &RoomCard) -> Self {
        Self {
            guid: card.guid,
            name: card.name.to_string(),
            description: card.description.to_string(),
            category_guid: card.category_guid,
            privacy: match card.privacy {
                chat::Privacy::Open => Privacy::Open,
                chat::Privacy::Closed => Privacy::Closed,
                chat::Privacy::Secret => Privacy::Secret,
            },
            kind: match card.kind {
                chat::RoomKind::Normal => Kind::Normal,
                chat::RoomKind::Auditorium => Kind::Auditorium,
            },
            disabled: card.disabled,
            participants: card.participants,
            chat_history: card.logged,
            invitations: card.invites,
            file_upload: card.file_upload,
            add_in: card.add_in.as_ref().map(|add_in| AddInValue {
                name: add_in.name.as_str().to_owned(),
                url: add_in.url.as_str().to_owned(),
            }),
            rights: rights(card.mask, card.kind),
        }
    }
}

impl MessageValue {
    /// A post as it is shown live: as it was said.
    pub(crate) fn said(post: &rooms::Post) -> Self {
        Self {
            room: post.room,
            post: post.post,
            position: Place(post.position),
            time: Moment(post.time),
            author: PersonValue::of(&post.author),
            alert: post.alert,
            story: post.story,
            title: if post.story { chat::story_title(&post.text).map(str::to_owned) } else { None },
            changed: None,
            text: Some(post.text.as_ref().to_owned()),
            rtf: post.rtf.as_deref().map(str::to_owned),
            mentions: Mention::all(&post.mentions),
        }
    }

    pub(crate) fn of(message: &Message) -> Self {
        Self {
            room: message.room,
            post: message.post,
            position: Place(message.position),
            time: Moment(message.time),
            author: PersonValue::of(&message.author),
            alert: message.alert,
            story: message.story,
            title: message.title.as_deref().map(str::to_owned),
            changed: message.changed.map(Place),
            text: message.text.as_deref().map(str::to_owned),
            rtf: message.rtf.as_deref().map(str::to_owned),
            mentions: Mention::all(&message.mentions),
        }
    }
}

impl Mention {
    fn all(mentions: &[Mentioned]) -> Vec<Self> {
        let one = |one: &Mentioned| Self { person: PersonValue::of(&one.person), name: one.name.to_string() };
        mentions.iter().map(one).collect()
    }
}

/// What a mask lets somebody do in a room of that kind.
fn rights(mask: Mask, kind: chat::RoomKind) -> Vec<Right> {
    let all = [
        (Mask::SEE, Right::See),
        (Mask::JOIN, Right::Join),
        (Mask::READ, Right::Read),
        (kind.posting(), Right::Post),
        (Mask::PRESENT, Right::Present),
        (Mask::MANAGE, Right::Manage),
    ];
    all.into_iter().filter(|(bit, _)| mask.has(*bit)).map(|(_, right)| right).collect()
}

/// What a mask says of somebody whatever the kind of the room: all but whether that person may post.
pub(crate) fn standing(mask: Mask) -> Vec<Right> {
    let mut standing = rights(mask, chat::RoomKind::Normal);
    standing.retain(|right| *right != Right::Post);
    standing
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&format_args!("{}.{}", self.0.era, self.0.number))
    }
}

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let plain =
            text.len() <= POSITION_OCTETS_MAX && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let parts = text.split_once('.').filter(|_| plain);
        let place = parts.and_then(|(era, number)| {
            Some(Position { era: era.parse().ok()?, number: number.parse().ok()? })
        });
        place.map(Self).ok_or_else(|| D::Error::custom(format!("'{text}' is no position: write it as 1.42")))
    }
}

impl JsonSchema for Place {
    fn schema_name() -> Cow<'static, str> {
        "Position".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^[0-9]{1,9}\\.[0-9]{1,18}$",
            "description": "A place in a room's journal: the era, a dot, a number. Numbers of one era grow by one; \
                            an era ends when the store is restored.",
        })
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.0.iso7())
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Time::parse_iso(&text).map(Self).map_err(D::Error::custom)
    }
}

impl JsonSchema for Moment {
    fn schema_name() -> Cow<'static, str> {
        "Moment".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": "date-time",
            "description": "A point in time in ISO 8601; without a zone it is UTC.",
        })
    }
}
