//! Every setting and every key: `default.toml` is the defaults, a user's file overrides it.
