//! Reports: how much is posted, which rooms are quiet, where a person has a role and by which groups.
//! Counts and names; reads no text of a post.

use std::collections::{BTreeMap, HashMap, HashSet};

use chat::{Address, CategoryId, PersonId, Principal, RoomId, Scope, Time};
use store::{Holding, List, Member, Node, Pulse, Tally};

use crate::errand::Errand;
use crate::error::AdminError;
use crate::operation::{Period, ReportActivity, ReportMembership, ReportUsage};
use crate::outcome::{Outcome, Rows};
use crate::page;
use crate::principal::{People, shown_group};
use crate::user;
use crate::view::{ActivityView, FigureView, HeldRole, MembershipView, Section};

/// Rooms and people a list of the report of use has when nothing else is asked (documented: ten).
const TOP: u32 = 10;
/// Stretches of time a trend has (ours: more than a year of days); the oldest are left out.
const STRETCHES_MAX: usize = 400;
/// Rooms read at once (ours: some milliseconds).
const READ_AT_ONCE: usize = 1_000;
/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

pub(crate) async fn usage(errand: &Errand<'_>, asked: &ReportUsage) -> Result<Outcome, AdminError> {
    let from = asked.start_date.as_ref().map(|moment| moment.first("startDate")).transpose()?;
    let to = asked.end_date.as_ref().map(|moment| moment.last("endDate")).transpose()?;
    let top = usize::try_from(asked.top.unwrap_or(TOP)).unwrap_or(usize::MAX);
    let tally = counted(errand, from, to).await?;
    let pulses = pulses(errand).await?;
    let mut figures = totals(errand, &tally, &pulses).await?;
    let mut rooms: Vec<(&Pulse, u64)> = pulses
        .iter()
        .map(|pulse| (pulse, tally.rooms.get(&pulse.room).copied().unwrap_or_default()))
        .collect();
    rooms.sort_by_cached_key(|(pulse, posts)| (*posts, pulse.last, pulse.name.folded()));
    let figure = |section, (pulse, count): &(&Pulse, u64)| FigureView {
        section,
        what: pulse.name.to_string(),
        count: *count,
        last_post: pulse.last.map(Time::iso7),
    };
    let posted = rooms.iter().rev().take_while(|(_, posts)| *posts > 0);
    figures.extend(posted.take(top).map(|room| figure(Section::MostActiveRooms, room)));
    figures.extend(most_active(errand, &tally, top).await?);
    let quiet = rooms.iter().filter(|(pulse, _)| !pulse.disabled);
    figures.extend(quiet.take(top).map(|room| figure(Section::LeastActiveRooms, room)));
    let (trend, left_out) = trend(&tally.days, asked.per.unwrap_or(Period::Day));
    figures.extend(trend);
    let mut outcome = Outcome::of(Rows::Figures(figures));
    if left_out > 0 {
        outcome.warnings.push(format!(
            "the trend has the newest {STRETCHES_MAX} stretches of time, {left_out} older ones are left out: count by week or month"
        ));
    }
    Ok(outcome)
}

/// Everything said between two times, page by page: what is said meanwhile may be counted or not.
async fn counted(errand: &Errand<'_>, from: Option<Time>, to: Option<Time>) -> Result<Tally, AdminError> {
    let mut whole = errand.store.tally(from, to, None).await?;
    while let Some(after) = whole.next {
        let page = errand.store.tally(from, to, Some(after)).await?;
        add(&mut whole.rooms, page.rooms);
        add(&mut whole.people, page.people);
        add(&mut whole.days, page.days);
        whole.next = page.next;
    }
    Ok(whole)
}

fn add<K: Ord>(whole: &mut BTreeMap<K, u64>, page: BTreeMap<K, u64>) {
    for (key, posts) in page {
        *whole.entry(key).or_default() += posts;
    }
}

async fn pulses(errand: &Errand<'_>) -> Result<Vec<Pulse>, AdminError> {
    let (mut all, mut after) = (Vec::new(), RoomId(i64::MIN));
    loop {
        let page = errand.store.pulses(after, READ_AT_ONCE).await?;
        match page.last() {
            Some(last) => after = last.room,
            None => return Ok(all),
        }
        all.extend(page);
    }
}

async fn totals(errand: &Errand<'_>, tally: &Tally, pulses: &[Pulse]) -> Result<Vec<FigureView>, AdminError> {
    let headcount = errand.store.headcount().await?;
    let total = |what: &str, count: usize| FigureView {
        section: Section::Totals,
        what: what.to_owned(),
        count: count as u64,
        last_post: None,
    };
    let enabled = pulses.iter().filter(|pulse| !pulse.disabled).count();
    let posts: u64 = tally.rooms.values().sum();
    Ok(vec![
        total("posts", usize::try_from(posts).unwrap_or(usize::MAX)),
        total("rooms", pulses.len()),
        total("rooms enabled", enabled),
        total("rooms disabled", pulses.len() - enabled),
        total("rooms posted in", tally.rooms.len()),
        total("people", headcount.people),
        total("people enabled", headcount.enabled),
        total("people who posted", tally.people.len()),
        total("categories", headcount.categories),
    ])
}

async fn most_active(errand: &Errand<'_>, tally: &Tally, top: usize) -> Result<Vec<FigureView>, AdminError> {
    let mut people: Vec<(PersonId, u64)> = tally.people.iter().map(|(id, posts)| (*id, *posts)).collect();
    people.sort_by_key(|(id, posts)| (std::cmp::Reverse(*posts), *id));
    people.truncate(top);
    let ids = people.iter().map(|(id, _)| *id).collect();
    let addresses: HashMap<_, _> = errand.store.addresses(ids).await?.into_iter().collect();
    let figure = |(id, count): (PersonId, u64)| FigureView {
        section: Section::MostActivePeople,
        what: addresses.get(&id).map_or_else(|| "(unknown)".to_owned(), Address::to_string),
        count,
        last_post: None,
    };
    Ok(people.into_iter().map(figure).collect())
}

/// Posts by stretch of time, the oldest first, and how many stretches are left out.
fn trend(days: &BTreeMap<i64, u64>, per: Period) -> (Vec<FigureView>, usize) {
    let mut stretches: BTreeMap<String, u64> = BTreeMap::new();
    for (day, posts) in days {
        *stretches.entry(named(*day, per)).or_default() += posts;
    }
    let left_out = stretches.len().saturating_sub(STRETCHES_MAX);
    let figure = |(what, count)| FigureView { section: Section::Trend, what, count, last_post: None };
    (stretches.into_iter().skip(left_out).map(figure).collect(), left_out)
}

/// The stretch of time a day lies in, by its first day; a month without one.
fn named(day: i64, per: Period) -> String {
    let date = |day: i64| Time::from_unix_micros(day.saturating_mul(DAY)).iso7();
    match per {
        Period::Day => date(day)[.."2026-11-24".len()].to_owned(),
        // The Unix epoch was a Thursday.
        Period::Week => date(day - (day + 3).rem_euclid(7))[.."2026-11-24".len()].to_owned(),
        Period::Month => date(day)[.."2026-11".len()].to_owned(),
    }
}

pub(crate) async fn activity(errand: &Errand<'_>, asked: &ReportActivity) -> Result<Outcome, AdminError> {
    let since = asked.inactive_since.as_ref().map(|moment| moment.first("inactiveSince")).transpose()?;
    let mut rooms = pulses(errand).await?;
    rooms.retain(|pulse| {
        asked.disabled.is_none_or(|disabled| pulse.disabled == disabled)
            && since.is_none_or(|since| pulse.last.is_none_or(|last| last < since))
    });
    // A time before 1970 is none that a post has.
    let key = |pulse: &Pulse| {
        format!("{:020}{}", pulse.last.map_or(0, Time::unix_micros).max(0), pulse.name.folded())
    };
    rooms.sort_by_cached_key(key);
    let (rooms, next) = page::cut(rooms, asked.limit, asked.cursor.as_deref(), key)?;
    let categories = errand.store.category_names().await?;
    let categories: HashMap<_, _> = categories.into_iter().collect();
    let view = |pulse: &Pulse| ActivityView {
        room: pulse.name.to_string(),
        category: categories.get(&pulse.category).map(ToString::to_string).unwrap_or_default(),
        disabled: pulse.disabled,
        posts: pulse.posts,
        last_post: pulse.last.map(Time::iso7),
        octets: pulse.octets,
        guid: pulse.guid.to_string(),
    };
    Ok(Outcome { next, ..Outcome::of(Rows::Activity(rooms.iter().map(view).collect())) })
}

pub(crate) async fn membership(errand: &Errand<'_>, asked: &ReportMembership) -> Result<Outcome, AdminError> {
    let person = user::find(errand, "user", &asked.user).await?;
    let own = Principal::Person(person.id);
    let standing_for = People::on(errand.store, [&own]).await?.standing_for(&own);
    let mut held = errand.store.holdings(standing_for).await?;
    held.retain(|holding| !matches!(holding.list, List::Allowed | List::Denied));
    // Of one list somebody may stand on several times: by name, and by each of several groups.
    let key =
        |holding: &Holding| format!("{}\n{:?}\n{:?}", holding.name.folded(), holding.list, holding.principal);
    held.sort_by_cached_key(key);
    let (held, next) = page::cut(held, asked.limit, asked.cursor.as_deref(), key)?;
    let scopes = scopes(errand, &held).await?;
    let groups = held.iter().filter_map(|holding| match &holding.principal {
        Principal::Group(group) => Some(*group),
        _ => None,
    });
    let groups: HashSet<_> = groups.collect();
    let paths = errand.store.paths(Member::Person(person.id), groups.into_iter().collect()).await?;
    let on_the_way = paths.values().flatten().map(|group| Principal::Group(*group)).collect::<Vec<_>>();
    let shown: Vec<&Principal> = held.iter().map(|one| &one.principal).chain(&on_the_way).collect();
    let people = People::on(errand.store, shown).await?;
    let path = |principal: &Principal| match principal {
        Principal::Group(group) => {
            let way = paths.get(group).into_iter().flatten();
            way.filter_map(|group| people.group(*group)).map(shown_group).collect()
        }
        _ => Vec::new(),
    };
    let view = |holding: &Holding| MembershipView {
        kind: if matches!(holding.node, Node::Room(_)) { "room" } else { "category" }.to_owned(),
        name: holding.name.to_string(),
        role: role(holding.list),
        by: people.show(&holding.principal),
        path: path(&holding.principal),
        admitted: scopes.get(&holding.category).is_some_and(|scope| scope.admits(&person)),
        disabled: holding.disabled,
        guid: holding.guid.to_string(),
    };
    Ok(Outcome { next, ..Outcome::of(Rows::Memberships(held.iter().map(view).collect())) })
}

fn role(list: List) -> HeldRole {
    match list {
        List::Managers => HeldRole::Manager,
        List::Presenters => HeldRole::Presenter,
        List::Creators => HeldRole::Creator,
        List::Members | List::Allowed | List::Denied => HeldRole::Member,
    }
}

/// Whom the categories of these places admit.
async fn scopes(errand: &Errand<'_>, held: &[Holding]) -> Result<HashMap<CategoryId, Scope>, AdminError> {
    let wanted: HashSet<CategoryId> = held.iter().map(|holding| holding.category).collect();
    let mut scopes = HashMap::new();
    for id in wanted {
        scopes.extend(errand.store.category(id).await?.map(|category| (id, category.scope)));
    }
    Ok(scopes)
}
