//! Passwords of databases: out of an address, out of a password file, and left out of whatever is shown.
//! Opens no file.

use tokio_postgres::config::Host;

use super::Address;

/// What an address of a database is.
pub(crate) const NO_ADDRESS: &str = "write postgres://USER@HOST:PORT/DATABASE";

/// The port that PostgreSQL has unless another is named.
const PORT: u16 = 5432;

/// The address without the password in it; `None` if it is none.
pub(crate) fn without_password(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    if !matches!(scheme, "postgres" | "postgresql") {
        return None;
    }
    // A password may hold any character but this one.
    let (user, rest) = match rest.split_once('@') {
        Some((user, rest)) => (format!("{}@", user.split(':').next().unwrap_or_default()), rest),
        None => (String::new(), rest),
    };
    if rest.split(['/', '?']).next().is_some_and(|host| host.contains('@')) {
        return None;
    }
    let Some((path, query)) = rest.split_once('?') else {
        return Some(format!("{scheme}://{user}{rest}"));
    };
    let kept: Vec<&str> = query.split('&').filter(|part| !part.starts_with("password=")).collect();
    let query = if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) };
    Some(format!("{scheme}://{user}{path}{query}"))
}

impl Address {
    /// Whether it has one.
    pub(crate) fn has_password(&self) -> bool {
        self.config.get_password().is_some()
    }

    /// Replaces it.
    pub(crate) fn set_password(&mut self, password: &str) {
        self.config.password(password);
    }

    /// Takes the first that a password file has for this host, port, database and user.
    pub(crate) fn look_up_password(&mut self, passfile: &str) {
        let config = &self.config;
        let (Some(user), Some(database)) = (config.get_user(), config.get_dbname()) else { return };
        let host = match config.get_hosts().first() {
            Some(Host::Tcp(name)) => name.clone(),
            // As the programs of PostgreSQL have it: a socket is this machine.
            Some(Host::Unix(_)) => "localhost".to_owned(),
            None => return,
        };
        let port = config.get_ports().first().copied().unwrap_or(PORT).to_string();
        let wanted = [host.as_str(), &port, database, user];
        if let Some(password) = passfile.lines().find_map(|line| password_in(line, wanted)) {
            self.set_password(&password);
        }
    }
}

/// The password of a line `host:port:database:user:password`, if it is for these; `*` is for all.
fn password_in(line: &str, wanted: [&str; 4]) -> Option<String> {
    if line.starts_with('#') {
        return None;
    }
    let fields = fields(line);
    let (password, keys) = fields.split_last().filter(|(_, keys)| keys.len() == wanted.len())?;
    let fits = keys.iter().zip(wanted).all(|(key, wanted)| key == "*" || key == wanted);
    fits.then(|| password.clone())
}

/// The parts of a line, between colons; a backslash takes the next character as it is.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        let last = fields.last_mut().expect("there is one from the beginning");
        match letter {
            ':' => fields.push(String::new()),
            '\\' => last.extend(letters.next()),
            _ => last.push(letter),
        }
    }
    fields
}
