//! A server with a fault: between the generator and a real house, it loses, doubles or swaps one post of one receiver.
//! All else passes as it came.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// What is done to the one post.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    Nothing,
    Lost,
    Doubled,
    Swapped,
}

/// The receiver it is done to, by the order of connections, and the text of the post.
const UNLUCKY: usize = 2;
const POST: &str = "<chat>load 00000005 ";

/// Listens somewhere, and passes on to the house what comes.
pub async fn before(house: SocketAddr, fault: Fault) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it listens");
    tokio::spawn(async move {
        let mut index = 0;
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(house).await.expect("the house listens");
            let (mut from_client, to_client) = client.into_split();
            let (from_server, mut to_server) = server.into_split();
            let fault = if index == UNLUCKY { fault } else { Fault::Nothing };
            index += 1;
            tokio::spawn(async move { copy(&mut from_client, &mut to_server).await });
            tokio::spawn(pass(from_server, to_client, fault));
        }
    });
    address
}

/// Passes messages of the server on, one by one.
async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, fault: Fault) {
    let (mut kept, mut held) = (Vec::new(), Vec::new());
    while let Ok(1..) = from.read_buf(&mut kept).await {
        while let Some(end) = end_of_message(&kept) {
            let message: Vec<u8> = kept.drain(..end).collect();
            let text = String::from_utf8_lossy(&message);
            let mut out = match fault {
                Fault::Lost if text.contains(POST) => Vec::new(),
                Fault::Doubled if text.contains(POST) => [&message[..], &message].concat(),
                Fault::Swapped if text.contains(POST) => {
                    held = message;
                    continue;
                }
                _ => message,
            };
            if String::from_utf8_lossy(&out).contains("<chat>") {
                out.append(&mut held);
            }
            if to.write_all(&out).await.is_err() {
                return;
            }
        }
    }
}

fn end_of_message(octets: &[u8]) -> Option<usize> {
    let text = String::from_utf8_lossy(octets);
    let (head, _) = text.split_once("\r\n\r\n")?;
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "))?;
    let end = head.len() + 4 + length.parse::<usize>().ok()?;
    (octets.len() >= end).then_some(end)
}
