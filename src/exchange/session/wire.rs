//! Everything a session waits for beside its ports: lines, calls, the machine's timer, the host's sleep. Owns them all; it must not
//! know which machine it serves.

use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::Bytes;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::alarm::Alarm;
use super::lines::{Lines, Moved};
use super::side::Side;
use super::tap::Tap;
use crate::clock;
use crate::domain::Stamp;
use crate::exchange::dial::{DialError, Net};
use crate::exchange::http::{Ended, Http};
use crate::exchange::machine::{Call, In, Machine, Opcode, Out};
use crate::exchange::record::RawLine;

/// How often the host is asked whether it slept.
const SLEEP_CHECK: Duration = Duration::from_secs(1);
/// A sleep shorter than this changes nothing that a stall of the network would not.
const SHORTEST_SLEEP_NS: i64 = 500_000_000;

/// Something to tell the machine.
pub(super) enum Event {
    Moved(Moved),
    Ended(Ended),
    Wake,
    Resumed { ms: u64 },
}

/// The machine's arms and ears.
pub(super) struct Wire {
    lines: Lines,
    http: Http,
    wake: Alarm,
    sleep_check: Interval,
    asleep_ns: Option<i64>,
    recording: Option<Recording>,
}

/// The tap of a public session, and the addresses of the calls whose answers are awaited.
struct Recording {
    tap: Tap,
    rest: String,
    asked: Vec<(u64, String)>,
}

impl Wire {
    /// Opens the REST connections ahead. `tap` is for public machines only.
    pub(super) fn new(
        net: Net,
        rest: String,
        for_orders: bool,
        tap: Option<Tap>,
    ) -> Result<Self, DialError> {
        let mut sleep_check = interval(SLEEP_CHECK);
        sleep_check.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Self {
            http: Http::open(&net, &rest, for_orders)?,
            lines: Lines::new(net),
            wake: Alarm::new(),
            sleep_check,
            asleep_ns: clock::asleep_ns(),
            recording: tap.map(|tap| Recording {
                tap,
                rest: rest.trim_end_matches('/').to_owned(),
                asked: Vec::new(),
            }),
        })
    }

    /// The next event. Rare ones come before frames, so that a busy market starves neither an answer nor a timer. With `read`
    /// unset nothing is taken from the lines, while writing goes on.
    pub(super) fn poll_event(&mut self, cx: &mut Context<'_>, read: bool) -> Poll<Event> {
        if self.sleep_check.poll_tick(cx).is_ready()
            && let Some(ms) = self.slept()
        {
            return Poll::Ready(Event::Resumed { ms });
        }
        if let Poll::Ready(ended) = self.http.poll_ended(cx) {
            self.record_answer(&ended);
            return Poll::Ready(Event::Ended(ended));
        }
        if self.wake.poll(cx).is_ready() {
            return Poll::Ready(Event::Wake);
        }
        let moved = std::task::ready!(self.lines.poll_moved(cx, read));
        self.record_frame(&moved);
        Poll::Ready(Event::Moved(moved))
    }

    /// How long the host was suspended since the last time this was asked, ms; `None` when it was not.
    pub(super) fn slept(&mut self) -> Option<u64> {
        let ms = slept(&mut self.asleep_ns, clock::asleep_ns()?)?;
        self.http.renew();
        Some(ms)
    }

    /// Does everything a machine asked for of lines, calls and timer.
    fn carry_out(&mut self, now: Stamp, out: &mut Out, cx: &mut Context<'_>) {
        for wish in out.lines.drain(..) {
            self.lines.carry_out(wish, cx);
        }
        for call in out.calls.drain(..) {
            self.note_call(&call);
            self.http.submit(call);
        }
        if let Some(at) = out.wake_at.take() {
            self.wake.set(now, at);
        }
    }

    fn note_call(&mut self, call: &Call) {
        if let Some(recording) = &mut self.recording {
            let url = format!("{}{}", recording.rest, call.target);
            recording.asked.push((call.tag, url));
        }
    }

    fn record_answer(&mut self, (tag, result): &Ended) {
        let Some(recording) = &mut self.recording else {
            return;
        };
        let Some(index) = recording.asked.iter().position(|(of, _)| of == tag) else {
            return;
        };
        let (_, url) = recording.asked.swap_remove(index);
        if let Ok(reply) = result {
            recording.tap.offer(RawLine {
                ts_ns: clock::now().wall_ns,
                url: Some(url),
                message: Bytes::copy_from_slice(&reply.body),
            });
        }
    }

    fn record_frame(&self, moved: &Moved) {
        if let Some(recording) = &self.recording
            && let Moved::Frame {
                opcode: Opcode::Text | Opcode::Binary,
                bytes,
                ..
            } = moved
        {
            recording.tap.offer(RawLine {
                ts_ns: clock::now().wall_ns,
                url: None,
                message: bytes.clone(),
            });
        }
    }

    /// Ready when every frame was written or its line ended.
    pub(super) fn poll_written(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.lines.poll_written(cx)
    }

    /// Closes every line.
    pub(super) fn close(&mut self, cx: &mut Context<'_>) {
        self.lines.close_all(cx);
    }
}

/// Tells a machine one thing, carries out what it asks for, tells it what became of that, until it has nothing more to ask.
/// `side` is given the rest of each answer (facts, prints, pictures), in order.
pub(super) async fn turn<M: Machine + ?Sized>(
    machine: &mut M,
    wire: &mut Wire,
    out: &mut Out,
    event: In<'_>,
    side: &mut impl Side<M>,
) {
    let mut step = |event: In<'_>, wire: &mut Wire, cx: &mut Context<'_>| {
        let now = clock::now();
        out.clear();
        machine.on(now, event, out);
        wire.carry_out(now, out, cx);
        side.deliver(now, machine, out);
    };
    let mut event = Some(event);
    let whole = std::future::poll_fn(|cx| {
        if let Some(event) = event.take() {
            step(event, wire, cx);
        }
        while let Some(moved) = wire.lines.take_done() {
            wire.record_frame(&moved);
            step(moved.told(), wire, cx);
        }
        Poll::Ready(())
    });
    // The runtime's budget for one task must not put an order off to the next round.
    tokio::task::coop::unconstrained(whole).await;
}

fn slept(before: &mut Option<i64>, asleep_ns: i64) -> Option<u64> {
    let gap = asleep_ns.saturating_sub(before.unwrap_or(asleep_ns));
    if before.is_some() && gap < SHORTEST_SLEEP_NS {
        return None;
    }
    *before = Some(asleep_ns);
    u64::try_from(gap / 1_000_000).ok().filter(|ms| *ms > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d4_a_suspended_host_is_told_once_with_its_length() {
        let mut before = Some(5_000_000_000);
        assert_eq!(slept(&mut before, 5_000_000_000), None);
        assert_eq!(slept(&mut before, 605_000_000_000), Some(600_000));
        assert_eq!(slept(&mut before, 605_000_000_000), None);
    }

    #[test]
    fn d4_short_naps_add_up_and_the_first_look_tells_nothing() {
        let mut before = None;
        assert_eq!(slept(&mut before, 9_000_000_000), None);
        assert_eq!(slept(&mut before, 9_300_000_000), None);
        assert_eq!(slept(&mut before, 9_600_000_000), Some(600));
    }

    #[test]
    fn d3_the_count_of_sleep_does_not_hang_on_the_wall_clock() {
        // Both clocks behind it are monotonic, so two looks in a row agree to within the time between them.
        if let (Some(first), Some(second)) = (clock::asleep_ns(), clock::asleep_ns()) {
            assert!((second - first).abs() < SHORTEST_SLEEP_NS);
        }
    }
}
