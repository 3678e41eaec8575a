//! The state as one number: equal states have equal hashes, on every platform.
//!
//! It covers the open state, the accumulators, the generators' positions and the running digest of closed transactions,
//! but not what is kept for output; so it takes as long as there are agents and open transactions.

use sha2::{Digest as _, Sha256};

use crate::ids::{AgentIndex, narrow};
use crate::lane::Waiting;
use crate::simulation::Simulation;
use crate::stored::Stored;
use crate::tables::NUM_PLAIN_COST_KINDS;

/// A hash that is being fed.
struct Feed<'a> {
    simulation: &'a Simulation,
    hash: Sha256,
}

impl Feed<'_> {
    fn number(&mut self, number: i128) {
        self.hash.update(number.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as i128);
        self.hash.update(text.as_bytes());
    }

    fn transactions(&mut self, line: impl Iterator<Item = Waiting>) {
        let mut count = 0;
        for waiting in line {
            let digest = self.simulation.book.transactions.row_digest(waiting.slot);
            self.hash.update(digest.to_le_bytes());
            count += 1;
        }
        self.number(count);
    }

    fn run(&mut self) {
        let simulation = self.simulation;
        self.number(i128::from(simulation.clock.now()));
        self.number(simulation.costs.total.0);
        self.number(i128::from(simulation.next_sequence));
        self.number(i128::from(simulation.total_value));
        for digest in simulation.book.transactions.closed_digest {
            self.number(i128::from(digest));
        }
    }

    fn agent(&mut self, agent: AgentIndex) {
        let simulation = self.simulation;
        self.text(simulation.names.name(agent));
        let account = simulation.book.accounts.get(agent);
        for number in [account.balance, account.floor, account.least, account.sent, account.received, account.deferred]
        {
            self.number(i128::from(number));
        }
        for net in simulation.book.accounts.limits.iter().flat_map(|limits| limits.positions(agent)) {
            self.number(i128::from(net));
        }
        for amount in simulation.book.accounts.limits.iter().flat_map(|limits| limits.changed(agent)) {
            self.number(i128::from(amount));
        }
        for amount in simulation.book.accounts.limits.iter().flat_map(|limits| limits.reserved(agent)) {
            self.number(i128::from(amount));
        }
        let costs = simulation.costs.of_agent(agent, simulation.clock.now());
        let (plain, rare) = costs.split_at(NUM_PLAIN_COST_KINDS);
        for cost in plain {
            self.number(cost.0);
        }
        // Of costs that most runs cannot have only those that there are, each with its kind.
        for (kind, cost) in (NUM_PLAIN_COST_KINDS..).zip(rare).filter(|(_, cost)| cost.0 > 0) {
            self.number(kind as i128);
            self.number(cost.0);
        }
        if let Some(pricing) = &simulation.costs.pricing {
            for sum in pricing.sums_of(agent, simulation.clock.now()) {
                self.number(sum);
            }
        }
        self.number(i128::from(simulation.generated[agent.at()]));
        self.number(i128::from(simulation.numbered[agent.at()]));
        self.transactions(simulation.banks.held_by(agent));
        self.transactions(simulation.book.queue.of_sender(agent));
    }

    fn what_is_to_come(&mut self) {
        let simulation = self.simulation;
        self.transactions(simulation.released.iter().copied());
        let mut scheduled = 0;
        for (tick, slot) in simulation.schedule.iter() {
            self.hash.update(tick.to_le_bytes());
            self.hash.update(simulation.book.transactions.row_digest(slot).to_le_bytes());
            scheduled += 1;
        }
        self.number(scheduled);
        for (position, next) in simulation.arrivals.positions() {
            self.hash.update(position.to_le_bytes());
            self.hash.update(next.to_le_bytes());
        }
        for agent in &simulation.book.grown {
            self.number(i128::from(agent.0));
        }
        // Where nobody has taken anything back the hash is as it was before anybody could.
        for slot in simulation.book.transactions.revoked() {
            self.hash.update(b"revoked");
            self.hash.update(simulation.book.transactions.row_digest(*slot).to_le_bytes());
        }
        if let Some(links) = &simulation.book.links {
            let mut bytes = Vec::new();
            links.write_open(&simulation.book.transactions, &mut bytes);
            self.hash.update(&bytes);
        }
        if let Some(scenario) = &simulation.scenario {
            let mut bytes = Vec::new();
            scenario.stored().write(&mut bytes);
            self.hash.update(&bytes);
        }
        if let Some(timetable) = &simulation.timetable {
            let mut bytes = Vec::new();
            timetable.throughput.write(&mut bytes);
            self.hash.update(&bytes);
            self.escalation();
            self.debit_times();
        }
        if let Some(daily) = &simulation.daily {
            let mut bytes = Vec::new();
            daily.reserves.write(&mut bytes);
            self.hash.update(&bytes);
        }
        if let Some(collateral) = &simulation.collateral {
            let mut bytes = Vec::new();
            collateral.stored().write(&mut bytes);
            self.hash.update(&bytes);
        }
    }
}

impl Feed<'_> {
    /// How far which transaction has been escalated: of those that wait or may come again.
    fn escalation(&mut self) {
        let simulation = self.simulation;
        let transactions = &simulation.book.transactions;
        for (slot, stage) in simulation.stages() {
            if transactions.is_open(slot) || transactions.is_revoked(slot) {
                self.hash.update(transactions.row_digest(slot).to_le_bytes());
                self.number(i128::from(stage.due));
                self.number(i128::from(stage.passed));
            }
        }
    }
}

impl Feed<'_> {
    /// When what may be debited that waits or may come again, and whether it is stored until then.
    fn debit_times(&mut self) {
        let simulation = self.simulation;
        let transactions = &simulation.book.transactions;
        for (slot, times) in simulation.all_debit_times() {
            if transactions.is_open(slot) || transactions.is_revoked(slot) {
                self.hash.update(b"debit times");
                self.hash.update(transactions.row_digest(slot).to_le_bytes());
                self.number(i128::from(times.earliest));
                self.number(i128::from(times.latest));
            }
        }
        for waiting in simulation.stored_early() {
            self.hash.update(b"stored");
            self.hash.update(transactions.row_digest(waiting.slot).to_le_bytes());
        }
    }
}

impl Simulation {
    /// The hash of the state, in hexadecimal digits.
    #[must_use]
    pub fn state_hash(&self) -> String {
        let mut feed = Feed { simulation: self, hash: Sha256::new() };
        feed.hash.update(b"payment_simulator state 1");
        feed.run();
        for agent in 0..narrow(self.names.len()) {
            feed.agent(AgentIndex(agent));
        }
        feed.what_is_to_come();
        let digest = feed.hash.finalize();
        digest.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(hex_digit).collect()
    }
}

fn hex_digit(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16).unwrap_or('?')
}
