//! The readable page of the API: the OpenAPI document as plain HTML, without scripts and without anything from elsewhere.
//! Says nothing that the document does not say, but for the table of codes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::problem::CODES;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#1b1b1b;\
                     background:#fff}code{font:0.9em ui-monospace,monospace}h2{border-top:1px solid #ccc;padding-top:1rem}\
                     table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;\
                     padding:0.25rem 0.75rem 0.25rem 0;border-bottom:1px solid #eee}pre{background:#f6f6f6;padding:0.75rem;\
                     overflow:auto}";

/// The policy under which a browser shows it: its own style, and nothing else.
pub(crate) fn policy() -> String {
    let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )
}

/// The page of a document.
pub(crate) fn page(document: &Value) -> String {
    let title = text(&document["info"]["title"]);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}: API</title>\
         <style>{STYLE}</style></head><body>\n<h1>{title}: API</h1>\n<p>{}</p>\n\
         <p>For programs: <a href=\"/api/v1/openapi.json\"><code>openapi.json</code></a> (OpenAPI 3.1).</p>\n",
        text(&document["info"]["description"])
    );
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            section(&mut out, &method.to_ascii_uppercase(), path, operation);
        }
    }
    out.push_str("<h2>Codes</h2>\n<table><tr><th>Code<th>Status<th>Means<th>What to do</tr>\n");
    for row in CODES {
        let (name, status) = (row.code.name(), row.status.as_u16());
        let (title, remedy) = (escaped(row.title), escaped(row.remedy));
        out.push_str(&format!(
            "<tr id=\"{name}\"><td><code>{name}</code><td>{status}<td>{title}<td>{remedy}</tr>\n"
        ));
    }
    out.push_str("</table>\n<h2>Schemas</h2>\n");
    for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
        let schema = serde_json::to_string_pretty(schema).expect("a schema is plain values");
        let (name, schema) = (escaped(name), escaped(&schema));
        out.push_str(&format!("<h3 id=\"schema-{name}\">{name}</h3>\n<pre><code>{schema}</code></pre>\n"));
    }
    out.push_str("</body></html>\n");
    out
}

/// One operation.
fn section(out: &mut String, method: &str, path: &str, operation: &Value) {
    let name = text(&operation["operationId"]);
    out.push_str(&format!("<h2 id=\"{name}\"><code>{method} {}</code></h2>\n", escaped(path)));
    out.push_str(&format!("<p>{}</p>\n", text(&operation["summary"])));
    let parameters = operation["parameters"].as_array();
    if let Some(parameters) = parameters {
        out.push_str("<table><tr><th>Field<th>In<th>Means</tr>\n");
        for parameter in parameters {
            let must = if parameter["required"] == true { " (required)" } else { "" };
            let (name, place) = (text(&parameter["name"]), text(&parameter["in"]));
            let about = text(&parameter["description"]);
            out.push_str(&format!("<tr><td><code>{name}</code>{must}<td>{place}<td>{about}</tr>\n"));
        }
        out.push_str("</table>\n");
    }
    if let Some(schema) = schema_of(&operation["requestBody"]) {
        out.push_str(&format!("<p>Body: <a href=\"#schema-{schema}\"><code>{schema}</code></a></p>\n"));
    }
    out.push_str("<table><tr><th>Status<th>Means<th>Body</tr>\n");
    for (status, response) in operation["responses"].as_object().into_iter().flatten() {
        let body = schema_of(response).map_or_else(String::new, |schema| {
            format!("<a href=\"#schema-{schema}\"><code>{schema}</code></a>")
        });
        out.push_str(&format!("<tr><td>{status}<td>{}<td>{body}</tr>\n", text(&response["description"])));
    }
    out.push_str("</table>\n");
}

/// The name of the schema of a body.
fn schema_of(part: &Value) -> Option<String> {
    let content = part["content"].as_object()?.values().next()?;
    let name = content["schema"]["$ref"].as_str()?.rsplit('/').next()?;
    Some(escaped(name))
}

fn text(value: &Value) -> String {
    escaped(value.as_str().unwrap_or_default())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
