//! `errors.md`: every code of a refusal with its HTTP status and its exit code.
//! What the codes mean is said by the table of the web, what exit codes mean here.

use web::CODES;

use super::{WRITTEN, code, compare, row, table};
use crate::cli::remote;
use crate::trouble::{CONFLICT, DENIED, INVALID, NOT_FOUND, UNAVAILABLE, USAGE};

/// What an exit code means, and what to do.
const EXITS: [(u8, &str, &str); 7] = [
    (0, "done, or in a dry run: it could be done", "-"),
    (
        USAGE,
        "the command line makes no sense, or nobody said yes",
        "read `--help`; say `--yes` where nobody can be asked",
    ),
    (
        NOT_FOUND,
        "something named does not exist",
        "lists show what there is; the sentence names what is missing",
    ),
    (
        DENIED,
        "not allowed, or a token that is not good",
        "ask for the role; on the server's machine, work as the owner of the data directory",
    ),
    (
        CONFLICT,
        "it collides with what is there",
        "read it again; choose another name; take away first what depends on it",
    ),
    (INVALID, "a value breaks a rule", "the sentence names the field, the rule and what would keep it"),
    (
        UNAVAILABLE,
        "something needed cannot be reached now",
        "look whether the change was made, then try again; the server's log says why",
    ),
];

#[test]
fn the_page_of_errors_says_what_there_is() {
    compare("errors.md", &page());
}

fn page() -> String {
    let mut page = format!(
        "# Errors\n\nWhatever is refused is refused whole: nothing of it was written. What is written in parts says how \
         far it came:\nan import of a directory or of rooms, a category that admits fewer people (its rooms come after it), and the \
         removal of\nmany messages. {WRITTEN}\n\n\
         Over HTTP a refusal is a problem (RFC 9457, `application/problem+json`) with `status`, `code`, `title`, `detail` (what is \
         wrong\nand what to do), `field` (the field that is wrong, if it is one), `type` (the code on the server's own page) and \
         `instance` (its\nnumber in the server's log). The command line prints one sentence to standard error and ends with the exit \
         code. A secret room,\na room out of scope and a room that is not there are answered alike.\n\n## Codes\n\n"
    );
    let rows = CODES.iter().map(|known| {
        let exit = remote::refused(&known.code.name(), None, "why".to_owned()).code();
        row(&[
            code(&known.code.name()),
            known.status.as_u16().to_string(),
            exit.to_string(),
            known.title.to_owned(),
            known.remedy.to_owned(),
        ])
    });
    page.push_str(&table(&["Code", "HTTP", "Exit", "Means", "What to do"], rows));
    page.push_str("\n## Exit codes\n\n");
    let rows = EXITS.iter().map(|(exit, means, remedy)| row(&[&exit.to_string(), *means, *remedy]));
    page.push_str(&table(&["Exit", "Means", "What to do"], rows));
    page.push_str(
        "\nOf several lines on standard input, those that fail are said with their numbers, and the exit code is that of the first. \
         When\nthe settings file cannot be used it is 6, when another server has the data directory 5, when that is open to others 4.\n",
    );
    page
}
