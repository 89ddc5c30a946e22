//! Changes of the contact list as SOAP operations ([MS-SIP] 2.2: setContact, deleteContact, addGroup, modifyGroup, deleteGroup).
//! All other operations are unknown here. `deltaNum` is not compared.

use chat::Address;

use crate::document::contacts::{Change, Changed, Contact, groups, text};
use crate::document::xml::{Bounds, Element, Unreadable, begin, end, leaf, read as read_xml};

/// The type of the bodies.
pub(crate) const MEDIA_TYPE: &str = "application/SOAP+xml";

/// What a client asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Operation {
    /// A change of the contact list, and the name of the operation to answer under.
    Contacts { name: &'static str, change: Change },
    /// Something that is not served.
    Other,
}

/// Reads the body.
pub(crate) fn read(body: &[u8]) -> Result<Operation, Unreadable> {
    let root = read_xml(body, Bounds::BODY)?;
    let inside = root.child("Body").filter(|_| root.local() == "Envelope");
    let operation = inside.and_then(|inside| inside.elements().next());
    let operation = operation.ok_or(Unreadable::Wrong("an Envelope with a Body is expected"))?;
    // COMPAT(pidgin-sipe: it counts deltaNum up with every change it asks for and looks at no refusal, so after one refusal
    // every comparison would fail). Each change says all about its one contact or group, so nothing is lost by that.
    let (name, change) = match operation.local() {
        "setContact" => ("setContact", Change::SetContact(contact(operation)?)),
        "deleteContact" => ("deleteContact", Change::DeleteContact { address: address(operation)? }),
        "addGroup" => ("addGroup", Change::AddGroup { name: group_name(operation)? }),
        "modifyGroup" => {
            ("modifyGroup", Change::ModifyGroup { id: group_id(operation)?, name: group_name(operation)? })
        }
        "deleteGroup" => ("deleteGroup", Change::DeleteGroup { id: group_id(operation)? }),
        _ => return Ok(Operation::Other),
    };
    Ok(Operation::Contacts { name, change })
}

/// The answer to an operation that was carried out.
pub(crate) fn print(name: &str, changed: Changed) -> String {
    let name = format!("m:{name}");
    let mut out = String::new();
    begin(&mut out, "s:Envelope", &[("xmlns:s", "http://schemas.xmlsoap.org/soap/envelope/")]);
    begin(&mut out, "s:Body", &[]);
    begin(&mut out, &name, &[("xmlns:m", "http://schemas.microsoft.com/winrtc/2002/11/sip")]);
    if let Some(group) = changed.group {
        leaf(&mut out, "m:groupID", &[], &group.to_string());
    }
    leaf(&mut out, "m:deltaNum", &[], &changed.delta.to_string());
    [&*name, "s:Body", "s:Envelope"].iter().for_each(|name| end(&mut out, name));
    out
}

fn contact(operation: &Element) -> Result<Contact, Unreadable> {
    let value = |name| operation.child(name).map(Element::text).unwrap_or_default();
    Ok(Contact {
        address: address(operation)?,
        name: text(&value("displayName"))?,
        groups: groups(&value("groups"))?,
        subscribed: value("subscribed") == "true",
    })
}

/// The contact's address, without its scheme.
fn address(operation: &Element) -> Result<String, Unreadable> {
    let uri = operation.child("URI").map(Element::text).unwrap_or_default();
    let uri = if uri.contains(':') { uri } else { format!("sip:{uri}") };
    let address = Address::parse(&uri).map_err(|_| Unreadable::Wrong("a contact has an address"))?;
    Ok(format!("{}@{}", address.user(), address.domain()))
}

fn group_id(operation: &Element) -> Result<u32, Unreadable> {
    let id = operation.child("groupID").and_then(|id| id.text().parse().ok());
    id.ok_or(Unreadable::Wrong("a group has a number"))
}

fn group_name(operation: &Element) -> Result<String, Unreadable> {
    match operation.child("name").map(Element::text) {
        Some(name) if !name.is_empty() => text(&name),
        _ => Err(Unreadable::Wrong("a group has a name")),
    }
}
