//! `causerie-load`: reads the words, gets the server, takes the measure, prints its lines.
//! Ends with 0 when all went well, 1 when posts were lost, doubled or reordered, 2 for words it does not know, 3 without a figure.

mod words;

use std::io::Read;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use load::archive::Archive;
use load::crash::{self, Crash};
use load::fanout::{self, Fanout};
use load::history::{self, History};
use load::join::{self, Join};
use load::limits::PEOPLE_MAX;
use load::link::{Doors, Way};
use load::model::{Plan, Scale, endpoints_of};
use load::person::Crowd;
use load::pool::Pool;
use load::raw::{self, Manner};
use load::report::Line;
use load::search::{self, Search};
use load::server::{Browsers, PASSWORD, Program, Server, trust};
use load::shares;
use load::signon::{self, SignOn};
use load::trouble::Trouble;
use load::usermodel;
use ntlm::NtHash;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustls::ClientConfig;
use tokio::signal::unix::{SignalKind, signal};

use crate::words::{
    CrashWords, CrowdWords, DoorWords, FanoutWords, HistoryWords, JoinWords, Measure, MemoryWords,
    ModelWords, PoolWords, RawWords, RunWords, SearchWords, SignonWords, Target, Wire, Words,
};

#[tokio::main]
async fn main() -> ExitCode {
    open_many_files();
    let measure = Words::parse().measure;
    tokio::select! {
        // First, so that it can be told before anything is begun. What was started ends then, and directories of this run go.
        biased;
        code = told_to_end() => code,
        done = measured(measure) => done,
    }
}

/// Carries a measure out.
async fn measured(measure: Measure) -> ExitCode {
    let mut out = Out::default();
    let done = match measure {
        Measure::Fanout(words) => take_fanout(&words, &mut out).await,
        Measure::Signon(words) => take_signon(&words, &mut out).await,
        Measure::Memory(words) => take_memory(&words, &mut out).await,
        Measure::Join(words) => take_join(&words, &mut out).await,
        Measure::History(words) => take_history(&words, &mut out).await,
        Measure::Search(words) => take_search(&words, &mut out).await,
        Measure::Usermodel(words) => take_usermodel(&words, &mut out).await,
        Measure::Crash(words) => take_crash(&words, &mut out).await,
        Measure::Raw(words) => serve_raw(&words).await,
    };
    match done {
        Ok(()) if out.found => ExitCode::from(1),
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("causerie-load: {trouble}");
            ExitCode::from(if matches!(trouble, Trouble::Words(_)) { 2 } else { 3 })
        }
    }
}

/// Comes when this program is told to end, with the code a shell gives for it; never, when it cannot be told.
async fn told_to_end() -> ExitCode {
    let [Ok(mut end), Ok(mut interrupt)] = [SignalKind::terminate(), SignalKind::interrupt()].map(signal)
    else {
        return std::future::pending().await;
    };
    let number = tokio::select! {
        _ = end.recv() => SignalKind::terminate(),
        _ = interrupt.recv() => SignalKind::interrupt(),
    };
    ExitCode::from(u8::try_from(128 + number.as_raw_value()).unwrap_or(1))
}

/// As many connections as the system allows, for this program and those it starts; where it does not, connecting says so.
fn open_many_files() {
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}

/// What is printed.
#[derive(Default)]
struct Out {
    json: bool,
    /// Whether a line had findings.
    found: bool,
}

impl Out {
    fn say(&mut self, line: &Line) {
        self.found |= !line.findings.is_clean();
        if self.json {
            println!("{}", line.json());
        } else {
            println!("{line}");
        }
    }
}

async fn take_fanout(words: &FanoutWords, out: &mut Out) -> Result<(), Trouble> {
    out.json = words.target.run.json;
    let fanout = Fanout {
        receivers: words.receivers,
        endpoints: words.endpoints,
        windows: words.window.clone(),
        posts: words.posts,
        octets: words.octets,
        room: words.room.clone(),
        raw: this_program(words.no_raw)?,
        shards: words.raw_shards,
    };
    let people = (fanout.receivers + 1).div_ceil(fanout.endpoints);
    for wire in ways(&words.target)? {
        let names = std::slice::from_ref(&fanout.room);
        let mut stage = stage(&words.target, wire, people, names).await?;
        let done = fanout::measure(&fanout, &stage.server, &stage.crowd, |line| out.say(&line)).await;
        stage.server.kill().await;
        done?;
    }
    Ok(())
}

async fn take_signon(words: &SignonWords, out: &mut Out) -> Result<(), Trouble> {
    let CrowdWords { target, links, endpoints } = &words.crowd;
    out.json = target.run.json;
    let (links, endpoints) = (*links, *endpoints);
    let signon = SignOn { links, endpoints, rooms_each: 0, raw: this_program(words.no_raw)? };
    for wire in ways(target)? {
        let mut stage = stage(target, wire, people_of(&words.crowd), &[]).await?;
        let done = signon::storm(&signon, &stage.server, &stage.crowd, |line| out.say(&line)).await;
        stage.server.kill().await;
        done?;
    }
    Ok(())
}

async fn take_memory(words: &MemoryWords, out: &mut Out) -> Result<(), Trouble> {
    let CrowdWords { target, links, endpoints } = &words.crowd;
    out.json = target.run.json;
    let (links, endpoints) = (*links, *endpoints);
    let signon = SignOn { links, endpoints, rooms_each: words.rooms, raw: this_program(words.no_raw)? };
    for wire in ways(target)? {
        let mut stage = stage(target, wire, people_of(&words.crowd), &signon.rooms()).await?;
        let done = signon::memory(&signon, &stage.server, &stage.crowd, |line| out.say(&line)).await;
        stage.server.kill().await;
        done?;
    }
    Ok(())
}

async fn take_join(words: &JoinWords, out: &mut Out) -> Result<(), Trouble> {
    let CrowdWords { target, links, endpoints } = &words.crowd;
    out.json = target.run.json;
    let join = Join { links: *links, endpoints: *endpoints, rooms_each: words.rooms, octets: words.octets };
    for wire in ways(target)? {
        let mut stage = stage(target, wire, people_of(&words.crowd), &join.rooms()).await?;
        let done = join::storm(&join, &stage.server, &stage.crowd, |line| out.say(&line)).await;
        stage.server.kill().await;
        done?;
    }
    Ok(())
}

async fn take_history(words: &HistoryWords, out: &mut Out) -> Result<(), Trouble> {
    out.json = words.target.run.json;
    let archive = Archive { seed: words.target.run.seed, octets: words.octets, posts: vec![words.posts] };
    let history = History { archive, clients: words.clients.clone() };
    for wire in ways(&words.target)? {
        let (people, names) = (history.people(), history.archive.rooms());
        let (mut stage, doors) = open_stage(&words.target, &words.doors, wire, people, &names).await?;
        let Stage { server, crowd, .. } = &stage;
        let done = history::measure(&history, server, crowd, &doors, |line| out.say(&line)).await;
        stage.server.kill().await;
        done?;
    }
    Ok(())
}

async fn take_search(words: &SearchWords, out: &mut Out) -> Result<(), Trouble> {
    out.json = words.target.run.json;
    let SearchWords { posts, rooms, octets, searches, .. } = *words;
    let posts = [vec![posts], vec![posts.div_ceil(100); rooms - 1]].concat();
    let archive = Archive { seed: words.target.run.seed, octets, posts };
    let search = Search { archive, clients: words.clients.clone(), searches };
    for wire in ways(&words.target)? {
        let (people, names) = (search.people(), search.archive.rooms());
        let (mut stage, doors) = open_stage(&words.target, &words.doors, wire, people, &names).await?;
        let Stage { server, crowd, .. } = &stage;
        let done = search::measure(&search, server, crowd, &doors, |line| out.say(&line)).await;
        stage.server.kill().await;
        done?;
    }
    Ok(())
}

async fn take_usermodel(words: &ModelWords, out: &mut Out) -> Result<(), Trouble> {
    out.json = words.target.run.json;
    let ModelWords { people, rooms, rate, changes, seconds, octets, processes, .. } = *words;
    let seed = words.target.run.seed;
    let scale = Scale { people, rooms_each: rooms, rate, changes, seconds, octets, seed };
    // A part is one of several, whoever started it.
    let parts = words.share.map_or(processes, |share| share.count);
    within("endpoints of a process", endpoints_of(people).div_ceil(parts), 1, PEOPLE_MAX)?;
    let names = usermodel::rooms(&Plan::of(&scale));
    for wire in ways(&words.target)? {
        let mut stage = stage(&words.target, wire, people, &names).await?;
        let Stage { server, crowd, .. } = &stage;
        let done = match (words.share, this_program(processes == 1)?) {
            (Some(share), _) => shares::carry(&scale, share, crowd).await,
            (None, Some(program)) => {
                let say = |line: Line| out.say(&line);
                shares::measure(&scale, processes, &program, server, crowd, say).await
            }
            (None, None) => usermodel::measure(&scale, server, crowd, |line| out.say(&line)).await,
        };
        stage.server.kill().await;
        done?;
    }
    Ok(())
}

async fn take_crash(words: &CrashWords, out: &mut Out) -> Result<(), Trouble> {
    out.json = words.run.json;
    let room = "Load-0".to_owned();
    let crash = Crash { rounds: words.rounds, octets: words.octets, tls: words.tls, room };
    let program = Program::new(&words.server, None, None)?;
    program.furnish(1, std::slice::from_ref(&crash.room)).await?;
    // Each start has its own address; the way is known then.
    let crowd = crowd_of(&words.run, Way::Tcp(SocketAddr::from(([127, 0, 0, 1], 0)).into()));
    crash::measure(&crash, &program, &crowd, |line| out.say(&line)).await
}

async fn serve_raw(words: &RawWords) -> Result<(), Trouble> {
    let RawWords { connections, batched, tls, shards } = *words;
    let mut text = String::new();
    let read = std::io::stdin().read_to_string(&mut text);
    read.map_err(|fault| Trouble::File { what: "standard input".to_owned(), fault })?;
    let sample = serde_json::from_str(&text)
        .map_err(|fault| Trouble::Words(format!("standard input is no sample of messages: {fault}")))?;
    raw::serve(Manner { connections, batched, tls, shards }, sample).await
}

fn people_of(words: &CrowdWords) -> usize {
    words.links.div_ceil(words.endpoints)
}

/// This program, which is also the raw server and carries parts of a run; nothing where it is not needed.
fn this_program(left_out: bool) -> Result<Option<PathBuf>, Trouble> {
    let found = (!left_out).then(std::env::current_exe).transpose();
    found.map_err(|fault| Trouble::File { what: "the path of this program".to_owned(), fault })
}

/// A server that is ready, and the people who will come.
struct Stage {
    server: Server,
    crowd: Crowd,
    /// Its data, as long as it runs.
    _program: Option<Program>,
}

/// The server over this way.
async fn stage(target: &Target, wire: Wire, people: usize, rooms: &[String]) -> Result<Stage, Trouble> {
    let (server, program) = match &target.server {
        Some(binary) => started(binary, target, people, rooms, Browsers::StayAway).await?,
        None => (elsewhere(target)?, None),
    };
    let way = way(wire, server.tcp.clone(), server.tls.clone()).ok_or_else(|| not_spoken(wire))?;
    Ok(Stage { server, crowd: crowd_of(&target.run, way), _program: program })
}

/// The server over this way, and how browsers come to it.
async fn open_stage(
    target: &Target,
    doors: &DoorWords,
    wire: Wire,
    people: usize,
    rooms: &[String],
) -> Result<(Stage, Crowd), Trouble> {
    let (server, program) = match &target.server {
        Some(binary) => started(binary, target, people, rooms, Browsers::Come).await?,
        None => {
            let mut server = elsewhere(target)?;
            let trust = target.ca.as_deref().map(trust).transpose()?;
            (server.http, server.https) =
                (doors.http.map(Doors::from), doors.https.map(Doors::from).zip(trust));
            (server, None)
        }
    };
    let sip = way(wire, server.tcp.clone(), server.tls.clone());
    let web = way(wire, server.http.clone(), server.https.clone());
    let sip = sip.ok_or_else(|| not_spoken(wire))?;
    let web = web.ok_or_else(|| {
        let needs = "posts come over SIP and are read over HTTP: --tcp needs --http, and --tls needs --https";
        Trouble::Words(needs.to_owned())
    })?;
    let crowd = crowd_of(&target.run, sip);
    Ok((Stage { server, crowd, _program: program }, crowd_of(&target.run, web)))
}

/// The ways to measure, of those that are known to lead to the server.
fn ways(target: &Target) -> Result<Vec<Wire>, Trouble> {
    let is_known = |wire: &&Wire| {
        target.server.is_some()
            || match wire {
                Wire::Tcp => !target.tcp.is_empty(),
                Wire::Tls => !target.tls.is_empty(),
            }
    };
    let ways: Vec<Wire> = target.way.iter().filter(is_known).copied().collect();
    match (ways.is_empty(), target.way.first()) {
        (true, Some(wire)) => Err(not_spoken(*wire)),
        _ => Ok(ways),
    }
}

fn not_spoken(wire: Wire) -> Trouble {
    let name = match wire {
        Wire::Tcp => "tcp",
        Wire::Tls => "tls",
    };
    Trouble::Words(format!("--way {name}: where the server is found is not said; add --{name} ADDRESS"))
}

fn way(wire: Wire, plain: Option<Doors>, tls: Option<(Doors, Arc<ClientConfig>)>) -> Option<Way> {
    match wire {
        Wire::Tcp => plain.map(Way::Tcp),
        Wire::Tls => tls.map(|(doors, trust)| Way::Tls(doors, trust)),
    }
}

/// A server that runs already.
fn elsewhere(target: &Target) -> Result<Server, Trouble> {
    let trust = target.ca.as_deref().map(trust).transpose()?;
    let mut server = Server::elsewhere(target.ca.clone(), &target.pid);
    (server.tcp, server.tls) = (Doors::of_all(&target.tcp), Doors::of_all(&target.tls).zip(trust));
    Ok(server)
}

async fn started(
    binary: &Path,
    target: &Target,
    people: usize,
    rooms: &[String],
    browsers: Browsers,
) -> Result<(Server, Option<Program>), Trouble> {
    let PoolWords { store, store_pid, servers, peers } = &target.pool;
    let pool = |store: &String| Pool {
        store: store.clone(),
        store_pids: store_pid.clone(),
        servers: *servers,
        peers: peers.clone(),
    };
    let program = Program::new(binary, target.data.as_deref(), store.as_ref().map(pool))?;
    program.furnish(people, rooms).await?;
    Ok((program.serve(browsers).await?, Some(program)))
}

fn crowd_of(run: &RunWords, way: Way) -> Crowd {
    let hash = Arc::new(NtHash::of_password(PASSWORD));
    Crowd { way, hash, patience: Duration::from_secs(run.patience), seed: run.seed }
}

fn within(what: &str, value: usize, least: usize, most: usize) -> Result<(), Trouble> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(Trouble::Words(format!(
        "{what}: {value} is not from {least} to {most}; change --people or --processes"
    )))
}
