//! A recording as a source of bytes.
