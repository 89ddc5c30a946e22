//! How the fields of operations are spelled as options: rules, and the few exceptions from them.
//! A contract: what is spelled once stays. Knows no grammar.

use admin::{Field, FieldKind};

/// Options that are not called after their field: the verb, the field, the option, and what stands for its value.
const EXCEPTIONS: [(&str, &str, &str, &str); 2] =
    [("set", "name", "rename", "NAME"), ("list", "q", "filter", "TEXT")];

/// What stands for the name of a file.
pub const FILE: &str = "FILE";

/// Fields that name a file on this machine: a server works elsewhere, so it is told the whole path.
const PATHS: [&str; 1] = ["file"];

/// Fields that hold the text of a file: on the command line they are given by its name.
const CONTENTS: [&str; 3] = ["rows", "ldif", "document"];

/// Whether a field holds the text of a file.
pub fn is_contents(field: &Field) -> bool {
    CONTENTS.contains(&field.name.as_str())
}

/// Whether a field names a file.
pub fn is_path(field: &Field) -> bool {
    PATHS.contains(&field.name.as_str())
}

/// `displayName` as `display-name`, or by its exception.
pub fn option(verb: &str, field: &Field) -> String {
    let exception = EXCEPTIONS.iter().find(|(of, name, ..)| *of == verb && *name == field.name);
    exception.map_or_else(|| kebab(&field.name), |(_, _, option, _)| (*option).to_owned())
}

/// The option that takes an optional value away, or all of a list.
pub fn clear(field: &Field) -> String {
    format!("clear-{}", kebab(&field.name))
}

/// The option that replaces a list.
pub fn replace(field: &Field) -> String {
    format!("replace-{}", kebab(&field.name))
}

/// The option that adds one to a list.
pub fn add(field: &Field) -> String {
    format!("add-{}", one(field))
}

/// The option that takes one from a list.
pub fn remove(field: &Field) -> String {
    format!("remove-{}", one(field))
}

/// The option that reads a secret from standard input.
pub fn stdin(field: &Field) -> String {
    format!("{}-stdin", kebab(&field.name))
}

/// The option that gives a field its value; a list is given one by one.
pub fn giving(verb: &str, field: &Field) -> String {
    if field.kind == FieldKind::Texts { one(field) } else { option(verb, field) }
}

/// What one of a list is called: `allowed-member`.
pub fn one(field: &Field) -> String {
    let all = kebab(&field.name);
    all.strip_suffix('s').map_or_else(|| all.clone(), str::to_owned)
}

/// What stands for the value of a field that needs no option.
pub fn place(field: &Field) -> String {
    if is_contents(field) { FILE.to_owned() } else { kebab(&field.name).to_uppercase() }
}

/// What stands for a value in help: the last word of the option.
pub fn placeholder(option: &str) -> String {
    if let Some((.., value)) = EXCEPTIONS.iter().find(|(_, _, of, _)| *of == option) {
        return (*value).to_owned();
    }
    option.rsplit('-').next().unwrap_or(option).to_uppercase()
}

/// `displayName` as `display-name`.
pub fn kebab(name: &str) -> String {
    let mut spelled = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase()
            && !spelled.ends_with(|last: char| last == '-' || last.is_ascii_uppercase())
        {
            spelled.push('-');
        }
        spelled.push(letter);
    }
    spelled.to_ascii_lowercase()
}

/// The entries of a list written with commas. A distinguished name keeps its own: two of them take two options.
pub fn entries(text: &str) -> Vec<String> {
    let mut entries: Vec<String> = Vec::new();
    for part in text.split(',') {
        match entries.last_mut() {
            Some(before) if before.contains('=') && part.contains('=') => {
                before.push(',');
                before.push_str(part);
            }
            _ => entries.push(part.to_owned()),
        }
    }
    entries
}
