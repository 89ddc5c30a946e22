//! When a certificate is remarked on, day by day.
//! That the remark is shown is told by the stories of certificates.

use super::ends_soon;

#[test]
fn a_certificate_is_remarked_on_in_its_last_thirty_days() {
    let table = [
        (400, None),
        (30, None),
        (29, Some("the certificate ends in 29 days")),
        (0, Some("the certificate ends in 0 days")),
        (-1, Some("the certificate has ended")),
    ];
    for (days, told) in table {
        let said = ends_soon(days);
        match told {
            None => assert_eq!(said, None, "{days}"),
            Some(told) => {
                let said = said.unwrap_or_default();
                assert!(said.starts_with(told) && said.contains("certificate request"), "{days}: {said}");
            }
        }
    }
}
