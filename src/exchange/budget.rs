//! Request weight budget.
