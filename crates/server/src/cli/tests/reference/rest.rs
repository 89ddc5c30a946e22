//! `rest.md`: every route with who may use it, the scopes of tokens that are enough, and its statuses.
//! Fields and answers are in `openapi.json`, which the web writes.

use admin::{SPECS, Spec};
use web::{Need, Outline};

use super::{WRITTEN, code, compare, row, table};

#[test]
fn the_page_of_routes_says_what_there_is() {
    compare("rest.md", &page());
}

/// The routes of operations are answered by the desk; each has its entry in the other page.
#[test]
fn every_operation_has_its_route() {
    let routes = web::outline();
    for spec in SPECS {
        let found = routes.iter().find(|route| spec_of(route).is_some_and(|known| std::ptr::eq(known, spec)));
        let route = found.unwrap_or_else(|| panic!("{} has no route", spec.said()));
        assert_eq!(route.done, spec.status, "{}", spec.said());
    }
}

fn page() -> String {
    let everywhere: Vec<String> = web::refused_everywhere().iter().map(u16::to_string).collect();
    let everywhere = everywhere.join(", ");
    let mut page = format!(
        "# REST\n\nEvery route of the API, under `https://HOST:5443`. {WRITTEN}\nFields and answers are in \
         [openapi.json](openapi.json), which the server has at `/api/v1/openapi.json` and, to be read, at `/api/v1/`.\n\n\
         - **Who asks**: a token in `Authorization: Bearer TOKEN`, or the session of `POST /api/v1/session` in its cookie; what \
         changes\n  something with a session needs `Origin` of this server. A token gives no more than its scope and what its owner \
         has.\n- **Names**: `/rooms/{{guid}}` is the canonical address. What shows or administers a room takes its name there as \
         well, escaped\n  (`/rooms/Trading%20FX`); what people do in one (messages, read marks, following) takes the GUID alone: \
         `/rooms?identity=`\n  finds it by the name.\n- **Rehearsal**: what changes something takes `?dryRun=true`: nothing is \
         written, `changes` lists what would be, and `access` whose\n  rights would change.\n- **States**: one thing comes with \
         an `ETag`. Sent back as `If-Match` it changes nothing (412) that was changed since; a change\n  of which no state is looked at refuses it (400).\n- **Pages**: a list has `limit` and, \
         when there is more, `next`, which is the `cursor` of the rest.\n- **Refusals**: problems with a `code`: \
         [errors.md](errors.md). Every route may answer {everywhere}; the tables name the others.\n\n\
         Health and metrics have a listener of their own: [settings.md](settings.md).\n\n## People\n\n"
    );
    let routes = web::outline();
    let (people, desk): (Vec<&Outline>, Vec<&Outline>) =
        routes.iter().partition(|route| is_for_people(route));
    let heads = ["Route", "What", "Who", "Scopes", "Done", "Refused"];
    page.push_str(&table(&heads, people.iter().map(|route| line(route, &route.summary))));
    page.push_str("\n## Administration\n\nWhat each does and takes: [operations.md](operations.md).\n\n");
    let heads = ["Route", "Operation", "Who", "Scopes", "Done", "Refused"];
    let rows = desk.iter().map(|route| {
        let said = spec_of(route).map(Spec::said).unwrap_or_default();
        line(route, &format!("[{said}](operations.md#{})", said.replace(' ', "-")))
    });
    page + &table(&heads, rows)
}

/// Whether people use it for themselves: no operation, or one that answers everybody in its own way.
fn is_for_people(route: &Outline) -> bool {
    spec_of(route).is_none_or(|spec| spec.noun == "room" && matches!(spec.verb, "list" | "get"))
}

/// The operation a route carries out.
fn spec_of(route: &Outline) -> Option<&'static Spec> {
    SPECS.iter().find(|spec| {
        spec.method.name() == route.method && route.path.strip_prefix("/api/v1") == Some(spec.path)
    })
}

fn line(route: &Outline, what: &str) -> String {
    let who = match route.need {
        Need::Nobody => "everybody".to_owned(),
        Need::Somebody | Need::Operation(admin::Need::Own) => "whoever is signed on".to_owned(),
        Need::Person => "a person, for itself".to_owned(),
        Need::Operation(admin::Need::Role(role)) => role.word().to_owned(),
        Need::Operation(admin::Need::Either(one, other)) => format!("{one} or {other}"),
    };
    let scopes: Vec<String> = route.scopes.iter().map(|scope| scope.word().to_owned()).collect();
    let scopes = match &scopes[..] {
        [] => "-".to_owned(),
        all if all.len() == 5 => "any".to_owned(),
        some => some.join(", "),
    };
    let refuses: Vec<String> = route.refuses.iter().map(u16::to_string).collect();
    let place = code(&format!("{} {}", route.method, route.path));
    row(&[place, what.to_owned(), who, scopes, route.done.to_string(), refuses.join(", ")])
}
