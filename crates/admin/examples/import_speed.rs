//! How long the export of a large directory takes to be committed: `cargo run --release -p admin --example import_speed`.
//! Prints seconds and seconds of processor of each part; asserts nothing but that everybody is there.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use admin::{Asker, Desk, DirectoryImport, Operation, Outcome, Request, Spec};
use chat::{Actor, Change, Clock, Domain, Entry, PoolEntry, Subject};
use directory::ldif::{LdifSource, Mapping};
use directory::{Census, Directory, Present, SealingKey, compare};
use serde_json::{Value, json};
use store::{Committed, Founding, Store};
use testkit::TestClock;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;

/// People of the export.
const PEOPLE: u64 = 80_000;
/// Machines of it, which are passed over.
const MACHINES: u64 = 10_000;
/// Organizational units: so many areas with so many departments each.
const AREAS: u64 = 20;
const DEPARTMENTS: u64 = 20;
/// Groups in four layers; each but the last is in some of the next.
const LAYERS: [u64; 4] = [6_000, 2_400, 900, 278];
/// In how many groups of the next layer a group is.
const NESTED: [u64; 3] = [2, 2, 2];
/// Groups of the first layer each person is a direct member of: half are those of the department.
const DIRECT: u64 = 12;

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let file = folder.path().join("export.ldif");
    let entries = write_export(&file);
    let octets = file.metadata().expect("it was written").len();
    println!("{entries} entries, {} MB", octets >> 20);

    let part = Part::begin("read");
    let input = BufReader::with_capacity(1 << 20, File::open(&file).expect("it was written"));
    let census = Census::take(&mut LdifSource::new("ldif", input, Mapping::default())).expect("an export");
    part.end();
    println!("  {} objects, {} direct memberships", census.objects().len(), census.memberships().len());
    let part = Part::begin("compare");
    let plan = compare(&census, &Present::default()).expect("nothing is known yet");
    part.end();
    assert_eq!(plan.added.len(), census.objects().len());
    drop((census, plan));

    let (store, desk) = found(folder.path());
    let (finished, has_finished) = tokio::sync::oneshot::channel();
    let watching = tokio::spawn(watch(store.clone(), Instant::now(), has_finished));
    let part = Part::begin("first import, all of it");
    import(&desk, &file).await;
    part.end();
    finished.send(()).expect("somebody watches");
    let marks = watching.await.expect("nobody panics");
    println!(
        "  of it: rows until {:.2} s, memberships until {:.2} s, affiliations until {:.2} s",
        marks[0], marks[1], marks[2]
    );
    let people = store.people().await.expect("a read");
    let ancestors: usize = people.iter().map(|person| person.ancestors.as_slice().len()).sum();
    println!("  {} people with {} ancestors on average", people.len(), ancestors / people.len());
    assert_eq!(people.len() as u64, PEOPLE);
    drop(people);

    let part = Part::begin("the same again");
    let again = import(&desk, &file).await;
    part.end();
    assert_eq!(again.changes, []);
    let person = store.person_at(&"sip:person1@example.com".parse().expect("an address")).await;
    let person = person.expect("a read").expect("the person is there");
    let top = *person.ancestors.as_slice().last().expect("it belongs to something");
    let top = store.group(top).await.expect("a read").expect("a group").distinguished_name.expect("a name");
    for (noun, verb, fields) in questions(&top) {
        ask(&desk, noun, verb, fields).await;
    }
    store.close().await;
    println!("store: {} MB", folder.path().join("store.db").metadata().expect("it is there").len() >> 20);
}

fn found(folder: &Path) -> (Store, Desk) {
    let clock = Arc::new(TestClock::at("2026-11-24T10:00:00Z", 7));
    let founding = Founding {
        domain: Domain::parse("example.com").expect("a domain"),
        pool_name: "pool.example.com".into(),
        pool_guid: clock.guid(),
        site: "Default".into(),
        chat: true,
    };
    let store = Store::open(&folder.join("store.db"), &founding, clock.clone()).expect("a new store");
    let key = SealingKey::make(&folder.join("key"), &*clock).expect("a new key");
    let directory = Directory::open(store.clone(), clock, key).expect("argon2id works");
    (store.clone(), Desk::new(store, directory))
}

async fn import(desk: &Desk, file: &Path) -> Outcome {
    let file = Some(file.to_str().expect("a path").to_owned());
    let asked = Operation::DirectoryImport(DirectoryImport { file, ..DirectoryImport::default() });
    desk.run(Asker::new(Actor::Shell(0), "example"), Request::of(asked)).await.expect("it is imported")
}

/// What is asked in a house of that size, each thing a few times.
fn questions(top: &str) -> Vec<(&'static str, &'static str, Value)> {
    let (first, last) = ("sip:person1@example.com", "sip:person79999@example.com");
    let small = group_dn(0, 17);
    let add = |who: &str| json!({ "add": [who] });
    vec![
        ("group", "new", json!({ "name": "Local", "members": add(&small) })),
        ("group", "set", json!({ "group": "Local", "members": add(last) })),
        ("group", "set", json!({ "group": "Local", "members": { "remove": [last] } })),
        ("group", "get", json!({ "group": small })),
        ("group", "list", json!({ "q": "Group 3-", "limit": 20 })),
        ("category", "new", json!({ "name": "General", "allowedMembers": add("domain:example.com") })),
        ("room", "new", json!({ "name": "Hall", "category": "General", "members": add(top) })),
        ("explain", "", json!({ "person": first, "about": "room", "name": "Hall" })),
        ("explain", "", json!({ "person": last, "about": "room", "name": "Hall" })),
        ("principal", "refresh", json!({ "principal": last })),
        ("group", "remove", json!({ "group": "Local" })),
        ("who-can", "", json!({ "right": "join", "about": "room", "name": "Hall", "limit": 20 })),
    ]
}

/// Asks once, or for what changes nothing a few times, and tells the slowest.
async fn ask(desk: &Desk, noun: &str, verb: &str, fields: Value) {
    let Value::Object(fields) = fields else { unreachable!("fields are an object") };
    let spec = Spec::find(noun, verb).expect("there is such an operation");
    let operation = spec.read(fields).expect("the fields are good");
    let times = if spec.only_reads { 5 } else { 1 };
    let mut slowest = 0.0_f64;
    for _ in 0..times {
        let begun = Instant::now();
        desk.run(Asker::new(Actor::Shell(0), "example"), Request::of(operation.clone()))
            .await
            .expect("it is done");
        slowest = slowest.max(begun.elapsed().as_secs_f64());
    }
    println!("{noun} {verb}: {:.1} ms", slowest * 1_000.0);
}

/// When the last row was made, the last membership written and the last affiliation, in seconds since `begun`.
async fn watch(store: Store, begun: Instant, mut finished: tokio::sync::oneshot::Receiver<()>) -> [f64; 3] {
    let mut feed = store.feed();
    let mut rows = 0.0;
    let mut others: Vec<f64> = Vec::new();
    loop {
        let told = tokio::select! {
            biased;
            told = feed.recv() => told,
            _ = &mut finished => break,
        };
        let now = begun.elapsed().as_secs_f64();
        match told {
            Ok(committed) if makes(&committed) => rows = now,
            Ok(_) => others.push(now),
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => break,
        }
    }
    others.retain(|at| *at > rows);
    // While what everybody belongs to is worked out nothing is committed: that is the longest pause.
    let pause = others.windows(2).max_by(|a, b| (a[1] - a[0]).total_cmp(&(b[1] - b[0])));
    [rows, pause.map_or(rows, |pair| pair[0]), others.last().copied().unwrap_or(rows)]
}

fn makes(committed: &Committed) -> bool {
    committed.entries.iter().any(|entry| {
        matches!(
            entry.header.entry,
            Entry::Pool(PoolEntry::Administered {
                subject: Subject::Person(_) | Subject::Group(_),
                change: Change::Created,
                ..
            })
        )
    })
}

/// A part that is measured.
struct Part {
    what: &'static str,
    begun: Instant,
    cpu: f64,
}

impl Part {
    fn begin(what: &'static str) -> Self {
        Self { what, begun: Instant::now(), cpu: cpu_seconds() }
    }

    fn end(self) {
        let (wall, cpu) = (self.begun.elapsed().as_secs_f64(), cpu_seconds() - self.cpu);
        println!("{}: {wall:.2} s, {cpu:.2} s of processor", self.what);
    }
}

/// Seconds of processor this process has used, by the table of processes; hundredths of seconds are its unit.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux tells it");
    let fields: Vec<&str> = stat.rsplit(')').next().expect("fields").split_whitespace().collect();
    let ticks = |at: usize| fields[at].parse::<f64>().expect("a number");
    (ticks(11) + ticks(12)) / 100.0
}

/// Writes an export as Active Directory has it: members at the groups, and at the members what they are members of.
fn write_export(file: &Path) -> u64 {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(file).expect("a new file"));
    let mut entries = 1;
    write!(
        out,
        "dn: DC=example,DC=com\nchangetype: add\nobjectClass: top\nobjectClass: domainDNS\n{}\n",
        guid(0, 0)
    )
    .expect("there is room");
    for area in 0..AREAS {
        unit(&mut out, &format!("OU=Area {area},DC=example,DC=com"), 1, area);
        for department in 0..DEPARTMENTS {
            let dn = format!("OU=Department {department},OU=Area {area},DC=example,DC=com");
            unit(&mut out, &dn, 2, area * DEPARTMENTS + department);
        }
        entries += 1 + DEPARTMENTS;
    }
    unit(&mut out, "OU=Groups,DC=example,DC=com", 3, 0);
    let mut members: Vec<Vec<u64>> = vec![Vec::new(); LAYERS[0] as usize];
    for person in 0..PEOPLE {
        let groups: Vec<u64> = groups_of(person).collect();
        groups.iter().for_each(|group| members[*group as usize].push(person));
        write_person(&mut out, person, &groups);
    }
    for machine in 0..MACHINES {
        write!(
            out,
            "dn: CN=PC{machine},OU=Groups,DC=example,DC=com\nchangetype: add\nobjectClass: top\nobjectClass: user\n\
             objectClass: computer\nuserAccountControl: 4096\n{}\n",
            guid(4, machine)
        )
        .expect("there is room");
    }
    for (layer, count) in LAYERS.into_iter().enumerate() {
        for group in 0..count {
            write_group(&mut out, layer, group, &members);
        }
        entries += count;
    }
    out.flush().expect("there is room");
    entries + 1 + PEOPLE + MACHINES
}

/// The groups of the first layer somebody is in: some with the whole department, some with nobody else in particular.
fn groups_of(person: u64) -> impl Iterator<Item = u64> {
    let department = department_of(person);
    let shared = (0..DIRECT / 2).map(move |at| spread(department, at) % LAYERS[0]);
    let mut groups: Vec<u64> =
        shared.chain((DIRECT / 2..DIRECT).map(|at| spread(person, at) % LAYERS[0])).collect();
    groups.sort_unstable();
    groups.dedup();
    groups.into_iter()
}

/// Departments stand one after the other in an export.
fn department_of(person: u64) -> u64 {
    person * AREAS * DEPARTMENTS / PEOPLE
}

/// A number that looks like chance and is always the same.
fn spread(number: u64, salt: u64) -> u64 {
    let mut mixed = number.wrapping_add(salt << 40).wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

fn guid(kind: u64, number: u64) -> String {
    format!("entryUUID: {kind:08x}-0000-4000-8000-{number:012x}\n")
}

fn unit(out: &mut impl Write, dn: &str, kind: u64, number: u64) {
    let guid = guid(kind, number);
    write!(out, "dn: {dn}\nchangetype: add\nobjectClass: top\nobjectClass: organizationalUnit\n{guid}\n")
        .expect("there is room");
}

fn person_dn(person: u64) -> String {
    let department = department_of(person);
    format!(
        "CN=Person {person},OU=Department {},OU=Area {},DC=example,DC=com",
        department % DEPARTMENTS,
        department / DEPARTMENTS
    )
}

fn group_dn(layer: usize, group: u64) -> String {
    format!("CN=Group {layer}-{group},OU=Groups,DC=example,DC=com")
}

fn write_person(out: &mut impl Write, person: u64, groups: &[u64]) {
    let dn = person_dn(person);
    write!(
        out,
        "dn: {dn}\nchangetype: add\nobjectClass: top\nobjectClass: person\nobjectClass: organizationalPerson\n\
         objectClass: user\ncn: Person {person}\ndisplayName: Person Number {person}\nuserAccountControl: 512\n\
         instanceType: 4\nwhenCreated: 20200101000000.0Z\nsAMAccountName: person{person}\ndistinguishedName: {dn}\n\
         msRTCSIP-PrimaryUserAddress: sip:person{person}@example.com\nmsRTCSIP-UserEnabled: TRUE\n\
         mail: person.{person}@example.com\n"
    )
    .expect("there is room");
    for group in groups {
        writeln!(out, "memberOf: {}", group_dn(0, *group)).expect("there is room");
    }
    writeln!(out, "{}", guid(5, person)).expect("there is room");
}

fn write_group(out: &mut impl Write, layer: usize, group: u64, members: &[Vec<u64>]) {
    let dn = group_dn(layer, group);
    write!(
        out,
        "dn: {dn}\nchangetype: add\nobjectClass: top\nobjectClass: group\ncn: Group {layer}-{group}\n\
         distinguishedName: {dn}\n"
    )
    .expect("there is room");
    if layer == 0 {
        for person in &members[group as usize] {
            writeln!(out, "member: {}", person_dn(*person)).expect("there is room");
        }
    }
    if let Some(nested) = NESTED.get(layer) {
        for at in 0..*nested {
            let above = spread(group, 100 + 10 * layer as u64 + at) % LAYERS[layer + 1];
            writeln!(out, "memberOf: {}", group_dn(layer + 1, above)).expect("there is room");
        }
    }
    writeln!(out, "{}", guid(6 + layer as u64, group)).expect("there is room");
}
