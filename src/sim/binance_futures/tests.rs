//! What the exchange does, asked of it without a socket.

mod algos;
mod doors;
mod faults;
mod forced;
mod keys;
mod modes;
mod sessions;
mod streams;
mod trading;

const ORDER: &str = "/fapi/v1/order";

fn number(text: &str) -> f64 {
    text.parse().unwrap()
}
