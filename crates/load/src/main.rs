//! `causerie-load`: reads the words, gets the server, takes the measure, prints its lines.
//! Ends with 0 when all went well, 1 when posts were lost, doubled or reordered, 2 for words it does not know, 3 without a figure.

use std::io::Read;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use load::fanout::{self, Fanout};
use load::limits::{ENDPOINTS_MAX, PEOPLE_MAX, POST_OCTETS_MAX, POST_OCTETS_MIN, POSTS_MAX, WINDOW_MAX};
use load::link::Way;
use load::person::Crowd;
use load::raw::{self, Manner};
use load::report::Line;
use load::server::{PASSWORD, Program, Server, trust};
use load::trouble::Trouble;
use ntlm::NtHash;

/// Loads a chat server over its real wire, and checks that everybody gets every post once, in order.
#[derive(Debug, Parser)]
#[command(name = "causerie-load", version)]
struct Words {
    #[command(subcommand)]
    measure: Measure,
}

#[derive(Debug, Subcommand)]
enum Measure {
    /// M1: one room, one author, many receivers; the same against the raw server.
    Fanout(Box<FanoutWords>),
    /// The raw server; other measures start it.
    #[command(hide = true)]
    Raw(RawWords),
}

/// Which server, and how it is reached.
#[derive(Debug, Args)]
struct Target {
    /// The program to start, on loopback and a data directory of this run.
    #[arg(long, value_name = "FILE", required_unless_present_any = ["tcp", "tls"], conflicts_with_all = ["tcp", "tls"])]
    server: Option<PathBuf>,
    /// A data directory that is kept: its people need not be made again.
    #[arg(long, value_name = "DIR", requires = "server")]
    data: Option<PathBuf>,
    /// SIP over TCP of a server that runs already, with the people load0, load1 ... and the room.
    #[arg(long, value_name = "ADDRESS")]
    tcp: Option<SocketAddr>,
    /// SIP over TLS of a server that runs already.
    #[arg(long, value_name = "ADDRESS", requires = "ca")]
    tls: Option<SocketAddr>,
    /// The authority to trust there, the server's ca.pem.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// The process of that server, when it runs on this machine.
    #[arg(long, value_name = "PID", conflicts_with = "server")]
    pid: Option<u32>,
    /// The ways to measure.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Wire::Tcp, Wire::Tls])]
    way: Vec<Wire>,
    /// Makes identifiers and choices; the same seed makes the same run.
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// How long anybody waits for anything before it counts as lost, in seconds.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=600))]
    patience: u64,
    /// Print each line as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Wire {
    Tcp,
    Tls,
}

#[derive(Debug, Args)]
struct FanoutWords {
    #[command(flatten)]
    target: Target,
    /// Endpoints that listen; one more posts.
    #[arg(long, default_value_t = 150)]
    receivers: usize,
    /// Endpoints of one person.
    #[arg(long, default_value_t = 1)]
    endpoints: usize,
    /// Posts without acknowledgement at most; a run for each.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16])]
    window: Vec<usize>,
    /// Posts of a run.
    #[arg(long, default_value_t = 1_000)]
    posts: u32,
    /// Octets of a post.
    #[arg(long, default_value_t = 200)]
    octets: usize,
    /// The room.
    #[arg(long, default_value = "Load 0")]
    room: String,
    /// Leave the raw server out.
    #[arg(long)]
    no_raw: bool,
    /// Tasks of the raw server that share the receivers.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=64))]
    raw_shards: u8,
}

#[derive(Debug, Args)]
struct RawWords {
    /// How many will come.
    #[arg(long)]
    connections: usize,
    /// Write all that waits at once.
    #[arg(long)]
    batched: bool,
    /// Speak TLS.
    #[arg(long)]
    tls: bool,
    /// Tasks that share the receivers.
    #[arg(long, default_value_t = 1)]
    shards: usize,
}

#[tokio::main]
async fn main() -> ExitCode {
    let words = Words::parse();
    let done = match words.measure {
        Measure::Fanout(words) => take_fanout(*words).await,
        Measure::Raw(words) => serve_raw(&words).await.map(|()| true),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(trouble) => {
            eprintln!("causerie-load: {trouble}");
            ExitCode::from(if matches!(trouble, Trouble::Words(_)) { 2 } else { 3 })
        }
    }
}

async fn take_fanout(words: FanoutWords) -> Result<bool, Trouble> {
    within("--receivers", words.receivers, 1, PEOPLE_MAX - 1)?;
    within("--endpoints", words.endpoints, 1, ENDPOINTS_MAX)?;
    within("--posts", words.posts as usize, 1, POSTS_MAX as usize)?;
    within("--octets", words.octets, POST_OCTETS_MIN, POST_OCTETS_MAX)?;
    for window in &words.window {
        within("--window", *window, 1, WINDOW_MAX)?;
    }
    let own =
        std::env::current_exe().map_err(|fault| Trouble::File { what: "this program".to_owned(), fault })?;
    let fanout = Fanout {
        receivers: words.receivers,
        endpoints: words.endpoints,
        windows: words.window,
        posts: words.posts,
        octets: words.octets,
        room: words.room,
        raw: (!words.no_raw).then_some(own),
        shards: words.raw_shards.into(),
    };
    let mut clean = true;
    let people = (fanout.receivers + 1).div_ceil(fanout.endpoints);
    for &wire in &words.target.way {
        let Some(mut stage) = words.target.stage(wire, people, std::slice::from_ref(&fanout.room)).await?
        else {
            continue;
        };
        let say = |line: Line| {
            clean &= line.findings.is_clean();
            words.target.say(&line);
        };
        let done = fanout::measure(&fanout, &stage.server, &stage.crowd, say).await;
        stage.server.kill().await;
        done?;
    }
    Ok(clean)
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

/// A server that is ready, and the people who will come.
struct Stage {
    server: Server,
    crowd: Crowd,
    /// Its data, as long as it runs.
    _program: Option<Program>,
}

impl Target {
    /// The server over this way; nothing when it does not speak it.
    async fn stage(&self, wire: Wire, people: usize, rooms: &[String]) -> Result<Option<Stage>, Trouble> {
        let (server, program) = match &self.server {
            Some(binary) => {
                let program = Program::new(binary, self.data.as_deref())?;
                program.furnish(people, rooms).await?;
                (program.serve().await?, Some(program))
            }
            None => {
                let trust = self.ca.as_deref().map(trust).transpose()?;
                (Server::elsewhere(self.tcp, self.tls.zip(trust), self.pid), None)
            }
        };
        let way = match wire {
            Wire::Tcp => server.tcp.map(Way::Tcp),
            Wire::Tls => server.tls.clone().map(|(address, trust)| Way::Tls(address, trust)),
        };
        let patience = Duration::from_secs(self.patience);
        let hash = Arc::new(NtHash::of_password(PASSWORD));
        Ok(way.map(|way| Stage {
            server,
            crowd: Crowd { way, hash, patience, seed: self.seed },
            _program: program,
        }))
    }

    fn say(&self, line: &Line) {
        if self.json {
            println!("{}", line.json());
        } else {
            println!("{line}");
        }
    }
}

fn within(option: &str, value: usize, least: usize, most: usize) -> Result<(), Trouble> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(Trouble::Words(format!("{option} {value}: give a number from {least} to {most}")))
}
