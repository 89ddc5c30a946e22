//! The made-up organisation: a small maker of pumps, its people, its rooms, and what was said there in a week.
//! Invented from beginning to end.

use admin::{RoomPrivacy, RoomType};

/// Who spoke, and what.
pub type Said = (&'static str, &'static str);

/// A room of the story.
pub struct RoomStory {
    /// Its name.
    pub name: &'static str,
    /// Its category.
    pub category: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// Who may find and join it.
    pub privacy: RoomPrivacy,
    /// Who may post in it.
    pub kind: RoomType,
    /// Members.
    pub members: &'static [&'static str],
    /// Managers.
    pub managers: &'static [&'static str],
    /// Presenters.
    pub presenters: &'static [&'static str],
    /// What was said, oldest first.
    pub said: &'static [Said],
}

/// A dozen people, and whoever looks after the server.
pub const PEOPLE: [(&str, &str); 13] = [
    ("alice", "Alice Martin"),
    ("bob", "Bob Okafor"),
    ("carol", "Carol Jensen"),
    ("david", "David Rossi"),
    ("elena", "Elena Petrova"),
    ("farid", "Farid Haddad"),
    ("grace", "Grace Kimura"),
    ("hugo", "Hugo Lindqvist"),
    ("ines", "Inês Duarte"),
    ("jonas", "Jonas Weber"),
    ("kavya", "Kavya Rao"),
    ("leo", "Léo Fontaine"),
    (ADMINISTRATOR, "Maya Stein"),
];

/// Who has the role of an administrator.
pub const ADMINISTRATOR: &str = "maya";

/// Three categories: name, description, creators.
pub const CATEGORIES: [(&str, &str, &[&str]); 3] = [
    ("General", "Rooms for everybody", &["alice", "carol"]),
    ("Plant", "What runs and what does not", &["david", "elena"]),
    ("Company", "Direction and announcements", &["grace"]),
];

/// Eight rooms.
pub const ROOMS: [RoomStory; 8] = [
    RoomStory {
        name: "Engineering",
        category: "General",
        description: "Pumps, drives and the code that moves them",
        privacy: RoomPrivacy::Open,
        kind: RoomType::Normal,
        members: &[],
        managers: &["alice"],
        presenters: &[],
        said: &[
            ("alice", "The new seal test stand is wired. First run on Wednesday."),
            ("bob", "Which pressure do we start with?"),
            ("alice", "6 bar, then steps of 2 up to 16."),
            ("kavya", "Controller firmware 4.2 is on the branch. Ramp limits are settings now."),
            ("leo", "Tested 4.2 on the bench: no overshoot any more below 40 Hz."),
            ("bob", "And above?"),
            ("leo", "2 % at 50 Hz. Within the data sheet, but I would like less."),
            ("kavya", "Try ramp.soft = 0.8, it costs 300 ms."),
            ("leo", "0.6 % now. I take the 300 ms."),
            ("alice", "Seal test passed at 16 bar, 48 h, no drop. Report is on the share."),
            ("carol", "Can sales quote it?"),
            ("alice", "From Monday, once quality has signed."),
        ],
    },
    RoomStory {
        name: "Coffee corner",
        category: "General",
        description: "Everything else",
        privacy: RoomPrivacy::Open,
        kind: RoomType::Normal,
        members: &[],
        managers: &["carol"],
        presenters: &[],
        said: &[
            ("ines", "There is orange cake on the second floor."),
            ("jonas", "There was."),
            ("hugo", "Five-a-side on Thursday, we need one more."),
            ("farid", "I am in if somebody else keeps goal."),
            ("ines", "Second cake. Be quick."),
        ],
    },
    RoomStory {
        name: "Customer desk",
        category: "General",
        description: "Questions from outside and who answers them",
        privacy: RoomPrivacy::Closed,
        kind: RoomType::Normal,
        members: &["carol", "farid", "ines", "alice", "jonas"],
        managers: &["carol"],
        presenters: &[],
        said: &[
            ("farid", "The waterworks ask for spare impellers, 12 pieces, by the 3rd."),
            ("carol", "We have 9 in stock."),
            ("jonas", "3 more come out of machining on Friday."),
            ("carol", "Then promise the 1st, not before."),
            ("ines", "The dairy reports noise on unit 7. Recording attached to the ticket."),
            ("alice", "Sounds like cavitation. Ask them for the suction pressure."),
            ("ines", "0.3 bar. They had throttled the wrong valve. Solved by phone."),
        ],
    },
    RoomStory {
        name: "Shift log",
        category: "Plant",
        description: "What each shift leaves to the next",
        privacy: RoomPrivacy::Closed,
        kind: RoomType::Normal,
        members: &["david", "elena", "hugo", "jonas", "alice"],
        managers: &["david"],
        presenters: &[],
        said: &[
            ("david", "Early: line 2 back at 07:40 after belt change. 214 housings."),
            ("elena", "Late: no stops. 231 housings. Coolant of lathe 4 low, topped up."),
            ("hugo", "Night: lathe 4 again, 3 l. There is a leak behind the guard."),
            ("david", "Early: leak found, hose clamp replaced. Keep an eye on it."),
            ("elena", "Late: dry. 229 housings."),
            ("hugo", "Night: dry. Power dip at 03:12, drives restarted by themselves."),
            ("jonas", "Early: dip confirmed by the utility, works on the line until Saturday."),
            ("elena", "Late: two dips, both below 200 ms, nothing stopped."),
        ],
    },
    RoomStory {
        name: "Maintenance",
        category: "Plant",
        description: "Planned work, spare parts, keys",
        privacy: RoomPrivacy::Open,
        kind: RoomType::Normal,
        members: &[],
        managers: &["elena"],
        presenters: &[],
        said: &[
            ("elena", "Crane inspection on Tuesday 06:00 to 08:00, hall B closed."),
            ("hugo", "Can we move one pallet out before?"),
            ("elena", "Until Monday evening, key is with me."),
            ("david", "Filter for compressor 1 arrived. Changing it in the break."),
            ("david", "Done. Pressure drop 0.1 bar, was 0.6."),
        ],
    },
    RoomStory {
        name: "Incidents",
        category: "Plant",
        description: "One thread of facts while something is wrong",
        privacy: RoomPrivacy::Closed,
        kind: RoomType::Normal,
        members: &["david", "elena", "grace", "alice", "kavya", "hugo"],
        managers: &["elena"],
        presenters: &[],
        said: &[
            ("hugo", "03:12 power dip, all drives of line 1 and 2 restarted."),
            ("hugo", "03:15 both lines at speed. No damage seen."),
            ("elena", "06:05 checked the 14 parts in the machines: two scrapped, rest good."),
            ("kavya", "07:30 logs show the drives rode through 180 ms as designed."),
            ("grace", "Thank you. Please put the scrap on the utility's claim form."),
            ("elena", "Closed. Claim sent."),
        ],
    },
    RoomStory {
        name: "Town hall",
        category: "Company",
        description: "Announcements to everybody",
        privacy: RoomPrivacy::Open,
        kind: RoomType::Auditorium,
        members: &[],
        managers: &["grace"],
        presenters: &["grace", "carol"],
        said: &[
            ("grace", "Welcome to the new week. Order intake is 8 % above plan."),
            ("carol", "The fair in November is booked: hall 4, stand B12."),
            ("grace", "Canteen closes at 14:00 on Friday."),
            ("grace", "Quality has signed the 16 bar seal. Well done, Engineering."),
        ],
    },
    RoomStory {
        name: "Board",
        category: "Company",
        description: "Direction",
        privacy: RoomPrivacy::Secret,
        kind: RoomType::Normal,
        members: &["grace", "carol", "alice"],
        managers: &["grace"],
        presenters: &[],
        said: &[
            ("grace", "Two offers for the new test hall are in."),
            ("carol", "The cheaper one cannot start before March."),
            ("alice", "March is fine if the foundation is poured this year."),
            ("grace", "Then we take it. Decision noted."),
        ],
    },
];
