//! What happened, as JSON lines on the disk thread.
