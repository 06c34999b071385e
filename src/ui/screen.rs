//! One terminal: its modes, and the thread that writes frames to it. A screen owns its fd; none of this is needed to draw.

pub mod guard;
pub mod notice;
pub mod wire;
pub mod writer;

pub use guard::{Guard, is_taken, restore};
pub use notice::Notices;
pub use writer::{Frame, Writer};
