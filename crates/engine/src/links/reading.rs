//! Reading links from outside: one as it stands, and the table `links`.

use super::Link;
use crate::clock::Tick;
use crate::export::TextBuilder;
use crate::ids::{AgentIndex, GivenIds, Slot, narrow};
use crate::lsm::together::obstacles;
use crate::memory;
use crate::simulation::Simulation;
use crate::stored::stored_struct;
use crate::tables::{CHUNK_ROWS, LinkRows, TextColumn};

/// What became a leg, in this order, as far as it was not drained: texts, because transactions may leave memory first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Joined {
    ids: GivenIds,
    links: GivenIds,
    legs: Vec<u32>,
}

stored_struct!(Joined { ids, links, legs });

impl Joined {
    pub(super) fn push(&mut self, id: &str, link: &str, legs: u32) {
        self.ids.push(id);
        self.links.push(link);
        self.legs.push(legs);
    }

    pub(super) fn is_sound(&self) -> bool {
        self.ids.len() == self.legs.len() && self.links.len() == self.legs.len()
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.ids.memory_bytes() + self.links.memory_bytes() + memory::of(&self.legs)
    }
}

/// A link as it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkView {
    /// Its name.
    pub name: String,
    /// How many transactions it has once all are there.
    pub size: u32,
    /// The last tick of a batch of a clearing house; `None` for other links.
    pub until: Option<Tick>,
    /// The ids of those in memory, in order of submission.
    pub legs: Vec<String>,
    /// Of those, the ones that were released and wait.
    pub waiting: Vec<String>,
    /// Who lacks how much for those that wait to settle at one instant.
    pub lacking: Vec<(AgentIndex, i64)>,
}

impl Simulation {
    /// The table `links`: what was not drained.
    #[must_use]
    pub fn link_rows(&self) -> Vec<LinkRows> {
        self.book.links.as_ref().map_or_else(Vec::new, |links| self.rows_of_links(&links.joined))
    }

    /// What became a leg since the last drain, which leaves memory.
    pub fn drain_links(&mut self) -> Vec<LinkRows> {
        let Some(links) = &mut self.book.links else { return Vec::new() };
        let joined = std::mem::take(&mut links.joined);
        self.rows_of_links(&joined)
    }

    fn rows_of_links(&self, joined: &Joined) -> Vec<LinkRows> {
        let starts = (0..joined.legs.len()).step_by(CHUNK_ROWS);
        let chunk = |start: usize| {
            let end = joined.legs.len().min(start + CHUNK_ROWS);
            LinkRows {
                transaction_id: self.texts(&joined.ids, start, end),
                link: self.texts(&joined.links, start, end),
                link_legs: joined.legs[start..end].to_vec(),
            }
        };
        starts.map(chunk).collect()
    }

    fn texts(&self, texts: &GivenIds, start: usize, end: usize) -> TextColumn {
        let mut column = TextBuilder::new(&self.names, &self.book.transactions, end - start);
        for row in start..end {
            column.push_text(texts.get(narrow(row)));
        }
        column.finish()
    }

    /// The link that a transaction in memory is of, if it is of one.
    pub fn link(&mut self, id: &str) -> Option<LinkView> {
        self.book.links.as_ref()?;
        let slot = self.lookup.find(id, &self.names, &self.given, &self.book.transactions)?;
        let link = self.book.links.as_ref()?.of(slot)?;
        Some(self.view(link))
    }

    fn view(&self, link: &Link) -> LinkView {
        let ids =
            |slots: &[Slot]| slots.iter().map(|slot| self.id_text(self.book.transactions.terms(*slot).id())).collect();
        LinkView {
            name: link.name.to_string(),
            size: link.size,
            until: link.until,
            legs: ids(&link.legs),
            waiting: ids(&link.waiting),
            lacking: obstacles(&self.book, &link.waiting).lacking,
        }
    }
}
