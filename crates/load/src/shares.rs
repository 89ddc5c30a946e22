//! The user model carried by several processes: each brings a part of the endpoints, all begin at the same moment, and what they
//! bring is put together. This file knows both ends of the two lines between them; what a part does is `usermodel.rs`.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::Instant;

use crate::link::Way;
use crate::model::{Plan, Scale};
use crate::person::Crowd;
use crate::report::Line;
use crate::server::Server;
use crate::trouble::Trouble;
use crate::usermodel::{Brought, Share, come, go};

/// What a part says when its people are there.
const READY: &str = "ready";

/// The measure by so many processes of this program.
///
/// # Errors
/// [`Trouble`] where no figure came about, or a part ended without saying anything.
pub async fn measure(
    scale: &Scale,
    processes: usize,
    program: &Path,
    server: &Server,
    crowd: &Crowd,
    say: impl FnOnce(Line),
) -> Result<(), Trouble> {
    let words = words(scale, server, crowd);
    let mut parts = Vec::with_capacity(processes);
    for index in 0..processes {
        parts.push(Part::start(program, &words, Share { index, count: processes })?);
    }
    for part in &mut parts {
        part.hear().await?;
    }
    let meter = server.meter()?;
    let begin = format!("{}\n", now_micros());
    for part in &mut parts {
        part.tell(&begin).await?;
    }
    let mut all = Brought::default();
    for part in &mut parts {
        let said = part.hear().await?;
        let brought: Brought =
            serde_json::from_str(&said).map_err(|fault| part.failed(&fault.to_string()))?;
        all.add(brought);
    }
    say(all.line(&Plan::of(scale), crowd, meter.spent()?));
    Ok(())
}

/// One part: lets its people come, says so, waits for the moment to begin, and prints what it brought.
///
/// # Errors
/// [`Trouble`] of anybody; the process that waits is told by silence.
pub async fn carry(scale: &Scale, share: Share, crowd: &Crowd) -> Result<(), Trouble> {
    let plan = Arc::new(Plan::of(scale));
    let ready = come(&plan, share, crowd).await?;
    println!("{READY}");
    let line = next_line().await?;
    let begun =
        line.trim().parse::<u64>().map_err(|_| Trouble::Words(format!("'{}' is no moment", line.trim())))?;
    let since = Duration::from_micros(now_micros().saturating_sub(begun));
    let begun = Instant::now().checked_sub(since).unwrap_or_else(Instant::now);
    let (brought, _people) = go(ready, plan, scale, crowd, begun).await?;
    println!("{}", serde_json::to_string(&brought).expect("numbers and texts can be written as JSON"));
    // Its people stay until everybody's are done: whoever started it ends it then.
    next_line().await.map(drop)
}

/// The next line of standard input, empty at its end.
async fn next_line() -> Result<String, Trouble> {
    let read =
        tokio::task::spawn_blocking(|| std::io::stdin().lines().next().unwrap_or_else(|| Ok(String::new())));
    let line = read.await.expect("reading a line does not panic");
    line.map_err(|fault| Trouble::File { what: "standard input".to_owned(), fault })
}

/// One process with a part of the endpoints.
struct Part {
    share: Share,
    stdin: ChildStdin,
    said: Lines<BufReader<ChildStdout>>,
    /// Ended when this is dropped.
    _child: Child,
}

impl Part {
    fn start(program: &Path, words: &[String], share: Share) -> Result<Self, Trouble> {
        let mut command = Command::new(program);
        command.args(words).arg("--share").arg(format!("{}/{}", share.index, share.count));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().map_err(|fault| failed(share, &fault.to_string()))?;
        let stdin = child.stdin.take().expect("standard input is piped");
        let said = BufReader::new(child.stdout.take().expect("standard output is piped")).lines();
        Ok(Self { share, stdin, said, _child: child })
    }

    /// The next line it says.
    async fn hear(&mut self) -> Result<String, Trouble> {
        match self.said.next_line().await {
            Ok(Some(line)) => Ok(line),
            Ok(None) | Err(_) => Err(self.failed("it ended; what it printed says why")),
        }
    }

    async fn tell(&mut self, line: &str) -> Result<(), Trouble> {
        let told = self.stdin.write_all(line.as_bytes()).await;
        told.map_err(|fault| self.failed(&fault.to_string()))
    }

    fn failed(&self, said: &str) -> Trouble {
        failed(self.share, said)
    }
}

fn failed(share: Share, said: &str) -> Trouble {
    Trouble::Program {
        program: "causerie-load".to_owned(),
        words: format!("--share {}/{}", share.index, share.count),
        said: said.to_owned(),
    }
}

/// The words every part is started with.
fn words(scale: &Scale, server: &Server, crowd: &Crowd) -> Vec<String> {
    let Scale { people, rooms_each, rate, changes, seconds, octets, seed } = scale;
    let mut words = vec!["usermodel".to_owned()];
    let mut put = |option: &str, value: String| words.extend([format!("--{option}"), value]);
    put("people", people.to_string());
    put("rooms", rooms_each.to_string());
    put("rate", rate.to_string());
    put("changes", changes.to_string());
    put("seconds", seconds.to_string());
    put("octets", octets.to_string());
    put("seed", seed.to_string());
    put("patience", crowd.patience.as_secs().to_string());
    put("way", crowd.way.name().to_owned());
    match &crowd.way {
        Way::Tcp(address) => put("tcp", address.to_string()),
        Way::Tls(address, _) => put("tls", address.to_string()),
    }
    if let (Way::Tls(..), Some(ca)) = (&crowd.way, &server.ca) {
        put("ca", ca.display().to_string());
    }
    words
}

/// Microseconds on a clock that all processes of the machine share, and that only goes forward.
fn now_micros() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    let micros = i128::from(now.tv_sec) * 1_000_000 + i128::from(now.tv_nsec) / 1_000;
    u64::try_from(micros).unwrap_or(0)
}
