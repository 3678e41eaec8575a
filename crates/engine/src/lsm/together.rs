//! Whether transactions that belong together can settle: the same account of a set that offsetting keeps.

use super::tally::Tally;
use super::view::View;
use crate::ids::{AgentIndex, Slot};
use crate::lane::Waiting;
use crate::settlement::{Book, ENTERING};

/// What keeps a set from settling.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Obstacles {
    /// Who lacks how much, agents in config order.
    pub(crate) lacking: Vec<(AgentIndex, i64)>,
    /// Whether somebody would be taken above its band.
    pub(crate) above: bool,
}

impl Obstacles {
    /// Whether there are none.
    pub(crate) const fn is_empty(&self) -> bool {
        self.lacking.is_empty() && !self.above
    }
}

/// What keeps these from settling at one instant.
pub(crate) fn obstacles(book: &Book, slots: &[Slot]) -> Obstacles {
    let view = View::of(book);
    let mut tally = Tally::default();
    tally.clear(&view);
    let mut agents = Vec::with_capacity(2 * slots.len());
    for slot in slots {
        let terms = view.transactions.terms(*slot);
        let waiting = Waiting { order: ENTERING, slot: *slot, receiver: terms.receiver };
        tally.add(&view, terms.sender, waiting, terms.amount);
        agents.extend([terms.sender, terms.receiver]);
    }
    agents.sort_unstable();
    agents.dedup();
    let lacks = |agent: &AgentIndex| tally.shortfall(&view, *agent).map(|shortfall| (*agent, shortfall.amount));
    Obstacles {
        lacking: agents.iter().filter_map(lacks).collect(),
        above: agents.iter().any(|agent| tally.above(&view, *agent) > 0),
    }
}
