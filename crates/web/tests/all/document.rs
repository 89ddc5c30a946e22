//! The document of the API: the one in docs/reference is the one that is served, and readers get it as a page.
//! With `UPDATE_REFERENCE` set the file is written instead of compared; read the difference.

use std::path::Path;

use serde_json::Value;

use crate::scene::house;

#[test]
fn the_reference_is_the_document_of_the_routes() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/openapi.json");
    let made = web::reference();
    if std::env::var_os("UPDATE_REFERENCE").is_some() {
        std::fs::write(&file, &made).expect("the reference can be written");
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == made, "docs/reference/openapi.json is old: run UPDATE_REFERENCE=1 cargo test -p web");
}

#[tokio::test]
async fn the_document_is_served_to_everybody() {
    let house = house(&[]).await;
    let heard = house.browser().get("/api/v1/openapi.json").await;
    assert_eq!(heard.header("content-type"), "application/json");
    let reference: Value = serde_json::from_str(&web::reference()).expect("the reference is JSON");
    assert_eq!(heard.json(), reference);
}

#[test]
fn every_reference_leads_somewhere_and_every_operation_has_a_name_of_its_own() {
    let document: Value = serde_json::from_str(&web::reference()).expect("the reference is JSON");
    let mut names = Vec::new();
    let mut open = vec![&document];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(fields) => {
                if let Some(Value::String(target)) = fields.get("$ref") {
                    let pointer = target.strip_prefix('#').expect("references stay in the document");
                    assert!(document.pointer(pointer).is_some(), "{target} leads nowhere");
                }
                names.extend(fields.get("operationId").and_then(Value::as_str));
                open.extend(fields.values());
            }
            Value::Array(values) => open.extend(values),
            _ => (),
        }
    }
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert!(count > 0 && names.len() == count, "{names:?}");
}

#[test]
fn whatever_is_required_of_an_object_is_a_list_of_names() {
    let document: Value = serde_json::from_str(&web::reference()).expect("the reference is JSON");
    let schemas = document["components"]["schemas"].as_object().expect("there are schemas");
    for (name, schema) in schemas {
        let required = schema.get("required");
        assert!(required.is_none_or(Value::is_array), "{name}: {required:?}");
    }
}

#[tokio::test]
async fn readers_get_a_page_that_needs_nothing_else() {
    let house = house(&[]).await;
    let mut browser = house.browser();
    let page = browser.get("/api/v1/").await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let text = page.text();
    for part in
        ["POST /api/v1/session", "id=\"NoSuchNode\"", "href=\"#schema-SignOn\"", "id=\"schema-SignOn\""]
    {
        assert!(text.contains(part), "{part} is missing");
    }
    for part in ["<script", "http://", "https://", " style="] {
        assert!(!text.contains(part), "{part} is in the page");
    }
    assert!(page.header("content-security-policy").contains("style-src 'sha256-"));
    assert_eq!(browser.get("/api/v1").await.body, page.body);
}

#[test]
fn every_code_has_one_row_and_the_status_of_the_contract() {
    let known: Vec<(u16, String)> =
        web::CODES.iter().map(|row| (row.status.as_u16(), row.code.name())).collect();
    for (status, name) in [
        (400, "InvalidArgument"),
        (403, "ErrorPermission"),
        (404, "NoSuchNode"),
        (409, "DuplicateRoomName"),
        (409, "NodeHierarchyViolation"),
        (412, "DataCollision"),
        (422, "NoSuchPrincipal"),
        (422, "RuleBroken"),
        (423, "NodeDisabled"),
        (429, "LimitExceeded"),
        (503, "DatabaseConnection"),
    ] {
        assert!(known.contains(&(status, name.to_owned())), "{status} {name}");
    }
    let mut names: Vec<&String> = known.iter().map(|(_, name)| name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), known.len());
}
