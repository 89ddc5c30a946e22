//! A door with a fault: between the generator and a real house, it takes one post out of what is shown, shows it twice, lets two
//! change places, or changes its text. All else passes as it came.

use std::net::SocketAddr;

use serde_json::{Value, from_slice, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// What is done to the one post.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Forgery {
    Nothing,
    /// It is left out.
    LeftOut,
    Doubled,
    /// It changes places with the next one.
    Swapped,
    /// Its last octets are others.
    Reworded,
    /// What a search finds beyond its limit is not told of.
    Concealed,
}

/// How the text of the post begins.
const POST: &str = "load 00000105 ";

/// Listens somewhere, and passes on to the house what comes.
pub async fn before(house: SocketAddr, forgery: Forgery) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it listens");
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(house).await.expect("the house listens");
            let (mut from_client, to_client) = client.into_split();
            let (from_server, mut to_server) = server.into_split();
            tokio::spawn(async move { copy(&mut from_client, &mut to_server).await });
            tokio::spawn(pass(from_server, to_client, forgery));
        }
    });
    address
}

/// Passes answers on, one by one.
async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, forgery: Forgery) {
    let mut kept = Vec::new();
    while let Ok(1..) = from.read_buf(&mut kept).await {
        while let Some((head, end)) = answer(&kept) {
            let octets: Vec<u8> = kept.drain(..end).collect();
            let body = forged(&octets[head.len() + 4..], forgery);
            let lines = head.lines().filter(|line| !line.starts_with("content-length:"));
            let mut out = lines.map(|line| format!("{line}\r\n")).collect::<String>().into_bytes();
            out.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
            out.extend_from_slice(&body);
            if to.write_all(&out).await.is_err() {
                return;
            }
        }
    }
}

/// The head of the answer that begins here, and where all of it ends.
fn answer(octets: &[u8]) -> Option<(String, usize)> {
    let text = String::from_utf8_lossy(octets);
    let (head, _) = text.split_once("\r\n\r\n")?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?;
    let end = head.len() + 4 + length.parse::<usize>().ok()?;
    (octets.len() >= end).then(|| (head.to_owned(), end))
}

fn forged(body: &[u8], forgery: Forgery) -> Vec<u8> {
    let Ok(mut answer) = from_slice::<Value>(body) else { return body.to_vec() };
    if forgery == Forgery::Concealed && answer["exceeded"] == true {
        answer["exceeded"] = json!(false);
        return answer.to_string().into_bytes();
    }
    let is_it = |message: &Value| message["text"].as_str().is_some_and(|text| text.starts_with(POST));
    let Some(posts) = answer["messages"].as_array_mut() else { return body.to_vec() };
    let Some(at) = posts.iter().position(is_it) else { return body.to_vec() };
    match forgery {
        Forgery::Nothing | Forgery::Concealed => (),
        Forgery::LeftOut => drop(posts.remove(at)),
        Forgery::Doubled => posts.insert(at, posts[at].clone()),
        Forgery::Swapped if at + 1 < posts.len() => posts.swap(at, at + 1),
        Forgery::Swapped => (),
        Forgery::Reworded => posts[at]["text"] = json!(format!("{POST}and nothing of what was said")),
    }
    answer.to_string().into_bytes()
}
