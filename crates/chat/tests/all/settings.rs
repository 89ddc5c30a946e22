//! Policies, settings and add-ins: identities in every documented spelling, which one is in force, ranges, pages and names.

use chat::limits::{ADD_IN_NAME_CHARS_MAX, ADD_IN_URL_CHARS_MAX, HISTORY_POSTS_MAX, SCOPE_NAME_CHARS_MAX};
use chat::{AddInName, BadSetting, BadText, Configuration, ScopeName, Url, in_force};

fn pool(name: &str) -> ScopeName {
    ScopeName::Pool(name.to_owned())
}

fn site(name: &str) -> ScopeName {
    ScopeName::Site(name.to_owned())
}

fn tag(name: &str) -> ScopeName {
    ScopeName::Tag(name.to_owned())
}

#[test]
fn identities_in_all_their_spellings() {
    let table = [
        ("global", ScopeName::Global, "global"),
        ("Global", ScopeName::Global, "global"),
        (" GLOBAL ", ScopeName::Global, "global"),
        ("site:Leeds", site("Leeds"), "site:Leeds"),
        ("SITE: Leeds ", site("Leeds"), "site:Leeds"),
        ("site:Saint-Étienne", site("Saint-Étienne"), "site:Saint-Étienne"),
        (
            "service:PersistentChatServer:pchat01.example.com",
            pool("pchat01.example.com"),
            "service:PersistentChatServer:pchat01.example.com",
        ),
        (
            "Service:persistentchatserver:PCHAT01.example.com",
            pool("pchat01.example.com"),
            "service:PersistentChatServer:pchat01.example.com",
        ),
        (
            "service:pchat01.example.com",
            pool("pchat01.example.com"),
            "service:PersistentChatServer:pchat01.example.com",
        ),
        ("ChatUsers", tag("ChatUsers"), "ChatUsers"),
        ("tag:ChatUsers", tag("ChatUsers"), "ChatUsers"),
        ("Tag:Chat Users", tag("Chat Users"), "Chat Users"),
        ("été", tag("été"), "été"),
    ];
    for (text, scope, printed) in table {
        let read = ScopeName::parse(text).expect(text);
        assert_eq!((&read, read.to_string().as_str()), (&scope, printed), "{text}");
        assert_eq!(ScopeName::parse(printed), Ok(scope), "read back: {printed}");
    }
}

#[test]
fn what_is_no_identity_is_refused() {
    let long = "x".repeat(SCOPE_NAME_CHARS_MAX + 1);
    for text in [
        "",
        "  ",
        "site:",
        "site: ",
        "service:",
        "service:PersistentChatServer:",
        "service:Registrar:pool.example.com",
        "tag:",
        "tag:global",
        "tag:Global",
        "other:Leeds",
        "site:a:b",
        "two\nlines",
        &long,
    ] {
        let refused = ScopeName::parse(text);
        assert!(matches!(refused, Err(BadSetting::Scope(_))), "{text:?}: {refused:?}");
    }
    assert!(ScopeName::parse(&"ü".repeat(SCOPE_NAME_CHARS_MAX)).is_ok());
    let told = ScopeName::parse("site:").unwrap_err().to_string();
    assert!(told.contains("'site:'") && told.contains("service:PersistentChatServer:POOL"), "{told}");
}

#[test]
fn case_does_not_tell_identities_apart() {
    for (one, other, same) in [
        (site("Leeds"), site("LEEDS"), true),
        (tag("ChatUsers"), tag("chatusers"), true),
        (tag("Leeds"), site("Leeds"), false),
        (pool("a.example.com"), site("a.example.com"), false),
        (ScopeName::Global, ScopeName::Global, true),
    ] {
        assert_eq!(one.is(&other), same, "{one} and {other}");
        assert_eq!(one.folded() == other.folded(), same, "{one} and {other}");
    }
}

#[test]
fn the_most_specific_is_in_force() {
    let here = "pchat01.example.com";
    let all = [
        (ScopeName::Global, "global"),
        (site("Leeds"), "site"),
        (pool(here), "pool"),
        (tag("ChatUsers"), "user"),
        (site("York"), "another site"),
        (pool("pchat02.example.com"), "another pool"),
        (tag("Guests"), "another user policy"),
    ];
    // What there is of the first four, the person's policy, and what is in force: user, pool, site, global (specification 6, Q8).
    let table = [
        ([true, true, true, true], Some("ChatUsers"), Some("user")),
        ([true, true, true, true], Some("CHATUSERS"), Some("user")),
        ([true, true, true, true], None, Some("pool")),
        ([true, true, true, false], Some("ChatUsers"), Some("pool")),
        ([true, true, false, true], None, Some("site")),
        ([true, false, false, true], None, Some("global")),
        ([true, false, false, false], Some("ChatUsers"), Some("global")),
        ([false, true, false, false], None, Some("site")),
        ([false, false, false, true], None, None),
    ];
    for (there, granted, expected) in table {
        let kept = all.iter().enumerate().filter(|(n, _)| there.get(*n).copied().unwrap_or(true));
        // Whatever the order in which they were made.
        let mut kept: Vec<_> = kept.map(|(_, one)| one.clone()).collect();
        for _ in 0..2 {
            let found = in_force(&kept, granted, here, "Leeds").map(|(_, name)| *name);
            assert_eq!(found, expected, "{there:?} {granted:?}");
            kept.reverse();
        }
    }
}

#[test]
fn settings_have_their_documented_defaults_and_ranges() {
    let usual = Configuration::default();
    assert_eq!(usual.default_chat_history, 30);
    assert_eq!(usual.max_file_size_kb, 20_000);
    assert_eq!(usual.participant_update_limit, 75);
    assert_eq!(usual.room_management_url, None);
    assert_eq!(usual.clone().checked(), Ok(usual.clone()));
    let history = |posts| Configuration { default_chat_history: posts, ..usual.clone() }.checked();
    for (posts, right) in [(0, false), (1, true), (500, true), (501, false), (u16::MAX, false)] {
        assert_eq!(history(posts).is_ok(), right, "{posts}");
    }
    assert_eq!(
        history(501),
        Err(BadSetting::Range {
            what: "defaultChatHistory",
            value: 501,
            least: 1,
            most: HISTORY_POSTS_MAX as u64
        })
    );
    assert_eq!(history(501).unwrap_err().to_string(), "defaultChatHistory is 501: it must be from 1 to 500");
    for (size, limit, right) in [(1, 1, true), (u32::MAX, u32::MAX, true), (0, 1, false), (1, 0, false)] {
        let set = Configuration { max_file_size_kb: size, participant_update_limit: limit, ..usual.clone() };
        assert_eq!(set.checked().is_ok(), right, "{size} {limit}");
    }
}

#[test]
fn pages_are_of_the_web() {
    let room = ADD_IN_URL_CHARS_MAX - "https://a/".len();
    let (longest, longer) =
        (format!("https://a/{}", "x".repeat(room)), format!("https://a/{}", "x".repeat(room + 1)));
    for text in [
        "https://example.com",
        "http://example.com/rooms?x=1#top",
        "HTTPS://Example.com:8443/Rooms",
        "https://[2001:db8::1]:443/",
        "https://[::1]",
        " https://example.com/ ",
        &longest,
    ] {
        assert_eq!(Url::parse(text).expect(text).as_str(), text.trim());
    }
    for text in [
        "",
        "example.com",
        "ftp://example.com/",
        "javascript:alert(1)",
        "https://",
        "https:///path",
        "https://:443/",
        "https://example.com:/",
        "https://example.com:0/",
        "https://example.com:70000/",
        "https://example.com:port/",
        "https://ana:secret@example.com/",
        "https://[::1",
        "https://a b/",
        "https://a/\"onload=\"",
        "https://a/<script>",
        "https://a/\u{0}",
        "https://a/\u{202E}gpj.exe",
        "https://a\u{200B}.com/",
        &longer,
    ] {
        assert!(matches!(Url::parse(text), Err(BadSetting::Url { .. })), "{text:?}");
    }
}

#[test]
fn add_ins_have_short_names() {
    assert_eq!(AddInName::parse("  Price list ").expect("a name").as_str(), "Price list");
    assert!(AddInName::parse(&"ü".repeat(ADD_IN_NAME_CHARS_MAX)).is_ok());
    let long = AddInName::parse(&"ü".repeat(ADD_IN_NAME_CHARS_MAX + 1));
    assert!(matches!(long, Err(BadText::TooLong { size: 51, limit: 50, .. })), "{long:?}");
    for text in ["", " ", "two\nlines", "left\u{202E}right"] {
        assert!(AddInName::parse(text).is_err(), "{text:?}");
    }
    let folded = |text| AddInName::parse(text).expect("a name").folded();
    assert_eq!(folded("Price LIST"), folded("price list"), "unique without regard to case");
}
