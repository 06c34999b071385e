//! A thread that breaks ends the program in order: the terminal is given back, the hang-up policy acts, the log says where.

use std::panic::PanicHookInfo;

use crate::domain::text::sanitise;

/// Longest words of a fault, characters.
const LONGEST: usize = 160;

/// Installs the hook, below the one that gives the terminal back. Any thread's panic then ends the program as SIGTERM does.
pub fn hook() {
    std::panic::set_hook(Box::new(|info| {
        let words = told(info);
        tracing::error!("{words}");
        // A terminal that is gone reads nothing.
        let _ = std::io::Write::write_all(
            &mut std::io::stderr(),
            format!("lancet: {words}\r\n").as_bytes(),
        );
        let own = rustix::process::getpid();
        if let Err(why) = rustix::process::kill_process(own, rustix::process::Signal::TERM) {
            tracing::error!("cannot end in order: {why}");
        }
    }));
}

/// Which thread broke where. A payload that is not plain words is not shown.
fn told(info: &PanicHookInfo<'_>) -> String {
    let thread = std::thread::current();
    let name = thread.name().unwrap_or("unnamed");
    let at = info
        .location()
        .map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
    let words = info.payload_as_str().unwrap_or("no words");
    format!(
        "a fault in thread {name}{at}: {}; ending in order",
        sanitise(words, LONGEST)
    )
}

/// Breaks the thread here in debug builds when `LANCET_BREAK` names it: the tests look at what happens then.
#[expect(clippy::panic, reason = "breaking is what it is for")]
pub fn here(thread: &str) {
    if cfg!(debug_assertions) && std::env::var("LANCET_BREAK").is_ok_and(|name| name == thread) {
        panic!("broken on purpose");
    }
}
