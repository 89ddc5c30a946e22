//! Names in a hosts file.
//! DNS is not asked here.

use super::in_hosts;

#[test]
fn a_name_has_every_address_of_its_lines() {
    let text = "127.0.0.11 fe1.contoso.example FE.contoso.example # the first\n\n# 127.0.0.9 fe.contoso.example\n\
                127.0.0.12\tfe2.contoso.example fe.contoso.example\nnonsense fe.contoso.example\n::1 fe.contoso.example.org\n";
    let of = |name| in_hosts(text, name).iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(of("fe.contoso.example"), ["127.0.0.11", "127.0.0.12"]);
    assert_eq!(of("Fe2.Contoso.Example"), ["127.0.0.12"]);
    assert!(of("contoso.example").is_empty());
}
