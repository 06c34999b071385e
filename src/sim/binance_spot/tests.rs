//! What the exchange does, asked of it without a socket.

mod doors;
mod faults;
mod streams;
mod subscriptions;
mod trading;

const ORDER: &str = "/api/v3/order";
