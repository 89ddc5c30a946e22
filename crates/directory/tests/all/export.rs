//! Exports for the tests: two that were written like those of real directories, and the people of the first for small ones.
//! Asserts nothing itself.

use directory::ldif::{LdifSource, Mapping};
use directory::{Census, CensusFault, Known, Listed, Present};

/// An export as `ldifde` writes it for a domain of Active Directory.
pub const ACTIVE_DIRECTORY: &str = include_str!("../exports/active_directory.ldif");
/// An export as `ldapsearch` writes it for OpenLDAP, asked for all attributes and the operational ones.
pub const OPENLDAP: &str = include_str!("../exports/openldap.ldif");

/// The census of an export.
pub fn census(text: &str) -> Result<Census, CensusFault> {
    census_by(text, Mapping::default())
}

/// The census of an export that is read in one's own way.
pub fn census_by(text: &str, mapping: Mapping) -> Result<Census, CensusFault> {
    Census::take(&mut LdifSource::new("hq", text.as_bytes(), mapping))
}

/// What the census of an export says of one object, by what people read.
pub fn listed<'a>(census: &'a Census, display_name: &str) -> &'a Listed {
    let mut all = census.objects().iter();
    all.find(|object| object.display_name.as_str() == display_name)
        .unwrap_or_else(|| panic!("{display_name} is not in the census"))
}

/// The display names of the direct members of a group.
pub fn members(census: &Census, group: &str) -> Vec<String> {
    let group = census.find(listed(census, group).guid).expect("it was just found");
    let members = census.memberships().iter().filter(|(of, _)| *of == group);
    members.map(|(_, member)| census.objects()[*member as usize].display_name.as_str().to_owned()).collect()
}

/// What is known once an export was imported: everybody in it who has an address, and everything that is no person.
pub fn imported(census: &Census) -> Present {
    let plan =
        directory::compare(census, &Present::default()).expect("nothing is known, so nothing is in conflict");
    let mut present = Present::default();
    for added in plan.added {
        present.objects.push(Known {
            guid: added.guid,
            kind: added.kind,
            name: Some(added.name),
            display_name: added.display_name,
            address: added.address,
            state: if added.enabled { chat::PersonState::Enabled } else { chat::PersonState::Disabled },
            mail: added.mail,
            container: added.container,
            is_of_source: true,
            is_held: false,
        });
    }
    let place = |guid| {
        let place = present.objects.iter().position(|known| known.guid == guid);
        place.expect("who joins was added") as u32
    };
    for change in &plan.memberships {
        let joined = change.joined.iter().map(|member| (place(change.group), place(member.guid)));
        present.memberships.extend(joined);
    }
    present
}
