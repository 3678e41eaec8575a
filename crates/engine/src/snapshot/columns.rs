//! How columns, costs and the event log are stored.

use crate::clock::Tick;
use crate::costs::{AgentCosts, Base};
use crate::error::SnapshotError;
use crate::events::{EventLog, Kind, Note, Row};
use crate::ids::{GivenIds, Origin};
use crate::money::{Cents, ExactCost, Rate};
use crate::stored::{Reader, Stored, corrupt, stored_enum, stored_struct};
use crate::tables::{BalanceRows, Demand, QueuePeak, TickTotals};
use crate::transactions::{Method, Status};

stored_enum!(Status { Pending, Queued, Settled, Dropped });
stored_struct!(Base { overdraft, waiting });
stored_struct!(AgentCosts { base, since, exact });
stored_struct!(BalanceRows { agent, tick, balance });
stored_struct!(Demand { net_outflow, peak });
stored_struct!(QueuePeak { size, value });
stored_struct!(Note { agent, counterparty, amount, balance });
stored_struct!(Row { slot, kind, method, more });
stored_struct!(TickTotals {
    tick,
    num_arrivals,
    arrived_value,
    num_settlements,
    settled_value,
    num_lsm_releases,
    lsm_value,
    total_cost,
});
stored_enum!(Origin { Generated, Submitted, Given });
macro_rules! stored_newtypes {
    ($($name:ident),*) => {$(
        impl Stored for $name {
            fn write(&self, bytes: &mut Vec<u8>) {
                self.0.write(bytes);
            }

            fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
                Ok(Self(reader.read()?))
            }
        }
    )*};
}

stored_newtypes!(Cents, ExactCost, Rate);

impl Stored for usize {
    fn write(&self, bytes: &mut Vec<u8>) {
        (*self as u64).write(bytes);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Self::try_from(reader.read::<u64>()?).map_err(|_| corrupt("a count is too large"))
    }
}

impl Stored for GivenIds {
    fn write(&self, bytes: &mut Vec<u8>) {
        let texts: Vec<String> =
            (0..crate::ids::narrow(self.len())).map(|number| self.get(number).to_owned()).collect();
        texts.write(bytes);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let mut given = Self::default();
        for text in reader.read::<Vec<String>>()? {
            given.push(&text);
        }
        Ok(given)
    }
}

impl EventLog {
    pub(super) fn write(&self, bytes: &mut Vec<u8>) {
        self.rows.write(bytes);
        self.balances.write(bytes);
        self.notes.write(bytes);
        let ticks: Vec<(Tick, u64)> = self.marks.iter().map(|mark| (mark.tick, mark.event)).collect();
        ticks.write(bytes);
        self.totals.write(bytes);
        self.drained.write(bytes);
    }

    pub(super) fn restore(&mut self, reader: &mut Reader<'_>) -> Result<(), SnapshotError> {
        self.rows = reader.read()?;
        self.len = self.rows.iter().map(|row| 1 + u64::from(row.more)).sum();
        self.balances = reader.read()?;
        self.notes = reader.read()?;
        let ticks: Vec<(Tick, u64)> = reader.read()?;
        self.totals = reader.read()?;
        self.drained = reader.read()?;
        let settled = self.rows.iter().filter(|row| row.kind == Kind::Settled as u8);
        let settled: u64 = settled.map(|row| 1 + u64::from(row.more)).sum();
        let of_scenario = self.rows.iter().filter(|row| Kind::is_of_scenario(row.kind));
        let noted: u64 = of_scenario.map(|row| 1 + u64::from(row.more)).sum();
        let known = self
            .rows
            .iter()
            .all(|row| usize::from(row.kind) < Kind::NAMES.len() && usize::from(row.method) <= Method::NAMES.len());
        if settled != self.balances.len() as u64 || noted != self.notes.len() as u64 || !known {
            return Err(corrupt("the event log"));
        }
        let in_order = self.totals.is_sorted_by(|left, right| left.tick < right.tick);
        self.mark(&ticks).filter(|()| in_order).ok_or(corrupt("the ticks of the event log"))
    }
}
