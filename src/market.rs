//! What is derived from book changes and prints. Pure.
