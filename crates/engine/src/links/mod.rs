//! Links: transactions that settle together at the same instant or not at all, apart from the queues.
//!
//! A run without links has no [`Links`], and pays nothing for this module. A transaction of a link, its leg, stands in its
//! bank's own queue like any other; once released it waits here for the others, and holds nothing up. `settling` says when
//! a link settles, `ancillary` what comes of batches of clearing houses, `saved` how all that is stored.

mod ancillary;
mod joining;
mod reading;
mod saved;
mod settling;

use std::collections::BTreeMap;

use crate::calendar::Calendar;
use crate::clock::Tick;
use crate::exhausted::Exhausted;
use crate::ids::Slot;
use crate::memory;
use crate::settlement::Book;
use crate::stored::stored_enum;
use crate::transactions::{Method, Moves};

pub use joining::{LINK_LEGS_DEFAULT, LINK_LEGS_MAX};
use reading::Joined;
pub use reading::LinkView;
pub(crate) use saved::StoredLinks;

/// What has become of a link.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Stage {
    /// It may settle once all its legs wait.
    Open = 0,
    /// A leg was dropped, so that the others are.
    Broken = 1,
    /// All its legs settled.
    Settled = 2,
}

stored_enum!(Stage { Open, Broken, Settled });

/// Transactions that settle together.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) name: Box<str>,
    /// How many legs it has once all are there.
    pub(crate) size: u32,
    /// How many of them are known.
    pub(crate) known: u32,
    /// The known ones that are in memory, in order of submission.
    pub(crate) legs: Vec<Slot>,
    /// Those that were released, in order of entry.
    pub(crate) waiting: Vec<Slot>,
    pub(crate) stage: Stage,
    /// Of a batch of a clearing house: its last tick.
    pub(crate) until: Option<Tick>,
}

impl Link {
    fn new(name: &str, size: u32, until: Option<Tick>) -> Self {
        let (legs, waiting) = (Vec::new(), Vec::new());
        Self { name: name.into(), size, known: 0, legs, waiting, stage: Stage::Open, until }
    }

    /// Whether all its legs are here and wait.
    fn is_complete(&self) -> bool {
        self.stage == Stage::Open && self.waiting.len() == self.size as usize
    }

    /// Whether something of it is still to come.
    fn takes_legs(&self) -> bool {
        self.stage == Stage::Open || self.known < self.size
    }

    /// How its legs settle.
    const fn method(&self) -> Method {
        if self.until.is_some() { Method::Batch } else { Method::Linked }
    }
}

/// All links of which a leg is in memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Links {
    by_number: BTreeMap<u32, Link>,
    /// The number that the next link gets.
    next: u32,
    /// The link of each leg in memory.
    link_of: BTreeMap<Slot, u32>,
    /// All of them by name.
    by_name: BTreeMap<Box<str>, u32>,
    /// Those of which all legs wait, in the order in which the last one came.
    complete: Vec<u32>,
    /// Those that are broken and have legs that are not dropped yet.
    broken: Vec<u32>,
    /// When the legs of which batch arrive, and when which batch ends.
    arriving: Calendar<u32>,
    ending: Calendar<u32>,
    /// What entered in the current tick, with its sequence number.
    entering: BTreeMap<Slot, u64>,
    /// How many had entered the central queue when the current tick began.
    entered_before: usize,
    /// Whether nothing that is complete could settle.
    exhausted: Exhausted,
    /// The table `links`.
    joined: Joined,
}

impl Links {
    /// The link of a transaction.
    pub(crate) fn of(&self, slot: Slot) -> Option<&Link> {
        self.by_number.get(self.link_of.get(&slot)?)
    }

    /// The link with a name.
    pub(crate) fn named(&self, name: &str) -> Option<&Link> {
        self.by_number.get(self.by_name.get(name)?)
    }

    /// All transactions that wait here, link by link.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = Slot> {
        self.by_number.values().flat_map(|link| link.waiting.iter().copied())
    }

    /// A new link, without legs.
    fn add(&mut self, name: &str, size: u32, until: Option<Tick>) -> u32 {
        let number = self.next;
        self.next += 1;
        self.by_number.insert(number, Link::new(name, size, until));
        self.by_name.insert(name.into(), number);
        number
    }

    /// A transaction is a leg of the link with this number.
    fn put(&mut self, number: u32, slot: Slot, id: &str) {
        let Some(link) = self.by_number.get_mut(&number) else { return };
        self.joined.push(id, &link.name, link.size);
        link.legs.push(slot);
        link.known += 1;
        if link.stage == Stage::Broken && !self.broken.contains(&number) {
            self.broken.push(number);
        }
        self.link_of.insert(slot, number);
    }

    /// The legs of a batch, which arrive in a tick.
    fn plan(&mut self, name: &str, legs: &[(Slot, String)], at: Tick, until: Tick) {
        let number = self.add(name, crate::ids::narrow(legs.len()), Some(until));
        for (leg, id) in legs {
            self.put(number, *leg, id);
        }
        self.arriving.add(at, number);
    }

    /// A leg was released, and waits.
    fn wait(&mut self, slot: Slot) {
        let Some(number) = self.link_of.get(&slot) else { return };
        let Some(link) = self.by_number.get_mut(number) else { return };
        link.waiting.push(slot);
        if link.is_complete() {
            self.complete.push(*number);
            self.exhausted = Exhausted::default();
        }
    }

    /// Puts what entered in the current tick in order of sequence numbers: legs enter before the others.
    #[cold]
    pub(crate) fn put_in_order(&mut self, entered: &mut [Slot]) {
        let entering = std::mem::take(&mut self.entering);
        let before = std::mem::take(&mut self.entered_before).min(entered.len());
        entered[before..].sort_by_key(|slot| entering.get(slot).copied().unwrap_or(u64::MAX));
    }

    /// A leg waits no longer.
    fn leave(&mut self, slot: Slot) {
        if let Some(link) = self.link_of.get(&slot).and_then(|number| self.by_number.get_mut(number)) {
            link.waiting.retain(|other| *other != slot);
        }
    }

    /// A transaction was dropped: if it is a leg, the others are to be.
    pub(crate) fn dropped(&mut self, slot: Slot) {
        let Some(number) = self.link_of.get(&slot).copied() else { return };
        let Some(link) = self.by_number.get_mut(&number).filter(|link| link.stage == Stage::Open) else { return };
        link.stage = Stage::Broken;
        self.complete.retain(|other| *other != number);
        self.broken.push(number);
    }

    /// A link settled.
    fn settled(&mut self, number: u32) {
        if let Some(link) = self.by_number.get_mut(&number) {
            link.stage = Stage::Settled;
            link.waiting.clear();
        }
    }

    /// Nothing waits any more: all that did was dropped.
    pub(crate) fn clear_waiting(&mut self) {
        for link in self.by_number.values_mut() {
            link.waiting.clear();
        }
        self.complete.clear();
    }

    /// The next tick, from `now` on, in which something happens by itself; `settles`: whether links may settle.
    pub(crate) fn next_tick(&self, now: Tick, settles: bool, book: &Book) -> Tick {
        let tries = settles && !self.is_exhausted(book);
        let next = self.arriving.next_tick().min(self.ending.next_tick());
        if tries { now } else { next }
    }

    /// Whether nothing would settle, because nothing is complete, or nothing could and nothing has changed since.
    fn is_exhausted(&self, book: &Book) -> bool {
        self.complete.is_empty() || self.exhausted.is_so(book)
    }

    /// Follows transactions to their new rows; links of which no leg is left are forgotten.
    pub(crate) fn follow(&mut self, moves: &Moves) {
        let follow = |slots: &mut Vec<Slot>| {
            slots.retain(|slot| moves.keeps(*slot));
            for slot in slots.iter_mut() {
                *slot = moves.to(*slot);
            }
        };
        for link in self.by_number.values_mut() {
            follow(&mut link.legs);
            follow(&mut link.waiting);
        }
        self.by_number.retain(|_, link| !link.legs.is_empty() || link.takes_legs());
        self.index();
    }

    /// Finds the link of each leg, and of each name, again.
    fn index(&mut self) {
        self.by_name = self.by_number.iter().map(|(number, link)| (link.name.clone(), *number)).collect();
        let legs = self.by_number.iter().flat_map(|(number, link)| link.legs.iter().map(|leg| (*leg, *number)));
        self.link_of = legs.collect();
    }

    /// About the memory that they take.
    pub(crate) fn memory_bytes(&self) -> usize {
        let of_link = |link: &Link| {
            size_of::<(u32, Link)>() + link.name.len() + memory::of(&link.legs) + memory::of(&link.waiting)
        };
        let links: usize = self.by_number.values().map(of_link).sum();
        let names: usize = self.by_name.keys().map(|name| name.len() + size_of::<(Box<str>, u32)>()).sum();
        let index = self.link_of.len() * size_of::<(Slot, u32)>();
        let calendars = self.arriving.memory_bytes() + self.ending.memory_bytes();
        size_of::<Self>()
            + links
            + names
            + index
            + calendars
            + memory::of(&self.complete)
            + memory::of(&self.broken)
            + self.joined.memory_bytes()
    }
}
