//! Links in the tick: what is released joins its link; batches of clearing houses arrive and end; what is left of a link
//! that lost a leg is dropped.

use std::collections::BTreeSet;

use super::Links;
use crate::clock::{NEVER, Tick};
use crate::config::AncillaryBatch;
use crate::events::Kind;
use crate::ids::{AgentIndex, Origin, Slot};
use crate::lane::Waiting;
use crate::money::Cents;
use crate::simulation::Simulation;
use crate::transactions::Terms;

/// The priority of what clearing houses instruct; it has no effect, since they wait apart from the queue.
const PRIORITY: u8 = 10;

impl Simulation {
    /// The batches of the configuration become transactions, which arrive in their ticks.
    pub(crate) fn plan_batches(&mut self) {
        if self.config.ancillary_batches.is_empty() {
            return;
        }
        let mut links = Links::default();
        let batches = std::mem::take(&mut self.config.ancillary_batches);
        for batch in &batches {
            let legs: Vec<(Slot, String)> =
                batch.positions.iter().map(|position| self.plan_leg(batch, *position)).collect();
            links.plan(&batch.id, &legs, batch.at, batch.until);
        }
        self.config.ancillary_batches = batches;
        self.book.links = Some(Box::new(links));
    }

    /// A debtor pays the clearing house, or the clearing house a creditor.
    fn plan_leg(&mut self, batch: &AncillaryBatch, (agent, position): (u32, Cents)) -> (Slot, String) {
        let given = &mut self.book.transactions.given;
        let id = batch.leg_id(self.names.name(AgentIndex(agent)));
        let number = given.push(&id);
        self.given.add(given, number);
        let (house, agent) = (AgentIndex(batch.account), AgentIndex(agent));
        let (sender, receiver) = if position.0 < 0 { (agent, house) } else { (house, agent) };
        self.total_value += position.0.abs();
        let terms = Terms {
            sender,
            origin: Origin::Given,
            number,
            part: 0,
            receiver,
            amount: position.0.abs(),
            submit_tick: batch.at,
            deadline: NEVER,
            priority: PRIORITY,
            divisible: false,
        };
        (self.book.transactions.schedule(terms), id)
    }

    /// Batches whose tick has come arrive: their clearing houses instruct them, whatever their debtors' policies are.
    #[cold]
    pub(crate) fn arrive_batches(&mut self, tick: Tick) {
        let entered = self.book.entered.len();
        let Some(links) = &mut self.book.links else { return };
        links.entered_before = entered;
        for number in links.arriving.take_due(tick) {
            let Some(link) = self.book.links.as_deref_mut().and_then(|links| links.by_number.get(&number)) else {
                return;
            };
            let (legs, until) = (link.legs.clone(), link.until);
            for slot in legs {
                self.arrive_in_batch(slot);
            }
            if let (Some(links), Some(until)) = (&mut self.book.links, until) {
                links.ending.add(until, number);
            }
        }
    }

    fn arrive_in_batch(&mut self, slot: Slot) {
        let Terms { sender, receiver, amount, .. } = *self.book.transactions.terms(slot);
        // Not with others in a row: what does that has one caller, into which it is inlined.
        self.book.log.note(Kind::Arrived, slot);
        self.book.totals.num_arrivals += 1;
        self.book.totals.arrived_value += amount;
        self.book.accounts.ask(sender, receiver, amount);
        if self.is_void(sender, receiver) {
            self.drop_on_arrival(slot);
        } else {
            let order = self.next_sequence;
            self.next_sequence += 1;
            if let Some(links) = &mut self.book.links {
                links.entering.insert(slot, order);
            }
            self.book.wait_apart(slot);
        }
    }

    /// What was released and is a leg joins its link; then all that is complete is tried.
    #[cold]
    pub(crate) fn enter_links(&mut self, released: &mut Vec<Waiting>) {
        if let Some(links) = &mut self.book.links {
            links.entering.extend(released.iter().map(|waiting| (waiting.slot, waiting.order)));
        }
        released.retain(|waiting| {
            let linked = self.book.links.as_ref().is_some_and(|links| links.of(waiting.slot).is_some());
            if linked {
                self.book.wait_apart(waiting.slot);
            }
            !linked
        });
        self.book.settle_links();
    }

    /// Legs of links that lost one are dropped, as far as they have arrived, by sequence number.
    #[cold]
    pub(crate) fn drop_broken(&mut self) {
        let Some(links) = self.book.links.as_ref().filter(|links| !links.broken.is_empty()) else { return };
        let open = |slot: &Slot| self.book.transactions.is_open(*slot);
        let legs = links.broken.iter().filter_map(|number| links.by_number.get(number)).flat_map(|link| &link.legs);
        let doomed: BTreeSet<Slot> = legs.copied().filter(open).collect();
        let now = self.clock.now();
        if doomed.iter().any(|slot| self.book.transactions.terms(*slot).submit_tick <= now) {
            self.drop_where(|slot, _| doomed.contains(&slot));
        }
        let Some(links) = &mut self.book.links else { return };
        let (transactions, all) = (&self.book.transactions, &links.by_number);
        let has_open =
            |number: &u32| all.get(number).is_some_and(|link| link.legs.iter().any(|slot| transactions.is_open(*slot)));
        links.broken.retain(has_open);
    }

    /// Batches whose last tick this is and that did not settle are rejected as a whole.
    #[cold]
    pub(crate) fn reject_batches(&mut self, tick: Tick) {
        let Some(links) = &mut self.book.links else { return };
        let ending = links.ending.take_due(tick);
        let mut rejected: Vec<Slot> = ending
            .iter()
            .filter_map(|number| links.by_number.get(number))
            .flat_map(|link| link.waiting.clone())
            .collect();
        self.book.transactions.sort_by_arrival(&mut rejected);
        for slot in rejected {
            self.leave_apart_unsettled(slot);
            self.book.drop_unsettled(slot);
        }
        self.drop_broken();
    }

    /// A leg is to be dropped. If it was released in this very tick, no event will say so, and neither does it.
    pub(crate) fn leave_apart_unsettled(&mut self, slot: Slot) {
        self.book.leave_apart(slot);
        if self.book.transactions.fate(slot).release_tick == self.clock.now() {
            self.book.transactions.release(slot, NEVER);
        }
    }

    /// What waits apart from the queue, of one sender, in order of entry within each link.
    pub(crate) fn apart_of(&self, sender: AgentIndex) -> impl Iterator<Item = Slot> {
        self.apart().filter(move |slot| self.book.transactions.terms(*slot).sender == sender)
    }

    /// All that waits apart from the queue.
    pub(crate) fn apart(&self) -> impl Iterator<Item = Slot> {
        self.book.links.iter().flat_map(|links| links.waiting())
    }
}
