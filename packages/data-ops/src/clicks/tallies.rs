//! What the clicks of a link on one day add up to, packed into a few bytes.
//!
//! A row per link, hour, dimension and value is six rows a click when every click is for another link. Packed, they are
//! one value of one row. The bytes are a sequence of additions: a batch appends what it adds without reading what is
//! there, the same hour and value may come again, and reading sums them. An addition is
//!
//! ```text
//! hour: u8 | dimension: u8 | clicks: varint | length of the value: varint | value
//! ```
//!
//! with varints of seven bits a byte, lowest first. Stored: never change it.

use std::collections::BTreeMap;

use super::Dimension;

/// Clicks in one hour of a day that share a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tally<'a> {
    /// Of the day, 0 to 23.
    pub hour: u8,
    pub dimension: Dimension,
    pub value: &'a str,
    pub clicks: i64,
}

/// Bytes that are not additions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what begins at byte {at} is no tally")]
pub(crate) struct Damaged {
    /// Where the addition that cannot be read begins.
    pub at: usize,
}

/// Appends additions to packed ones. An addition of no clicks is left out.
pub(super) fn append<'a>(packed: &mut Vec<u8>, tallies: impl IntoIterator<Item = Tally<'a>>) {
    for tally in tallies {
        let Ok(clicks @ 1..) = u64::try_from(tally.clicks) else { continue };
        packed.extend([tally.hour, tally.dimension.packed()]);
        push_varint(packed, clicks);
        push_varint(packed, tally.value.len() as u64);
        packed.extend(tally.value.as_bytes());
    }
}

/// The same with each hour, dimension and value once, in that order.
pub(super) fn compact(packed: &[u8]) -> Result<Vec<Tally<'_>>, Damaged> {
    let mut sums = BTreeMap::new();
    for tally in unpack(packed) {
        let Tally { hour, dimension, value, clicks } = tally?;
        let sum = sums.entry((hour, dimension, value)).or_insert(0_i64);
        *sum = sum.saturating_add(clicks);
    }
    Ok(sums.into_iter().map(|((hour, dimension, value), clicks)| Tally { hour, dimension, value, clicks }).collect())
}

/// The additions, in the order they were made. Ends behind the first that cannot be read.
pub(crate) fn unpack(packed: &[u8]) -> impl Iterator<Item = Result<Tally<'_>, Damaged>> {
    let mut rest = packed;
    std::iter::from_fn(move || {
        let at = packed.len() - rest.len();
        if rest.is_empty() {
            return None;
        }
        let tally = take_tally(&mut rest).ok_or(Damaged { at });
        if tally.is_err() {
            rest = &[];
        }
        Some(tally)
    })
}

fn take_tally<'a>(rest: &mut &'a [u8]) -> Option<Tally<'a>> {
    let hour = take(rest, 1)?[0];
    let dimension = Dimension::from_packed(take(rest, 1)?[0])?;
    let clicks = i64::try_from(take_varint(rest)?).ok()?;
    let length = usize::try_from(take_varint(rest)?).ok()?;
    let value = std::str::from_utf8(take(rest, length)?).ok()?;
    (hour < 24).then_some(Tally { hour, dimension, value, clicks })
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(length)?;
    *rest = left;
    Some(taken)
}

fn push_varint(packed: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        packed.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    packed.push(number.to_le_bytes()[0]);
}

fn take_varint(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let byte = take(rest, 1)?[0];
        let bits = u64::from(byte & 0x7f);
        // The tenth byte has room for one bit.
        if bits << shift >> shift != bits {
            return None;
        }
        number |= bits << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    type Key = (u8, Dimension, String);
    type Sums = HashMap<Key, i64>;

    /// Few hours and values, so that some come again; some long values and large numbers.
    fn any_additions() -> impl Strategy<Value = Vec<(Key, i64)>> {
        let dimension = (0..6_u8).prop_map(|number| Dimension::from_packed(number).unwrap());
        let value = prop_oneof![8 => "[a-cé]{0,2}", 1 => ".{100,300}"];
        let clicks = prop_oneof![8 => 1..300_i64, 1 => 1..=i64::MAX / 1000];
        prop::collection::vec(((0..24_u8, dimension, value), clicks), 0..40)
    }

    fn tally(((hour, dimension, value), clicks): &(Key, i64)) -> Tally<'_> {
        Tally { hour: *hour, dimension: *dimension, value, clicks: *clicks }
    }

    fn sums<'a>(tallies: impl IntoIterator<Item = Tally<'a>>) -> Sums {
        let mut sums = Sums::new();
        for tally in tallies {
            *sums.entry((tally.hour, tally.dimension, tally.value.to_owned())).or_default() += tally.clicks;
        }
        sums
    }

    fn read(packed: &[u8]) -> Sums {
        sums(unpack(packed).map(Result::unwrap))
    }

    proptest! {
        #[test]
        fn additions_sum_to_what_was_added(batches in prop::collection::vec((any_additions(), any::<bool>()), 0..8)) {
            let mut packed = Vec::new();
            for (additions, compacting) in &batches {
                append(&mut packed, additions.iter().map(tally));
                if *compacting {
                    let mut smaller = Vec::new();
                    append(&mut smaller, compact(&packed).unwrap());
                    prop_assert!(smaller.len() <= packed.len());
                    packed = smaller;
                }
            }
            let expected = sums(batches.iter().flat_map(|(additions, _)| additions).map(tally));
            let compacted = compact(&packed).unwrap();
            prop_assert_eq!(compacted.len(), expected.len(), "each once");
            prop_assert_eq!(sums(compacted), expected.clone());
            prop_assert_eq!(read(&packed), expected);
        }

        #[test]
        fn cut_bytes_are_told(additions in any_additions(), cut in any::<prop::sample::Index>()) {
            let (mut packed, mut ends) = (Vec::new(), vec![0]);
            for addition in &additions {
                append(&mut packed, [tally(addition)]);
                ends.push(packed.len());
            }
            let cut = cut.index(packed.len() + 1);
            let whole = *ends.iter().rfind(|end| **end <= cut).unwrap();
            let expected = if whole == cut { None } else { Some(Damaged { at: whole }) };
            prop_assert_eq!(unpack(&packed[..cut]).find_map(Result::err), expected);
            prop_assert_eq!(compact(&packed[..cut]).err(), expected);
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let read: Result<Vec<Tally<'_>>, Damaged> = unpack(&bytes).collect();
            prop_assert_eq!(read.is_ok(), compact(&bytes).is_ok());
            if let Err(damaged) = read {
                prop_assert!(damaged.at < bytes.len());
            }
        }
    }

    #[test]
    fn the_bytes_stay_what_they_are() {
        let mut packed = Vec::new();
        let total = Tally { hour: 13, dimension: Dimension::Total, value: "", clicks: 300 };
        append(&mut packed, [total, Tally { hour: 0, dimension: Dimension::Country, value: "DE", clicks: 1 }]);
        assert_eq!(packed, [13, 0, 0xac, 2, 0, 0, 1, 1, 2, b'D', b'E']);
    }

    #[test]
    fn what_no_addition_looks_like_is_damage() {
        let damaged: [&[u8]; 5] = [
            &[24, 0, 1, 0],                                                               // no such hour
            &[0, 9, 1, 0],                                                                // no such dimension
            &[0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0],          // beyond what is counted in
            &[0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0], // no number
            &[0, 5, 1, 1, 0xff],                                                          // not UTF-8
        ];
        for bytes in damaged {
            assert_eq!(compact(bytes), Err(Damaged { at: 0 }), "{bytes:?}");
        }
    }
}
