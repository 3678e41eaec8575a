//! What was looked for in vain is not looked for again before something has changed.

use crate::settlement::Book;

/// The state in which a search was last made without finding anything, if it was.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Exhausted(Option<u64>);

impl Exhausted {
    /// Whether a search would find nothing, because it found nothing and nothing has changed since.
    pub(crate) fn is_so(self, book: &Book) -> bool {
        self.0 == Some(book.changes)
    }

    /// Searches, unless that was in vain before and nothing has changed since. What is found is settled, which changes the
    /// book.
    pub(crate) fn unless(&mut self, book: &mut Book, search: impl FnOnce(&mut Book)) {
        if self.is_so(book) {
            return;
        }
        let before = book.changes;
        search(book);
        self.0 = (book.changes == before).then_some(before);
    }

    /// A search ended in this state; `in_vain` if another would find nothing.
    pub(crate) fn ended(&mut self, book: &Book, in_vain: bool) {
        self.0 = in_vain.then_some(book.changes);
    }
}
