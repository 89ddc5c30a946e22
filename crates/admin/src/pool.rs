//! The verbs of the pool: its state, its servers, which of them are active, which is emptied, which is no longer there.
//! Stops and starts nothing; each server sees within a second what it is to do.

use chat::limits::ACTIVE_SERVERS_MAX;
use store::{RowChange, Server, ServerState, Servers};

use crate::changes::Work;
use crate::errand::Errand;
use crate::error::AdminError;
use crate::operation::{PoolActiveServersSet, PoolDrain, PoolRemove, PoolUndrain};
use crate::outcome::{Outcome, Rows};
use crate::value::ListChange;
use crate::view::{PoolView, ServerView};

pub(crate) async fn state(errand: &Errand<'_>) -> Result<Outcome, AdminError> {
    let servers = errand.store.servers().await?;
    let active = of_the_pool(&servers).filter(|server| server.state.is_active());
    let leaving = of_the_pool(&servers).filter(|server| server.state == ServerState::Draining);
    let view = PoolView {
        endpoints: of_the_pool(&servers).map(|server| endpoints(&servers, server)).sum(),
        leaving: leaving.map(|server| endpoints(&servers, server)).sum(),
        pool: errand.store.identity().pool_name.clone(),
        state: "Normal".into(),
        era: servers.era,
        active_servers: active.map(|server| server.name.clone()).collect(),
    };
    Ok(Outcome::of(Rows::Pool(vec![view])))
}

pub(crate) async fn list(errand: &Errand<'_>, only_active: bool) -> Result<Outcome, AdminError> {
    let servers = errand.store.servers().await?;
    let shown = of_the_pool(&servers).filter(|server| !only_active || server.state.is_active());
    Ok(Outcome::of(Rows::Servers(shown.map(|server| view(errand, &servers, server)).collect())))
}

pub(crate) async fn set_active(
    errand: &Errand<'_>,
    asked: &PoolActiveServersSet,
) -> Result<Outcome, AdminError> {
    let servers = errand.store.servers().await?;
    let wanted = wanted(&servers, &asked.servers)?;
    let after = |server: &Server| {
        if wanted.contains(&server.name) { ServerState::Active } else { ServerState::Standby }
    };
    change(errand, &servers, after, "servers").await
}

pub(crate) async fn swap(errand: &Errand<'_>) -> Result<Outcome, AdminError> {
    let servers = errand.store.servers().await?;
    let after = |server: &Server| {
        if server.state.is_active() { ServerState::Standby } else { ServerState::Active }
    };
    change(errand, &servers, after, "").await
}

pub(crate) async fn drain(errand: &Errand<'_>, asked: &PoolDrain) -> Result<Outcome, AdminError> {
    let servers = errand.store.servers().await?;
    let drained = find(&servers, &asked.server)?;
    if !drained.state.is_active() {
        let message = format!("{} stands by: it takes nobody anyway", drained.name);
        return Err(AdminError::Conflict(message));
    }
    let after = |server: &Server| if server.id == drained.id { ServerState::Draining } else { server.state };
    let takes_people =
        |server: &&Server| after(server) == ServerState::Active && is_running(&servers, server);
    let nobody_else = !of_the_pool(&servers).any(|server| takes_people(&server));
    let mut outcome = change(errand, &servers, after, "server").await?;
    if nobody_else {
        outcome.warnings.push(format!(
            "no other server of the pool takes people: whoever is on {0} is signed off and can sign on nowhere, until it is \
             started again or `causerie pool undrain {0}` takes people again",
            drained.name
        ));
    }
    Ok(outcome)
}

pub(crate) async fn undrain(errand: &Errand<'_>, asked: &PoolUndrain) -> Result<Outcome, AdminError> {
    let servers = errand.store.servers().await?;
    let taken_back = find(&servers, &asked.server)?;
    if !taken_back.state.is_active() {
        let message = format!(
            "{0} stands by: `causerie pool active-servers set --add-server {0}` makes it take people",
            taken_back.name
        );
        return Err(AdminError::Conflict(message));
    }
    let after = |server: &Server| if server.id == taken_back.id { ServerState::Active } else { server.state };
    change(errand, &servers, after, "server").await
}

pub(crate) async fn remove(errand: &Errand<'_>, asked: &PoolRemove) -> Result<Outcome, AdminError> {
    let servers = errand.store.servers().await?;
    let removed = find(&servers, &asked.server)?;
    if is_running(&servers, removed) {
        let message = format!("{} runs: stop it first, and remove it then", removed.name);
        return Err(AdminError::Conflict(message));
    }
    let after = |server: &Server| if server.id == removed.id { ServerState::Command } else { server.state };
    change(errand, &servers, after, "server").await
}

/// Writes what servers do from now on, if the pool can be left so.
async fn change(
    errand: &Errand<'_>,
    servers: &Servers,
    plan: impl Fn(&Server) -> ServerState,
    field: &str,
) -> Result<Outcome, AdminError> {
    let planned: Vec<(&Server, ServerState)> =
        of_the_pool(servers).map(|server| (server, plan(server))).collect();
    let active = planned.iter().filter(|(_, state)| state.is_active()).count();
    if active == 0 {
        let message = "no server would be active, and nobody could sign on: leave at least one";
        return Err(AdminError::rule(field, message.to_owned()));
    }
    if active > ACTIVE_SERVERS_MAX {
        let message = format!(
            "{active} servers would be active, and {ACTIVE_SERVERS_MAX} may be: let {} stand by",
            active - ACTIVE_SERVERS_MAX
        );
        return Err(AdminError::rule(field, message));
    }
    let (mut work, mut after, mut views) = (Work::default(), Vec::new(), Vec::new());
    for (server, state) in planned {
        let before = view(errand, servers, server);
        let now = view(errand, servers, &Server { state, ..server.clone() });
        if state == ServerState::Command {
            work.compare(&object(server), Some(&before), None);
        } else {
            work.compare(&object(server), Some(&before), Some(&now));
            views.push(now);
        }
        if state != server.state {
            after.push((server.id, state));
        }
    }
    if !after.is_empty() {
        let read = of_the_pool(servers).map(|server| (server.id, server.state)).collect();
        work.rows.push(RowChange::SetServers { read, after });
        errand.write(&work).await?;
    }
    Ok(work.outcome(Rows::Servers(views)))
}

/// The names of those that are to be active.
fn wanted(servers: &Servers, asked: &ListChange) -> Result<Vec<String>, AdminError> {
    let named = |texts: &[String]| -> Result<Vec<String>, AdminError> {
        texts.iter().map(|text| Ok(find(servers, text)?.name.clone())).collect()
    };
    let mut wanted: Vec<String> = match &asked.replace {
        Some(all) => named(all)?,
        None => of_the_pool(servers)
            .filter(|server| server.state.is_active())
            .map(|server| server.name.clone())
            .collect(),
    };
    wanted.extend(named(&asked.add)?);
    let gone = named(&asked.remove)?;
    wanted.retain(|name| !gone.contains(name));
    Ok(wanted)
}

fn of_the_pool(servers: &Servers) -> impl Iterator<Item = &Server> {
    servers.all.iter().filter(|server| server.state != ServerState::Command)
}

fn find<'s>(servers: &'s Servers, text: &str) -> Result<&'s Server, AdminError> {
    let name = text.trim().to_ascii_lowercase();
    of_the_pool(servers).find(|server| server.name == name).ok_or_else(|| {
        AdminError::NotFound(format!("the pool has no server '{text}': `causerie pool servers` shows them"))
    })
}

fn is_running(servers: &Servers, server: &Server) -> bool {
    server.lease.as_ref().is_some_and(|lease| lease.expires > servers.now)
}

fn object(server: &Server) -> String {
    format!("server {}", server.name)
}

/// How many endpoints of people it told of, as long as it runs.
fn endpoints(servers: &Servers, server: &Server) -> u64 {
    let lease = server.lease.as_ref().filter(|_| is_running(servers, server));
    lease.map_or(0, |lease| lease.endpoints)
}

fn view(errand: &Errand<'_>, servers: &Servers, server: &Server) -> ServerView {
    let state = match server.state {
        ServerState::Active => "active",
        ServerState::Standby => "standby",
        ServerState::Draining => "draining",
        ServerState::Command => "removed",
    };
    ServerView {
        server: server.name.clone(),
        state: state.into(),
        running: is_running(servers, server),
        endpoints: endpoints(servers, server),
        here: server.id == errand.store.identity().server,
        lease_until: server.lease.as_ref().map(|lease| lease.expires.iso7()),
    }
}
