//! What the exchange does, asked of it without a socket.

mod books;
mod doors;
mod entry;
mod faults;
mod hedge;
mod keys;
mod limits;
mod own;
mod spot;
mod stops;
mod topics;
mod trading;
