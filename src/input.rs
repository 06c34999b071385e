//! Keys in: bytes become keys, keys become actions, the guard drops what no hand pressed.
