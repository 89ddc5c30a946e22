//! One example for each operation, put together from its fields: what must be given, and something that it changes or looks for.
//! A test reads every example back.

use admin::{FieldKind, Spec, quoted};

use super::{grammar, spelling};

/// What stands for a field in examples: of this noun, or (without one) of all others.
const SAMPLES: [(&str, &str, &str); 45] = [
    ("", "user", "sip:ana@example.com"),
    ("", "users", "sip:ana@example.com"),
    ("", "person", "sip:ana@example.com"),
    ("", "category", "Trading"),
    ("", "room", "Trading FX"),
    ("", "group", "Traders"),
    ("", "principal", "group:Traders"),
    ("", "policy", "Temps"),
    ("", "policyName", "Temps"),
    ("", "configuration", "global"),
    ("", "addIn", "Ticket board"),
    ("", "url", "https://tickets.example.com/board"),
    ("", "endpoint", "sip:chat@example.com"),
    ("", "server", "chat2.example.com"),
    ("", "servers", "chat2.example.com"),
    ("", "role", "reader"),
    ("", "scope", "user"),
    ("", "token", "builds"),
    ("", "machine", "cs1.example.com"),
    ("", "about", "room"),
    ("", "right", "read"),
    ("", "rows", "rooms.csv"),
    ("", "document", "topology.toml"),
    ("", "file", "export.ldif"),
    ("", "operation", "42"),
    ("", "q", "trading"),
    ("", "endDate", "2026-06-30"),
    ("", "members", "sip:ana@example.com"),
    ("", "allowedMembers", "domain:example.com"),
    ("", "displayName", "Ana Silva"),
    ("", "defaultChatHistory", "50"),
    ("", "enablePersistentChat", "true"),
    ("user", "address", "sip:ana@example.com"),
    ("user", "q", "ana"),
    ("audit", "about", "Trading FX"),
    ("message", "filter", "sell now"),
    ("principal", "q", "ana"),
    ("endpoint", "address", "sip:chat@example.com"),
    ("category", "name", "Trading"),
    ("group", "name", "Traders"),
    ("add-in", "name", "Ticket board"),
    ("token", "name", "builds"),
    ("policy", "identity", "Temps"),
    ("configuration", "identity", "site:London"),
    ("", "name", "Trading FX"),
];

/// Fields that an example gives though they need not be given: without one it changes, or finds, nothing worth showing.
const ALSO: [(&str, &str, &str); 22] = [
    ("user", "set", "displayName"),
    ("user", "list", "q"),
    ("pool", "active-servers set", "servers"),
    ("category", "new", "allowedMembers"),
    ("category", "set", "allowedMembers"),
    ("room", "new", "members"),
    ("room", "set", "members"),
    ("room", "list", "q"),
    ("group", "new", "members"),
    ("group", "set", "members"),
    ("principal", "list", "q"),
    ("policy", "new", "enablePersistentChat"),
    ("policy", "set", "enablePersistentChat"),
    ("policy", "assign", "policyName"),
    ("configuration", "new", "defaultChatHistory"),
    ("configuration", "set", "defaultChatHistory"),
    ("add-in", "set", "url"),
    ("eligible-principal", "list", "room"),
    ("message", "remove", "filter"),
    ("message", "remove", "remove"),
    ("audit", "list", "about"),
    ("directory", "import", "file"),
];

/// An example as a shell takes it; `None` when there is no sample for something it must say.
pub fn line(spec: &'static Spec) -> Option<String> {
    let words = words(spec)?;
    // Options are plain words; a value that looks like one would not be.
    let shown = |word: &String| if word.starts_with("--") { word.clone() } else { quoted(word) };
    Some(words.iter().map(shown).collect::<Vec<_>>().join(" "))
}

/// The words of an example, the program's name first.
pub fn words(spec: &'static Spec) -> Option<Vec<String>> {
    let mut words = vec!["causerie".to_owned()];
    words.extend(spec.said().split(' ').map(str::to_owned));
    let places = grammar::places(spec);
    let also = |name: &str| ALSO.contains(&(spec.noun, spec.verb, name));
    for field in &places {
        if field.required || also(&field.name) {
            words.push(sample(spec, &field.name)?.to_owned());
        }
    }
    for field in spec.fields().iter().filter(|field| !places.contains(field)) {
        if !field.required && !also(&field.name) {
            continue;
        }
        match field.kind {
            FieldKind::Flag => words.push(format!("--{}", spelling::option(spec.verb, field))),
            FieldKind::Change => {
                words.extend([format!("--{}", spelling::add(field)), sample(spec, &field.name)?.to_owned()]);
            }
            _ => {
                let option = format!("--{}", spelling::giving(spec.verb, field));
                words.extend([option, sample(spec, &field.name)?.to_owned()]);
            }
        }
    }
    Some(words)
}

fn sample(spec: &Spec, field: &str) -> Option<&'static str> {
    let of = |noun: &str| SAMPLES.iter().find(|(for_noun, name, _)| *for_noun == noun && *name == field);
    of(spec.noun).or_else(|| of("")).map(|(_, _, sample)| *sample)
}
