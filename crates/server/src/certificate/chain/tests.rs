//! What is wrong with a certificate: a table, over an authority made for it and at a time that is said.

use chat::Time;
use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, date_time_ymd,
};

use super::{Chain, Flaw, certificates};

/// An authority and the certificate of a server of which it is asked.
struct Scene {
    authority: String,
    issuer: Issuer<'static, KeyPair>,
    key: KeyPair,
}

impl Scene {
    fn new() -> Self {
        let own = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        let authority = params.self_signed(&own).expect("it is signed").pem();
        let issuer = Issuer::from_ca_cert_pem(&authority, own).expect("it is an authority");
        Self { authority, issuer, key: KeyPair::generate().expect("a key") }
    }

    /// A certificate for cs1 and its pool, good in 2026, with the authority behind it and the key beside it.
    fn text(&self, change: impl FnOnce(&mut CertificateParams)) -> [String; 3] {
        let names = ["cs1.contoso.example".to_owned(), "chat.contoso.example".to_owned()];
        let mut params = CertificateParams::new(names).expect("names");
        params.not_before = date_time_ymd(2026, 1, 1);
        params.not_after = date_time_ymd(2026, 12, 31);
        change(&mut params);
        let leaf = params.signed_by(&self.key, &self.issuer).expect("it is signed").pem();
        [leaf, self.authority.clone(), self.key.serialize_pem()]
    }
}

fn day(text: &str) -> Time {
    Time::parse_iso(&format!("{text}T12:00:00Z")).expect("a day")
}

/// What is wrong on a day for a server of these names.
fn flaws(text: &str, names: &[&str], on: &str) -> Vec<Flaw> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    match Chain::read(text.as_bytes()) {
        Ok(chain) => chain.flaws(&[], &names, day(on)),
        Err(flaw) => vec![flaw],
    }
}

#[test]
fn a_good_certificate_has_no_flaw_and_each_bad_one_its_own() {
    let (scene, other) = (Scene::new(), Scene::new());
    let [leaf, authority, key] = scene.text(|_| ());
    let [_, others_authority, others_key] = other.text(|_| ());
    let whole = [leaf.as_str(), &authority, &key].concat();
    let wildcard = scene.text(|params| {
        params.subject_alt_names =
            vec![rcgen::SanType::DnsName("*.contoso.example".try_into().expect("a name"))];
    });
    let for_clients =
        scene.text(|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]);
    let (summer, name) = ("2026-07-01", &["cs1.contoso.example"][..]);
    let is = |text: &str, names: &[&str], on: &str, said: &str| {
        let found = flaws(text, names, on);
        let found: Vec<String> = found.iter().map(|flaw| format!("{flaw:?}")).collect();
        match said {
            "" => assert!(found.is_empty(), "{found:?}"),
            said => assert!(found.len() == 1 && found[0].starts_with(said), "{said}: {found:?}"),
        }
    };
    is(&whole, name, summer, "");
    is(&whole, &["CHAT.contoso.example", "cs1.contoso.example"], summer, "");
    is(&whole, &["cs2.contoso.example"], summer, "Lacks(\"cs2");
    is(&wildcard.concat(), name, summer, "Lacks");
    is(&whole, name, "2025-12-31", "NotYet");
    is(&whole, name, "2027-01-01", "Expired");
    is(&[leaf.as_str(), &authority].concat(), name, summer, "NoKey");
    is(&[leaf.as_str(), &authority, &others_key].concat(), name, summer, "OtherKey");
    is(&[leaf.as_str(), &key].concat(), name, summer, "Alone");
    is(&[leaf.as_str(), &others_authority, &key].concat(), name, summer, "Broken");
    // Not fit for servers: nor does the chain hold for one.
    let found = flaws(&for_clients.concat(), name, summer);
    assert!(found.contains(&Flaw::Unfit("server")), "{found:?}");
}

#[test]
fn texts_that_hold_no_certificate_are_refused() {
    let begin = "-----BEGIN CERTIFICATE-----\n";
    let end = "-----END CERTIFICATE-----\n";
    for (text, said) in [
        (String::new(), "Empty"),
        ("Dear customer,\nplease find attached".to_owned(), "Empty"),
        (format!("{begin}AAAA\n{end}"), "Unreadable"),
        (format!("{begin}&&&&\n{end}"), "Unreadable"),
        (format!("{begin}AAAA"), "Unreadable"),
        (format!("{begin}AAAA\n{end}").repeat(11), "Long"),
    ] {
        let found = Chain::read(text.as_bytes()).expect_err("it holds none");
        assert!(format!("{found:?}").starts_with(said), "{said}: {found:?} for {text:?}");
    }
}

/// A cut or changed file is refused or read, and never more.
#[test]
fn a_damaged_file_ends_nothing() {
    let whole = Scene::new().text(|_| ()).concat();
    let mut read = 0;
    for at in (0..whole.len()).step_by(7) {
        let mut cut = whole.clone().into_bytes();
        cut[at] = b'A';
        read += usize::from(Chain::read(&cut).is_ok());
        read += usize::from(Chain::read(&whole.as_bytes()[..at]).is_ok());
    }
    assert!(read > 0, "some damage is beyond the first certificate");
}

#[test]
fn what_is_kept_is_read_again_as_it_was() {
    let text = Scene::new().text(|_| ()).concat();
    let chain = Chain::read(text.as_bytes()).expect("it is good");
    let again = Chain::read(&chain.as_pem()).expect("it is as good");
    assert_eq!((&again.certificates, &again.key), (&chain.certificates, &chain.key));
    let anchors = certificates(&chain.anchors_as_pem(&[])).expect("they can be read");
    assert_eq!(anchors, [chain.anchor().clone()]);
    let names = ["cs1.contoso.example".to_owned()];
    assert_eq!(chain.leaf.days_left(day("2026-12-30")), 0, "a part of a day is none");
    assert!(chain.leaf.lasts(&names, day("2026-11-30")));
    assert!(!chain.leaf.lasts(&names, day("2026-12-01")), "29 days are soon over");
    assert!(!chain.leaf.lasts(&["cs2.contoso.example".to_owned()], day("2026-11-30")));
}
