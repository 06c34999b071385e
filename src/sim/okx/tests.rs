//! The wire as clients meet it: doors, orders, channels, algo orders, spot, faults.

mod algos;
mod channels;
mod doors;
mod faults;
mod spot;
mod trading;
