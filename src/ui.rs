//! The screen: `draw(frame, &Snapshot, &View, &Theme)`, pure, and the thread that writes it.

pub mod snapshot;
