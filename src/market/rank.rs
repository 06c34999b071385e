//! Percentiles by nearest rank. Pure.

/// The value that `percent` in a hundred of these do not exceed, by nearest rank; `None` of none. Their order is lost.
pub fn percentile(values: &mut [i64], percent: u8) -> Option<i64> {
    let rank = (values.len() * usize::from(percent.min(100))).div_ceil(100);
    let at = rank.max(1) - 1;
    if values.is_empty() {
        return None;
    }
    Some(*values.select_nth_unstable(at).1)
}

/// The middle value; of an even number the lower of the two. `None` of none. Their order is lost.
pub fn median(values: &mut [i64]) -> Option<i64> {
    percentile(values, 50)
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn a_percentile_is_the_least_value_that_enough_do_not_exceed(
            mut values in proptest::collection::vec(-50_i64..50, 0..60), percent in 0_u8..=100
        ) {
            let all = values.clone();
            let enough = |value: &i64| {
                let under = all.iter().filter(|other| *other <= value).count();
                under * 100 >= all.len() * usize::from(percent)
            };
            let expected = all.iter().copied().filter(enough).min();
            proptest::prop_assert_eq!(percentile(&mut values, percent), expected);
        }
    }

    #[test]
    fn the_middle_of_an_even_number_is_the_lower_one() {
        assert_eq!(median(&mut [4, 1, 3, 2]), Some(2));
        assert_eq!(median(&mut []), None);
    }
}
