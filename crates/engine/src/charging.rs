//! What accounts cost where overdrafts have a price of their own, or the end of a day changes balances.

use crate::accounts::Account;
use crate::clock::Tick;
use crate::costs::{Base, TooLarge};
use crate::ids::AgentIndex;
use crate::simulation::Simulation;

impl Simulation {
    /// Accounts that changed cost something else from now on. Balances of a day's last tick are noted after its close,
    /// where that may change them.
    #[cold]
    pub(crate) fn rebase_otherwise(&mut self, tick: Tick) -> Result<(), TooLarge> {
        let closes = self.books_daily() && tick == self.clock.last_tick_of_day(tick);
        let mut touched = std::mem::take(&mut self.book.accounts.touched);
        touched.sort_unstable();
        for agent in &touched {
            let account = *self.book.accounts.get(*agent);
            self.rebase_agent(*agent, &account, tick)?;
            let accounts = &mut self.book.accounts;
            let value = accounts.queue2_value[agent.at()];
            accounts.queue2_peaks[agent.at()].note(u64::from(account.queue2_size), value);
            if !closes && self.balances.note(*agent, tick, account.balance) {
                self.banks.mark(*agent);
            }
        }
        if !closes {
            touched.clear();
        }
        self.book.accounts.touched = touched;
        debug_assert!(self.book.accounts.money() == self.money, "no money comes or goes");
        self.costs.rebased()
    }

    /// An account costs something else from the end of this tick on.
    pub(crate) fn rebase_agent(&mut self, agent: AgentIndex, account: &Account, tick: Tick) -> Result<(), TooLarge> {
        let base = self.base(agent, account);
        let secured = self.secured(agent);
        let Some(pricing) = &mut self.costs.pricing else { return self.costs.rebase(agent, base, tick) };
        let divided = pricing.divide(base.overdraft, secured);
        pricing.rebase(agent, divided, tick)?;
        self.costs.rebase(agent, Base { overdraft: 0, ..base }, tick)
    }

    /// Notes the balances at the end of a day's last tick, and what they cost from the next one on.
    pub(crate) fn end_balances(&mut self, tick: Tick) -> Result<(), TooLarge> {
        let mut touched = std::mem::take(&mut self.book.accounts.touched);
        touched.sort_unstable();
        for agent in &touched {
            let account = *self.book.accounts.get(*agent);
            self.rebase_agent(*agent, &account, tick + 1)?;
            if self.balances.note(*agent, tick, account.balance) {
                self.banks.mark(*agent);
            }
        }
        touched.clear();
        self.book.accounts.touched = touched;
        self.costs.rebased()
    }
}
