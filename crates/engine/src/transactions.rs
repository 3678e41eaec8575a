//! Transactions: a struct of arrays, a row for each in memory, in the order in which they came into being.
//!
//! Closed rows leave when they are drained; the open ones then move down, in order ([`Transactions::retain`]).

use crate::clock::{NEVER, Tick};
use crate::ids::{AgentIndex, GivenIds, Origin, Slot, TransactionId, narrow};

/// How many transactions can be in memory at once.
pub const CAPACITY: usize = u32::MAX as usize - 1;

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
}

impl Method {
    /// The names, by number less 1.
    pub const NAMES: [&str; 4] = ["immediate", "queue", "bilateral", "cycle"];

    /// The name of a method by its number; 0 is none.
    #[must_use]
    pub fn name(number: u8) -> Option<&'static str> {
        Self::NAMES.get(usize::from(number).checked_sub(1)?).copied()
    }

    /// Whether this is a settlement in an offset set.
    #[must_use]
    pub const fn is_offset(self) -> bool {
        matches!(self, Self::Bilateral | Self::Cycle)
    }
}

/// Bits of the column of traits.
mod traits {
    pub(super) const ORIGIN: u8 = 0b0011;
    pub(super) const DIVISIBLE: u8 = 0b0100;
    pub(super) const WATCHED: u8 = 0b1000;
    pub(super) const SPLIT: u8 = 0b1_0000;
    pub(super) const DRAINED: u8 = 0b10_0000;
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

/// What is known of a transaction when it comes into being.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct NewTransaction {
    pub(crate) id: TransactionId,
    pub(crate) receiver: AgentIndex,
    pub(crate) amount: i64,
    pub(crate) submit_tick: Tick,
    pub(crate) deadline: Tick,
    pub(crate) priority: u8,
    pub(crate) divisible: bool,
}

/// All transactions in memory, column by column.
#[derive(Clone, Debug, Default)]
pub(crate) struct Transactions {
    pub(crate) sender: Vec<AgentIndex>,
    pub(crate) receiver: Vec<AgentIndex>,
    pub(crate) amount: Vec<i64>,
    pub(crate) submit_tick: Vec<Tick>,
    pub(crate) deadline: Vec<Tick>,
    pub(crate) release_tick: Vec<Tick>,
    pub(crate) settle_tick: Vec<Tick>,
    pub(crate) number: Vec<u32>,
    pub(crate) part: Vec<u8>,
    pub(crate) priority: Vec<u8>,
    pub(crate) traits: Vec<u8>,
    pub(crate) status: Vec<Status>,
    /// 0 where there is none.
    pub(crate) method: Vec<u8>,
    pub(crate) families: Vec<Family>,
    pub(crate) given: GivenIds,
    /// Rows that are closed and not drained.
    pub(crate) closed: usize,
    /// Rows that are drained.
    pub(crate) drained: usize,
    /// A sum over all transactions that ever closed, which does not depend on their order.
    pub(crate) closed_digest: [u64; 2],
}

impl Transactions {
    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.sender.len()
    }

    /// Makes room for more rows.
    pub(crate) fn reserve(&mut self, more: usize) {
        self.sender.reserve(more);
        self.receiver.reserve(more);
        self.amount.reserve(more);
        self.submit_tick.reserve(more);
        self.deadline.reserve(more);
        self.release_tick.reserve(more);
        self.settle_tick.reserve(more);
        self.number.reserve(more);
        self.part.reserve(more);
        self.priority.reserve(more);
        self.traits.reserve(more);
        self.status.reserve(more);
        self.method.reserve(more);
    }

    /// A new row, `pending`.
    #[inline]
    pub(crate) fn push(&mut self, new: &NewTransaction) -> Slot {
        debug_assert!(new.amount > 0 && new.id.sender != new.receiver, "checked before");
        let slot = Slot(narrow(self.len()));
        self.sender.push(new.id.sender);
        self.receiver.push(new.receiver);
        self.amount.push(new.amount);
        self.submit_tick.push(new.submit_tick);
        self.deadline.push(new.deadline);
        self.release_tick.push(NEVER);
        self.settle_tick.push(NEVER);
        self.number.push(new.id.number);
        self.part.push(new.id.part);
        self.priority.push(new.priority);
        self.traits.push(new.id.origin as u8 | if new.divisible { traits::DIVISIBLE } else { 0 });
        self.status.push(Status::Pending);
        self.method.push(0);
        slot
    }

    pub(crate) fn id(&self, slot: Slot) -> TransactionId {
        let at = slot.at();
        let origin = match self.traits[at] & traits::ORIGIN {
            0 => Origin::Generated,
            1 => Origin::Submitted,
            _ => Origin::Given,
        };
        TransactionId { sender: self.sender[at], origin, number: self.number[at], part: self.part[at] }
    }

    pub(crate) fn is_divisible(&self, slot: Slot) -> bool {
        self.traits[slot.at()] & traits::DIVISIBLE != 0
    }

    /// Whether this has been split into parts.
    pub(crate) fn is_split(&self, slot: Slot) -> bool {
        self.traits[slot.at()] & traits::SPLIT != 0
    }

    /// Marks that the deadline of this is watched; returns whether it was already.
    pub(crate) fn watch(&mut self, slot: Slot) -> bool {
        let before = self.traits[slot.at()];
        self.traits[slot.at()] = before | traits::WATCHED;
        before & traits::WATCHED != 0
    }

    pub(crate) fn is_open(&self, slot: Slot) -> bool {
        matches!(self.status[slot.at()], Status::Pending | Status::Queued)
    }

    pub(crate) fn is_drained(&self, slot: Slot) -> bool {
        self.traits[slot.at()] & traits::DRAINED != 0
    }

    /// Divides a transaction into equal parts, the remainder on the first; returns the first part, which the others
    /// follow.
    pub(crate) fn split(&mut self, parent: Slot, parts: u8, tick: Tick) -> Slot {
        let at = parent.at();
        debug_assert!(parts >= 2 && self.part[at] == 0 && !self.is_split(parent), "split once, in two or more");
        let amount = self.amount[at];
        let share = amount / i64::from(parts);
        let first_part = Slot(narrow(self.len()));
        for part in 1..=parts {
            let amount = if part == 1 { amount - share * i64::from(parts - 1) } else { share };
            let id = TransactionId { part, ..self.id(parent) };
            self.push(&NewTransaction {
                id,
                receiver: self.receiver[at],
                amount,
                submit_tick: self.submit_tick[at],
                deadline: self.deadline[at],
                priority: self.priority[at],
                divisible: false,
            });
        }
        self.traits[at] |= traits::SPLIT;
        self.status[at] = Status::Queued;
        self.release_tick[at] = tick;
        let open = u32::from(parts);
        self.families.push(Family { parent, first_part, parts: open, open, dropped: false });
        first_part
    }

    /// Notes that a transaction is settled or dropped for good, and its parent with its last part.
    #[inline]
    pub(crate) fn close(&mut self, slot: Slot, status: Status, method: u8, settle_tick: Tick) {
        self.close_one(slot, status, method, settle_tick);
        if self.part[slot.at()] > 0 {
            self.close_part(slot, status, settle_tick);
        }
    }

    #[inline]
    fn close_one(&mut self, slot: Slot, status: Status, method: u8, settle_tick: Tick) {
        let at = slot.at();
        debug_assert!(self.is_open(slot), "a transaction closes once");
        self.status[at] = status;
        self.method[at] = method;
        self.settle_tick[at] = settle_tick;
        self.closed += 1;
        let digest = self.row_digest(slot);
        self.closed_digest[0] = self.closed_digest[0].wrapping_add(digest);
        self.closed_digest[1] = self.closed_digest[1].wrapping_add(fold(digest, 0x9e37_79b9_7f4a_7c15));
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
        let at = slot.at();
        let origin = self.traits[at] & (traits::ORIGIN | traits::DIVISIBLE | traits::SPLIT);
        let number = if origin & traits::ORIGIN == Origin::Given as u8 {
            crate::ids::text_hash(self.given.get(self.number[at]))
        } else {
            u64::from(self.number[at])
        };
        let kinds = u64::from_le_bytes([
            origin,
            self.part[at],
            self.priority[at],
            self.status[at] as u8,
            self.method[at],
            0,
            0,
            0,
        ]);
        let parties = join(self.sender[at].0, self.receiver[at].0);
        let asked = join(self.submit_tick[at], self.deadline[at]);
        let done = join(self.release_tick[at], self.settle_tick[at]);
        let first = fold(parties ^ 0xa076_1d64_78bd_642f, self.amount[at].cast_unsigned() ^ 0xe703_7ed1_a0b4_28db);
        let second = fold(asked ^ 0x8ebc_6af0_9c88_c6e3, done ^ 0x5899_65cc_7537_4cc3);
        fold(first ^ number, second ^ kinds ^ 0x1d8e_4e27_c47d_124f)
    }

    /// Marks all closed rows as drained and returns them, in table order.
    pub(crate) fn take_closed(&mut self) -> Vec<Slot> {
        let mut taken = Vec::with_capacity(self.closed);
        for at in 0..narrow(self.len()) {
            let slot = Slot(at);
            if !self.is_open(slot) && !self.is_drained(slot) {
                self.traits[slot.at()] |= traits::DRAINED;
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
        let lengths = [
            self.receiver.len(),
            self.amount.len(),
            self.submit_tick.len(),
            self.deadline.len(),
            self.release_tick.len(),
            self.settle_tick.len(),
            self.number.len(),
            self.part.len(),
            self.priority.len(),
            self.traits.len(),
            self.status.len(),
            self.method.len(),
        ];
        let even = lengths.iter().all(|length| *length == rows) && rows <= CAPACITY;
        if !even {
            return Err("columns of unequal length");
        }
        let known = self.sender.iter().chain(&self.receiver).all(|agent| agent.at() < agents);
        let positive = self.amount.iter().all(|amount| *amount > 0);
        let ranked = self.priority.iter().all(|priority| *priority <= 10);
        let settled = self.method.iter().all(|method| usize::from(*method) <= Method::NAMES.len());
        let given = self.traits.iter().zip(&self.number).all(|(bits, number)| {
            bits & traits::ORIGIN != Origin::Given as u8 || (*number as usize) < self.given.len()
        });
        let families = self
            .families
            .iter()
            .all(|family| family.parent.at() < rows && family.first_part.at() + family.parts as usize <= rows);
        if known && positive && ranked && settled && given && families { Ok(()) } else { Err("a transaction") }
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
        let keep: Vec<bool> = self.traits.iter().map(|bits| bits & traits::DRAINED == 0).collect();
        retain(&mut self.sender, &keep);
        retain(&mut self.receiver, &keep);
        retain(&mut self.amount, &keep);
        retain(&mut self.submit_tick, &keep);
        retain(&mut self.deadline, &keep);
        retain(&mut self.release_tick, &keep);
        retain(&mut self.settle_tick, &keep);
        retain(&mut self.number, &keep);
        retain(&mut self.part, &keep);
        retain(&mut self.priority, &keep);
        retain(&mut self.traits, &keep);
        retain(&mut self.status, &keep);
        retain(&mut self.method, &keep);
        self.families.retain(|family| keep[family.parent.at()]);
        for family in &mut self.families {
            let parts = family.first_part.at()..family.first_part.at() + family.parts as usize;
            family.parts = narrow(keep[parts].iter().filter(|kept| **kept).count());
            family.parent = Slot(target[family.parent.at()]);
            family.first_part = Slot(target[family.first_part.at()]);
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
        for at in 0..self.len() {
            if self.traits[at] & traits::ORIGIN != Origin::Given as u8 {
                continue;
            }
            let moved = &mut target[self.number[at] as usize];
            if *moved == u32::MAX {
                *moved = self.given.push(old.get(self.number[at]));
            }
            self.number[at] = *moved;
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

/// The folded product of the wyhash family. Source: Wang Yi, "wyhash" (public domain).
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "both halves are used")]
const fn fold(left: u64, right: u64) -> u64 {
    let product = left as u128 * right as u128;
    product as u64 ^ (product >> 64) as u64
}
