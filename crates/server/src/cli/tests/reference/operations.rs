//! `operations.md`: every operation with its route, its options and its fields, from the table and the grammar.
//! What they do is said by the structs.

use admin::{Field, FieldKind, Need, SPECS, Spec};
use clap::Arg;

use super::{WRITTEN, compare};
use crate::cli::{grammar, reverse};

#[test]
fn the_page_of_operations_says_what_there_is() {
    compare("operations.md", &page());
}

fn page() -> String {
    let mut page = format!(
        "# Operations\n\nEverything that can be administered, as `causerie NOUN VERB` and under `/api/v1`. {WRITTEN}\n\n\
         On the command line an operation that changes something has `--dry-run` (`?dryRun=true`), one that changes one thing \
         with an etag\n`--if-match ETAG` (the header `If-Match`), one that asks first `--yes`, and one that must be told something \
         `--from-stdin`: once for each\nJSON object in a line of standard input. P is a principal: `sip:alice@example.com`, \
         `domain:example.com`, `group:Traders` or a\ndistinguished name. A list of principals is changed by `{{\"add\": [], \
         \"remove\": []}}`, or `{{\"replace\": []}}`, a list alone, or `null` for\nnobody. A moment is `2026-11-26` or \
         `2026-11-26T10:15:00Z`. Refusals: [errors.md](errors.md).\n"
    );
    for noun in Spec::nouns() {
        page.push_str(&format!("\n## {}\n", Spec::title(noun)));
        for spec in SPECS.iter().filter(|spec| spec.noun == noun) {
            page.push_str(&section(spec));
        }
    }
    page
}

fn section(spec: &'static Spec) -> String {
    let need = match spec.need {
        Need::Role(role) => role.to_string(),
        Need::Own => "whoever it is about, or a role that includes it".to_owned(),
    };
    let route = format!("`{} {}`, answered with {}", spec.method.name(), spec.path, spec.status);
    let cmdlet = spec.cmdlet.map(|name| format!("; stands for `{name}`")).unwrap_or_default();
    let asks = spec.question.map(|_| "; asks first").unwrap_or_default();
    let mut text = format!(
        "\n### {}\n\n{}\n\n`{}`\n\n{route}; needs {need}{cmdlet}{asks}; yields {}.\n",
        spec.said(),
        spec.described(),
        [Some(grammar::usage(spec)), reverse::usage(spec)]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("`, or `"),
        spec.rows.name
    );
    if !spec.fields().is_empty() {
        text.push_str("\n| Field | Command line | Holds | What |\n| --- | --- | --- | --- |\n");
        text.extend(spec.fields().iter().map(|field| row(spec, field)));
    }
    text
}

fn row(spec: &'static Spec, field: &Field) -> String {
    let spelled = if grammar::places(spec).contains(&field) {
        format!("`{}`", crate::cli::spelling::place(field))
    } else {
        grammar::options(spec, field).iter().map(option).collect::<Vec<_>>().join(", ")
    };
    let must = if field.required { ", must be given" } else { "" };
    let clear = if field.clearable { ", or null for none" } else { "" };
    format!(
        "| `{}` | {spelled} | {}{clear}{must} | {} |\n",
        field.name,
        holds(&field.kind),
        field.description
    )
}

fn option(arg: &Arg) -> String {
    let name = arg.get_long().unwrap_or_default();
    let value = arg.get_value_names().unwrap_or_default().first();
    match value.filter(|_| arg.get_action().takes_values()) {
        Some(value) if arg.is_require_equals_set() => format!("`--{name}[={value}]`"),
        Some(value) => format!("`--{name} {value}`"),
        None => format!("`--{name}`"),
    }
}

fn holds(kind: &FieldKind) -> String {
    match kind {
        FieldKind::Text => "text".to_owned(),
        FieldKind::Secret => "text that is never shown".to_owned(),
        FieldKind::Moment => "time".to_owned(),
        FieldKind::Flag => "true or false".to_owned(),
        FieldKind::Whole { min, max } if *max == i64::MAX => format!("whole number from {min}"),
        FieldKind::Whole { min, max } => format!("whole number from {min} to {max}"),
        FieldKind::Words(words) => {
            words.iter().map(|word| format!("`{}`", word.word)).collect::<Vec<_>>().join(", ")
        }
        FieldKind::Texts => "list of texts".to_owned(),
        FieldKind::Change => "change of a list".to_owned(),
        FieldKind::Json => "JSON".to_owned(),
    }
}
