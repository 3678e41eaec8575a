//! Transactions: a row for each in memory, in the order in which they came into being.
//!
//! A row is what was asked for ([`Terms`]) and what became of it ([`Fate`]), each in an array of its own: most transactions
//! that wait are met again in no order, and then each array costs one look into memory.
//!
//! Closed rows leave when they are drained; the open ones then move down, in order ([`Transactions::compact`]).

use crate::clock::{NEVER, Tick};
use crate::ids::{AgentIndex, GivenIds, Origin, Slot, TransactionId, fold, narrow};
use crate::memory;
use crate::stored::stored_struct;

/// How many transactions can be in memory at once.
pub const CAPACITY: usize = u32::MAX as usize - 1;

/// The sum of amounts with one more, `None` when it leaves the range. The largest integer is not in it: in a queue it
/// stands where nothing is any more.
#[must_use]
pub(crate) fn sum_of_amounts(sum: i64, amount: i64) -> Option<i64> {
    sum.checked_add(amount).filter(|sum| *sum < i64::MAX)
}

/// What has become of a transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Status {
    /// Scheduled, or in the bank's own queue.
    Pending = 0,
    /// In the central queue; or split, with parts that are not all closed.
    Queued = 1,
    /// Settled.
    Settled = 2,
    /// Cancelled at the end of a day.
    Dropped = 3,
}

impl Status {
    /// The names, by number.
    pub const NAMES: [&str; 4] = ["pending", "queued", "settled", "dropped"];

    /// The name of a status by its number.
    #[must_use]
    pub fn name(number: u8) -> &'static str {
        Self::NAMES.get(usize::from(number)).copied().unwrap_or("unknown")
    }
}

/// How a transaction settled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Method {
    /// On entry.
    Immediate = 1,
    /// From the central queue, when liquidity came.
    Queue = 2,
    /// In a bilateral offset set.
    Bilateral = 3,
    /// In a multilateral cycle.
    Cycle = 4,
    /// In the largest beginnings of all queues.
    GridlockResolution = 5,
    /// With everything that waited.
    AllOrNothing = 6,
    /// With what was left of everything that waited.
    Partial = 7,
    /// In a pair of multiple optimisation, or with what it left.
    Multiple = 8,
    /// As it entered, or against what entered.
    EntryDisposition = 9,
    /// In a set of balanced release.
    BalancedRelease = 10,
    /// With what could settle by net at the close.
    FinalSettlement = 11,
    /// With all others of its link.
    Linked = 12,
    /// With all others of a batch of a clearing house.
    Batch = 13,
}

impl Method {
    /// The names, by number less 1.
    pub const NAMES: [&str; 13] = [
        "immediate",
        "queue",
        "bilateral",
        "cycle",
        "gridlock_resolution",
        "all_or_nothing",
        "partial",
        "multiple",
        "entry_disposition",
        "balanced_release",
        "final_settlement",
        "linked",
        "batch",
    ];

    /// The name of a method by its number; 0 is none.
    #[must_use]
    pub fn name(number: u8) -> Option<&'static str> {
        Self::NAMES.get(usize::from(number).checked_sub(1)?).copied()
    }

    /// Whether this is a settlement in an offset set.
    #[must_use]
    pub const fn is_offset(self) -> bool {
        !matches!(self, Self::Immediate | Self::Queue | Self::Linked | Self::Batch)
    }
}

/// Bits of [`Fate::marks`].
mod marks {
    pub(super) const WATCHED: u8 = 0b001;
    pub(super) const SPLIT: u8 = 0b010;
    pub(super) const DRAINED: u8 = 0b100;
    pub(super) const PART: u8 = 0b1000;
    pub(super) const SCHEDULED: u8 = 0b1_0000;
    /// Taken back by its sender, who may submit it again.
    pub(super) const REVOKED: u8 = 0b10_0000;
    /// A part that was made between two ticks or in step 1, and so before the arrivals of its tick.
    pub(super) const EARLY: u8 = 0b100_0000;
}

/// What was asked for: half a cache line. Only the priority may be changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Terms {
    pub(crate) sender: AgentIndex,
    pub(crate) receiver: AgentIndex,
    pub(crate) amount: i64,
    pub(crate) submit_tick: Tick,
    pub(crate) deadline: Tick,
    pub(crate) number: u32,
    pub(crate) part: u8,
    pub(crate) priority: u8,
    pub(crate) origin: Origin,
    pub(crate) divisible: bool,
}

impl Terms {
    pub(crate) const fn id(&self) -> TransactionId {
        TransactionId { sender: self.sender, origin: self.origin, number: self.number, part: self.part }
    }
}

stored_struct!(Terms { sender, receiver, amount, submit_tick, deadline, number, part, priority, origin, divisible });

/// What became of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Fate {
    pub(crate) release_tick: Tick,
    pub(crate) settle_tick: Tick,
    pub(crate) status: Status,
    /// 0 where there is none.
    pub(crate) method: u8,
    marks: u8,
}

stored_struct!(Fate { release_tick, settle_tick, status, method, marks });

impl Fate {
    /// Of a transaction that has just come into being.
    const NEW: Self = Self { release_tick: NEVER, settle_tick: NEVER, status: Status::Pending, method: 0, marks: 0 };
}

/// A split transaction and where its parts are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Family {
    pub(crate) parent: Slot,
    /// The first part in memory; the others follow it.
    pub(crate) first_part: Slot,
    /// How many parts are in memory.
    pub(crate) parts: u32,
    /// How many are open.
    pub(crate) open: u32,
    /// Whether one was dropped.
    pub(crate) dropped: bool,
}

stored_struct!(Family { parent, first_part, parts, open, dropped });

/// All transactions in memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Transactions {
    terms: Vec<Terms>,
    fates: Vec<Fate>,
    families: Vec<Family>,
    pub(crate) given: GivenIds,
    /// Rows that are closed and not drained.
    pub(crate) closed: usize,
    /// Rows that are drained.
    pub(crate) drained: usize,
    /// A sum over all transactions that ever closed, which does not depend on their order.
    pub(crate) closed_digest: [u64; 2],
    /// What closed in the current tick.
    closing: Vec<Slot>,
    /// What senders have taken back, ascending: dropped, and in memory as long as it may be submitted again.
    revoked: Vec<Slot>,
}

stored_struct!(Transactions { terms, fates, families, given, closed, drained, closed_digest, closing, revoked });

impl Transactions {
    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.terms.len()
    }

    /// Makes room for more rows.
    pub(crate) fn reserve(&mut self, more: usize) {
        self.terms.reserve(more);
        self.fates.reserve(more);
    }

    /// A new row, `pending`.
    #[inline]
    pub(crate) fn push(&mut self, terms: Terms) -> Slot {
        debug_assert!(terms.amount > 0 && terms.sender != terms.receiver, "checked before");
        let slot = Slot(narrow(self.len()));
        self.terms.push(terms);
        self.fates.push(Fate { marks: if terms.part == 0 { 0 } else { marks::PART }, ..Fate::NEW });
        slot
    }

    /// A new row for a later arrival.
    #[expect(clippy::inline_always, reason = "on the way of each transaction; see count_instructions.py")]
    #[inline(always)]
    pub(crate) fn schedule(&mut self, terms: Terms) -> Slot {
        let slot = self.push(terms);
        self.fates[slot.at()].marks |= marks::SCHEDULED;
        slot
    }

    /// Puts waiting transactions in order of their sequence numbers, which are given by tick of arrival (of a part: of
    /// splitting), and within a tick first to what was submitted, then to what was scheduled, generated and split. What
    /// was submitted again stands where it first did.
    pub(crate) fn sort_by_arrival(&self, slots: &mut [Slot]) {
        slots.sort_unstable_by_key(|slot| {
            let (terms, fate) = (self.terms(*slot), self.fate(*slot));
            let (tick, within) = if terms.part > 0 {
                (fate.release_tick, if fate.marks & marks::EARLY == 0 { 3 } else { 0 })
            } else if terms.origin == Origin::Generated {
                (terms.submit_tick, 2)
            } else {
                (terms.submit_tick, u8::from(fate.marks & marks::SCHEDULED != 0))
            };
            (tick, within, *slot)
        });
    }

    /// What was asked for.
    #[inline]
    pub(crate) fn terms(&self, slot: Slot) -> &Terms {
        &self.terms[slot.at()]
    }

    /// What was asked for, from a row on.
    pub(crate) fn terms_from(&self, first: Slot) -> &[Terms] {
        &self.terms[first.at()..]
    }

    /// What became of it.
    #[inline]
    pub(crate) fn fate(&self, slot: Slot) -> &Fate {
        &self.fates[slot.at()]
    }

    /// It enters the system.
    #[inline]
    pub(crate) fn release(&mut self, slot: Slot, tick: Tick) {
        self.fates[slot.at()].release_tick = tick;
    }

    /// It waits in the central queue.
    #[expect(clippy::inline_always, reason = "on the way of each transaction; see count_instructions.py")]
    #[inline(always)]
    pub(crate) fn queue(&mut self, slot: Slot) {
        debug_assert!(self.fate(slot).status == Status::Pending, "it comes from its bank");
        self.fates[slot.at()].status = Status::Queued;
    }

    /// Whether this has been split into parts.
    pub(crate) fn is_split(&self, slot: Slot) -> bool {
        self.fate(slot).marks & marks::SPLIT != 0
    }

    /// Its sender gives it another priority.
    #[cold]
    pub(crate) fn set_priority(&mut self, slot: Slot, priority: u8) {
        debug_assert!(self.is_open(slot), "what is closed stays as it is");
        self.terms[slot.at()].priority = priority;
    }

    /// Marks that the deadline of this is watched; returns whether it was already.
    pub(crate) fn watch(&mut self, slot: Slot) -> bool {
        let fate = &mut self.fates[slot.at()];
        let before = fate.marks & marks::WATCHED != 0;
        fate.marks |= marks::WATCHED;
        before
    }

    #[inline]
    pub(crate) fn is_open(&self, slot: Slot) -> bool {
        matches!(self.fate(slot).status, Status::Pending | Status::Queued)
    }

    pub(crate) fn is_drained(&self, slot: Slot) -> bool {
        self.fate(slot).marks & marks::DRAINED != 0
    }

    /// Divides a transaction into equal parts, the remainder on the first; returns the first part, which the others
    /// follow.
    pub(crate) fn split(&mut self, parent: Slot, parts: u8, tick: Tick) -> Slot {
        let whole = *self.terms(parent);
        debug_assert!(parts >= 2 && whole.part == 0 && !self.is_split(parent), "split once, in two or more");
        let share = whole.amount / i64::from(parts);
        let first_part = Slot(narrow(self.len()));
        for part in 1..=parts {
            let amount = if part == 1 { whole.amount - share * i64::from(parts - 1) } else { share };
            self.push(Terms { amount, part, divisible: false, ..whole });
        }
        let fate = &mut self.fates[parent.at()];
        fate.marks |= marks::SPLIT;
        fate.status = Status::Queued;
        fate.release_tick = tick;
        let open = u32::from(parts);
        self.families.push(Family { parent, first_part, parts: open, open, dropped: false });
        first_part
    }

    /// The same for a sender that divides what waits in the central queue, before the arrivals of a tick: the parts are
    /// released, as their parent was.
    #[cold]
    pub(crate) fn split_early(&mut self, parent: Slot, parts: u8, tick: Tick) -> Slot {
        let released = self.fate(parent).release_tick;
        let first_part = self.split(parent, parts, tick);
        self.fates[parent.at()].release_tick = released;
        for fate in &mut self.fates[first_part.at()..] {
            fate.release_tick = tick;
            fate.marks |= marks::EARLY;
        }
        first_part
    }

    /// What a transaction is a part of, or it itself.
    #[cold]
    pub(crate) fn whole_of(&self, slot: Slot) -> Slot {
        if self.terms(slot).part == 0 {
            return slot;
        }
        let place = self.families.partition_point(|family| family.first_part <= slot);
        place.checked_sub(1).map_or(slot, |place| self.families[place].parent)
    }

    /// The parts of a split transaction that are open.
    #[cold]
    pub(crate) fn open_parts(&self, parent: Slot) -> impl Iterator<Item = Slot> {
        let families = self.families.iter().filter(move |family| family.parent == parent);
        let parts = families.flat_map(|family| family.first_part.0..family.first_part.0 + family.parts);
        parts.map(Slot).filter(|part| self.is_open(*part))
    }

    /// Its sender takes it back.
    #[cold]
    pub(crate) fn revoke(&mut self, slot: Slot) {
        debug_assert!(self.is_open(slot) && self.terms(slot).part == 0, "what waits as a whole can be taken back");
        let fate = &mut self.fates[slot.at()];
        fate.status = Status::Dropped;
        fate.marks |= marks::REVOKED;
        let place = self.revoked.partition_point(|other| *other < slot);
        self.revoked.insert(place, slot);
    }

    /// What was taken back is there again, as if it had not been released yet.
    #[cold]
    pub(crate) fn restore_revoked(&mut self, slot: Slot) {
        debug_assert!(self.is_revoked(slot), "only what was taken back comes again");
        let fate = &mut self.fates[slot.at()];
        fate.status = Status::Pending;
        fate.release_tick = NEVER;
        fate.marks &= !marks::REVOKED;
        self.revoked.retain(|other| *other != slot);
    }

    pub(crate) fn is_revoked(&self, slot: Slot) -> bool {
        self.fate(slot).marks & marks::REVOKED != 0
    }

    /// All that senders have taken back, in table order.
    pub(crate) fn revoked(&self) -> &[Slot] {
        &self.revoked
    }

    /// Notes that a transaction is settled or dropped for good, and its parent with its last part.
    #[inline]
    pub(crate) fn close(&mut self, slot: Slot, status: Status, method: u8, settle_tick: Tick) {
        if self.close_one(slot, status, method, settle_tick) {
            self.close_part(slot, status, settle_tick);
        }
    }

    /// Closes a row; returns whether it is a part.
    #[inline]
    fn close_one(&mut self, slot: Slot, status: Status, method: u8, settle_tick: Tick) -> bool {
        debug_assert!(self.is_open(slot), "a transaction closes once");
        let fate = &mut self.fates[slot.at()];
        fate.status = status;
        fate.method = method;
        fate.settle_tick = settle_tick;
        self.closing.push(slot);
        // Where nothing was ever split, the marks need not be looked at: that would wait for memory.
        !self.families.is_empty() && fate.marks & marks::PART != 0
    }

    /// Adds what closed in this tick to the digest: later than it happens, so that the looks into memory overlap.
    pub(crate) fn digest_closed(&mut self) {
        let mut closing = std::mem::take(&mut self.closing);
        for slot in &closing {
            let digest = self.row_digest(*slot);
            self.closed_digest[0] = self.closed_digest[0].wrapping_add(digest);
            self.closed_digest[1] = self.closed_digest[1].wrapping_add(fold(digest, 0x9e37_79b9_7f4a_7c15));
        }
        self.closed += closing.len();
        closing.clear();
        self.closing = closing;
    }

    fn close_part(&mut self, part: Slot, status: Status, tick: Tick) {
        let place = self.families.partition_point(|family| family.first_part <= part) - 1;
        let family = &mut self.families[place];
        debug_assert!(part.0 - family.first_part.0 < family.parts, "parts lie together");
        family.open -= 1;
        family.dropped |= status == Status::Dropped;
        if family.open == 0 {
            let (parent, dropped) = (family.parent, family.dropped);
            let (status, tick) = if dropped { (Status::Dropped, NEVER) } else { (Status::Settled, tick) };
            self.close_one(parent, status, 0, tick);
        }
    }

    /// A hash of everything that is known of a row.
    #[inline]
    pub(crate) fn row_digest(&self, slot: Slot) -> u64 {
        let Terms { sender, receiver, amount, submit_tick, deadline, number, .. } = *self.terms(slot);
        let Terms { part, priority, origin, divisible, .. } = *self.terms(slot);
        let Fate { release_tick, settle_tick, status, method, marks } = *self.fate(slot);
        let number =
            if origin == Origin::Given { crate::ids::text_hash(self.given.get(number)) } else { u64::from(number) };
        let split = marks & marks::SPLIT;
        let kinds = [origin as u8, part, priority, status as u8, method, u8::from(divisible), split, 0];
        let parties = join(sender.0, receiver.0);
        let asked = join(submit_tick, deadline);
        let done = join(release_tick, settle_tick);
        let first = fold(parties ^ 0xa076_1d64_78bd_642f, amount.cast_unsigned() ^ 0xe703_7ed1_a0b4_28db);
        let second = fold(asked ^ 0x8ebc_6af0_9c88_c6e3, done ^ 0x5899_65cc_7537_4cc3);
        fold(first ^ number, second ^ u64::from_le_bytes(kinds) ^ 0x1d8e_4e27_c47d_124f)
    }

    /// Marks all closed rows as drained and returns them, in table order.
    pub(crate) fn take_closed(&mut self) -> Vec<Slot> {
        let mut taken = Vec::with_capacity(self.closed);
        for at in 0..narrow(self.len()) {
            let slot = Slot(at);
            if !self.is_open(slot) && self.fate(slot).marks & (marks::DRAINED | marks::REVOKED) == 0 {
                self.fates[slot.at()].marks |= marks::DRAINED;
                taken.push(slot);
            }
        }
        self.closed = 0;
        self.drained += taken.len();
        taken
    }

    /// Whether the columns belong together, for `agents` agents.
    pub(crate) fn check(&self, agents: usize) -> Result<(), &'static str> {
        let rows = self.len();
        if self.fates.len() != rows || rows > CAPACITY {
            return Err("columns of unequal length");
        }
        let sound = |terms: &Terms| {
            let given = terms.origin != Origin::Given || (terms.number as usize) < self.given.len();
            let known = terms.sender.at() < agents && terms.receiver.at() < agents;
            let parties = known && terms.sender != terms.receiver;
            parties && given && terms.amount > 0 && terms.priority <= 10
        };
        let methods = self.fates.iter().all(|fate| usize::from(fate.method) <= Method::NAMES.len());
        if !self.terms.iter().all(sound) || !methods {
            return Err("a transaction");
        }
        if self.counts() != (self.closed, self.drained) || !self.closing.is_empty() {
            return Err("the count of closed transactions");
        }
        if !self.revoked_are_sound() {
            return Err("what was taken back");
        }
        if self.families_are_sound() { Ok(()) } else { Err("the parts of a transaction") }
    }

    /// Whether the list of what was taken back has just that: whole transactions that are dropped and can come again.
    fn revoked_are_sound(&self) -> bool {
        let sound = |slot: &Slot| {
            slot.at() < self.len()
                && self.is_revoked(*slot)
                && self.fate(*slot).status == Status::Dropped
                && self.fate(*slot).marks & (marks::SPLIT | marks::PART | marks::DRAINED | marks::EARLY) == 0
        };
        let marked = self.fates.iter().filter(|fate| fate.marks & marks::REVOKED != 0).count();
        self.revoked.is_sorted_by(|left, right| left < right)
            && self.revoked.iter().all(sound)
            && marked == self.revoked.len()
    }

    /// How many rows are closed and not drained, and how many are drained; nothing when an open one is drained.
    fn counts(&self) -> (usize, usize) {
        let drained = |fate: &&Fate| fate.marks & marks::DRAINED != 0;
        let revoked = |fate: &Fate| fate.marks & marks::REVOKED != 0;
        let closed = |fate: &&Fate| matches!(fate.status, Status::Settled | Status::Dropped) && !revoked(fate);
        let num_drained = self.fates.iter().filter(drained).filter(closed).count();
        let all_drained = self.fates.iter().filter(drained).count();
        if all_drained != num_drained {
            return (usize::MAX, usize::MAX);
        }
        (self.fates.iter().filter(closed).count() - num_drained, num_drained)
    }

    /// Whether each part belongs to a family, and each family knows how many of its parts are open.
    fn families_are_sound(&self) -> bool {
        let mut end = 0;
        let mut parts = 0;
        let mut split = 0;
        for family in &self.families {
            let (parent, first) = (family.parent.at(), family.first_part.at());
            let Some(last) = first.checked_add(family.parts as usize).filter(|last| *last <= self.len()) else {
                return false;
            };
            let of_family = |slot: usize| self.fates[slot].marks & marks::PART != 0 && self.terms[slot].part > 0;
            let open = (first..last).filter(|slot| self.is_open(Slot(narrow(*slot)))).count();
            let parent_is_sound = parent < self.len()
                && self.is_split(Slot(narrow(parent)))
                && self.is_open(Slot(narrow(parent))) == (open > 0)
                && self.fates[parent].marks & marks::PART == 0;
            if first < end || open != family.open as usize || !parent_is_sound || !(first..last).all(of_family) {
                return false;
            }
            end = last;
            parts += last - first;
            split += 1;
        }
        let mut parents: Vec<Slot> = self.families.iter().map(|family| family.parent).collect();
        parents.sort_unstable();
        parents.dedup();
        let marked = |bit: u8| self.fates.iter().filter(|fate| fate.marks & bit != 0).count();
        let is_part = |(terms, fate): (&Terms, &Fate)| (terms.part > 0) == (fate.marks & marks::PART != 0);
        let numbered = self.terms.iter().zip(&self.fates).all(is_part);
        let known = marks::WATCHED | marks::SPLIT | marks::DRAINED | marks::PART | marks::SCHEDULED;
        let known = known | marks::REVOKED | marks::EARLY;
        let early = |fate: &&Fate| fate.marks & marks::EARLY != 0;
        numbered
            && parents.len() == self.families.len()
            && self.fates.iter().filter(early).all(|fate| fate.marks & marks::PART != 0)
            && marked(marks::PART) == parts
            && marked(marks::SPLIT) == split
            && marked(!known) == 0
    }

    /// The rows that are not drained, from place `first` on and before `end`.
    pub(crate) fn kept(&self, first: usize, end: usize) -> Vec<Slot> {
        if self.drained == 0 {
            let end = end.min(self.len());
            return (narrow(first.min(end))..narrow(end)).map(Slot).collect();
        }
        let slots = (0..narrow(self.len())).map(Slot).filter(|slot| !self.is_drained(*slot));
        slots.skip(first).take(end.saturating_sub(first)).collect()
    }

    /// The memory that the rows take.
    pub(crate) fn memory_bytes(&self) -> usize {
        memory::of(&self.terms)
            + memory::of(&self.fates)
            + memory::of(&self.families)
            + memory::of(&self.closing)
            + memory::of(&self.revoked)
            + self.given.memory_bytes()
    }

    /// How many rows are drained, and still in memory.
    pub(crate) fn drained(&self) -> usize {
        self.drained
    }

    /// Removes all drained rows and says where the others went.
    pub(crate) fn compact(&mut self) -> Moves {
        let mut target = Vec::with_capacity(self.len());
        let mut next = 0;
        for at in 0..narrow(self.len()) {
            target.push(next);
            next += u32::from(!self.is_drained(Slot(at)));
        }
        let keep: Vec<bool> = self.fates.iter().map(|fate| fate.marks & marks::DRAINED == 0).collect();
        retain(&mut self.terms, &keep);
        retain(&mut self.fates, &keep);
        self.families.retain(|family| keep[family.parent.at()]);
        for family in &mut self.families {
            let parts = family.first_part.at()..family.first_part.at() + family.parts as usize;
            family.parts = narrow(keep[parts].iter().filter(|kept| **kept).count());
            family.parent = Slot(target[family.parent.at()]);
            family.first_part = Slot(target[family.first_part.at()]);
        }
        for slot in &mut self.revoked {
            *slot = Slot(target[slot.at()]);
        }
        self.compact_given();
        self.drained = 0;
        Moves { target, keep }
    }

    /// Keeps only the given ids that a row still uses.
    fn compact_given(&mut self) {
        if self.given.is_empty() {
            return;
        }
        let old = std::mem::take(&mut self.given);
        // A part shares its parent's id, so that an id can be met more than once.
        let mut target = vec![u32::MAX; old.len()];
        for terms in self.terms.iter_mut().filter(|terms| terms.origin == Origin::Given) {
            let moved = &mut target[terms.number as usize];
            if *moved == u32::MAX {
                *moved = self.given.push(old.get(terms.number));
            }
            terms.number = *moved;
        }
    }
}

/// Where rows went when the drained ones left.
#[derive(Debug)]
pub(crate) struct Moves {
    target: Vec<u32>,
    keep: Vec<bool>,
}

impl Moves {
    /// Whether a row is still there.
    pub(crate) fn keeps(&self, slot: Slot) -> bool {
        self.keep[slot.at()]
    }

    /// The new place of a row that is still there.
    pub(crate) fn to(&self, slot: Slot) -> Slot {
        Slot(self.target[slot.at()])
    }
}

fn retain<T>(column: &mut Vec<T>, keep: &[bool]) {
    let mut kept = keep.iter();
    column.retain(|_| kept.next().copied().unwrap_or(false));
    column.shrink_to(column.len() * 2);
}

#[inline]
const fn join(high: u32, low: u32) -> u64 {
    (high as u64) << 32 | low as u64
}
