//! That everything which describes a route can be made, although most of it is made late or never.
//! What it says is compared with the reference.

use crate::resource;

#[test]
fn whatever_is_made_late_can_be_made_for_every_route() {
    for route in resource::routes() {
        assert!(!route.summary.is_empty(), "{}", route.name);
        assert!(*route.body_octets_max > 0, "{}", route.name);
        let read = route.path_fields.read(vec![("nonsense".to_owned(), String::new())]);
        assert!(read.is_err(), "{}: nobody knows that field", route.name);
        let read = (route.query_fields)(Vec::new());
        assert!(read.is_ok_and(|fields| fields.is_empty()), "{}: nothing was asked", route.name);
    }
}
