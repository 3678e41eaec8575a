//! Accounts: what each agent has, may draw on, and has waiting.

use crate::clock::{NEVER, Tick};
use crate::config::Config;
use crate::first_fit::GONE;
use crate::ids::{AgentIndex, narrow};
use crate::limits::Limits;
use crate::memory;
use crate::tables::{Demand, QueuePeak};

/// One agent's account: what a settlement looks at and changes, in one cache line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(align(64))]
pub(crate) struct Account {
    pub(crate) balance: i64,
    /// The least balance allowed: the credit that there is, negated.
    pub(crate) floor: i64,
    /// The least balance that there was at any instant.
    pub(crate) least: i64,
    /// The least liquidity at which something of the central queue may settle, [`GONE`] when nothing waits.
    pub(crate) wanted: i64,
    pub(crate) sent: i64,
    pub(crate) received: i64,
    /// Credits that wait for the end of the tick.
    pub(crate) deferred: i64,
    /// The last tick in which anything here changed.
    pub(crate) touched: Tick,
    /// Transactions in the central queue.
    pub(crate) queue2_size: u32,
}

impl Account {
    /// What can be paid out: balance and credit.
    #[inline]
    pub(crate) const fn liquidity(&self) -> i64 {
        self.balance - self.floor
    }
}

/// All accounts, and which of them changed in the current tick.
#[derive(Clone, Debug)]
pub(crate) struct Accounts {
    of_agent: Vec<Account>,
    /// Agents whose account changed in the current tick, in the order in which it first did.
    pub(crate) touched: Vec<AgentIndex>,
    /// The value that each agent has in the central queue.
    pub(crate) queue2_value: Vec<i64>,
    pub(crate) queue1_size: Vec<u32>,
    pub(crate) queue1_value: Vec<i64>,
    /// What each agent's payments would take if all settled at once.
    pub(crate) demands: Vec<Demand>,
    /// The most that each agent had in the central queue at the end of a tick.
    pub(crate) queue2_peaks: Vec<QueuePeak>,
    /// What agents do not want to send beyond, where any of them has a limit.
    pub(crate) limits: Option<Box<Limits>>,
}

impl Accounts {
    pub(crate) fn new(config: &Config) -> Self {
        let of_agent: Vec<Account> = config
            .agents
            .iter()
            .map(|agent| Account {
                balance: agent.opening_balance.0,
                floor: -config.credit_of(agent),
                least: agent.opening_balance.0,
                wanted: GONE,
                sent: 0,
                received: 0,
                deferred: 0,
                touched: NEVER,
                queue2_size: 0,
            })
            .collect();
        let count = of_agent.len();
        let touched = (0..narrow(count)).map(AgentIndex).collect();
        let mut accounts = Self {
            of_agent,
            // So that the opening balances are looked at in the first tick.
            touched,
            queue2_value: vec![0; count],
            queue1_size: vec![0; count],
            queue1_value: vec![0; count],
            demands: vec![Demand::default(); count],
            queue2_peaks: vec![QueuePeak::default(); count],
            limits: Limits::new(config),
        };
        for account in &mut accounts.of_agent {
            account.touched = 0;
        }
        accounts
    }

    /// What an agent may gain before it leaves its band.
    #[inline]
    pub(crate) fn room(&self, agent: AgentIndex) -> i64 {
        self.limits.as_ref().map_or(i64::MAX, |limits| limits.room_in_band(agent, self.get(agent)))
    }

    #[inline]
    pub(crate) fn get(&self, agent: AgentIndex) -> &Account {
        &self.of_agent[agent.at()]
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &Account> {
        self.of_agent.iter()
    }

    /// An account that is about to change in this tick.
    #[inline]
    pub(crate) fn touch(&mut self, agent: AgentIndex, tick: Tick) -> &mut Account {
        let account = &mut self.of_agent[agent.at()];
        if account.touched != tick {
            account.touched = tick;
            self.touched.push(agent);
        }
        account
    }

    /// Sets what wants liquidity; this alone is not a change of the account.
    #[inline]
    pub(crate) fn set_wanted(&mut self, agent: AgentIndex, wanted: i64) {
        self.of_agent[agent.at()].wanted = wanted;
    }

    /// Replaces an account by a stored one.
    pub(crate) fn restore(&mut self, agent: AgentIndex, account: Account) {
        self.of_agent[agent.at()] = account;
    }

    /// These changed since the last tick.
    pub(crate) fn restore_touched(&mut self, touched: Vec<AgentIndex>, now: Tick) {
        for account in &mut self.of_agent {
            account.touched = NEVER;
        }
        for agent in &touched {
            self.of_agent[agent.at()].touched = now;
        }
        self.touched = touched;
    }

    /// Takes `amount` from the sender, who has it.
    #[inline]
    pub(crate) fn debit(&mut self, agent: AgentIndex, amount: i64, tick: Tick) -> i64 {
        let account = self.touch(agent, tick);
        debug_assert!(amount > 0 && amount <= account.liquidity(), "checked before");
        account.balance -= amount;
        account.sent += amount;
        account.least = account.least.min(account.balance);
        account.balance
    }

    /// Gives `amount` to the receiver, at once; returns whether something of the receiver waits centrally.
    #[inline]
    pub(crate) fn credit(&mut self, agent: AgentIndex, amount: i64, tick: Tick) -> bool {
        let account = self.touch(agent, tick);
        debug_assert!(amount > 0, "checked before");
        account.balance += amount;
        account.received += amount;
        account.queue2_size > 0
    }

    /// Promises `amount` to the receiver, for the end of the tick.
    #[inline]
    pub(crate) fn credit_later(&mut self, agent: AgentIndex, amount: i64, tick: Tick) {
        let account = self.touch(agent, tick);
        account.deferred += amount;
        account.received += amount;
    }

    /// Changes a balance by the net of an offset set, and the totals by its gross.
    pub(crate) fn settle_net(&mut self, agent: AgentIndex, sent: i64, received: i64, defer_gain: bool, tick: Tick) {
        let account = self.touch(agent, tick);
        let net = received - sent;
        debug_assert!(net >= 0 || account.liquidity() + net >= 0, "a set takes no participant beyond its limit");
        if net > 0 && defer_gain {
            account.deferred += net;
        } else {
            account.balance += net;
            account.least = account.least.min(account.balance);
        }
        account.sent += sent;
        account.received += received;
    }

    /// Nothing waits centrally any more.
    pub(crate) fn clear_queue2(&mut self) {
        for account in &mut self.of_agent {
            account.queue2_size = 0;
            account.wanted = GONE;
        }
        self.queue2_value.fill(0);
    }

    /// A transaction arrived or was submitted.
    #[inline]
    pub(crate) fn ask(&mut self, sender: AgentIndex, receiver: AgentIndex, amount: i64) {
        self.demands[sender.at()].pay(amount);
        self.demands[receiver.at()].net_outflow -= amount;
    }

    /// The memory that they take.
    pub(crate) fn memory_bytes(&self) -> usize {
        memory::of(&self.of_agent)
            + memory::of(&self.touched)
            + memory::of(&self.queue2_value)
            + memory::of(&self.queue1_size)
            + memory::of(&self.queue1_value)
            + memory::of(&self.demands)
            + memory::of(&self.queue2_peaks)
            + self.limits.as_ref().map_or(0, |limits| limits.memory_bytes())
    }

    /// The sum of all balances and promised credits, which never changes.
    pub(crate) fn money(&self) -> i128 {
        self.of_agent.iter().map(|account| i128::from(account.balance) + i128::from(account.deferred)).sum()
    }
}
