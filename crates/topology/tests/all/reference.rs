//! The pages about the topology document in the reference, written from the crate; a page that says something else is refused.
//! `UPDATE_REFERENCE=1 cargo test -p topology` writes them anew.

use std::path::Path;

use serde_json::Value;
use topology::{RULES, schema};

/// Where the pages lie, seen from this crate.
const FOLDER: &str = "../../docs/reference";

const HEAD: &str = "\
# The topology document

This page is written from the program;
`UPDATE_REFERENCE=1 cargo test -p topology` writes it anew.

A topology says which machines a deployment has, what each does and where things are kept. It is a TOML document; editors and
programs find its form in [topology.schema.json](topology.schema.json) (JSON Schema 2020-12). Names of machines and pools are names in DNS;
sites, stores and file stores have identities of their own. The order of the tables means nothing.
";

const RULES_HEAD: &str = "
## The rules

A topology with an error is not published; warnings and notes are shown. `V` and `S` are numbers of the product's documented rules. Where these
speak of SQL Server and its directory, an instance is a PostgreSQL cluster, a mirror its synchronous standby, and a machine is joined to the
domain when DNS knows it and the topology names it. PostgreSQL has neither editions nor a witness.

| Rule | At most | What it asks for |
| --- | --- | --- |
";

#[test]
fn the_schema_is_the_published_one() {
    let mut text = serde_json::to_string_pretty(&schema()).expect("it is JSON");
    text.push('\n');
    compare("topology.schema.json", &text);
}

#[test]
fn the_page_says_what_the_program_does() {
    let schema = schema().to_value();
    let mut page = HEAD.to_owned();
    table(&mut page, &schema, &schema, "");
    page.push_str(RULES_HEAD);
    for rule in RULES {
        page.push_str(&format!("| {} | {} | {} |\n", rule.number, rule.severity, rule.says));
    }
    compare("topology.md", &page);
}

/// A table of the fields of an object, and after it those of the objects in it.
fn table(page: &mut String, schema: &Value, object: &Value, path: &str) {
    let properties = object["properties"].as_object().expect("an object has properties");
    if !path.is_empty() {
        page.push_str("\n| Field | Default | What it is |\n| --- | --- | --- |\n");
        let required: Vec<&str> =
            object["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (name, property) in properties {
            let default = match &property["default"] {
                Value::Null if required.contains(&name.as_str()) => "must be written".to_owned(),
                Value::Null => "-".to_owned(),
                default => format!("`{default}`"),
            };
            page.push_str(&format!("| `{name}` | {default} | {} |\n", says(property)));
        }
    }
    for (name, property) in properties {
        let forms = [&property["items"]["$ref"], &property["$ref"], &property["anyOf"][0]["$ref"]];
        let inner = forms.into_iter().find_map(Value::as_str).and_then(|name| name.strip_prefix("#/$defs/"));
        let inner = inner.map(|name| &schema["$defs"][name]).filter(|inner| inner["properties"].is_object());
        if let Some(inner) = inner {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            let open =
                if property["items"].is_object() { format!("[[{path}]]") } else { format!("[{path}]") };
            page.push_str(&format!("\n## `{open}`\n\n{}\n", says(property)));
            table(page, schema, inner, &path);
        }
    }
}

fn says(property: &Value) -> &str {
    property["description"].as_str().expect("every field says what it is")
}

fn compare(name: &str, page: &str) {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER).join(name);
    if std::env::var_os("UPDATE_REFERENCE").is_some() {
        std::fs::write(&place, page).expect("the page can be written");
    }
    let kept = std::fs::read_to_string(&place).unwrap_or_default();
    assert!(kept == page, "docs/reference/{name} is old: run UPDATE_REFERENCE=1 cargo test -p topology");
}
