//! The central queue (Queue 2): released transactions that wait for liquidity, and who of them may go.
//!
//! Each sender has a lane per priority band; under `bypass` and `fifo` there is one band. All but the last lane are
//! strict: only its first may go, and only when no higher lane waits. The last is strict under `fifo`; under `bypass` and
//! `priority` anything in it may go that fits, once no higher lane waits.

use crate::config::{Config, Discipline};
use crate::first_fit::GONE;
use crate::ids::{AgentIndex, Slot};
use crate::lane::{Lane, Waiting};
use crate::lsm::flows::{Flows, Offer};
use crate::memory;
use crate::reservations::RESERVED;
use crate::transactions::Moves;

/// A transaction that enters, or is looked up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Entry {
    pub(crate) slot: Slot,
    pub(crate) sender: AgentIndex,
    pub(crate) receiver: AgentIndex,
    pub(crate) amount: i64,
}

/// Where a scan of one sender's lanes stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Scan {
    band: usize,
    place: usize,
}

impl Scan {
    /// The class for which liquidity may be reserved, of the band in which it stands.
    pub(crate) fn class(self) -> usize {
        self.band.min(RESERVED)
    }
}

/// All that waits centrally.
#[derive(Clone, Debug)]
pub(crate) struct CentralQueue {
    discipline: Discipline,
    bands: usize,
    band_of: [u8; 11],
    lanes: Vec<Lane>,
    /// What waits from whom to whom in the lanes where anything may go; kept only if offsetting asks for it.
    flows: Option<Flows>,
    next_order: u64,
    len: usize,
    value: i64,
}

impl CentralQueue {
    pub(crate) fn new(config: &Config) -> Self {
        let discipline = config.settlement.discipline;
        let bands = match discipline {
            Discipline::Bypass | Discipline::Fifo => &[(0, 10)],
            Discipline::Priority => config.settlement.priority_bands.as_slice(),
        };
        let mut band_of = [0; 11];
        for (band, (low, high)) in bands.iter().enumerate() {
            for priority in *low..=*high {
                band_of[usize::from(priority)] = u8::try_from(band).unwrap_or(0);
            }
        }
        let flows = (crate::lsm::follows_flows(config) && discipline != Discipline::Fifo)
            .then(|| Flows::new(config.agents.len()));
        Self {
            discipline,
            bands: bands.len(),
            band_of,
            lanes: vec![Lane::default(); config.agents.len() * bands.len()],
            flows,
            next_order: 0,
            len: 0,
            value: 0,
        }
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// The memory that it takes.
    pub(crate) fn memory_bytes(&self) -> usize {
        let lanes: usize = self.lanes.iter().map(Lane::memory_bytes).sum();
        lanes + memory::of(&self.lanes) + self.flows.as_ref().map_or(0, |flows| flows.memory_bytes(self.len))
    }

    /// Something waits that stands in no lane.
    pub(crate) const fn count_apart(&mut self, amount: i64) {
        self.len += 1;
        self.value += amount;
    }

    /// Something that stood in no lane waits no more.
    pub(crate) const fn discount_apart(&mut self, amount: i64) {
        self.len -= 1;
        self.value -= amount;
    }

    /// The value of all that waits.
    pub(crate) const fn value(&self) -> i64 {
        self.value
    }

    /// What waits from whom to whom, where anything may go.
    pub(crate) fn flows(&self) -> Option<&Flows> {
        self.flows.as_ref()
    }

    /// The same, to note what was tried.
    pub(crate) fn flows_mut(&mut self) -> Option<&mut Flows> {
        self.flows.as_mut()
    }

    /// A sender's lanes, the highest band first.
    pub(crate) fn lanes(&self, sender: AgentIndex) -> &[Lane] {
        &self.lanes[sender.at() * self.bands..(sender.at() + 1) * self.bands]
    }

    fn lane_mut(&mut self, sender: AgentIndex, band: usize) -> &mut Lane {
        &mut self.lanes[sender.at() * self.bands + band]
    }

    /// Whether anything in this lane may go, or only its first.
    fn is_strict(&self, band: usize) -> bool {
        match self.discipline {
            Discipline::Bypass => false,
            Discipline::Fifo => true,
            Discipline::Priority => band + 1 < self.bands,
        }
    }

    /// The lanes of a sender of which only the first may go.
    pub(crate) fn strict_lanes(&self, sender: AgentIndex) -> &[Lane] {
        let strict = (0..self.bands).take_while(|band| self.is_strict(*band)).count();
        &self.lanes(sender)[..strict]
    }

    /// Whether something that waits may hold up something else of its sender.
    pub(crate) fn overtaking_is_ruled(&self) -> bool {
        self.discipline != Discipline::Bypass
    }

    /// Whether priorities matter.
    pub(crate) fn has_bands(&self) -> bool {
        self.discipline == Discipline::Priority
    }

    /// The highest band in which the sender has something waiting.
    fn highest_band(&self, sender: AgentIndex) -> Option<usize> {
        self.lanes(sender).iter().position(|lane| !lane.is_empty())
    }

    /// Where only one transaction of this sender may go: that one.
    pub(crate) fn only_next(&self, sender: AgentIndex) -> Option<Waiting> {
        if self.discipline == Discipline::Bypass {
            return None;
        }
        let band = self.highest_band(sender)?;
        if !self.is_strict(band) {
            return None;
        }
        self.lanes(sender)[band].first().map(|(_, waiting)| waiting)
    }

    /// Whether a transaction that enters now may settle before what waits.
    #[inline]
    pub(crate) fn lets_enter(&self, sender: AgentIndex, priority: u8) -> bool {
        if self.discipline == Discipline::Bypass {
            return true;
        }
        let band = usize::from(self.band_of[usize::from(priority)]);
        let ahead = if self.is_strict(band) { band + 1 } else { band };
        self.lanes(sender)[..ahead].iter().all(Lane::is_empty)
    }

    /// A transaction begins to wait.
    pub(crate) fn enter(&mut self, entry: Entry, priority: u8) {
        let band = usize::from(self.band_of[usize::from(priority)]);
        let waiting = Waiting { order: self.next_order, slot: entry.slot, receiver: entry.receiver };
        self.next_order += 1;
        self.len += 1;
        self.value += entry.amount;
        self.lane_mut(entry.sender, band).push(waiting, entry.amount);
        let strict = self.is_strict(band);
        if let Some(flows) = self.flows.as_mut().filter(|_| !strict) {
            flows.add(entry.sender, entry.receiver, Offer { waiting, amount: entry.amount });
        }
    }

    /// The least liquidity at which something of this sender may go, [`GONE`] when nothing waits.
    #[inline]
    pub(crate) fn wanted(&self, sender: AgentIndex) -> i64 {
        let Some(band) = self.highest_band(sender) else { return GONE };
        let lane = &self.lanes(sender)[band];
        if self.is_strict(band) {
            lane.first().map_or(GONE, |(place, _)| lane.need_at(place))
        } else {
            lane.least_need()
        }
    }

    /// The next transaction in a scan from the head that may go with this liquidity.
    #[expect(clippy::inline_always, reason = "on the way of each transaction; see count_instructions.py")]
    #[inline(always)]
    pub(crate) fn next_to_go(&self, sender: AgentIndex, scan: &mut Scan, liquidity: i64) -> Option<Entry> {
        for band in scan.band..self.bands {
            scan.band = band;
            let lane = &self.lanes(sender)[band];
            let found = if self.is_strict(band) {
                lane.first().filter(|(place, _)| lane.need_at(*place) <= liquidity)
            } else {
                lane.first_within(scan.place, liquidity)
            };
            if let Some((place, waiting)) = found {
                scan.place = place;
                let Waiting { slot, receiver, .. } = waiting;
                return Some(Entry { slot, sender, receiver, amount: lane.need_at(place) });
            }
            if !lane.is_empty() {
                return None;
            }
        }
        None
    }

    /// Goes past the transaction at which a scan stands, and which may not go; returns whether anything after it may.
    pub(crate) fn pass_over(&self, scan: &mut Scan) -> bool {
        scan.place += 1;
        !self.is_strict(scan.band)
    }

    /// The transaction at which a scan stands leaves.
    #[expect(clippy::inline_always, reason = "on the way of each transaction; see count_instructions.py")]
    #[inline(always)]
    pub(crate) fn leave_at(&mut self, scan: &mut Scan, entry: Entry) {
        let lane = &mut self.lanes[entry.sender.at() * self.bands + scan.band];
        let waiting = lane.at(scan.place);
        debug_assert!(waiting.slot == entry.slot, "a scan stands at what it found");
        lane.leave(scan.place);
        self.left(scan.band, entry, waiting.order);
        scan.place = if self.is_strict(scan.band) { 0 } else { scan.place + 1 };
    }

    /// A waiting transaction leaves, wherever it stands.
    pub(crate) fn leave(&mut self, entry: Entry, priority: u8, order: u64) {
        let band = usize::from(self.band_of[usize::from(priority)]);
        let lane = self.lane_mut(entry.sender, band);
        let place = lane.find(order);
        debug_assert!(place.is_some(), "what leaves was waiting");
        if let Some(place) = place {
            lane.leave(place);
            self.left(band, entry, order);
        }
    }

    /// Whether transactions of these priorities stand in different lanes.
    pub(crate) fn are_apart(&self, one: u8, other: u8) -> bool {
        self.band_of[usize::from(one)] != self.band_of[usize::from(other)]
    }

    /// Where a sender's transaction of this priority waits; found by a look at each in its lane.
    #[cold]
    pub(crate) fn find(&self, sender: AgentIndex, slot: Slot, priority: u8) -> Option<Waiting> {
        let lane = &self.lanes(sender)[usize::from(self.band_of[usize::from(priority)])];
        lane.place_of(slot).map(|place| lane.at(place))
    }

    /// Transactions of a sender go over to the lanes of other priorities, each to the place that its order of entry gives
    /// it there. They are given by ascending slots; however many they are, each lane is walked along once.
    #[cold]
    pub(crate) fn regroup(&mut self, sender: AgentIndex, moving: &[(Slot, u8)]) {
        let band_of = self.band_of;
        let band_for = |slot: Slot| {
            let at = moving.binary_search_by_key(&slot, |(slot, _)| *slot).ok()?;
            Some(usize::from(band_of[usize::from(moving[at].1)]))
        };
        let mut joining = vec![Vec::new(); self.bands];
        for band in 0..self.bands {
            let strict = self.is_strict(band);
            for one in self.lane_mut(sender, band).part_with(|slot| band_for(slot).is_some_and(|other| other != band)) {
                let waiting = one.0;
                if let Some(flows) = self.flows.as_mut().filter(|_| !strict) {
                    flows.remove(sender, waiting.receiver, waiting.order);
                }
                joining[band_for(waiting.slot).unwrap_or(band)].push(one);
            }
        }
        for (band, joining) in joining.iter().enumerate().filter(|(_, joining)| !joining.is_empty()) {
            let strict = self.is_strict(band);
            if let Some(flows) = self.flows.as_mut().filter(|_| !strict) {
                flows.admit(sender, joining);
            }
            self.lane_mut(sender, band).admit(joining);
        }
    }

    /// A waiting transaction goes to the front or to the end of its lane; returns whether it was elsewhere.
    #[cold]
    pub(crate) fn rearrange(&mut self, entry: Entry, priority: u8, to_front: bool) -> bool {
        let band = usize::from(self.band_of[usize::from(priority)]);
        let changed = self.lane_mut(entry.sender, band).rearrange(entry.slot, to_front);
        let strict = self.is_strict(band);
        if let Some(flows) = self.flows.as_mut().filter(|_| !strict) {
            flows.reorder(entry.sender, &changed);
        }
        !changed.is_empty()
    }

    #[expect(clippy::inline_always, reason = "on the way of each transaction; see count_instructions.py")]
    #[inline(always)]
    fn left(&mut self, band: usize, entry: Entry, order: u64) {
        self.len -= 1;
        self.value -= entry.amount;
        let strict = self.is_strict(band);
        if let Some(flows) = self.flows.as_mut().filter(|_| !strict) {
            flows.remove(entry.sender, entry.receiver, order);
        }
    }

    /// Closes gaps in a sender's lanes; scans of them must be over.
    pub(crate) fn tidy(&mut self, sender: AgentIndex) {
        for band in 0..self.bands {
            self.lane_mut(sender, band).tidy();
        }
    }

    /// Everything leaves.
    pub(crate) fn clear(&mut self) {
        for lane in &mut self.lanes {
            lane.clear();
        }
        if let Some(flows) = self.flows.as_mut() {
            flows.clear();
        }
        self.len = 0;
        self.value = 0;
    }

    /// The number that the next entry gets.
    pub(crate) const fn next_order(&self) -> u64 {
        self.next_order
    }

    /// Goes on from a number that [`CentralQueue::next_order`] gave.
    pub(crate) fn restore_next_order(&mut self, next_order: u64) {
        self.next_order = next_order.max(self.next_order);
    }

    /// A transaction waits again where it did; returns whether it is in order there.
    pub(crate) fn restore(&mut self, entry: Entry, priority: u8, order: u64) -> bool {
        let band = usize::from(self.band_of[usize::from(priority)]);
        if !self.lanes(entry.sender)[band].comes_after_all(order) {
            return false;
        }
        let next = std::mem::replace(&mut self.next_order, order);
        self.enter(entry, priority);
        self.next_order = next.max(order + 1);
        true
    }

    /// A sender's waiting transactions, by band, then entry.
    pub(crate) fn of_sender(&self, sender: AgentIndex) -> impl Iterator<Item = Waiting> {
        self.lanes(sender).iter().flat_map(Lane::iter)
    }

    /// The same, with their amounts.
    pub(crate) fn offers_of(&self, sender: AgentIndex) -> impl Iterator<Item = Offer> {
        let waiting = self.lanes(sender).iter().flat_map(Lane::iter_with_needs);
        waiting.map(|(waiting, amount)| Offer { waiting, amount })
    }

    /// Whom the first of a sender's waiting transactions goes to.
    pub(crate) fn front_receiver(&self, sender: AgentIndex) -> Option<AgentIndex> {
        self.of_sender(sender).next().map(|waiting| waiting.receiver)
    }

    /// Follows transactions to their new rows.
    pub(crate) fn follow(&mut self, moves: &Moves) {
        for lane in &mut self.lanes {
            lane.follow(moves);
        }
        if let Some(flows) = self.flows.as_mut() {
            flows.follow(moves);
        }
    }
}
