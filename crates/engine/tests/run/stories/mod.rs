//! Days that an economist can read; `story` explains the words.

mod costs;
mod days;
mod offsetting;
mod policies;
mod queues;
