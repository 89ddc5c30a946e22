//! Who is mentioned in a text: whoever it names after an `@`, by the local part of the address or by the display name.
//! Decides no right: who may read the text is asked of whoever calls, and of nobody else anything is told.

use std::collections::BTreeSet;
use std::ops::Bound;

use crate::access::Person;
use crate::address::PersonId;
use crate::limits::{DISPLAY_NAME_CHARS_MAX, MENTIONS_MAX, NAMESAKES_MAX, SIGNS_MAX};
use crate::text::folded;

/// With what a mention begins.
const SIGN: char = '@';

/// Somebody who is named in a text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Mention {
    /// Who.
    pub person: PersonId,
    /// The name as it is written there, without its sign.
    pub name: Box<str>,
}

/// The names by which people are mentioned, compared as [`folded`] writes them.
#[derive(Clone, Default, Debug)]
pub struct Names(BTreeSet<(Box<str>, PersonId)>);

impl Names {
    /// Takes up the names of a person.
    pub fn put(&mut self, person: &Person) {
        self.0.extend(names_of(person).map(|name| (name, person.id)));
    }

    /// Takes away the names of a person, who must be as it was put.
    pub fn remove(&mut self, person: &Person) {
        for name in names_of(person) {
            self.0.remove(&(name, person.id));
        }
    }

    /// Who is mentioned in a text, of those who may read it; each under each name that is written once, in the order of the text,
    /// at most [`MENTIONS_MAX`].
    ///
    /// After a sign the longest name counts that somebody has who may read the text; several who have the same name are all
    /// mentioned, unless they are more than [`NAMESAKES_MAX`]. A sign inside a word or an address of the web begins no mention.
    #[must_use]
    pub fn mentioned(&self, text: &str, mut may_read: impl FnMut(PersonId) -> bool) -> Vec<Mention> {
        let mut found: Vec<Mention> = Vec::new();
        let mut end = 0;
        for at in signs(text).take(SIGNS_MAX) {
            if at < end {
                continue;
            }
            let tail = &text[at + SIGN.len_utf8()..];
            let Some((name, people)) = self.longest(tail, &mut may_read) else { continue };
            end = at + SIGN.len_utf8() + name.len();
            let people = people.into_iter().map(|person| Mention { person, name: name.into() });
            let new: Vec<Mention> = people.filter(|mention| !found.contains(mention)).collect();
            if found.len() + new.len() > MENTIONS_MAX {
                return found;
            }
            found.extend(new);
        }
        found
    }

    /// Who has a name that begins so, by name; whoever has two of them comes twice.
    pub fn beginning(&self, text: &str) -> impl Iterator<Item = PersonId> {
        let text = folded(text).into_boxed_str();
        let from = (text.clone(), PersonId(i64::MIN));
        let names = self.0.range(from..).take_while(move |(name, _)| name.starts_with(&*text));
        names.map(|(_, person)| *person)
    }

    /// The longest name a text begins with that somebody has who may read it, as it is written, and who has it.
    fn longest<'t>(
        &self,
        text: &'t str,
        may_read: &mut impl FnMut(PersonId) -> bool,
    ) -> Option<(&'t str, Vec<PersonId>)> {
        let text = beginning(text);
        let whole = folded(text);
        let mut upto = whole.as_str();
        // No name behind `upto` begins the text: each step makes it shorter.
        while !upto.is_empty() {
            let last = (Bound::Unbounded, Bound::Included((upto.into(), PersonId(i64::MAX))));
            let (name, _) = self.0.range(last).next_back()?;
            let shared = shared(name, &whole);
            if shared == name.len() {
                if ends_word(&whole[shared..])
                    && let Some(people) = self.readers(name, may_read)
                    && let Some(written) = written(text, name)
                {
                    return Some((written, people));
                }
                upto = but_last(&whole[..shared]);
            } else {
                upto = &whole[..shared];
            }
        }
        None
    }

    /// Who has a name and may read; `None` when nobody, or too many have it.
    fn readers(&self, name: &str, may_read: &mut impl FnMut(PersonId) -> bool) -> Option<Vec<PersonId>> {
        let from = (Box::from(name), PersonId(i64::MIN));
        let bearers = self.0.range(from..).take_while(|(other, _)| **other == *name);
        let bearers: Vec<PersonId> = bearers.map(|(_, person)| *person).take(NAMESAKES_MAX + 1).collect();
        if bearers.len() > NAMESAKES_MAX {
            return None;
        }
        let readers: Vec<PersonId> = bearers.into_iter().filter(|person| may_read(*person)).collect();
        (!readers.is_empty()).then_some(readers)
    }
}

/// Whether a text can mention anybody at all: one look, for whoever would have to wait for the names.
#[must_use]
pub fn may_mention(text: &str) -> bool {
    text.contains(SIGN)
}

fn names_of(person: &Person) -> impl Iterator<Item = Box<str>> {
    let names = [person.address.user(), person.display_name.as_str()];
    names.map(|name| folded(name).into_boxed_str()).into_iter().filter(|name| !name.is_empty())
}

/// Where mentions may begin.
fn signs(text: &str) -> impl Iterator<Item = usize> {
    text.split_inclusive(char::is_whitespace)
        .scan(0, |begin, word| {
            let at = *begin;
            *begin += word.len();
            Some((at, word))
        })
        .flat_map(|(at, word)| {
            let address = word.find("://").unwrap_or(word.len());
            let signs = word[..address].match_indices(SIGN).map(|(sign, _)| sign);
            signs.filter(|sign| ends_word(last_of(&word[..*sign]))).map(move |sign| at + sign)
        })
}

/// The part of a text that a name can fill: one line, and what shows where the name ends.
fn beginning(text: &str) -> &str {
    let line = text.split('\n').next().unwrap_or_default();
    line.char_indices().nth(DISPLAY_NAME_CHARS_MAX + 1).map_or(line, |(end, _)| &line[..end])
}

/// How many octets two texts have in common, whole characters.
fn shared(one: &str, other: &str) -> usize {
    let same = one.char_indices().zip(other.chars()).find(|((_, one), other)| one != other);
    same.map_or(one.len().min(other.len()), |((at, _), _)| at)
}

/// Whether nothing of a word follows.
fn ends_word(text: &str) -> bool {
    !text.starts_with(|c: char| c.is_alphanumeric() || c == '_')
}

fn but_last(text: &str) -> &str {
    text.char_indices().next_back().map_or("", |(last, _)| &text[..last])
}

fn last_of(text: &str) -> &str {
    text.char_indices().next_back().map_or("", |(last, _)| &text[last..])
}

/// The shortest beginning of a text that is this name when it is folded.
fn written<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let ends: Vec<usize> = text.char_indices().map(|(at, c)| at + c.len_utf8()).collect();
    let first = ends.partition_point(|end| folded(&text[..*end]).len() < name.len());
    ends[first..].iter().map(|end| &text[..*end]).find(|beginning| folded(beginning) == name)
}
