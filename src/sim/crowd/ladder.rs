//! What size makers want at a price: humped with distance, heavy-tailed and lasting from price to price, fat at round ones.

use super::character::Character;
use crate::domain::{Price, Side};

/// Size wanted at `price`, `distance` ticks behind the best of its side, lots; zero where nobody quotes.
pub fn wanted(of: &Character, side: Side, price: Price, distance: i64, depth: f64) -> f64 {
    let noise = noise(side, price);
    let round = roundness(of, price);
    if noise < of.holes && distance > 0 && round <= 1.0 {
        return 0.0;
    }
    // Log-uniform with a power tail: most levels are ordinary, a few are ten times as large.
    let spread = 0.3 + 0.9 * noise / (1.06 - noise).powf(0.8);
    of.level * shape(of, distance) * spread * round * depth
}

/// Fat at the best price, thin right behind it, fattest at the hump, slowly less beyond.
fn shape(of: &Character, distance: i64) -> f64 {
    let distance = distance.max(0) as f64;
    if distance < 1.0 {
        return of.touch;
    }
    let rise = (distance / of.hump).min(1.0);
    let fall = 1.0 + (distance - of.hump).max(0.0) / (4.0 * of.hump);
    (0.35 + 0.9 * rise) / fall.sqrt()
}

fn roundness(of: &Character, price: Price) -> f64 {
    match price.0 {
        p if p % (of.round * 10) == 0 => 7.0,
        p if p % (of.round * 5) == 0 => 4.0,
        p if p % of.round == 0 => 2.5,
        p if p % (of.round / 5).max(2) == 0 => 1.3,
        _ => 1.0,
    }
}

/// The same number between 0 and 1 for the same price, always.
fn noise(side: Side, price: Price) -> f64 {
    let mut x = (price.0 as u64)
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
        .wrapping_add(side as u64);
    x = (x ^ (x >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x ^= x >> 29;
    (x >> 11) as f64 / (1_u64 << 53) as f64
}
