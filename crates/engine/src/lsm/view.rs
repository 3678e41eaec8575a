//! What offsetting sees: accounts, the central queue, and who of those that wait may go next.

use super::flows::Offer;
use crate::accounts::Accounts;
use crate::central_queue::CentralQueue;
use crate::first_fit::GONE;
use crate::ids::AgentIndex;
use crate::lane::Lane;
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

    #[inline]
    pub(super) fn liquidity(&self, agent: AgentIndex) -> i64 {
        self.accounts.get(agent).liquidity()
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

    /// All that may go from one agent to another in one set, in the order in which it would: the longest run from the
    /// head of the strict lanes that goes there; and, if that is all of them, what goes there in the other lane.
    pub(super) fn offers(&self, from: AgentIndex, to: AgentIndex, offers: &mut Vec<Offer>) {
        offers.clear();
        if self.only_exit(from).is_some() && !self.strict_offers(from, to, offers) {
            return;
        }
        if let Some(flows) = self.queue.flows() {
            offers.extend(flows.offers(from, to));
        }
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
