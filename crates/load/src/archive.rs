//! What rooms are filled with before they are read: posts whose words follow from a seed, so that what must be found is known
//! without asking. Reading them again is `history.rs` and `search.rs`.

use crate::chance::Chance;
use crate::crowd::look_up;
use crate::door::{Door, Page, Session, read};
use crate::limits::WINDOW_MAX;
use crate::listen::{DIGITS, MARK};
use crate::person::{Crowd, Person};
use crate::progress::Progress;
use crate::receipt::take;
use crate::server::address;
use crate::trouble::Trouble;

/// Rooms and what is said in them.
///
/// Words have ranks from 1 on. Each word of a post is as likely to have a rank of one octave (1, 2 to 3, 4 to 7 ...) as of any other:
/// of posts of 200 octets six of seven have the word of rank 1, and one of some 17,000 has a given one of the rarest.
#[derive(Clone, Debug)]
pub struct Archive {
    /// Makes the words.
    pub seed: u32,
    /// Octets of a post.
    pub octets: usize,
    /// Posts of each room.
    pub posts: Vec<u32>,
}

/// Octaves of ranks.
const OCTAVES: u32 = 16;
/// How many ranks there are, and rank 0, which no word has.
pub const RANKS: usize = 1 << OCTAVES;
/// A word is its rank, written with sixteen syllables.
const SYLLABLES: [&str; 16] =
    ["ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "ri", "so", "tu", "va"];
/// The number of the link that fills the rooms: none of the people's.
const FILLER: usize = 0xffff_0000;

impl Archive {
    /// The names of the rooms.
    #[must_use]
    pub fn rooms(&self) -> Vec<String> {
        (0..self.posts.len()).map(|number| format!("Load-{number}")).collect()
    }

    /// The ranks of the words of a post, in their order; one may come again.
    #[must_use]
    pub fn ranks(&self, room: usize, number: u32) -> Vec<u32> {
        // Odd factors keep the rows of seeds and rooms apart.
        let room = u32::try_from(room).unwrap_or(u32::MAX).wrapping_mul(0x85EB_CA6B);
        let mut chance = Chance::new(self.seed.wrapping_mul(0x9E37_79B1) ^ room ^ number);
        let mut left = self.octets.saturating_sub(MARK.len() + DIGITS);
        let mut ranks = Vec::with_capacity(left / 6);
        loop {
            let least = 1 << chance.between(0, OCTAVES - 1);
            let rank = chance.between(least, 2 * least - 1);
            let length = 1 + 2 * syllables(rank);
            if length > left {
                return ranks;
            }
            left -= length;
            ranks.push(rank);
        }
    }

    /// The text of a post.
    #[must_use]
    pub fn text(&self, room: usize, number: u32) -> String {
        let mut text = format!("{MARK}{number:0width$}", width = DIGITS);
        text.reserve(self.octets);
        for rank in self.ranks(room, number) {
            text.push(' ');
            spell(rank, &mut text);
        }
        while text.len() < self.octets {
            text.push('.');
        }
        text
    }

    /// Which post of a room this text is; nothing when it was never posted there.
    #[must_use]
    pub fn number(&self, room: usize, text: &str) -> Option<u32> {
        let number = text.strip_prefix(MARK)?.get(..DIGITS)?.parse().ok()?;
        (number < *self.posts.get(room)? && self.text(room, number) == text).then_some(number)
    }

    /// Looks the rooms up and posts what is not in them yet, room after room; returns their GUIDs. What an earlier run has posted
    /// with the same seed is taken as it is.
    ///
    /// # Errors
    /// [`Trouble::Words`] when something else is in the rooms, or it was posted in another order; [`Trouble`] of the wire.
    pub async fn stock(&self, crowd: &Crowd, doors: &Crowd) -> Result<Vec<String>, Trouble> {
        let rooms = look_up(crowd, &self.rooms(), 0).await?;
        let guids: Vec<String> =
            rooms.iter().map(|uri| uri.rsplit('/').next().unwrap_or_default().to_owned()).collect();
        let mut door = Door::open(doors, 0).await?;
        let session = door.sign_on(&address(0)).await?;
        let mut kept = Vec::with_capacity(guids.len());
        for (room, guid) in guids.iter().enumerate() {
            kept.push(self.kept(room, guid, &mut door, &session).await?);
        }
        let whole = kept.iter().zip(&self.posts).take_while(|(kept, posts)| kept == posts).count();
        if kept.iter().skip(whole + 1).any(|kept| *kept > 0) {
            return Err(strange("rooms that were filled with other numbers of posts"));
        }
        if whole == self.posts.len() {
            return Ok(guids);
        }
        let mut author = Person::sign_on(crowd, FILLER, &address(0)).await?;
        author.enter().await?;
        for room in whole..rooms.len() {
            author.join(&rooms[room..=room]).await?;
            self.fill(room, &rooms[room], kept[room], &mut author).await?;
        }
        Ok(guids)
    }

    /// How many posts a room has already.
    async fn kept(
        &self,
        room: usize,
        guid: &str,
        door: &mut Door,
        session: &Session,
    ) -> Result<u32, Trouble> {
        let body = door.get(session, &format!("/rooms/{guid}/messages?limit=1")).await?;
        let page: Page<'_> = read(body)?;
        let Some(newest) = page.messages.last() else { return Ok(0) };
        let number = newest.text.as_deref().and_then(|text| self.number(room, text));
        number.map(|number| number + 1).ok_or_else(|| strange("posts that this run does not make"))
    }

    async fn fill(&self, room: usize, uri: &str, kept: u32, author: &mut Person) -> Result<(), Trouble> {
        let (posts, window) = (self.posts[room], u32::try_from(WINDOW_MAX).unwrap_or(1));
        let progress = Progress::of("posts", u64::from(posts - kept));
        let (mut sent, mut answered) = (kept, kept);
        while answered < posts {
            while sent < posts && sent - answered < window {
                author.post(uri, &self.text(room, sent));
                sent += 1;
            }
            author.send("it posted").await?;
            author.read("a post was to be acknowledged").await?;
            let mut refusal = None;
            let taken = take(&mut author.link, author.signing.as_mut(), |heard, _| match heard.code() {
                Some(200) => {
                    answered += 1;
                    progress.step();
                }
                Some(201..) => refusal = Some(heard.start.to_owned()),
                _ => (),
            });
            taken.map_err(|begin| author.not_sip(begin))?;
            if let Some(refusal) = refusal {
                return Err(author.refused("a post", &refusal));
            }
        }
        author.send("its receipts were answered").await
    }
}

/// The word of a rank.
#[must_use]
pub fn word(rank: u32) -> String {
    let mut text = String::with_capacity(8);
    spell(rank, &mut text);
    text
}

fn spell(rank: u32, text: &mut String) {
    for place in (0..syllables(rank)).rev() {
        text.push_str(SYLLABLES[(rank >> (4 * place)) as usize & 15]);
    }
}

fn syllables(rank: u32) -> usize {
    rank.max(1).ilog(16) as usize + 1
}

fn strange(what: &str) -> Trouble {
    Trouble::Words(format!(
        "the rooms Load-0 and so on hold {what}; give the --seed, --octets and --posts they were filled with, another --data, or a \
         server without such rooms"
    ))
}
