//! How much room the tables of .NET's sets and dictionaries have: primes, of which `EnsureCapacity` tells. Ours grow by themselves, so
//! room that was asked for earlier is not remembered.
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::system::to_int;
use crate::value::Value;

/// Sizes that .NET takes in turn.
const PRIMES: [usize; 72] = [
    3, 7, 11, 17, 23, 29, 37, 47, 59, 71, 89, 107, 131, 163, 197, 239, 293, 353, 431, 521, 631, 761, 919, 1103, 1327,
    1597, 1931, 2333, 2801, 3371, 4049, 4861, 5839, 7013, 8419, 10103, 12143, 14591, 17519, 21023, 25229, 30293, 36353,
    43627, 52361, 62851, 75431, 90523, 108_631, 130_363, 156_437, 187_751, 225_307, 270_371, 324_449, 389_357, 467_237,
    560_689, 672_827, 807_403, 968_897, 1_162_687, 1_395_263, 1_674_319, 2_009_191, 2_411_033, 2_893_249, 3_471_899,
    4_166_287, 4_999_559, 5_999_471, 7_199_369,
];

fn prime(at_least: usize) -> usize {
    PRIMES.into_iter().find(|p| *p >= at_least).unwrap_or(at_least)
}

/// The room of a table that grew item by item.
fn grown(count: usize) -> usize {
    let mut room = if count == 0 { 0 } else { prime(1) };
    while room < count {
        room = prime(room.saturating_mul(2));
    }
    room
}

fn bad() -> Exception {
    Exception::argument_range("Specified argument was out of the range of valid values.", "capacity")
}

/// `EnsureCapacity(capacity)` of a table with so many items.
pub(super) fn ensured(c: &Call<'_>, count: usize) -> Result<Value> {
    let wanted = usize::try_from(c.int(1)?).map_err(|_| bad())?;
    let room = grown(count);
    Ok(Value::Int32(to_int(if room >= wanted { room } else { prime(wanted) })))
}

/// `TrimExcess(capacity)`: less than there are items is refused.
pub(super) fn trimmed(c: &Call<'_>, count: usize) -> Result<Value> {
    usize::try_from(c.int(1)?).ok().filter(|room| *room >= count).map(|_| Value::Null).ok_or_else(bad)
}
