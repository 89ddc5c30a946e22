//! A talk of questions and answers: each answer is taken or refused at once, `back` takes the last one back, `abort` leaves nothing.
//! Knows no question; a script asks them, from the first one on, whenever an answer has come or gone.

use std::fmt;
use std::io::{BufRead, Read, Write};
use std::slice::Iter;

use topology::word::{Kind, Word};

/// Longest answer, in octets (ours: a path, which is the longest thing one can name).
const ANSWER_BYTES_MAX: u64 = 8 << 10;
/// Most answers of one talk (ours: thirty pools).
const ANSWERS_MAX: usize = 500;
/// What is said where nothing is meant.
pub const NONE: &str = "none";

/// One question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Question {
    /// What is asked.
    asks: String,
    /// The answer that an empty line stands for.
    usual: Option<String>,
    /// What is said to whoever answers `?`.
    says: String,
}

/// Why a script has not come to its end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stop {
    /// It needs an answer.
    Ask(Question),
    /// The last answer cannot be taken: why, and what to do.
    Wrong(String),
}

/// The answers so far, handed to a script one by one.
#[derive(Debug)]
pub struct Answers<'a> {
    rest: Iter<'a, String>,
}

impl Question {
    /// A question that must be answered.
    pub fn new(asks: impl Into<String>, says: impl Into<String>) -> Self {
        Self { asks: asks.into(), usual: None, says: says.into() }
    }

    /// The same with an answer for an empty line.
    pub fn usually(self, usual: impl Into<String>) -> Self {
        Self { usual: Some(usual.into()), ..self }
    }
}

impl Answers<'_> {
    /// The answer, without blanks around it.
    ///
    /// # Errors
    /// [`Stop::Ask`] when it is not there yet, [`Stop::Wrong`] when there is none where one is needed. So for what follows.
    pub fn text(&mut self, question: Question) -> Result<String, Stop> {
        let Some(answer) = self.rest.next() else { return Err(Stop::Ask(question)) };
        match (answer.trim(), question.usual) {
            ("", Some(usual)) => Ok(usual),
            ("", None) => Err(Stop::Wrong("an answer is needed here".to_owned())),
            (answer, _) => Ok(answer.to_owned()),
        }
    }

    /// The answer as a word of a topology.
    pub fn word<K: Kind>(&mut self, question: Question) -> Result<Word<K>, Stop> {
        read(&self.text(question)?)
    }

    /// The answer as a word of a topology, or nothing.
    pub fn optional<K: Kind>(&mut self, question: Question) -> Result<Option<Word<K>>, Stop> {
        let answer = self.text(question.usually(NONE))?;
        if answer == NONE { Ok(None) } else { read(&answer).map(Some) }
    }

    /// The answer as words of a topology with commas or blanks between them.
    pub fn words<K: Kind>(&mut self, question: Question) -> Result<Vec<Word<K>>, Stop> {
        let answer = self.text(question)?;
        let parts = answer.split([',', ' ']).filter(|part| !part.is_empty());
        parts.map(read).collect()
    }

    /// Yes or no.
    pub fn is_yes(&mut self, question: Question, usual: bool) -> Result<bool, Stop> {
        let answer = self.one_of(question.usually(if usual { "yes" } else { "no" }), &["yes", "no"])?;
        Ok(answer == "yes")
    }

    /// One of some words, of which the beginning is enough.
    pub fn one_of(&mut self, question: Question, words: &[&str]) -> Result<String, Stop> {
        let question = Question { asks: format!("{} ({})", question.asks, words.join(", ")), ..question };
        let answer = self.text(question)?;
        let begun = |word: &&&str| word.starts_with(&answer.to_ascii_lowercase());
        let mut meant = words.iter().filter(begun);
        let exact = words.iter().find(|word| **word == answer);
        match (exact, meant.next(), meant.next()) {
            (Some(word), ..) | (None, Some(word), None) => Ok((*word).to_owned()),
            _ => Err(Stop::Wrong(format!("answer with one of {}", words.join(", ")))),
        }
    }
}

/// A word, or why it is none.
fn read<K: Kind>(text: &str) -> Result<Word<K>, Stop> {
    Word::parse(text).map_err(|bad| Stop::Wrong(bad.to_string()))
}

/// Talks until the script has come to its end; `None` when whoever answers gave up, or has gone.
///
/// # Errors
/// Those of reading and writing.
pub fn interview<T>(
    script: impl Fn(&mut Answers<'_>) -> Result<T, Stop>,
    input: &mut impl BufRead,
    output: &mut impl Write,
) -> std::io::Result<Option<T>> {
    let mut answers: Vec<String> = Vec::new();
    loop {
        let question = match script(&mut Answers { rest: answers.iter() }) {
            Ok(made) => return Ok(Some(made)),
            Err(Stop::Wrong(why)) => {
                assert!(answers.pop().is_some(), "what is wrong is an answer");
                writeln!(output, "  {}", why.replace('\n', "\n  "))?;
                continue;
            }
            Err(Stop::Ask(question)) => question,
        };
        write!(output, "{question}")?;
        output.flush()?;
        let mut line = Vec::new();
        if input.by_ref().take(ANSWER_BYTES_MAX).read_until(b'\n', &mut line)? == 0
            || answers.len() == ANSWERS_MAX
        {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        match line.trim() {
            "abort" => return Ok(None),
            "back" if answers.pop().is_none() => writeln!(output, "  this is the first question")?,
            "back" => (),
            "?" => writeln!(output, "  {}", question.says)?,
            answer => answers.push(answer.to_owned()),
        }
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.usual {
            Some(usual) => write!(f, "{} [{usual}]: ", self.asks),
            None => write!(f, "{}: ", self.asks),
        }
    }
}
