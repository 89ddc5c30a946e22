//! What can still be read of a broken request, so that it can be refused by name (RFC 3261 8.2.6).
//! Lenient on purpose: takes whole, clean lines and checks no value.

use crate::header::Name;
use crate::text;

/// The lines that an answer copies, as far as they could be read; values are unfolded and hold no control character.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Salvage {
    /// Via lines in their order; at least one.
    pub vias: Vec<String>,
    /// From.
    pub from: Option<String>,
    /// To.
    pub to: Option<String>,
    /// Call-ID.
    pub call_id: Option<String>,
    /// CSeq.
    pub cseq: Option<String>,
    /// The first word of the request line.
    pub method: String,
}

impl Salvage {
    /// What an answer to this beginning of a message can be built from; `None` when it must not be answered.
    #[must_use]
    pub fn read(head: &[u8]) -> Option<Self> {
        let head = String::from_utf8_lossy(head);
        let mut logical = Vec::<String>::new();
        for line in head.split_inclusive('\n').map(|line| line.trim_end_matches(['\r', '\n'])) {
            if line.is_empty() {
                break;
            }
            match logical.last_mut().filter(|_| line.starts_with([' ', '\t'])) {
                Some(previous) => {
                    previous.push(' ');
                    previous.push_str(text::trim(line));
                }
                None => logical.push(line.to_owned()),
            }
        }
        let mut lines = logical.into_iter();
        let mut salvage = Self { method: method(&lines.next()?)?, ..Self::default() };
        lines.for_each(|line| salvage.take(&line));
        (!salvage.vias.is_empty()).then_some(salvage)
    }

    fn take(&mut self, line: &str) {
        let Some((name, value)) = line.split_once(':') else { return };
        let value = text::trim(value);
        if value.is_empty() || value.contains(|c: char| c.is_control() && c != '\t') {
            return;
        }
        let place = match Name::recognise(text::trim(name)) {
            Some(Name::Via) => return self.vias.push(value.to_owned()),
            Some(Name::From) => &mut self.from,
            Some(Name::To) => &mut self.to,
            Some(Name::CallId) => &mut self.call_id,
            Some(Name::CSeq) => &mut self.cseq,
            _ => return,
        };
        place.get_or_insert_with(|| value.to_owned());
    }
}

/// The first word of a start line, unless it belongs to what is never answered.
fn method(start: &str) -> Option<String> {
    let word = start.split([' ', '\t']).next().filter(|word| text::is_token(word))?;
    (!matches!(word, "ACK" | "BENOTIFY")).then(|| word.to_owned())
}
