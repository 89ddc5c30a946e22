//! What a person keeps for itself: how far it has read, which rooms it follows, to which it is invited.
//! Chat clients see the same; nothing here is decided.

use axum::http::Method;
use chat::Refusal;
use directory::FollowOutcome;
use rooms::Association;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{InRoom, visitor};
use crate::caller::Need;
use crate::problem::{Code, Problem};
use crate::route::{Call, Nothing, Reply, Route};
use crate::value::{Card, Moment, ReadMark};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::GET, "/read", "listReadMarks", Need::Person, marks)
            .about("How far the caller has read, in every room where it has read anything and still may."),
        Route::new(Method::PUT, "/rooms/{room}/read", "markRead", Need::Person, mark)
            .about("Notes that the caller has read the room up to a post. A mark never goes back.")
            .refuses(&[Code::NodeDisabled]),
        Route::new(Method::GET, "/followed", "listFollowed", Need::Person, followed)
            .about("The rooms the caller follows, in this client and any other."),
        Route::new(Method::PUT, "/followed/{room}", "follow", Need::Person, follow)
            .about("Follows a room that the caller may join. Following again changes nothing.")
            .refuses(&[Code::NodeDisabled]),
        Route::new(Method::DELETE, "/followed/{room}", "unfollow", Need::Person, unfollow)
            .about("Follows a room no more, also one that is gone."),
        Route::new(Method::GET, "/invitations", "listInvitations", Need::Person, invitations)
            .about("The rooms the caller is invited to, by the number of the invitation."),
        Route::new(Method::GET, "/managed", "listManaged", Need::Person, managed)
            .about("The rooms the caller manages, disabled ones among them, by name."),
        Route::new(Method::GET, "/member-of", "listMemberOf", Need::Person, member_of)
            .about("The rooms that name the caller as a member, by name."),
        Route::new(Method::GET, "/creatable", "listCreatable", Need::Person, creatable)
            .about("The categories in which the caller may create rooms, by name."),
    ]
}

/// How far all rooms were read.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ReadMarks {
    /// One for each room, by GUID.
    rooms: Vec<ReadMark>,
}

/// A post up to which a room was read.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UpTo {
    /// The number of the post; it has been said.
    post: u32,
}

/// A room that is followed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct FollowedRoom {
    /// The GUID of the room.
    room: Uuid,
    /// The name it had when it was followed.
    name: Option<String>,
    /// Since when.
    time: Moment,
    /// The room as it is now; null when it is gone, disabled or no longer for the caller.
    card: Option<Card>,
}

/// All rooms that are followed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct FollowedRooms {
    /// The rooms, by the name they had.
    rooms: Vec<FollowedRoom>,
}

/// Which invitations.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct After {
    /// Only those with greater numbers.
    #[serde(default)]
    after: u64,
}

/// An invitation.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Invitation {
    /// Its number, from 1.
    id: u64,
    /// When it was first seen.
    time: Moment,
    /// The room.
    room: Card,
}

/// Invitations.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Invitations {
    /// By number; at most 999 at once, the rest comes `after` the last one.
    invitations: Vec<Invitation>,
}

/// Rooms the caller belongs to.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OwnRooms {
    /// The rooms, by name.
    rooms: Vec<Card>,
}

/// A category rooms can be created in.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct CreatableCategory {
    /// Its GUID.
    guid: Uuid,
    /// Its name.
    name: String,
    /// Its description.
    description: String,
    /// Whether what is said in its rooms becomes history.
    chat_history: bool,
    /// Whether members of its rooms can be invited.
    invitations: bool,
}

/// Categories rooms can be created in.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct CreatableCategories {
    /// The categories, by name.
    categories: Vec<CreatableCategory>,
}

async fn marks(call: Call, _: Nothing, _: Nothing, _: Nothing) -> Result<Reply<ReadMarks>, Problem> {
    let states = visitor(&call)?.read_marks().await?;
    Ok(Reply::of(ReadMarks { rooms: states.iter().map(ReadMark::of).collect() }))
}

async fn mark(call: Call, at: InRoom, _: Nothing, up_to: UpTo) -> Result<Reply<Nothing>, Problem> {
    visitor(&call)?.mark_read(at.room, up_to.post).await?;
    call.house.nudges.marked(call.person()?.id);
    Ok(Reply::of(Nothing {}))
}

async fn followed(call: Call, _: Nothing, _: Nothing, _: Nothing) -> Result<Reply<FollowedRooms>, Problem> {
    let visitor = visitor(&call)?;
    let all = call.house.directory.followed(call.person()?.id).await?;
    let room = |one: directory::Followed| FollowedRoom {
        room: one.room,
        name: one.name,
        time: Moment(one.time),
        card: visitor.card(one.room).ok().map(|card| Card::of(&card)),
    };
    Ok(Reply::of(FollowedRooms { rooms: all.into_iter().map(room).collect() }))
}

async fn follow(call: Call, at: InRoom, _: Nothing, _: Nothing) -> Result<Reply<Nothing>, Problem> {
    let card = visitor(&call)?.card_to_follow(at.room).map_err(|refusal| match refusal {
        Refusal::NotAllowed => Problem::new(
            Code::ErrorPermission,
            "only members follow this room: ask one of its managers to be one",
        ),
        other => other.into(),
    })?;
    match call.house.directory.follow(call.person()?.id, at.room, &card.name).await? {
        FollowOutcome::Followed | FollowOutcome::Already => {
            call.house.nudges.followed(call.person()?.id);
            Ok(Reply::of(Nothing {}))
        }
        FollowOutcome::TooMany { limit } => Err(Problem::new(
            Code::LimitExceeded,
            format!("at most {limit} rooms are followed: follow another no more"),
        )),
        FollowOutcome::NoSuchPerson => Err(Problem::nobody()),
    }
}

async fn unfollow(call: Call, at: InRoom, _: Nothing, _: Nothing) -> Result<Reply<Nothing>, Problem> {
    // Done or not followed before is the same in the end, and tells nothing of the room.
    call.house.directory.unfollow(call.person()?.id, at.room).await?;
    call.house.nudges.followed(call.person()?.id);
    Ok(Reply::of(Nothing {}))
}

async fn invitations(
    call: Call,
    _: Nothing,
    wanted: After,
    _: Nothing,
) -> Result<Reply<Invitations>, Problem> {
    let invited = visitor(&call)?.invitations(wanted.after).await?;
    let one = |invited: &rooms::Invited| Invitation {
        id: invited.id,
        time: Moment(invited.time),
        room: Card::of(&invited.card),
    };
    Ok(Reply::of(Invitations { invitations: invited.iter().map(one).collect() }))
}

async fn managed(call: Call, _: Nothing, _: Nothing, _: Nothing) -> Result<Reply<OwnRooms>, Problem> {
    own_rooms(&call, Association::Manager)
}

async fn member_of(call: Call, _: Nothing, _: Nothing, _: Nothing) -> Result<Reply<OwnRooms>, Problem> {
    own_rooms(&call, Association::Member)
}

fn own_rooms(call: &Call, role: Association) -> Result<Reply<OwnRooms>, Problem> {
    let rooms = visitor(call)?.associated(role, None);
    Ok(Reply::of(OwnRooms { rooms: rooms.iter().map(Card::of).collect() }))
}

async fn creatable(
    call: Call,
    _: Nothing,
    _: Nothing,
    _: Nothing,
) -> Result<Reply<CreatableCategories>, Problem> {
    let categories = visitor(&call)?.creatable();
    let shown = categories.iter().map(|category| CreatableCategory {
        guid: category.guid,
        name: category.name.to_string(),
        description: category.description.to_string(),
        chat_history: category.history,
        invitations: category.invitations,
    });
    Ok(Reply::of(CreatableCategories { categories: shown.collect() }))
}
