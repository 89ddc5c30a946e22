//! Imports that come again: who was added, renamed, moved, disabled, enabled again, who is gone, and what cannot be.

use chat::{Address, DisplayName, PersonState};
use directory::{Census, Conflicts, Known, ObjectKind, Plan, Present, Step, compare};
use uuid::Uuid;

use super::export::{ACTIVE_DIRECTORY, census, imported};

/// A small office: a domain, two containers, two groups, three people.
const OFFICE: &str = "\
dn: DC=example,DC=com
objectClass: domainDNS
entryUUID: 00000000-0000-4000-8000-000000000001

dn: OU=Sales,DC=example,DC=com
objectClass: organizationalUnit
entryUUID: 00000000-0000-4000-8000-000000000002

dn: OU=Legal,DC=example,DC=com
objectClass: organizationalUnit
entryUUID: 00000000-0000-4000-8000-000000000003

dn: CN=Staff,DC=example,DC=com
objectClass: group
entryUUID: 00000000-0000-4000-8000-000000000011
member: CN=Traders,DC=example,DC=com
member: CN=Ana,OU=Sales,DC=example,DC=com

dn: CN=Traders,DC=example,DC=com
objectClass: group
entryUUID: 00000000-0000-4000-8000-000000000012
member: CN=Bob,OU=Sales,DC=example,DC=com

dn: CN=Ana,OU=Sales,DC=example,DC=com
objectClass: user
entryUUID: 00000000-0000-4000-8000-000000000021
msRTCSIP-PrimaryUserAddress: sip:ana@example.com
userAccountControl: 512

dn: CN=Bob,OU=Sales,DC=example,DC=com
objectClass: user
entryUUID: 00000000-0000-4000-8000-000000000022
msRTCSIP-PrimaryUserAddress: sip:bob@example.com

dn: CN=Cleo,OU=Legal,DC=example,DC=com
objectClass: user
entryUUID: 00000000-0000-4000-8000-000000000023
msRTCSIP-PrimaryUserAddress: sip:cleo@example.com
";

fn office() -> Census {
    census(OFFICE).expect("it is an export")
}

/// The office once it was imported.
fn known() -> Present {
    imported(&office())
}

/// What a later export with these texts replaced would change.
fn after(replaced: &[(&str, &str)]) -> Plan {
    compare(&later(replaced), &known()).unwrap_or_else(|conflicts| panic!("{conflicts}"))
}

fn later(replaced: &[(&str, &str)]) -> Census {
    let mut text = OFFICE.to_owned();
    for (from, to) in replaced {
        assert!(text.contains(from), "{from} is in the export");
        text = text.replace(from, to);
    }
    census(&text).unwrap_or_else(|fault| panic!("{fault}"))
}

fn guid(number: u32) -> Uuid {
    Uuid::parse_str(&format!("00000000-0000-4000-8000-{number:012}")).expect("it is a GUID")
}

/// The entry of somebody of the office, to be taken out.
fn entry(dn: &str) -> &'static str {
    let start = OFFICE.find(&format!("dn: {dn}")).expect("it is in the export");
    let end = OFFICE[start..].find("\n\n").map_or(OFFICE.len(), |end| start + end + 2);
    &OFFICE[start..end]
}

/// What a plan says, in short lines.
fn told(plan: &Plan) -> Vec<String> {
    let mut lines = Vec::new();
    for added in &plan.added {
        lines.push(format!("+ {}", added.display_name));
    }
    for altered in &plan.altered {
        let mut line = format!("~ {}:", altered.display_name);
        let words = [
            (altered.is_renamed, " renamed"),
            (altered.is_moved, " moved"),
            (altered.is_disabled(), " disabled"),
            (altered.is_enabled_again(), " enabled again"),
        ];
        line.extend(words.iter().filter(|(is, _)| *is).map(|(_, word)| *word));
        lines.push(format!("{line} ({})", altered.fields().collect::<Vec<_>>().join(" ")));
    }
    for gone in &plan.gone {
        lines.push(format!("- {}", gone.display_name));
    }
    for change in &plan.memberships {
        let ends = |members: &[directory::Member]| {
            let ends = members.iter().map(|member| member.guid.to_string()[34..].to_owned());
            ends.collect::<Vec<_>>().join(" ")
        };
        lines.push(format!(
            "= {}: +[{}] -[{}]",
            change.display_name,
            ends(&change.joined),
            ends(&change.left)
        ));
    }
    lines
}

#[test]
fn the_first_import_adds_all_in_an_order_that_can_be_done() {
    let plan = compare(&office(), &Present::default()).expect("nothing is known");
    assert_eq!(
        told(&plan),
        [
            "+ example.com",
            "+ Sales",
            "+ Legal",
            "+ Staff",
            "+ Traders",
            "+ Ana",
            "+ Bob",
            "+ Cleo",
            "= Staff: +[12 21] -[]",
            "= Traders: +[22] -[]"
        ]
    );
    assert_eq!(plan.added[1].container, Some(guid(1)));
    assert_eq!(plan.added[5].container, Some(guid(2)));
    assert_eq!((plan.enabled_now, plan.share_disabled()), (0, 0.0));
}

#[test]
fn the_same_export_again_changes_nothing() {
    for text in [OFFICE, ACTIVE_DIRECTORY] {
        let census = census(text).expect("it is an export");
        let plan = compare(&census, &imported(&census)).expect("nothing is in conflict");
        assert!(plan.is_empty(), "{:?}", told(&plan));
        assert!(plan.unchanged > 7);
    }
}

/// What is replaced in the export, and what the plan says then.
type Later = (&'static [(&'static str, &'static str)], &'static [&'static str]);

#[test]
fn what_changed_is_told_by_its_own_word() {
    const ANA: &str = "CN=Ana,OU=Sales,";
    let table: &[Later] = &[
        (&[(ANA, "CN=Ana Ruiz,OU=Sales,")], &["~ Ana Ruiz: renamed (name displayName)"]),
        (&[("sip:ana@", "sip:ana.ruiz@")], &["~ Ana: (address)"]),
        (&[(ANA, "CN=Ana,OU=Legal,")], &["~ Ana: moved (name container)"]),
        (&[(ANA, "cn=Ana,ou=Sales,")], &["~ Ana: renamed (name)"]),
        (&[("userAccountControl: 512", "userAccountControl: 514")], &["~ Ana: disabled (state)"]),
        (&[("msRTCSIP-PrimaryUserAddress: sip:ana@example.com\n", "")], &["~ Ana: disabled (state)"]),
        (&[("CN=Traders,", "CN=Dealers,")], &["~ Dealers: renamed (name displayName)"]),
        (
            &[("OU=Sales,", "OU=Trade,")],
            &["~ Trade: renamed (name displayName)", "~ Ana: (name)", "~ Bob: (name)"],
        ),
        (&[("member: CN=Bob,OU=Sales,DC=example,DC=com\n", "")], &["= Traders: +[] -[22]"]),
        (
            &[("member: CN=Traders,DC=example,DC=com\n", "member: CN=Bob,OU=Sales,DC=example,DC=com\n")],
            &["= Staff: +[22] -[12]"],
        ),
    ];
    for (replaced, expected) in table {
        let plan = after(replaced);
        assert_eq!(told(&plan), *expected, "{replaced:?}");
    }
}

#[test]
fn a_container_that_moves_takes_its_people_along_unmoved() {
    let plan = after(&[("OU=Legal,DC", "OU=Legal,OU=Sales,DC")]);
    assert_eq!(told(&plan), ["~ Legal: moved (name container)", "~ Cleo: (name)"]);
}

#[test]
fn a_new_name_and_place_at_once_is_still_the_same_person() {
    let plan = after(&[
        ("CN=Ana,OU=Sales,", "CN=Ana Ruiz,OU=Legal,"),
        ("userAccountControl: 512", "userAccountControl: 514"),
    ]);
    assert_eq!(told(&plan), ["~ Ana Ruiz: renamed moved disabled (name displayName state container)"]);
    assert_eq!(plan.altered[0].guid, guid(21));
    assert_eq!((plan.renamed().count(), plan.moved().count(), plan.disabled().count()), (1, 1, 1));
    assert_eq!(plan.changed().count(), 0);
}

#[test]
fn whoever_is_not_in_the_file_is_gone_and_leaves_the_groups() {
    let bob = entry("CN=Bob");
    let plan = after(&[(bob, "")]);
    assert_eq!(told(&plan), ["- Bob", "= Traders: +[] -[22]"]);
    assert!(plan.gone[0].was_enabled);
    assert_eq!(plan.left_out.outside.members, 1, "his name is still in the group");
    let plan = after(&[(entry("CN=Traders"), ""), (entry("OU=Legal"), "")]);
    assert_eq!(
        told(&plan),
        ["~ Cleo: (container)", "- Traders", "- Legal", "= Staff: +[] -[12]"],
        "members of a group that is gone are not listed"
    );
}

#[test]
fn whoever_was_gone_or_disabled_comes_back_as_the_same() {
    let mut present = known();
    let ana = present.objects.iter_mut().find(|known| known.guid == guid(21)).expect("she is known");
    ana.state = PersonState::Removed;
    let staff = present.objects.iter_mut().find(|known| known.guid == guid(11)).expect("it is known");
    staff.state = PersonState::Removed;
    let plan = compare(&office(), &present).expect("nothing is in conflict");
    assert_eq!(told(&plan), ["~ Staff: enabled again (state)", "~ Ana: enabled again (state)"]);
    let without = later(&[("msRTCSIP-PrimaryUserAddress: sip:ana@example.com\n", "")]);
    let plan = compare(&without, &present).expect("nothing is in conflict");
    assert_eq!(plan.left_out.not_sip_enabled, 1, "she is not brought back without an address");
    assert_eq!(plan.enabled_again().count(), 1);
}

#[test]
fn people_without_an_address_are_counted_and_are_in_no_group() {
    let plan = compare(&census(ACTIVE_DIRECTORY).expect("it is an export"), &Present::default());
    let plan = plan.expect("nothing is known");
    assert_eq!(plan.left_out.not_sip_enabled, 1);
    let traders = plan.memberships.iter().find(|change| change.display_name.as_str() == "Traders");
    assert_eq!(traders.expect("it has members").joined.len(), 2, "Ana and the desk leads, not Erik");
}

#[test]
fn the_share_of_those_who_would_be_shut_out() {
    let gone = entry("CN=Bob");
    let plan = after(&[(gone, ""), ("userAccountControl: 512", "userAccountControl: 2")]);
    assert_eq!((plan.enabled_now, plan.shut_out()), (3, 2));
    assert!((plan.share_disabled() - 2.0 / 3.0).abs() < 1e-9);
    assert_eq!(after(&[]).share_disabled(), 0.0);
}

fn local(display_name: &str, address: &str) -> Known {
    Known {
        guid: guid(99),
        kind: ObjectKind::Person,
        name: None,
        display_name: DisplayName::parse(display_name).expect("it is a name"),
        address: Some(Address::parse(address).expect("it is an address")),
        state: PersonState::Enabled,
        mail: None,
        container: None,
        is_of_source: false,
        is_held: false,
    }
}

fn conflicts(census: &Census, present: &Present) -> Conflicts {
    compare(census, present).expect_err("two cannot have one address")
}

#[test]
fn two_people_cannot_have_one_address() {
    let both = later(&[("sip:bob@", "sip:ana@")]);
    let said = conflicts(&both, &known()).to_string();
    assert_eq!(
        said,
        "sip:ana@example.com would be the address of two people, 'CN=Ana,OU=Sales,DC=example,DC=com' (line 24) and \
         'CN=Bob,OU=Sales,DC=example,DC=com' (line 30): give one of them another address"
    );
    let mut present = known();
    present.objects.push(local("Ana (local)", "sip:dora@example.com"));
    let taken = later(&[("sip:bob@", "sip:dora@")]);
    let said = conflicts(&taken, &present).to_string();
    assert!(said.contains("'Ana (local)' (a local account) and 'CN=Bob,"), "{said}");
}

#[test]
fn an_address_is_free_when_its_holder_goes_or_has_another() {
    let bob = entry("CN=Bob");
    let plan = after(&[(bob, ""), ("sip:cleo@", "sip:bob@")]);
    assert_eq!(told(&plan), ["~ Cleo: (address)", "- Bob", "= Traders: +[] -[22]"]);
    let swapped = after(&[("sip:ana@", "sip:x@"), ("sip:bob@", "sip:ana@"), ("sip:x@", "sip:bob@")]);
    assert_eq!(swapped.readdressed().count(), 2);
    let mut present = known();
    present.objects.push(Known { state: PersonState::Removed, ..local("Dora", "sip:dora@example.com") });
    compare(&later(&[("sip:bob@", "sip:dora@")]), &present).expect("Dora was removed");
}

#[test]
fn who_is_not_sip_enabled_any_more_keeps_the_address() {
    let taken =
        later(&[("msRTCSIP-PrimaryUserAddress: sip:ana@example.com\n", ""), ("sip:bob@", "sip:ana@")]);
    let said = conflicts(&taken, &known()).to_string();
    assert!(said.contains("'CN=Ana,OU=Sales,DC=example,DC=com' (known already)"), "{said}");
}

#[test]
fn a_guid_belongs_to_one_source_and_one_kind() {
    let mut present = known();
    for object in &mut present.objects {
        object.is_of_source = false;
    }
    let found = conflicts(&office(), &present);
    assert!(found.to_string().contains("import it under the name of the source it came from"), "{found}");
    let mut present = known();
    present.objects[5].kind = ObjectKind::Group;
    let found = conflicts(&office(), &present);
    assert!(found.to_string().contains("has the GUID of a Group that is known"), "{found}");
    assert_eq!(found.count, 1);
}

#[test]
fn many_conflicts_are_counted_and_some_are_listed() {
    let text: String = (0..300)
        .map(|n| {
            format!(
                "dn: CN=p{n}\nobjectClass: user\nentryUUID: {}\nproxyAddresses: sip:one@example.com\n\n",
                guid(n)
            )
        })
        .collect();
    let found = conflicts(&census(&text).expect("it is an export"), &Present::default());
    assert_eq!((found.listed.len(), found.count), (100, 299));
    assert!(found.to_string().ends_with("and 199 more"));
}

#[test]
fn what_is_not_of_the_source_is_left_alone() {
    let mut present = known();
    let dora = present.objects.len() as u32;
    present.objects.push(local("Dora", "sip:dora@example.com"));
    let traders =
        present.objects.iter().position(|known| known.guid == guid(12)).expect("it is known") as u32;
    present.memberships.push((traders, dora));
    let plan = compare(&office(), &present).expect("nothing is in conflict");
    assert!(plan.is_empty(), "{:?}", told(&plan));
}

#[test]
fn the_steps_can_be_done_one_by_one() {
    let first = compare(&office(), &Present::default()).expect("nothing is known");
    let mut there: Vec<Uuid> = Vec::new();
    for step in first.steps() {
        match step {
            Step::Add(added) => {
                assert!(added.container.is_none_or(|container| there.contains(&container)), "{added:?}");
                there.push(added.guid);
            }
            Step::Join(group, member) => assert!(there.contains(&group) && there.contains(&member.guid)),
            other => panic!("a first import only adds: {other:?}"),
        }
    }
    let plan = after(&[
        (entry("CN=Bob"), ""),
        (entry("OU=Legal"), ""),
        ("OU=Legal", "OU=Sales"),
        ("sip:cleo@", "sip:bob@"),
    ]);
    let steps: Vec<&str> = plan
        .steps()
        .map(|step| match step {
            Step::Remove(_) => "remove",
            Step::Add(_) => "add",
            Step::Alter(_) => "alter",
            Step::Part(..) => "part",
            Step::Join(..) => "join",
        })
        .collect();
    assert_eq!(steps, ["remove", "alter", "part", "remove"], "Bob's address is free before Cleo has it");
}
