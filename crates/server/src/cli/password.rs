//! Reading a password: from standard input, and from a terminal without showing it.
//! What a good password is, the directory says.

use std::io::{BufRead, IsTerminal, Read, StdinLock, Write};

use admin::Secret;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;

use crate::trouble::Trouble;

/// Longest password read, in octets; the directory's own limit is lower and says so.
const PASSWORD_BYTES_MAX: u64 = 4_096;

/// What shells say of a program that was interrupted: 128 and the number of the signal.
const INTERRUPTED: i32 = 130;

/// The password that was promised on standard input by this option.
///
/// # Errors
/// [`Trouble::Usage`] when none is there, [`Trouble::Invalid`] when it is no text.
pub fn password(option: &str) -> Result<Secret, Trouble> {
    let stdin = std::io::stdin().lock();
    let mut octets = Vec::new();
    let read = if stdin.is_terminal() {
        typed(stdin, &mut octets)
    } else {
        stdin.take(PASSWORD_BYTES_MAX).read_to_end(&mut octets)
    };
    read.map_err(|error| Trouble::Unavailable(format!("standard input: {error}")))?;
    let ends = octets.iter().rev().take_while(|octet| matches!(octet, b'\r' | b'\n')).count();
    if ends == octets.len() {
        return Err(Trouble::Usage(format!("--{option}: no password came in on standard input")));
    }
    match String::from_utf8(octets) {
        Ok(text) => Ok(Secret(text)),
        // The limit may have cut a character; whoever sends so much is told that it is too much.
        Err(cut) if cut.as_bytes().len() as u64 == PASSWORD_BYTES_MAX => {
            Ok(Secret(String::from_utf8_lossy(cut.as_bytes()).into_owned()))
        }
        Err(_) => Err(Trouble::Invalid(format!("--{option}: the password is not text in UTF-8"))),
    }
}

/// One line from the terminal, which shows nothing of it.
fn typed(mut stdin: StdinLock<'_>, octets: &mut Vec<u8>) -> std::io::Result<usize> {
    let before = tcgetattr(&stdin)?;
    let interrupted = shown_again_after_interrupt(before.clone())?;
    let mut hidden = before.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&stdin, OptionalActions::Now, &hidden)?;
    let mut err = std::io::stderr();
    let _ = write!(err, "Password: ").and_then(|()| err.flush());
    let read = stdin.by_ref().take(PASSWORD_BYTES_MAX).read_until(b'\n', octets);
    tcsetattr(&stdin, OptionalActions::Now, &before)?;
    let _ = writeln!(err);
    interrupted.abort();
    read
}

/// A task that, when the administrator interrupts, gives the terminal back as it was and ends the program.
fn shown_again_after_interrupt(before: Termios) -> std::io::Result<JoinHandle<()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(tokio::spawn(async move {
        interrupt.recv().await;
        // Nothing more can be done about a terminal that refuses.
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &before);
        let _ = writeln!(std::io::stderr());
        std::process::exit(INTERRUPTED);
    }))
}
