//! What offsetting sees: accounts, the central queue, and who of those that wait may go next.

use super::flows::Offer;
use crate::accounts::Accounts;
use crate::central_queue::CentralQueue;
use crate::first_fit::GONE;
use crate::ids::AgentIndex;
use crate::lane::Lane;
use crate::limits::Limits;
use crate::reservations::{ByClass, Reservations};
use crate::settlement::Book;
use crate::transactions::Transactions;

/// What an algorithm sees.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'a> {
    pub(super) accounts: &'a Accounts,
    pub(super) queue: &'a CentralQueue,
    pub(super) transactions: &'a Transactions,
}

impl<'a> View<'a> {
    pub(super) fn of(book: &'a Book) -> Self {
        Self { accounts: &book.accounts, queue: &book.queue, transactions: &book.transactions }
    }

    pub(super) fn agents(&self) -> usize {
        self.accounts.iter().len()
    }

    /// The most that an agent's account lets it pay net: nothing, if it is overdrawn beyond a limit that was lowered.
    #[inline]
    pub(super) fn liquidity(&self, agent: AgentIndex) -> i64 {
        self.accounts.get(agent).liquidity().max(0)
    }

    /// What an agent may gain before it leaves its band.
    #[inline]
    pub(super) fn room(&self, agent: AgentIndex) -> i64 {
        self.accounts.room(agent)
    }

    /// What agents do not want to send beyond, where any of them has a limit.
    #[inline]
    pub(super) fn limits(&self) -> Option<&'a Limits> {
        self.accounts.limits.as_deref()
    }

    /// What agents keep for their more urgent transactions, where any of them does.
    #[inline]
    pub(super) fn reservations(&self) -> Option<&'a Reservations> {
        self.limits()?.reservations.as_ref()
    }

    /// What an agent must keep when it pays for so much of each class out of its own.
    pub(super) fn must_remain(&self, agent: AgentIndex, sent: &ByClass) -> i64 {
        self.reservations().map_or(0, |reserved| reserved.must_remain(agent, self.liquidity(agent), sent))
    }

    /// The most that an agent can pay another one net with what is of the last band: its liquidity, or what limits and
    /// reservations of its own leave of it.
    #[inline]
    pub(super) fn payable(&self, from: AgentIndex, to: AgentIndex) -> i64 {
        self.limits().map_or_else(|| self.liquidity(from), |limits| self.payable_within(limits, from, to))
    }

    #[cold]
    #[inline(never)]
    fn payable_within(&self, limits: &Limits, from: AgentIndex, to: AgentIndex) -> i64 {
        let liquidity = self.liquidity(from);
        let kept = self.reservations().map_or(0, |reserved| reserved.kept_from_last(from, liquidity));
        (liquidity - kept).min(limits.room(from, to)).min(self.room(to))
    }

    /// The same with so much of each class.
    #[cold]
    pub(super) fn payable_with(&self, from: AgentIndex, to: AgentIndex, sent: &ByClass) -> i64 {
        let usable = self.liquidity(from) - self.must_remain(from, sent);
        self.limits().map_or(usable, |limits| usable.min(limits.room(from, to)).min(self.room(to)))
    }

    /// Whether a cycle keeps its members' own limits: what each got from the one before it counts with the rest.
    #[inline]
    pub(super) fn limits_allow(&self, members: &[AgentIndex]) -> bool {
        self.limits().is_none_or(|limits| self.limits_let(limits, members))
    }

    #[cold]
    #[inline(never)]
    fn limits_let(&self, limits: &Limits, members: &[AgentIndex]) -> bool {
        let amount = |from: usize, to: usize| {
            let offer = self.first(members[from % members.len()], members[to % members.len()]);
            offer.map_or(0, |offer| offer.amount)
        };
        (0..members.len()).all(|place| {
            let before = (place + members.len() - 1) % members.len();
            let line = limits.line(members[place], members[(place + 1) % members.len()]);
            let Some(line) = line else { return true };
            let shared = limits.line(members[place], members[before]) == Some(line);
            let got = if shared { amount(before, place) } else { 0 };
            (amount(place, place + 1) - got).max(0) <= limits.lines()[line].room()
        }) && self.reservations_allow(members)
            && self.bands_allow(members)
    }

    /// Whether the members of a cycle who gain stay in their bands.
    fn bands_allow(&self, members: &[AgentIndex]) -> bool {
        let amount = |from: AgentIndex, to: AgentIndex| self.first(from, to).map_or(0, |offer| offer.amount);
        let mut before = members.last().copied().unwrap_or(AgentIndex(0));
        (0..members.len()).all(|place| {
            let (from, to) = (members[place], members[(place + 1) % members.len()]);
            let gain = amount(before, from) - amount(from, to);
            before = from;
            gain <= self.room(from)
        })
    }

    /// Whether the members of a cycle who pay net keep what they reserved for what is more urgent.
    fn reservations_allow(&self, members: &[AgentIndex]) -> bool {
        let Some(reservations) = self.reservations() else { return true };
        let mut before = members.last().copied().unwrap_or(AgentIndex(0));
        (0..members.len()).all(|place| {
            let (from, to) = (members[place], members[(place + 1) % members.len()]);
            let got = self.first(before, from).map_or(0, |offer| offer.amount);
            before = from;
            let Some(offer) = self.first(from, to) else { return true };
            let class = reservations.class_of(self.transactions.terms(offer.waiting.slot).priority);
            let liquidity = self.liquidity(from);
            let pays = offer.amount - got;
            pays <= 0 || pays <= liquidity - reservations.kept_from(from, liquidity, class)
        })
    }

    /// Where only one transaction of a sender may go: to whom, and how much.
    #[inline]
    pub(super) fn only_exit(&self, from: AgentIndex) -> Option<(AgentIndex, Offer)> {
        let waiting = self.queue.only_next(from)?;
        let terms = self.transactions.terms(waiting.slot);
        Some((terms.receiver, Offer { waiting, amount: terms.amount }))
    }

    /// The earliest transaction from one agent to another that may go.
    pub(super) fn first(&self, from: AgentIndex, to: AgentIndex) -> Option<Offer> {
        match self.only_exit(from) {
            Some((receiver, offer)) => (receiver == to).then_some(offer),
            None => self.queue.flows()?.first(from, to),
        }
    }

    /// Whether anything from one agent to another may go.
    pub(super) fn may_send(&self, from: AgentIndex, to: AgentIndex) -> bool {
        match self.only_exit(from) {
            Some((receiver, _)) => receiver == to,
            None => self.queue.flows().is_some_and(|flows| flows.first_amount(from, to) != GONE),
        }
    }

    /// The next agent after `after` with which `first` has something waiting both ways that may go.
    #[inline]
    pub(super) fn partner(&self, first: AgentIndex, after: AgentIndex) -> Option<AgentIndex> {
        if let Some((receiver, _)) = self.only_exit(first) {
            return (receiver > after && self.may_send(receiver, first)).then_some(receiver);
        }
        let exits = self.queue.flows()?.exits(first);
        let start = exits.partition_point(|exit| exit.to <= after);
        let mut open = exits[start..].iter().filter(|exit| exit.amount != GONE);
        open.find(|exit| self.may_send(exit.to, first)).map(|exit| exit.to)
    }

    /// All that may go from one agent to another in one set, in the order in which it would: the longest run from the
    /// head of the strict lanes that goes there; and, if that is all of them, what goes there in the other lane. Returns
    /// how many are of strict lanes.
    pub(super) fn offers(&self, from: AgentIndex, to: AgentIndex, offers: &mut Vec<Offer>) -> usize {
        offers.clear();
        if self.only_exit(from).is_some() && !self.strict_offers(from, to, offers) {
            return offers.len();
        }
        let strict = offers.len();
        if let Some(flows) = self.queue.flows() {
            offers.extend(flows.offers(from, to));
        }
        strict
    }

    /// The longest run from the front of a queue that goes to one agent.
    pub(super) fn front_offers(&self, from: AgentIndex, to: AgentIndex, offers: &mut Vec<Offer>) {
        offers.clear();
        offers.extend(self.queue.offers_of(from).take_while(|offer| offer.waiting.receiver == to));
    }

    /// The run from the head of the strict lanes; returns whether it takes them all.
    fn strict_offers(&self, from: AgentIndex, to: AgentIndex, offers: &mut Vec<Offer>) -> bool {
        let lanes = self.queue.strict_lanes(from);
        for waiting in lanes.iter().flat_map(Lane::iter) {
            let terms = self.transactions.terms(waiting.slot);
            if terms.receiver != to {
                return false;
            }
            offers.push(Offer { waiting, amount: terms.amount });
        }
        true
    }
}
