//! Where the stories happen: a real house with the people of a run, and the generator as a process.
//! Tells no story itself.

use std::net::SocketAddr;

use testkit::House;
use testkit::wire::Way;
use tokio::process::Command;

/// What the generator said and how it ended.
#[derive(Debug)]
pub struct Said {
    pub code: Option<i32>,
    pub lines: String,
    pub errors: String,
}

/// A house with the people `load0`, `load1` ... and the room they are to be in.
pub async fn house(people: usize) -> (House, SocketAddr) {
    let house = House::found("2026-11-24T10:00:00Z").await;
    for number in 0..people {
        house.person(&format!("load{number}")).await;
    }
    house.admin("category new General --add-allowed-member domain:example.com").await;
    house.admin("room new Lobby --category General --privacy open").await;
    let Way::Tcp(address) = *house.way() else { unreachable!("the house listens on TCP") };
    (house, address)
}

/// Runs the generator against a server that listens there.
pub async fn generator(measure: &str, address: SocketAddr, more: &[&str]) -> Said {
    let address = address.to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_causerie-load"));
    command.args([measure, "--tcp", &address, "--way", "tcp", "--json"]).args(more);
    let output = command.output().await.expect("the generator runs");
    Said {
        code: output.status.code(),
        lines: String::from_utf8_lossy(&output.stdout).into_owned(),
        errors: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

impl Said {
    /// Whether a line says this of a name.
    pub fn says(&self, name: &str, value: &str) -> bool {
        self.lines.contains(&format!("\"{name}\":{value}"))
    }
}
