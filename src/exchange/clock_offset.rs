//! Clock offset by the least round trip.
