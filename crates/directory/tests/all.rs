//! Stories of people and their secrets, over a real store.

#[path = "all/affiliation.rs"]
mod affiliation;
#[path = "all/compare.rs"]
mod compare;
#[path = "all/distinguished_name.rs"]
mod distinguished_name;
#[path = "all/export.rs"]
mod export;
#[path = "all/following.rs"]
mod following;
#[path = "all/ldif.rs"]
mod ldif;
#[path = "all/schemas.rs"]
mod schemas;
#[path = "all/tokens.rs"]
mod tokens;

use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chat::{Actor, Address, DisplayName, Domain, PersonId};
use directory::{
    Directory, DirectoryFault, Password, PasswordRefused, PublicationName, SealingKey, SignOnRefused,
};
use ntlm::NtHash;
use store::{Founding, Order, PersonDraft, PutOutcome, RowChange, RowDone, Store, Who};
use testkit::TestClock;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const THERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const PASSWORD: &str = "correct horse 9";

struct House {
    _folder: tempfile::TempDir,
    clock: Arc<TestClock>,
    store: Store,
    directory: Directory,
}

impl House {
    fn found() -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let clock = Arc::new(TestClock::at("2026-11-24T10:00:00Z", 7));
        let founding = Founding {
            domain: Domain::parse("example.com").expect("a domain"),
            pool_name: "pool.example.com".into(),
            pool_guid: uuid::Uuid::from_u128(1),
            site: "Default".into(),
            chat: true,
        };
        let store =
            Store::open(&folder.path().join("store.db"), &founding, clock.clone()).expect("a new store");
        let key = SealingKey::make(&folder.path().join("key"), &*clock).expect("a new key");
        let directory = Directory::open(store.clone(), clock.clone(), key).expect("argon2id works");
        Self { _folder: folder, clock, store, directory }
    }

    async fn person(&self, user: &str, legacy: bool) -> PersonId {
        let address = address(user);
        let password = Password::parse(PASSWORD).expect("a good password");
        let credentials = self.directory.seal(&address, &password, legacy).await.expect("it can be sealed");
        let draft = PersonDraft::local(address, DisplayName::parse(user).expect("a name"));
        let changes = vec![
            RowChange::NewPerson(draft),
            RowChange::PutCredentials { person: Who::JustMade, credentials },
        ];
        let done = self
            .store
            .administer(Order::of(Actor::Server, "{}".into()), changes)
            .await
            .expect("a new person")
            .done;
        match &done[0] {
            RowDone::Person(person) => person.id,
            other => panic!("not a person: {other:?}"),
        }
    }
}

fn address(user: &str) -> Address {
    Address::parse(&format!("sip:{user}@example.com")).expect("an address")
}

#[tokio::test]
async fn alice_is_known_by_her_password_and_nobody_else_by_it() {
    let house = House::found();
    let alice = house.person("alice", false).await;
    let known = house.directory.check(&address("alice"), PASSWORD, HERE).await.expect("it is her password");
    assert_eq!(known.id, alice);
    for (user, password) in [("alice", "correct horse 8"), ("mallory", PASSWORD)] {
        let refused = house.directory.check(&address(user), password, HERE).await;
        assert!(matches!(refused, Err(SignOnRefused::Wrong)), "{user}: {refused:?}");
    }
}

#[tokio::test]
async fn a_legacy_secret_is_found_under_every_name_the_client_may_send() {
    let house = House::found();
    let alice = house.person("alice", true).await;
    let right = NtHash::of_password(PASSWORD);
    for (user, domain) in
        [("alice", ""), ("ALICE", "EXAMPLE"), ("alice@example.com", ""), ("alice", "example.com")]
    {
        let secret = house.directory.legacy(user, domain).await.expect("the store is there");
        assert_eq!(secret.person.map(|person| person.id), Some(alice), "{user} {domain}");
        assert_eq!(secret.hash.as_bytes(), right.as_bytes());
    }
}

#[tokio::test]
async fn whoever_may_not_sign_on_this_way_gets_a_decoy() {
    let house = House::found();
    house.person("bob", false).await;
    for (user, domain) in [("bob", ""), ("mallory", ""), ("alice", "other.org"), ("", ""), ("a b", "x y")] {
        let secret = house.directory.legacy(user, domain).await.expect("the store is there");
        assert!(secret.person.is_none(), "{user} {domain}");
        assert_ne!(secret.hash.as_bytes(), NtHash::of_password(PASSWORD).as_bytes());
    }
}

#[tokio::test]
async fn a_password_the_legacy_client_would_cut_is_refused_for_it_alone() {
    let house = House::found();
    let password = Password::parse("cärol und ihr Pferd").expect("a good password");
    let refused = house.directory.seal(&address("carol"), &password, true).await;
    assert!(matches!(refused, Err(DirectoryFault::Password(PasswordRefused::NotAscii))), "{refused:?}");
    assert!(house.directory.seal(&address("carol"), &password, false).await.is_ok());
}

#[test]
fn what_is_no_password_is_refused_with_its_reason() {
    let long = "x".repeat(257);
    let table = [
        ("short", PasswordRefused::TooShort),
        (long.as_str(), PasswordRefused::TooLong),
        ("two\nlines here", PasswordRefused::Control),
    ];
    for (text, reason) in table {
        assert_eq!(Password::parse(text).err(), Some(reason), "{text}");
    }
    assert!(Password::parse("a line from a pipe\n").is_ok());
}

#[tokio::test]
async fn what_is_kept_of_a_password_does_not_hold_it() {
    let house = House::found();
    let password = Password::parse(PASSWORD).expect("a good password");
    let kept = house.directory.seal(&address("alice"), &password, true).await.expect("it can be sealed");
    let sealed = kept.nt.expect("legacy was asked for");
    let hash = NtHash::of_password(PASSWORD);
    assert!(
        !sealed.windows(16).any(|window| window == hash.as_bytes()),
        "the hash is not in the sealed bytes"
    );
    assert!(kept.argon2.expect("argon2id is always kept").starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
}

#[tokio::test]
async fn a_sealed_secret_is_worth_nothing_under_another_address() {
    let house = House::found();
    let alice = house.person("alice", true).await;
    let eve = house.person("eve", false).await;
    let stolen =
        house.store.credentials(alice).await.expect("the store is there").expect("she has credentials");
    let put = RowChange::PutCredentials { person: Who::Known(eve), credentials: stolen };
    house
        .store
        .administer(Order::of(Actor::Server, "{}".into()), vec![put])
        .await
        .expect("somebody with the database does this");
    let secret = house.directory.legacy("eve", "").await.expect("the store is there");
    assert!(secret.person.is_none());
}

#[test]
fn a_key_file_that_others_may_read_or_that_is_cut_short_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("key");
    let clock = TestClock::at("2026-11-24T10:00:00Z", 7);
    SealingKey::make(&path, &clock).expect("a new key");
    assert!(SealingKey::load(&path).is_ok());
    assert!(SealingKey::make(&path, &clock).is_err(), "a key is never made anew over an old one");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).expect("it can be opened up");
    assert!(SealingKey::load(&path).expect_err("others may read it").to_string().contains("chmod 600"));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("it can be closed again");
    std::fs::write(&path, b"short").expect("it can be written");
    assert!(SealingKey::load(&path).expect_err("it is too short").to_string().contains("5 octets"));
}

#[tokio::test(start_paused = true)]
async fn each_failure_makes_the_next_try_wait_longer_and_success_ends_it() {
    let house = House::found();
    let start = Instant::now();
    let mut waits = Vec::new();
    for _ in 0..5 {
        let before = Instant::now();
        house.directory.turn("sip:alice@example.com", HERE).await.expect("a person may always try");
        waits.push(before.elapsed());
    }
    assert_eq!(waits, [0, 250, 500, 1000, 2000].map(Duration::from_millis));
    let elsewhere = Instant::now();
    house
        .directory
        .turn("sip:alice@example.com", IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)))
        .await
        .expect("elsewhere");
    assert_eq!(elsewhere.elapsed(), Duration::ZERO, "somebody else's failures do not delay her");
    house.directory.succeeded("sip:alice@example.com", HERE);
    let after = Instant::now();
    house.directory.turn("SIP:ALICE@example.com", HERE).await.expect("she is known");
    assert_eq!(after.elapsed(), Duration::ZERO);
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn whoever_has_a_whole_network_has_one_turn() {
    let house = House::found();
    let waited = |from: &str| {
        let (directory, from) = (house.directory.clone(), from.parse::<IpAddr>().expect("an address"));
        async move {
            let before = Instant::now();
            directory.turn("alice", from).await.expect("a person may always try");
            before.elapsed()
        }
    };
    let none = Duration::ZERO;
    assert_eq!(waited("2001:db8:0:1::1").await, none);
    assert_ne!(waited("2001:db8:0:1:ffff::2").await, none, "the same network");
    assert_eq!(waited("2001:db8:0:2::1").await, none, "another one");
    assert_eq!(waited("192.0.2.1").await, none);
    assert_ne!(waited("::ffff:192.0.2.1").await, none, "the same address through the other stack");
    assert_eq!(waited("192.0.2.2").await, none, "another one");
}

/// Guessers of alice's password who act together until they are dropped, and how often it was their turn.
struct Guessers {
    guessed: Arc<AtomicUsize>,
    _tasks: JoinSet<()>,
}

impl Guessers {
    /// Each holds a link open, waits for his turn and begins anew.
    fn who_wait(directory: &Directory, links: usize) -> Self {
        Self::who(links, directory, async |directory| directory.turn("alice", HERE).await.is_ok())
    }

    /// One tries ten times in a second and waits for no answer.
    fn who_hang_up(directory: &Directory) -> Self {
        Self::who(1, directory, async |directory| {
            let tried = timeout(Duration::from_millis(50), directory.turn("alice", HERE)).await;
            sleep(Duration::from_millis(50)).await;
            matches!(tried, Ok(Ok(())))
        })
    }

    fn who<T>(
        how_many: usize,
        directory: &Directory,
        tries: impl Fn(Directory) -> T + Clone + Send + 'static,
    ) -> Self
    where
        T: Future<Output = bool> + Send,
    {
        let guessed = Arc::new(AtomicUsize::new(0));
        let mut tasks = JoinSet::new();
        for _ in 0..how_many {
            let (guessed, directory, tries) = (guessed.clone(), directory.clone(), tries.clone());
            tasks.spawn(async move {
                loop {
                    guessed.fetch_add(usize::from(tries(directory.clone()).await), Ordering::Relaxed);
                }
            });
        }
        Self { guessed, _tasks: tasks }
    }

    fn guessed(&self) -> usize {
        self.guessed.load(Ordering::Relaxed)
    }

    /// What they guess in ten minutes; the quick guesses of the beginning are over.
    async fn guess_in_ten_minutes(&self) -> usize {
        sleep(Duration::from_secs(60)).await;
        let before = self.guessed();
        sleep(Duration::from_secs(600)).await;
        self.guessed() - before
    }
}

/// How long alice waits for her turn, and whether it comes.
async fn alice_waits(directory: &Directory, from: IpAddr) -> (Duration, bool) {
    let before = Instant::now();
    let came = directory.turn("alice", from).await.is_ok();
    (before.elapsed(), came)
}

/// Half a minute of guessing hinders alice for so long at most, whenever she comes, and nobody elsewhere.
async fn alice_comes_through(directory: &Directory, longest: Duration) {
    for offset in [0, 1_100, 5_300, 9_700, 15_900] {
        sleep(Duration::from_millis(offset)).await;
        let (waited, came) = alice_waits(directory, HERE).await;
        assert!(came && waited <= longest, "she waits {waited:?}");
        assert_eq!(alice_waits(directory, THERE).await, (Duration::ZERO, true), "elsewhere nobody guesses");
        directory.succeeded("alice", THERE);
    }
}

#[tokio::test(start_paused = true)]
async fn guessers_who_hang_up_guess_slowly_and_hold_nobody_up() {
    let house = House::found();
    let guessers = Guessers::who_hang_up(&house.directory);
    let guessed = guessers.guess_in_ten_minutes().await;
    assert!((30..=38).contains(&guessed), "one guess in 16 s, not {guessed} in ten minutes");
    alice_comes_through(&house.directory, Duration::from_millis(16_250)).await;
}

#[tokio::test(start_paused = true)]
async fn guessers_who_hold_links_open_guess_slowly_and_hold_nobody_up() {
    for (links, most, longest) in [(1, 38, 16_500), (20, 760, 21_250), (100, 2_401, 41_250)] {
        let house = House::found();
        let guessers = Guessers::who_wait(&house.directory, links);
        let guessed = guessers.guess_in_ten_minutes().await;
        assert!(guessed <= most, "{links} links: {guessed} guesses in ten minutes");
        alice_comes_through(&house.directory, Duration::from_millis(longest)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_crowd_of_guessers_has_no_more_turns_and_leaves_its_share() {
    let house = House::found();
    let guessers = Guessers::who_wait(&house.directory, 400);
    let guessed = guessers.guess_in_ten_minutes().await;
    assert!((2_390..=2_401).contains(&guessed), "four guesses in a second, not {guessed} in ten minutes");
    let mut turns = 0;
    for _ in 0..10 {
        let (waited, came) = alice_waits(&house.directory, HERE).await;
        assert!(waited <= Duration::from_millis(45_250), "she is told in time, not after {waited:?}");
        turns += usize::from(came);
        sleep(Duration::from_millis(1_700)).await;
    }
    assert!(turns > 0, "never a lock-out");
}

#[tokio::test(start_paused = true)]
async fn the_right_password_clears_the_way_for_whoever_waits() {
    let house = House::found();
    for _ in 0..7 {
        house.directory.turn("alice", HERE).await.expect("a person may always try");
    }
    let directory = house.directory.clone();
    let other = tokio::spawn(async move { alice_waits(&directory, HERE).await });
    sleep(Duration::from_secs(2)).await;
    house.directory.succeeded("alice", HERE);
    assert_eq!(other.await.expect("it does not panic"), (Duration::from_secs(2), true));
}

#[tokio::test(start_paused = true)]
async fn failures_are_forgotten_in_time() {
    let house = House::found();
    for _ in 0..7 {
        house.directory.turn("alice", HERE).await.expect("a person may always try");
    }
    sleep(Duration::from_secs(15 * 60)).await;
    assert_eq!(alice_waits(&house.directory, HERE).await, (Duration::ZERO, true));
    assert_eq!(alice_waits(&house.directory, HERE).await, (Duration::from_millis(250), true));
}

#[tokio::test]
async fn followed_rooms_are_kept_with_their_versions() {
    let house = House::found();
    let alice = house.person("alice", false).await;
    let name = PublicationName::new("roomSetting", 1, 1_873_520_114).expect("a good name");
    let put = |expected, content: Option<&str>| {
        house.directory.publish(alice, &name, Some(expected), content.map(|text| text.as_bytes().to_vec()))
    };
    assert_eq!(put(0, Some("<a/>")).await.expect("kept"), PutOutcome::Stored(1));
    assert_eq!(put(0, Some("<b/>")).await.expect("decided"), PutOutcome::Conflict(1));
    assert_eq!(put(1, Some("<b/>")).await.expect("kept"), PutOutcome::Stored(2));
    let all = house.directory.publications(alice).await.expect("the store is there");
    assert_eq!(all.len(), 1);
    assert_eq!((&all[0].name, all[0].version, all[0].content.as_slice()), (&name, 2, &b"<b/>"[..]));
    assert_eq!(put(2, None).await.expect("removed"), PutOutcome::Removed);
    assert!(house.directory.publications(alice).await.expect("the store is there").is_empty());
}
