//! Every administrative operation, once: command line, REST and pages send the same [`Operation`] to the same [`Desk`].
//! Never touches live rooms or a wire: what it writes reaches them through the journals.
//!
//! | file | what |
//! | --- | --- |
//! | `operation.rs`, `operation/` | what can be asked: one struct for each verb of each noun |
//! | `spec.rs`, `spec/table.rs` | what there is to know of each: words, route, role, schema; [`SPECS`] is the table |
//! | `followed.rs` | waiting until all servers have followed what was done |
//! | `field.rs`, `value.rs` | the fields of an operation; values that are more than a text |
//! | `distinct.rs` | JSON with each name once, as every face reads what it is sent |
//! | `desk.rs` | [`Desk::run`]: who may ask, and each operation to its noun |
//! | `running.rs`, `unfinished.rs` | operations under way to their end; what a stop leaves half done |
//! | `errand.rs`, `changes.rs` | an operation on its way: conditions, what changes, the one write |
//! | `user.rs`, `category.rs`, `room.rs` | the verbs of each noun |
//! | `explain.rs`, `explain/` | why somebody may or may not, who may, and who would after a change |
//! | `group.rs`, `import.rs`, `affiliate.rs` | groups, imports of directories, and what everybody belongs to by them |
//! | `message.rs`, `record.rs`, `report.rs` | messages taken away, what administrators did, reports of use |
//! | `principal.rs` | principals named by people: finding them, checking them against a scope |
//! | `policy.rs`, `configuration.rs`, `add_in.rs`, `endpoint.rs`, `role.rs`, `token.rs` | the verbs of these |
//! | `pool.rs` | the servers of the pool, and which are active |
//! | `join.rs` | codes with which machines join the deployment |
//! | `topology.rs` | the topology: judged, published, given out |
//! | `seek.rs`, `eligible.rs` | who there is, and who could be given a role |
//! | `scope.rs` | identities of policies and settings, and wildcards |
//! | `page.rs` | lists in pages |
//! | `outcome.rs`, `view.rs`, `error.rs` | what an operation yields; why it did not |
//!
//! To add an operation: its struct in `operation/`, its variant and words in `operation.rs`, its entry in `spec/table.rs`,
//! its verb and the line in `desk.rs` that goes there. Everything else follows.
//!
//! Starts one task for each operation that changes something (`running.rs`), and no other.

mod add_in;
mod affiliate;
mod category;
mod changes;
mod configuration;
mod desk;
mod distinct;
mod eligible;
mod endpoint;
mod errand;
mod error;
mod explain;
mod field;
mod followed;
mod group;
mod import;
mod join;
mod message;
mod operation;
mod outcome;
mod page;
mod policy;
mod pool;
mod principal;
mod record;
mod report;
mod role;
mod room;
mod running;
mod scope;
mod seek;
mod spec;
mod token;
mod topology;
mod unfinished;
mod user;
mod value;
mod view;

pub use desk::{Asker, Desk, Request, Vouching};
pub use distinct::Distinct;
pub use error::AdminError;
pub use field::{Field, FieldKind, Word};
pub use operation::{
    About, CategoryFields, CategoryGet, CategoryList, CategoryNew, CategoryRemove, CategorySet,
    DirectoryImport, Explain, GroupGet, GroupList, GroupNew, GroupRemove, GroupSet, Operation,
    PrincipalRefresh, RightName, RoomFields, RoomGet, RoomInvitations, RoomList, RoomNew, RoomPrivacy,
    RoomRemove, RoomSet, RoomType, UserDisable, UserEnable, UserGet, UserList, UserNew, UserRemove, UserSet,
    WhoCan,
};
pub use operation::{
    AddInGet, AddInList, AddInNew, AddInRemove, AddInSet, ConfigurationEffective, ConfigurationFields,
    ConfigurationGet, ConfigurationList, ConfigurationNew, ConfigurationRemove, ConfigurationSet,
    EligiblePrincipalList, EndpointList, EndpointNew, EndpointRemove, PolicyAssign, PolicyEffective,
    PolicyGet, PolicyGrant, PolicyList, PolicyNew, PolicyRemove, PolicyRevoke, PolicySet, PoolJoinCode,
    PrincipalKind, PrincipalList, RoleGrant, RoleList, RoleName, RoleRevoke, TokenList, TokenNew,
    TokenRevoke, TokenScopeName, TopologyDownload, TopologyHistory, TopologyPublish,
};
pub use operation::{
    AuditGet, AuditList, MatchWord, MessageRemove, Period, ReportActivity, ReportMembership, ReportUsage,
    RoomClear, RoomImport,
};
pub use operation::{
    PoolActiveServersList, PoolActiveServersSet, PoolActiveServersSwap, PoolDrain, PoolRemove, PoolServers,
    PoolState, PoolUndrain,
};
pub use outcome::{Changed, Outcome, Rows, quoted};
pub use page::{PAGE, PAGE_MAX};
pub use spec::{BadOperation, Method, Need, RowKind, SPECS, Spec};
pub use topology::{Survey, Surveyed, Surveying};
pub use value::{ListChange, Moment, Revised, Secret};
pub use view::{
    AccessView, CategoryView, FactView, GroupView, HolderView, ImportView, RightView, RoomView, UserView,
};
pub use view::{
    ActivityView, FigureView, HeldRole, ImportResult, ImportedRoomView, MembershipView, MessageView,
    RecordView, Section,
};
pub use view::{
    AddInView, ConfigurationView, EffectiveConfigurationView, EffectivePolicyView, EndpointView,
    JoinCodeView, PolicyView, PrincipalView, RoleView, TokenView, TopologyView,
};
pub use view::{PoolView, ServerView};
