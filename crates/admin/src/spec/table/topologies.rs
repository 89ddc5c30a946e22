//! The entries of the published topology.
//! Joined with the others in `table.rs`.

use chat::Role::Administrator;
use serde_json::from_value;

use super::super::{RowKind, Spec, schema};
use crate::operation::{Operation, TopologyDownload, TopologyHistory, TopologyPublish};
use crate::view::TopologyView;

const TOPOLOGIES: RowKind = RowKind { name: "topologies", schema: schema::<TopologyView> };

pub(super) const HERE: &[Spec] = &[
    Spec::new(
        "topology",
        "publish",
        schema::<TopologyPublish>,
        |v| from_value(v).map(Operation::TopologyPublish),
        TOPOLOGIES,
    )
    .post("/topology", Administrator)
    .of_state()
    .cmdlet("Publish-CsTopology"),
    Spec::new(
        "topology",
        "history",
        schema::<TopologyHistory>,
        |v| from_value(v).map(Operation::TopologyHistory),
        TOPOLOGIES,
    )
    .get("/topology/history"),
    Spec::new(
        "topology",
        "download",
        schema::<TopologyDownload>,
        |v| from_value(v).map(Operation::TopologyDownload),
        TOPOLOGIES,
    )
    .get("/topology")
    .cmdlet("Get-CsTopology"),
];
