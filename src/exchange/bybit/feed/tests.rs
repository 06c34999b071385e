//! The messages of the documents, and what they mean.
