//! Affiliations: for each person and each group all groups, containers and domains it belongs to, whatever lies between.
//! Knows objects only as numbers from 0; who has which number is the caller's.
//!
//! To belong is: to be a member of a group; to be a member of a member of it, and so on; to be in a container or domain, or in
//! one that is in it, and so on. Where a *group* is kept says nothing of its members: whoever is in a group that lies in the
//! container Groups is not in Groups. That a container is a member of a group makes all it holds members.

use std::collections::HashMap;
use std::sync::Arc;

/// Most affiliations of one object (ours: four times the 1,015 groups that a token of Windows holds).
pub const ANCESTORS_MAX: usize = 4_096;

/// Who is directly in what.
#[derive(Clone, Default, Debug)]
pub struct Graph {
    containers: Vec<Option<u32>>,
    /// Member and group.
    joins: Vec<(u32, u32)>,
}

/// The affiliations of all objects. Objects with the same ones share a set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Affiliations {
    sets: Vec<Arc<[u32]>>,
    of: Vec<u32>,
}

/// An object belongs to more than anybody can.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "object {object} belongs to more than {ANCESTORS_MAX} groups and containers: take it, or the groups it is in, out of some"
)]
pub struct TooManyAncestors {
    /// Its number.
    pub object: u32,
}

impl Graph {
    /// So many objects, none in anything yet.
    #[must_use]
    pub fn new(objects: u32) -> Self {
        Self { containers: vec![None; objects as usize], joins: Vec::new() }
    }

    /// How many objects there are.
    #[must_use]
    pub fn objects(&self) -> u32 {
        self.containers.len() as u32
    }

    /// Makes a member; once more changes nothing.
    ///
    /// # Panics
    /// When one of the two is no object.
    pub fn join(&mut self, member: u32, group: u32) {
        assert!(member.max(group) < self.objects(), "{member} or {group} is no object");
        self.joins.push((member, group));
    }

    /// Puts an object into a container or domain, and out of the one it was in.
    ///
    /// # Panics
    /// When one of the two is no object.
    pub fn contain(&mut self, object: u32, container: u32) {
        assert!(object.max(container) < self.objects(), "{object} or {container} is no object");
        self.containers[object as usize] = Some(container);
    }

    /// The affiliations of all. Groups may be in each other in a circle: then each is in itself.
    ///
    /// # Errors
    /// [`TooManyAncestors`] for the first object beyond [`ANCESTORS_MAX`].
    pub fn close(&self) -> Result<Affiliations, TooManyAncestors> {
        let mut walk = Walk::over(self);
        for object in 0..self.objects() {
            if walk.order[object as usize] == UNSEEN {
                walk.visit(object)?;
            }
        }
        let mut of = walk.set;
        of.truncate(self.containers.len());
        Ok(Affiliations { sets: walk.sets, of })
    }
}

impl Affiliations {
    /// What an object belongs to: numbers in rising order.
    #[must_use]
    pub fn ancestors(&self, object: u32) -> &[u32] {
        &self.sets[self.of[object as usize] as usize]
    }

    /// Which of the sets is that of an object.
    #[must_use]
    pub fn set_of(&self, object: u32) -> u32 {
        self.of[object as usize]
    }

    /// The sets, each once. The first is the empty one.
    #[must_use]
    pub fn sets(&self) -> &[Arc<[u32]>] {
        &self.sets
    }
}

/// Not yet come by.
const UNSEEN: u32 = u32::MAX;

/// A search for circles (Tarjan's strongly connected components), without recursion: chains of groups may be long.
///
/// It goes over places. Place `n` is object `n` as somebody who belongs; place `objects + n` is object `n` as a group that
/// somebody is in. From the second no way leads to the container of the group.
struct Walk<'a> {
    graph: &'a Graph,
    /// Groups by member: those of member `n` are `groups[starts[n]..starts[n + 1]]`.
    starts: Vec<u32>,
    groups: Vec<u32>,
    /// The order in which places were come by.
    order: Vec<u32>,
    /// The earliest place that can be reached and is still open.
    low: Vec<u32>,
    /// The set of each place that is done.
    set: Vec<u32>,
    next: u32,
    /// Places that were come by and are not done.
    open: Vec<u32>,
    sets: Vec<Arc<[u32]>>,
    ids: HashMap<Arc<[u32]>, u32>,
    /// The sets of people by what they are directly in: many are in the same.
    known: HashMap<Box<[u32]>, u32>,
    /// For each object the last union it was put into.
    stamps: Vec<u32>,
    stamp: u32,
}

impl<'a> Walk<'a> {
    fn over(graph: &'a Graph) -> Self {
        let objects = graph.containers.len();
        let mut starts = vec![0_u32; objects + 1];
        for (member, _) in &graph.joins {
            starts[*member as usize + 1] += 1;
        }
        for at in 0..objects {
            starts[at + 1] += starts[at];
        }
        let mut groups = vec![0; graph.joins.len()];
        let mut free = starts.clone();
        for (member, group) in &graph.joins {
            let at = &mut free[*member as usize];
            groups[*at as usize] = *group;
            *at += 1;
        }
        let empty: Arc<[u32]> = Arc::from([]);
        Self {
            graph,
            starts,
            groups,
            order: vec![UNSEEN; 2 * objects],
            low: vec![UNSEEN; 2 * objects],
            set: vec![UNSEEN; 2 * objects],
            next: 0,
            open: Vec::new(),
            sets: vec![Arc::clone(&empty)],
            ids: HashMap::from([(empty, 0)]),
            known: HashMap::new(),
            stamps: vec![0; objects],
            stamp: 0,
        }
    }

    /// Comes by a place and all that can be reached from it.
    fn visit(&mut self, first: u32) -> Result<(), TooManyAncestors> {
        let mut path: Vec<(u32, usize)> = Vec::new();
        self.enter(first, &mut path);
        while let Some((place, step)) = path.last_mut() {
            let place = *place;
            if let Some(next) = self.way(place, *step) {
                *step += 1;
                if self.order[next as usize] == UNSEEN {
                    self.enter(next, &mut path);
                } else if self.set[next as usize] == UNSEEN {
                    self.lower(place, self.order[next as usize]);
                }
                continue;
            }
            path.pop();
            if self.low[place as usize] == self.order[place as usize] {
                self.finish(place)?;
            }
            if let Some((before, _)) = path.last() {
                self.lower(*before, self.low[place as usize]);
            }
        }
        Ok(())
    }

    fn enter(&mut self, place: u32, path: &mut Vec<(u32, usize)>) {
        self.order[place as usize] = self.next;
        self.low[place as usize] = self.next;
        self.next += 1;
        self.open.push(place);
        path.push((place, 0));
    }

    fn lower(&mut self, place: u32, to: u32) {
        let low = &mut self.low[place as usize];
        *low = to.min(*low);
    }

    /// The way number `step` out of a place.
    fn way(&self, place: u32, step: usize) -> Option<u32> {
        let objects = self.graph.objects();
        let groups = self.groups_of(place);
        match groups.get(step) {
            Some(group) => Some(group + objects),
            None if step == groups.len() && place < objects => self.graph.containers[place as usize],
            None => None,
        }
    }

    fn groups_of(&self, place: u32) -> &[u32] {
        let member = self.object(place) as usize;
        &self.groups[self.starts[member] as usize..self.starts[member + 1] as usize]
    }

    fn object(&self, place: u32) -> u32 {
        place % self.graph.objects()
    }

    /// All open places from this one on reach each other, or there is only this one: they have one set.
    fn finish(&mut self, place: u32) -> Result<(), TooManyAncestors> {
        let start = self.open.iter().rposition(|open| *open == place).expect("it was opened");
        let circle = self.open.split_off(start);
        let mut ways: Vec<u32> = Vec::new();
        for place in &circle {
            ways.extend((0..).map_while(|step| self.way(*place, step)));
        }
        ways.sort_unstable();
        ways.dedup();
        let id = match self.known.get(ways.as_slice()) {
            Some(id) => *id,
            None => {
                let id = self.union(&ways).ok_or(TooManyAncestors { object: self.object(place) })?;
                // What leads into an open circle is known only when it is done.
                self.known.insert(ways.into(), id);
                id
            }
        };
        for place in circle {
            self.set[place as usize] = id;
        }
        Ok(())
    }

    /// The set of what these ways lead to and of all beyond; none beyond the limit.
    fn union(&mut self, ways: &[u32]) -> Option<u32> {
        self.stamp += 1;
        let Self { graph, set, sets, stamps, stamp, .. } = self;
        let mut union: Vec<u32> = Vec::new();
        for way in ways {
            let object = *way % graph.objects();
            let beyond: &[u32] = match set[*way as usize] {
                // It is in the circle itself, whose ways are all among these.
                UNSEEN => &[],
                done => &sets[done as usize],
            };
            for ancestor in beyond.iter().chain([&object]) {
                if std::mem::replace(&mut stamps[*ancestor as usize], *stamp) != *stamp {
                    union.push(*ancestor);
                }
            }
        }
        if union.len() > ANCESTORS_MAX {
            return None;
        }
        union.sort_unstable();
        let union: Arc<[u32]> = union.into();
        let fresh = self.sets.len() as u32;
        let id = *self.ids.entry(Arc::clone(&union)).or_insert(fresh);
        if id == fresh {
            self.sets.push(union);
        }
        Some(id)
    }
}
