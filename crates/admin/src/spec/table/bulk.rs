//! The entries of messages, work on many rooms, the record and reports.
//! Joined with the others in `table.rs`.

use chat::Role::ChatAdministrator;
use serde_json::from_value;

use super::super::{RowKind, Spec, schema};
use crate::operation::{
    AuditGet, AuditList, MessageRemove, Operation, ReportActivity, ReportMembership, ReportUsage, RoomClear,
    RoomImport,
};
use crate::view::{ActivityView, FigureView, ImportedRoomView, MembershipView, MessageView, RecordView};

const MESSAGES: RowKind = RowKind { name: "messages", schema: schema::<MessageView> };
const IMPORTED_ROOMS: RowKind = RowKind { name: "imported-rooms", schema: schema::<ImportedRoomView> };
const RECORD: RowKind = RowKind { name: "record", schema: schema::<RecordView> };
const FIGURES: RowKind = RowKind { name: "figures", schema: schema::<FigureView> };
const ACTIVITY: RowKind = RowKind { name: "activity", schema: schema::<ActivityView> };
const MEMBERSHIPS: RowKind = RowKind { name: "memberships", schema: schema::<MembershipView> };

pub(super) const HERE: &[Spec] = &[
    // Messages and work on many rooms
    Spec::new(
        "message",
        "remove",
        schema::<MessageRemove>,
        |v| from_value(v).map(Operation::MessageRemove),
        MESSAGES,
    )
    .act("/rooms/{room}/messages/remove", ChatAdministrator)
    .of_state()
    .cmdlet("Remove-CsPersistentChatMessage")
    .words(&["room"])
    .asks(
        "Take away or replace every message of '{room}' that is as asked (if nothing is asked, every message)? It cannot be undone.",
    ),
    Spec::new("room", "clear", schema::<RoomClear>, |v| from_value(v).map(Operation::RoomClear), MESSAGES)
        .act("/rooms/{room}/clear", ChatAdministrator)
        .of_state()
        .cmdlet("Clear-CsPersistentChatRoom")
        .words(&["room"])
        .asks("Take away every message of '{room}' up to and including {endDate}? It cannot be undone."),
    Spec::new(
        "room",
        "import",
        schema::<RoomImport>,
        |v| from_value(v).map(Operation::RoomImport),
        IMPORTED_ROOMS,
    )
    .act("/rooms/import", ChatAdministrator),
    // The record
    Spec::new("audit", "list", schema::<AuditList>, |v| from_value(v).map(Operation::AuditList), RECORD)
        .get("/audit"),
    Spec::new("audit", "get", schema::<AuditGet>, |v| from_value(v).map(Operation::AuditGet), RECORD)
        .get("/audit/{operation}")
        .words(&["operation"]),
    // Reports and explanations
    // Reports
    Spec::new("report", "usage", schema::<ReportUsage>, |v| from_value(v).map(Operation::ReportUsage), FIGURES)
        .get("/reports/usage"),
    Spec::new(
        "report",
        "activity",
        schema::<ReportActivity>,
        |v| from_value(v).map(Operation::ReportActivity),
        ACTIVITY,
    )
    .get("/reports/activity"),
    Spec::new(
        "report",
        "membership",
        schema::<ReportMembership>,
        |v| from_value(v).map(Operation::ReportMembership),
        MEMBERSHIPS,
    )
    .get("/reports/membership")
    .words(&["user"]),
];
