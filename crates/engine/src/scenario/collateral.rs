//! What events do to collateral, and to the credit that it secures.

use super::{Scenario, agents_of, largest_balance};
use crate::clock::Tick;
use crate::collateral::{Collateral, StoredCollateral};
use crate::error::{Error, SnapshotError};
use crate::events::Kind;
use crate::ids::{AgentIndex, narrow};
use crate::money::Rate;
use crate::simulation::Simulation;
use crate::stored::corrupt;
use crate::tables::NO_AGENT;

impl Simulation {
    /// An agent posts collateral.
    pub(super) fn post(
        &mut self,
        scenario: &mut Scenario,
        agent: AgentIndex,
        (asset, value): (u32, i64),
        tick: Tick,
    ) -> Result<(), Error> {
        scenario.largest = scenario.largest.checked_add(value).ok_or(Error::MoneyOverflow { tick })?;
        let credit = self.with_collateral(agent, tick, |collateral| collateral.post(agent, asset, value, tick));
        self.book.log.booked(Kind::CollateralPosted, agent, credit, 0);
        Ok(())
    }

    /// An agent takes collateral back, if it may.
    pub(super) fn take_back(&mut self, agent: AgentIndex, (asset, value): (u32, i64), tick: Tick) {
        let account = self.book.accounts.get(agent);
        let unsecured = -account.floor - self.secured(agent);
        let needed = (-account.balance).saturating_sub(unsecured);
        let mut taken = false;
        let credit = self.with_collateral(agent, tick, |collateral| {
            taken = collateral.withdraw(agent, asset, value, needed, tick);
        });
        let kind = if taken { Kind::CollateralWithdrawn } else { Kind::CollateralRefused };
        self.book.log.booked(kind, agent, credit, 0);
    }

    /// An asset loses a share of its value, with one agent or with all.
    pub(super) fn shock(&mut self, agent: Option<u32>, asset: u32, share: Rate, tick: Tick) {
        self.book.log.happened(Kind::CollateralShocked, agent.map_or(NO_AGENT, AgentIndex));
        for agent in agents_of(agent, self.names.len()).map(AgentIndex) {
            self.revalue(agent, tick, |collateral| collateral.devalue(agent, asset, share));
        }
    }

    /// An asset has another haircut.
    pub(super) fn change_haircut(&mut self, asset: u32, haircut: Rate, tick: Tick) {
        self.book.log.happened(Kind::HaircutChanged, NO_AGENT);
        let agents = || (0..narrow(self.names.len())).map(AgentIndex);
        let before: Vec<i64> = agents().map(|agent| self.secured(agent)).collect();
        if let Some(collateral) = &mut self.collateral {
            collateral.set_haircut(asset, haircut);
        }
        for (agent, before) in (0..).map(AgentIndex).zip(before) {
            let now = self.secured(agent);
            if now != before {
                self.secure(agent, before, now, tick);
                self.book.log.booked(Kind::CollateralRevalued, agent, now, 0);
            }
        }
    }

    /// Goes on from stored collateral, after the plan and before any queue is filled.
    pub(crate) fn restore_collateral(
        &mut self,
        stored: Option<&StoredCollateral>,
        now: Tick,
    ) -> Result<(), SnapshotError> {
        let (Some(collateral), Some(stored)) = (&mut self.collateral, stored) else {
            let fits = self.collateral.is_none() && stored.is_none();
            return if fits { Ok(()) } else { Err(corrupt("the collateral")) };
        };
        let before = collateral.clone();
        let largest = self.scenario.as_ref().map_or_else(|| largest_balance(&self.config), |scenario| scenario.largest);
        // What else there is to draw on: the limits of now, and all opening balances without their sign.
        let others = self.book.accounts.iter().zip(&self.config.agents).zip((0..).map(AgentIndex));
        let others = others.map(|((account, agent), index)| {
            i128::from(agent.opening_balance.0).abs() - i128::from(account.floor) - i128::from(before.credit(index))
        });
        if !collateral.restore(stored, now, i128::from(largest) - others.sum::<i128>()) {
            return Err(corrupt("the collateral"));
        }
        for agent in (0..narrow(self.names.len())).map(AgentIndex) {
            let mut account = *self.book.accounts.get(agent);
            account.floor += before.credit(agent) - self.secured(agent);
            self.book.accounts.restore(agent, account);
            self.banks.set_credit(agent, -account.floor, &self.book.transactions, now);
        }
        Ok(())
    }

    /// What an agent's collateral secures.
    pub(crate) fn secured(&self, agent: AgentIndex) -> i64 {
        self.collateral.as_ref().map_or(0, |collateral| collateral.credit(agent))
    }

    /// A change of an agent's collateral that leaves a row if it secures another credit.
    fn revalue(&mut self, agent: AgentIndex, tick: Tick, change: impl FnOnce(&mut Collateral)) {
        let before = self.secured(agent);
        let now = self.with_collateral(agent, tick, change);
        if now != before {
            self.book.log.booked(Kind::CollateralRevalued, agent, now, 0);
        }
    }

    /// A change of an agent's collateral; returns what it secures after it.
    fn with_collateral(&mut self, agent: AgentIndex, tick: Tick, change: impl FnOnce(&mut Collateral)) -> i64 {
        let before = self.secured(agent);
        if let Some(collateral) = &mut self.collateral {
            change(collateral);
        }
        let now = self.secured(agent);
        if now != before {
            self.secure(agent, before, now, tick);
        }
        now
    }

    /// An agent's collateral secures another credit from now on: its floor moves.
    fn secure(&mut self, agent: AgentIndex, before: i64, now: i64, tick: Tick) {
        let account = self.book.accounts.touch(agent, tick);
        account.floor += before - now;
        let credit = -account.floor;
        self.book.changes += 1;
        self.banks.set_credit(agent, credit, &self.book.transactions, tick);
        if now > before {
            self.liquidity_grew(agent);
        }
    }
}
