//! XML out: elements written in order, without anything insignificant between them, every text escaped.
//! What XML 1.0 cannot carry is left out; everything else comes back from a reader as it was.

use std::fmt::{Display, Write};

use crate::xml::{carried, surely_carried};

/// Writes one document.
pub(crate) struct Pen {
    out: String,
    open: Vec<&'static str>,
    /// The innermost start tag still lacks its `>`.
    pending: bool,
}

impl Pen {
    pub fn new() -> Self {
        Self { out: String::with_capacity(512), open: Vec::new(), pending: false }
    }

    /// Begins an element.
    pub fn start(&mut self, name: &'static str) -> &mut Self {
        self.settle();
        self.out.push('<');
        self.out.push_str(name);
        self.open.push(name);
        self.pending = true;
        self
    }

    /// An attribute of the element begun last.
    pub fn attribute(&mut self, name: &str, value: &str) -> &mut Self {
        self.begin_attribute(name);
        escape(&mut self.out, value, true);
        self.out.push('"');
        self
    }

    /// An attribute whose value needs no escaping: a number, a GUID, the address of a room of ours.
    pub fn plain(&mut self, name: &str, value: impl Display) -> &mut Self {
        self.begin_attribute(name);
        write!(self.out, "{value}").expect("a String takes everything");
        self.out.push('"');
        self
    }

    /// Character data of the element begun last.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.settle();
        escape(&mut self.out, text, false);
        self
    }

    /// Ends the innermost element; one without content becomes an empty-element tag.
    pub fn end(&mut self) -> &mut Self {
        let name = self.open.pop().expect("every end follows its start");
        if self.pending {
            self.out.push_str("/>");
            self.pending = false;
        } else {
            self.out.push_str("</");
            self.out.push_str(name);
            self.out.push('>');
        }
        self
    }

    /// Ends everything that is open.
    pub fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.end();
        }
        self.out
    }

    fn begin_attribute(&mut self, name: &str) {
        assert!(self.pending, "attributes stand in a start tag");
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
    }

    fn settle(&mut self) {
        if self.pending {
            self.out.push('>');
            self.pending = false;
        }
    }
}

fn escape(out: &mut String, text: &str, attribute: bool) {
    // All of it is looked at, which is quicker than to stop at the first.
    let stands = |octet: u8| surely_carried(octet) & !matches!(octet, b'&' | b'<' | b'>' | b'"' | b'\'');
    if text.bytes().fold(true, |all, octet| all & stands(octet)) {
        return out.push_str(text);
    }
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            // A reader makes a bare CR an LF, and inside an attribute all three of them blanks.
            '\r' => out.push_str("&#13;"),
            '\n' if attribute => out.push_str("&#10;"),
            '\t' if attribute => out.push_str("&#9;"),
            c if carried(c) => out.push(c),
            _ => {}
        }
    }
}
