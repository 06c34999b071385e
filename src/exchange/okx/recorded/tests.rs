//! Recordings replayed to states that were computed independently.

use super::*;
use crate::exchange::recorded::replayed::compare_all;

#[test]
#[ignore = "needs LANCET_FIXTURES"]
fn full_recordings_end_in_the_expected_states() {
    assert_eq!(compare_all(&RECORDINGS, "okx"), 13);
}
