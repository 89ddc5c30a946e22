//! Administration of a running server: a socket in the data directory that only its owner (and root) can open.
//! One operation in, one outcome out, both a line of JSON; who asks is what the system says, not what the asker says.

#[cfg(test)]
mod tests;

use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use admin::{AdminError, Asker, Desk, Outcome, Request, Spec};
use chat::Actor;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::data::{Data, Hold};
use crate::trouble::{Trouble, at};

const NAME: &str = "admin.sock";
/// Longest operation, in octets (ours: as over HTTPS; a table of 33,077 rooms with 731,088 principals has 25 MB).
const LINE_BYTES_MAX: u64 = 64 << 20;
/// Askers at the same time (ours).
const ASKERS_MAX: usize = 16;
/// How long accepting pauses when the system gives no connection, as when descriptors are used up (ours).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How long an asker may take to say what it wants (ours).
const PATIENCE: Duration = Duration::from_secs(10);

/// How long an asker may take to read its answer when the server stops (ours).
const FAREWELL: Duration = Duration::from_secs(1);
/// Longest answer that is read, in octets (ours: a list of a million people); of a longer one nothing is believed.
const ANSWER_BYTES_MAX: u64 = 256 << 20;
/// How long the server may take to carry an operation out and answer (ours: the largest takes seconds); then the asker
/// gives up and does not know the outcome.
const ANSWER_TIME: Duration = Duration::from_secs(300);
/// How long to wait before the directory's lock is tried again (ours: a command has it for milliseconds).
const ASK_AGAIN: Duration = Duration::from_millis(20);

/// What came of asking.
pub type Answer = Result<Outcome, AdminError>;

/// The socket of a running server.
#[derive(Debug)]
pub struct Socket {
    listener: UnixListener,
    owner: u32,
}

impl Socket {
    /// Opens the socket; whoever has the directory's lock may take an old one away.
    ///
    /// # Errors
    /// [`Trouble::Unavailable`] when it cannot be made.
    pub fn open(data: &Data) -> Result<Self, Trouble> {
        let place = data.short(NAME);
        match std::fs::remove_file(&place) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(at(&data.file(NAME))(error)),
            _ => (),
        }
        let listener = UnixListener::bind(&place).map_err(at(&data.file(NAME)))?;
        std::fs::set_permissions(&place, std::fs::Permissions::from_mode(0o600))
            .map_err(at(&data.file(NAME)))?;
        Ok(Self { listener, owner: data.owner() })
    }

    /// Serves until told to stop; what runs then is finished.
    pub async fn serve(self, desk: Desk, mut stopping: watch::Receiver<bool>) {
        let mut asking = JoinSet::new();
        let told = stopping.clone();
        loop {
            let accepted = tokio::select! {
                biased;
                _ = stopping.wait_for(|stop| *stop) => break,
                Some(_) = asking.join_next(), if !asking.is_empty() => continue,
                accepted = self.listener.accept(), if asking.len() < ASKERS_MAX => accepted,
            };
            match accepted {
                Ok((stream, _)) => drop(asking.spawn(answer(stream, desk.clone(), self.owner, told.clone()))),
                Err(error) => {
                    tracing::warn!(%error, "socket.not_accepted");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
        while asking.join_next().await.is_some() {}
    }
}

async fn answer(mut stream: UnixStream, desk: Desk, owner: u32, mut stopping: watch::Receiver<bool>) {
    let Ok(peer) = stream.peer_cred() else { return };
    // Whoever has not said what it wants when the server stops is not waited for.
    let asked = tokio::select! {
        biased;
        asked = timeout(PATIENCE, read(&mut stream)) => asked,
        _ = async { drop(stopping.wait_for(|stop| *stop).await) } => return,
    };
    let answer = match asked {
        Err(_) => return,
        Ok(_) if peer.uid() != owner && peer.uid() != 0 => {
            Err(AdminError::Denied("only the owner of the data directory and root may do that".into()))
        }
        Ok(Err(why)) => {
            Err(AdminError::invalid("", format!("this is no operation this version knows: {why}")))
        }
        Ok(Ok(request)) => {
            let spec = Spec::of(&request.operation);
            tracing::info!(uid = peer.uid(), noun = spec.noun, verb = spec.verb, "socket.operation");
            desk.run(Asker::new(Actor::Shell(peer.uid()), "socket"), request).await
        }
    };
    let mut line = serde_json::to_vec(&answer).expect("an answer is plain values");
    line.push(b'\n');
    let unread = async {
        // The sender is there as long as the server is.
        let _ = stopping.wait_for(|stop| *stop).await;
        sleep(FAREWELL).await;
    };
    tokio::select! {
        _ = timeout(PATIENCE, stream.write_all(&line)) => (),
        () = unread => (),
    }
}

async fn read(stream: &mut UnixStream) -> Result<Request, String> {
    let mut line = Vec::new();
    let read = BufReader::new(stream.take(LINE_BYTES_MAX)).read_until(b'\n', &mut line).await;
    read.map_err(|error| error.to_string())?;
    Request::read(&line).map_err(|error| error.to_string())
}

/// The process of the running server; `None` when none takes commands.
pub async fn server(data: &Data) -> Option<i32> {
    UnixStream::connect(data.short(NAME)).await.ok()?.peer_cred().ok()?.pid()
}

/// Takes the right to write in the directory, waiting for short commands that have it; `None` when a server has it, or
/// somebody for too long.
///
/// # Errors
/// Those of [`Data::hold`].
pub async fn wait_for_hold(data: &Data) -> Result<Option<Hold>, Trouble> {
    let asked = async {
        loop {
            if let Some(hold) = data.hold()? {
                return Ok(Some(hold));
            }
            if UnixStream::connect(data.short(NAME)).await.is_ok() {
                return Ok(None);
            }
            sleep(ASK_AGAIN).await;
        }
    };
    timeout(PATIENCE, asked).await.unwrap_or(Ok(None))
}

/// Asks the running server; `None` when none runs.
///
/// # Errors
/// [`Trouble::Invalid`] for more than a server listens to; [`Trouble::Unavailable`] when a server runs but breaks off, says too much or takes too long: whether it carried the
/// operation out is not known.
pub async fn ask(data: &Data, request: &Request) -> Result<Option<Answer>, Trouble> {
    let mut stream = match UnixStream::connect(data.short(NAME)).await {
        Ok(stream) => stream,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => {
            return Ok(None);
        }
        Err(error) => return Err(at(&data.file(NAME))(error)),
    };
    let mut line = serde_json::to_vec(request).expect("an operation is plain values");
    line.push(b'\n');
    if line.len() as u64 > LINE_BYTES_MAX {
        let most = LINE_BYTES_MAX >> 20;
        return Err(Trouble::Invalid(format!("what is asked has more than {most} MiB: ask for it in parts")));
    }
    let told = timeout(ANSWER_TIME, exchange(&mut stream, &line, ANSWER_BYTES_MAX)).await;
    let failed = match told {
        Err(_) => "the server does not answer",
        Ok(Err(_)) => "the server broke off before it answered",
        Ok(Ok(answer)) if answer.len() as u64 > ANSWER_BYTES_MAX => "the server's answer is too long",
        Ok(Ok(answer)) => match serde_json::from_slice(&answer) {
            Ok(answer) => return Ok(Some(answer)),
            Err(_) => "the server broke off before it answered",
        },
    };
    Err(Trouble::Unavailable(format!(
        "{failed}, so the outcome is not known: look whether the change was made, then try again"
    )))
}

/// Sends a line; returns what comes back, up to one octet more than the limit.
async fn exchange(stream: &mut UnixStream, line: &[u8], limit: u64) -> std::io::Result<Vec<u8>> {
    stream.write_all(line).await?;
    let mut answer = Vec::new();
    stream.take(limit + 1).read_to_end(&mut answer).await?;
    Ok(answer)
}
