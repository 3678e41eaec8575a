//! Debit times: before its earliest debit tick a transaction is stored and does not enter, after its latest it is
//! cancelled.
//!
//! They stand in a table of their own, by transaction: a run without any has none of this. Parts go by what they are
//! parts of.

use std::collections::{BTreeMap, BTreeSet};

use crate::calendar::Calendar;
use crate::clock::{NEVER, Tick};
use crate::events::Kind;
use crate::ids::{AgentIndex, Slot};
use crate::lane::Waiting;
use crate::simulation::Simulation;
use crate::stored::stored_struct;
use crate::timetable::Timetable;
use crate::transactions::{Moves, Status, Transactions};

/// When a transaction may be debited.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct DebitTimes {
    /// The first tick; 0 if there is none.
    pub(crate) earliest: Tick,
    /// The last tick; [`NEVER`] if there is none.
    pub(crate) latest: Tick,
}

stored_struct!(DebitTimes { earliest, latest });

impl DebitTimes {
    /// Of most transactions.
    pub(crate) const ANY: Self = Self { earliest: 0, latest: NEVER };
}

/// All debit times, and what waits for them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Debits {
    times: BTreeMap<Slot, DebitTimes>,
    /// Whose latest debit tick is when.
    latest: Calendar<Slot>,
    /// What was released too early, by the tick in which it enters, and by sequence number.
    stored: BTreeMap<(Tick, u64), Waiting>,
    /// Where each of them stands there.
    keys: BTreeMap<Slot, (Tick, u64)>,
    /// In step 4, what enters that was stored, and when its bank sent it.
    entering: Vec<(Slot, Tick)>,
}

/// The same, as a saved state has it.
#[derive(Debug)]
pub(crate) struct StoredDebits {
    times: Vec<(Slot, DebitTimes)>,
    /// By sequence number.
    pub(crate) stored: Vec<Waiting>,
}

stored_struct!(StoredDebits { times, stored });

impl Debits {
    pub(super) fn memory_bytes(&self) -> usize {
        self.times.len() * size_of::<(Slot, DebitTimes)>()
            + self.latest.memory_bytes()
            + self.stored.len() * (size_of::<((Tick, u64), Waiting)>() + size_of::<(Slot, (Tick, u64))>())
    }

    /// The next tick, from `now` on, in which something enters or is cancelled.
    pub(super) fn next_tick(&self, now: Tick, settles: bool) -> Tick {
        let enters = self.stored.first_key_value().filter(|_| settles);
        enters.map_or(NEVER, |((tick, _), _)| (*tick).max(now)).min(self.latest.next_tick())
    }

    fn add(&mut self, slot: Slot, times: DebitTimes) {
        self.times.insert(slot, times);
        if times.latest != NEVER {
            self.latest.add(times.latest, slot);
        }
    }

    /// The times of a transaction, or of what it is a part of.
    fn of(&self, slot: Slot, transactions: &Transactions) -> DebitTimes {
        self.times.get(&transactions.whole_of(slot)).copied().unwrap_or(DebitTimes::ANY)
    }

    /// A transaction is stored until its earliest debit tick.
    fn store(&mut self, earliest: Tick, waiting: Waiting) {
        self.keys.insert(waiting.slot, (earliest, waiting.order));
        self.stored.insert((earliest, waiting.order), waiting);
    }

    /// A transaction leaves before its tick; returns whether it was stored.
    fn unstore(&mut self, slot: Slot) -> bool {
        self.keys.remove(&slot).is_some_and(|key| self.stored.remove(&key).is_some())
    }

    /// Those whose tick has come leave, by tick and sequence number.
    fn take_due(&mut self, tick: Tick) -> impl Iterator<Item = Waiting> + use<> {
        let later = self.stored.split_off(&(tick + 1, 0));
        let due = std::mem::replace(&mut self.stored, later);
        for waiting in due.values() {
            self.keys.remove(&waiting.slot);
        }
        due.into_values()
    }

    /// What is stored, by sequence number.
    fn in_order(&self) -> Vec<Waiting> {
        let mut stored: Vec<Waiting> = self.stored.values().copied().collect();
        stored.sort_unstable_by_key(|waiting| waiting.order);
        stored
    }

    /// Follows transactions to their new rows.
    pub(super) fn follow(&mut self, moves: &Moves) {
        let times = std::mem::take(&mut self.times).into_iter().filter(|(slot, _)| moves.keeps(*slot));
        self.times = times.map(|(slot, times)| (moves.to(slot), times)).collect();
        self.latest.retain(|slot| moves.keeps(*slot));
        self.latest.retain(|slot| {
            *slot = moves.to(*slot);
            true
        });
        for waiting in self.stored.values_mut() {
            waiting.slot = moves.to(waiting.slot);
        }
        self.keys = self.stored.iter().map(|(key, waiting)| (waiting.slot, *key)).collect();
    }

    pub(super) fn stored(&self) -> StoredDebits {
        let times = self.times.iter().map(|(slot, times)| (*slot, *times)).collect();
        StoredDebits { times, stored: self.in_order() }
    }

    /// What was stored, before the tick `now`, once it was found to be sound.
    pub(super) fn restored(stored: StoredDebits, transactions: &Transactions, now: Tick) -> Self {
        let mut debits = Self { times: stored.times.into_iter().collect(), ..Self::default() };
        let to_come = debits.times.iter().filter(|(_, times)| times.latest != NEVER && times.latest >= now);
        let to_come: Vec<(Tick, Slot)> = to_come.map(|(slot, times)| (times.latest, *slot)).collect();
        for (tick, slot) in to_come {
            debits.latest.add(tick, slot);
        }
        for waiting in stored.stored {
            let earliest = debits.of(waiting.slot, transactions).earliest;
            debits.store(earliest, waiting);
        }
        debits
    }
}

impl StoredDebits {
    /// Whether it can be so with these transactions. That each one that is stored stands nowhere else is looked at with
    /// all the others.
    pub(super) fn is_sound(&self, transactions: &Transactions) -> bool {
        let rows = transactions.terms_from(Slot(0));
        let is_sound = |(slot, times): &(Slot, DebitTimes)| {
            rows.get(slot.at()).is_some_and(|terms| terms.part == 0)
                && *times != DebitTimes::ANY
                && times.earliest <= times.latest
                && times.earliest < NEVER
        };
        let known = |waiting: &Waiting| {
            rows.get(waiting.slot.at()).is_some_and(|terms| {
                let whole = transactions.whole_of(waiting.slot);
                let times = self.times.binary_search_by_key(&whole, |(slot, _)| *slot);
                terms.receiver == waiting.receiver && times.is_ok_and(|place| self.times[place].1.earliest > 0)
            })
        };
        self.times.is_sorted_by(|left, right| left.0 < right.0)
            && self.times.iter().all(is_sound)
            && self.stored.iter().all(known)
    }
}

impl Simulation {
    /// New transactions, in rows one after the other from `first` on, have these debit times.
    pub(crate) fn set_debit_times(&mut self, first: Slot, times: impl Iterator<Item = DebitTimes>) {
        let given: Vec<(u32, DebitTimes)> = (first.0..).zip(times).filter(|(_, one)| *one != DebitTimes::ANY).collect();
        if given.is_empty() {
            return;
        }
        let config = &self.config;
        let timetable = self.timetable.get_or_insert_with(|| Box::new(Timetable::empty(config)));
        let debits = timetable.debits.get_or_insert_with(Debits::default);
        for (slot, one) in given {
            debits.add(Slot(slot), one);
        }
    }

    fn debits(&self) -> Option<&Debits> {
        self.timetable.as_ref().and_then(|timetable| timetable.debits.as_ref())
    }

    /// When a transaction may be debited.
    pub(crate) fn debit_times(&self, slot: Slot) -> DebitTimes {
        self.debits().map_or(DebitTimes::ANY, |debits| debits.of(slot, &self.book.transactions))
    }

    /// What waits for its earliest debit tick, by sequence number.
    pub(crate) fn stored_early(&self) -> Vec<Waiting> {
        self.debits().map_or_else(Vec::new, Debits::in_order)
    }

    /// A transaction that waits for its earliest debit tick.
    pub(crate) fn find_stored(&self, slot: Slot) -> Option<Waiting> {
        let debits = self.debits()?;
        debits.stored.get(debits.keys.get(&slot)?).copied()
    }

    /// What is stored leaves its place; what is done with it is up to the caller.
    pub(crate) fn unstore(&mut self, waiting: Waiting) {
        if let Some(debits) = self.timetable.as_mut().and_then(|timetable| timetable.debits.as_mut()) {
            let was_stored = debits.unstore(waiting.slot);
            debug_assert!(was_stored, "what leaves its place was there");
        }
    }

    /// Nothing is stored any more.
    pub(crate) fn clear_stored(&mut self) {
        if let Some(debits) = self.timetable.as_mut().and_then(|timetable| timetable.debits.as_mut()) {
            debits.stored.clear();
            debits.keys.clear();
        }
    }

    /// At the end of step 3 what was released before its earliest debit tick is stored, and what was stored and whose
    /// tick has come is released.
    #[cold]
    pub(crate) fn store_early(&mut self, tick: Tick) {
        let Some(mut debits) = self.timetable.as_mut().and_then(|timetable| timetable.debits.take()) else { return };
        let mut released = std::mem::take(&mut self.released);
        released.sort_unstable_by_key(|waiting| waiting.order);
        for waiting in released {
            let earliest = debits.of(waiting.slot, &self.book.transactions).earliest;
            if earliest <= tick {
                self.released.push(waiting);
                continue;
            }
            self.book.log.note(Kind::Stored, waiting.slot);
            self.book.transactions.release(waiting.slot, tick);
            self.count_stored(waiting);
            self.book.accounts.touch(self.book.transactions.terms(waiting.slot).sender, tick);
            self.book.watch(waiting.slot);
            debits.store(earliest, waiting);
        }
        for waiting in debits.take_due(tick) {
            let sent = self.book.transactions.fate(waiting.slot).release_tick;
            debits.entering.push((waiting.slot, sent));
            self.leave_queue1(waiting, tick);
            self.released.push(waiting);
        }
        if let Some(timetable) = &mut self.timetable {
            timetable.debits = Some(debits);
        }
    }

    /// What was stored and has entered keeps the tick in which its bank sent it.
    #[cold]
    pub(crate) fn keep_release_ticks(&mut self) {
        let Some(debits) = self.timetable.as_mut().and_then(|timetable| timetable.debits.as_mut()) else { return };
        for (slot, sent) in debits.entering.drain(..) {
            self.book.transactions.release(slot, sent);
        }
    }

    /// What is stored counts with its sender's own queue.
    pub(crate) fn count_stored(&mut self, waiting: Waiting) {
        let terms = self.book.transactions.terms(waiting.slot);
        self.book.accounts.queue1_size[terms.sender.at()] += 1;
        self.book.accounts.queue1_value[terms.sender.at()] += terms.amount;
    }

    /// At the end of a tick whatever waits and may not be debited later is cancelled, by sequence number.
    pub(super) fn expire(&mut self, tick: Tick) {
        let Some(debits) = self.timetable.as_mut().and_then(|timetable| timetable.debits.as_mut()) else { return };
        let due = debits.latest.take_due(tick);
        let transactions = &self.book.transactions;
        let mut late: BTreeSet<Slot> = BTreeSet::new();
        for slot in due.into_iter().filter(|slot| transactions.is_open(*slot)) {
            if transactions.is_split(slot) {
                late.extend(transactions.open_parts(slot));
            } else {
                late.insert(slot);
            }
        }
        if late.is_empty() {
            return;
        }
        let mut expired: Vec<Slot> = late.iter().copied().collect();
        self.book.transactions.sort_by_arrival(&mut expired);
        let mut places = self.waiting_where(|slot, _| late.contains(&slot));
        // This tick's costs have accrued on what was there: accounts change with the next tick, unless they are looked
        // at once more as the day is closed.
        let closes = self.books_daily() && tick == self.clock.last_tick_of_day(tick);
        self.book.totals.tick = if closes { tick } else { tick + 1 };
        for slot in expired {
            let Some((place, waiting)) = places.remove(&slot) else { continue };
            let queued = self.book.transactions.fate(slot).status == Status::Queued;
            self.remove(place, waiting);
            if queued {
                self.book.after_intervention(self.book.transactions.terms(slot).sender);
            }
            self.book.transactions.close(slot, Status::Dropped, 0, NEVER);
            self.book.log.note(Kind::Expired, slot);
        }
        self.book.totals.tick = tick;
    }

    /// A transaction leaves its sender's own queue.
    fn leave_queue1(&mut self, waiting: Waiting, tick: Tick) {
        let terms = self.book.transactions.terms(waiting.slot);
        let (sender, amount): (AgentIndex, i64) = (terms.sender, terms.amount);
        self.book.accounts.queue1_size[sender.at()] -= 1;
        self.book.accounts.queue1_value[sender.at()] -= amount;
        self.book.accounts.touch(sender, tick);
    }

    /// The debit times of the transactions in memory that have any, in table order: earliest, and latest.
    pub(crate) fn all_debit_times(&self) -> impl Iterator<Item = (Slot, DebitTimes)> {
        let debits = self.timetable.iter().filter_map(|timetable| timetable.debits.as_ref());
        debits.flat_map(|debits| debits.times.iter().map(|(slot, times)| (*slot, *times)))
    }
}
