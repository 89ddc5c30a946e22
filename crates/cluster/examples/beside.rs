//! Carries a command out beside a database that is kept, and beside NATS where it is asked for:
//! `beside DIRECTORY notify|nats PROGRAM WORDS...`. The command is told where they are by `--store` and `--peers`, and which processes
//! they are by `--store-pid`. Ends as the command does, and both with it.

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};

use cluster::Cluster;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [directory, peers, program, words @ ..] = &words[..] else {
        eprintln!("beside: say DIRECTORY, notify or nats, and a command");
        return ExitCode::from(2);
    };
    let database = Cluster::kept(Path::new(directory));
    let broker = (peers == "nats").then(Broker::start);
    let peers = broker.as_ref().map_or_else(|| peers.clone(), |broker| format!("nats://{}", broker.address));
    let mut pids = vec![database.pid()];
    pids.extend(broker.as_ref().map(|broker| broker.process.id()));
    let pids = pids.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
    let mut command = Command::new(program);
    command.args(words).args(["--store", &database.kept_database()]);
    command.args(["--store-pid", &pids, "--peers", &peers]);
    let status = command.status().unwrap_or_else(|fault| panic!("{program}: {fault}"));
    // Ended by a signal: as a shell says it.
    let ended = || status.signal().map_or(1, |signal| 128 + signal);
    ExitCode::from(u8::try_from(status.code().unwrap_or_else(ended)).unwrap_or(1))
}

/// A broker on a port of its own choice.
struct Broker {
    process: Child,
    address: String,
}

impl Broker {
    fn start() -> Self {
        // It ends also when this program is killed.
        let mut process = Command::new("setpriv")
            .args(["--pdeathsig", "TERM", "nats-server", "--addr", "127.0.0.1", "--port", "-1"])
            .stderr(Stdio::piped())
            .spawn()
            .expect("setpriv is part of every Debian");
        let mut lines = BufReader::new(process.stderr.take().expect("it was piped")).lines();
        let address = lines.by_ref().map_while(Result::ok).find_map(|line| {
            line.split_once("client connections on ").map(|(_, address)| address.trim().to_owned())
        });
        // A full pipe would stop it.
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, address: address.expect("nats-server is installed: apt-get install nats-server") }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
