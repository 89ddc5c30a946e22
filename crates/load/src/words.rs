//! The words of the command line and their limits.
//! Carries nothing out.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use load::limits::{
    CLIENTS_MAX, ENDPOINTS_MAX, PEOPLE_MAX, POST_OCTETS_MAX, POST_OCTETS_MIN, POSTS_MAX, PROCESSES_MAX,
    SEARCHES_MAX, SERVERS_MAX, STOCKED_OCTETS_MIN, STOCKED_ROOMS_MAX, WINDOW_MAX,
};
use load::usermodel::Share;

/// Loads a chat server over its real wire, and checks that everybody gets every post once, in order.
///
/// With --server it starts the program on loopback and makes the people and rooms it needs:
/// `causerie-load fanout --server target/release/causerie`. A server that runs already (--tcp, --tls) must have them: people load0, load1 ...
/// of example.com with legacy sign-on and the password `correct horse 9`, and open rooms Load-0, Load-1 ... in a category for all of them.
/// Ends with 1 when posts were lost, doubled or reordered, with 2 for words it cannot use, with 3 when something could not be done.
#[derive(Debug, Parser)]
#[command(name = "causerie-load", version)]
pub struct Words {
    #[command(subcommand)]
    pub measure: Measure,
}

#[derive(Debug, Subcommand)]
pub enum Measure {
    /// M1: one room, one author, many receivers; the same against the raw server.
    Fanout(Box<FanoutWords>),
    /// M5: people connect, sign on and subscribe, 64 at a time.
    Signon(Box<SignonWords>),
    /// M3: the server's memory for people who are signed on, and in their rooms.
    Memory(Box<MemoryWords>),
    /// M4: everybody joins all of his rooms and asks for the last 25 posts of each.
    Join(Box<JoinWords>),
    /// M4: clients page through a whole room by browser, newest to oldest.
    History(Box<HistoryWords>),
    /// M4: clients search by browser, in one room and in all.
    Search(Box<SearchWords>),
    /// M2: people use rooms as the published model says, at its own pace.
    Usermodel(Box<ModelWords>),
    /// M6: the server is killed under load, and everything that was acknowledged must be there.
    Crash(Box<CrashWords>),
    /// The raw server; other measures start it.
    #[command(hide = true)]
    Raw(RawWords),
}

/// Which server, and how it is reached.
#[derive(Debug, Args)]
pub struct Target {
    /// The program to start, on loopback and a data directory of this run.
    #[arg(long, value_name = "FILE", required_unless_present_any = ["tcp", "tls"], conflicts_with_all = ["tcp", "tls"])]
    pub server: Option<PathBuf>,
    /// A data directory that is kept, of this measure alone: its people need not be made again.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["tcp", "tls"])]
    pub data: Option<PathBuf>,
    /// SIP over TCP of a server that runs already, or of several of a pool, which share the endpoints.
    #[arg(long, value_name = "ADDRESS", value_delimiter = ',')]
    pub tcp: Vec<SocketAddr>,
    /// SIP over TLS of a server that runs already, or of several.
    #[arg(long, value_name = "ADDRESS", value_delimiter = ',', requires = "ca")]
    pub tls: Vec<SocketAddr>,
    /// The authority to trust there, the server's ca.pem.
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// The process of that server, when it runs on this machine; of several what they compute and hold is added up.
    #[arg(long, value_name = "PID", value_delimiter = ',', conflicts_with = "server")]
    pub pid: Vec<u32>,
    #[command(flatten)]
    pub pool: PoolWords,
    /// The ways to measure.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Wire::Tcp, Wire::Tls])]
    pub way: Vec<Wire>,
    #[command(flatten)]
    pub run: RunWords,
}

/// Over which database, and with how many servers.
#[derive(Debug, Args)]
pub struct PoolWords {
    /// A database of PostgreSQL that is there, instead of the store of a single machine.
    #[arg(long, value_name = "URL", conflicts_with_all = ["tcp", "tls"])]
    pub store: Option<String>,
    /// The process of the database, when it runs on this machine, and that of NATS: what they compute is counted apart.
    #[arg(long, value_name = "PID", value_delimiter = ',', requires = "store")]
    pub store_pid: Vec<u32>,
    /// Servers that are started over the database and share the endpoints; clients that read come to the first.
    #[arg(long, default_value_t = 1, requires = "store", value_parser = number(1, SERVERS_MAX))]
    pub servers: usize,
    /// How they tell each other what was written: notify, or the address of NATS.
    #[arg(long, default_value = "notify", requires = "store")]
    pub peers: String,
}

/// What every measure has.
#[derive(Debug, Args)]
pub struct RunWords {
    /// Makes identifiers and choices; the same seed makes the same run.
    #[arg(long, default_value_t = 1)]
    pub seed: u32,
    /// How long anybody waits for anything before it counts as lost, in seconds.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub patience: u64,
    /// Print each line as JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Wire {
    Tcp,
    Tls,
}

#[derive(Debug, Args)]
pub struct FanoutWords {
    #[command(flatten)]
    pub target: Target,
    /// Endpoints that listen; one more posts.
    #[arg(long, default_value_t = 150, value_parser = number(1, PEOPLE_MAX - 1))]
    pub receivers: usize,
    /// Endpoints of one person.
    #[arg(long, default_value_t = 1, value_parser = number(1, ENDPOINTS_MAX))]
    pub endpoints: usize,
    /// Posts without acknowledgement at most; a run for each; with 0 the next waits until everybody has the one before.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16], value_parser = number(0, WINDOW_MAX))]
    pub window: Vec<usize>,
    /// Posts of a run.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=i64::from(POSTS_MAX)))]
    pub posts: u32,
    /// Octets of a post.
    #[arg(long, default_value_t = 200, value_parser = number(POST_OCTETS_MIN, POST_OCTETS_MAX))]
    pub octets: usize,
    /// The room, of a server that runs already.
    #[arg(long, default_value = "Load-0", conflicts_with = "server")]
    pub room: String,
    /// Leave the raw server out.
    #[arg(long)]
    pub no_raw: bool,
    /// Tasks of the raw server that share the receivers.
    #[arg(long, default_value_t = 1, value_parser = number(1, 64))]
    pub raw_shards: usize,
}

#[derive(Debug, Args)]
pub struct CrowdWords {
    #[command(flatten)]
    pub target: Target,
    /// Endpoints that come.
    #[arg(long, default_value_t = 600, value_parser = number(1, PEOPLE_MAX))]
    pub links: usize,
    /// Endpoints of one person.
    #[arg(long, default_value_t = 1, value_parser = number(1, ENDPOINTS_MAX))]
    pub endpoints: usize,
}

#[derive(Debug, Args)]
pub struct SignonWords {
    #[command(flatten)]
    pub crowd: CrowdWords,
    /// Leave the raw server out.
    #[arg(long)]
    pub no_raw: bool,
}

#[derive(Debug, Args)]
pub struct MemoryWords {
    #[command(flatten)]
    pub crowd: CrowdWords,
    /// Rooms of each; 30 endpoints are in each room.
    #[arg(long, default_value_t = 16, value_parser = number(1, 1_000))]
    pub rooms: usize,
    /// Leave the raw server out.
    #[arg(long)]
    pub no_raw: bool,
}

#[derive(Debug, Args)]
pub struct JoinWords {
    #[command(flatten)]
    pub crowd: CrowdWords,
    /// Rooms of each; 30 endpoints are in each room.
    #[arg(long, default_value_t = 16, value_parser = number(1, 1_000))]
    pub rooms: usize,
    /// Octets of a post.
    #[arg(long, default_value_t = 200, value_parser = number(POST_OCTETS_MIN, POST_OCTETS_MAX))]
    pub octets: usize,
}

/// Where a server that runs already is found by browsers.
#[derive(Debug, Args)]
pub struct DoorWords {
    /// HTTP of a server that runs already; goes with --tcp.
    #[arg(long, value_name = "ADDRESS", conflicts_with = "server")]
    pub http: Option<SocketAddr>,
    /// HTTPS of a server that runs already; goes with --tls.
    #[arg(long, value_name = "ADDRESS", requires = "ca", conflicts_with = "server")]
    pub https: Option<SocketAddr>,
}

#[derive(Debug, Args)]
pub struct HistoryWords {
    #[command(flatten)]
    pub target: Target,
    #[command(flatten)]
    pub doors: DoorWords,
    /// Posts of the room, Load-0; those that are not there yet are posted first.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..=i64::from(POSTS_MAX)))]
    pub posts: u32,
    /// Octets of a post.
    #[arg(long, default_value_t = 200, value_parser = number(STOCKED_OCTETS_MIN, POST_OCTETS_MAX))]
    pub octets: usize,
    /// Clients at the same time; a run for each.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 4], value_parser = number(1, CLIENTS_MAX))]
    pub clients: Vec<usize>,
}

#[derive(Debug, Args)]
pub struct SearchWords {
    #[command(flatten)]
    pub target: Target,
    #[command(flatten)]
    pub doors: DoorWords,
    /// Posts of the large room, Load-0; those that are not there yet are posted first.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..=i64::from(POSTS_MAX / 4)))]
    pub posts: u32,
    /// Rooms in all; each of the others, Load-1 and so on, has a hundredth of the posts.
    #[arg(long, default_value_t = 10, value_parser = number(1, STOCKED_ROOMS_MAX))]
    pub rooms: usize,
    /// Octets of a post.
    #[arg(long, default_value_t = 200, value_parser = number(STOCKED_OCTETS_MIN, POST_OCTETS_MAX))]
    pub octets: usize,
    /// Clients at the same time; a run of each kind for each.
    #[arg(long, value_delimiter = ',', default_values_t = [1], value_parser = number(1, CLIENTS_MAX))]
    pub clients: Vec<usize>,
    /// Searches of each kind by each client.
    #[arg(long, default_value_t = 500, value_parser = number(1, SEARCHES_MAX))]
    pub searches: usize,
}

#[derive(Debug, Args)]
pub struct ModelWords {
    #[command(flatten)]
    pub target: Target,
    /// People of the model, which is of 80,000; every second has a second endpoint.
    #[arg(long, default_value_t = 600, value_parser = number(2, 80_000))]
    pub people: usize,
    /// Rooms that each joins.
    #[arg(long, default_value_t = 24, value_parser = number(16, 1_000))]
    pub rooms: usize,
    /// The rate of posts, as a multiple of the model's 24 a second.
    #[arg(long, default_value_t = 1.0, value_parser = rate)]
    pub rate: f64,
    /// Changes of presence of one person in an hour.
    #[arg(long, default_value_t = 6.0, value_parser = changes)]
    pub changes: f64,
    /// Processes that share the endpoints, when one has too few files or ports.
    #[arg(long, default_value_t = 1, value_parser = number(1, PROCESSES_MAX))]
    pub processes: usize,
    /// Carry one part out, as INDEX/COUNT; other processes are told to by the one that was started.
    #[arg(long, hide = true, value_parser = share)]
    pub share: Option<Share>,
    /// How long it goes on, in seconds.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub seconds: u32,
    /// Octets of a post.
    #[arg(long, default_value_t = 200, value_parser = number(POST_OCTETS_MIN, POST_OCTETS_MAX))]
    pub octets: usize,
}

#[derive(Debug, Args)]
pub struct CrashWords {
    /// The program to start and kill, on a data directory of this run.
    #[arg(long, value_name = "FILE")]
    pub server: PathBuf,
    #[command(flatten)]
    pub run: RunWords,
    /// How often it is killed.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub rounds: u32,
    /// Octets of a post.
    #[arg(long, default_value_t = 200, value_parser = number(POST_OCTETS_MIN, POST_OCTETS_MAX))]
    pub octets: usize,
    /// Come over TLS instead of TCP.
    #[arg(long)]
    pub tls: bool,
}

#[derive(Debug, Args)]
pub struct RawWords {
    /// How many will come.
    #[arg(long)]
    pub connections: usize,
    /// Write all that waits at once.
    #[arg(long)]
    pub batched: bool,
    /// Speak TLS.
    #[arg(long)]
    pub tls: bool,
    /// Tasks that share the receivers.
    #[arg(long, default_value_t = 1)]
    pub shards: usize,
}

/// A number within limits.
fn number(least: usize, most: usize) -> impl Fn(&str) -> Result<usize, String> + Clone + Send + Sync {
    move |text| {
        let number = text.parse().ok().filter(|number| (least..=most).contains(number));
        number.ok_or_else(|| format!("give a number from {least} to {most}"))
    }
}

/// A multiple of the rate of the model.
fn rate(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number| (0.01..=100.0).contains(number));
    number.ok_or_else(|| "give a number from 0.01 to 100".to_owned())
}

fn changes(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number| (0.01..=36_000.0).contains(number));
    number.ok_or_else(|| "give a number from 0.01 to 36000".to_owned())
}

fn share(text: &str) -> Result<Share, String> {
    let parts =
        text.split_once('/').and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
    let share = parts.map(|(index, count)| Share { index, count });
    share.filter(|share| share.index < share.count).ok_or_else(|| "give a part such as 0/2".to_owned())
}
