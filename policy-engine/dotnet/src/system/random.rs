//! `System.Random`: with a seed .NET's subtractive generator (Knuth), number for number; without one, seeded from the host.
use std::any::Any;

use parking_lot::Mutex;

use crate::collections::array;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::Builder;
use crate::types::{Type, TypeId};
use crate::value::{Object, Value};

const RANDOM: TypeId = TypeId("System.Random");
const BIG: i32 = i32::MAX;
const SEED: i32 = 161_803_398;

/// The generator's state: 55 numbers (position 0 unused) and two cursors.
struct Subtractive {
    seeds: [i32; 56],
    next: usize,
    next_p: usize,
}

fn at(seeds: &[i32; 56], i: usize) -> i32 {
    seeds.get(i).copied().unwrap_or(0)
}

fn put(seeds: &mut [i32; 56], i: usize, v: i32) {
    if let Some(slot) = seeds.get_mut(i) {
        *slot = v;
    }
}

impl Subtractive {
    fn new(seed: i32) -> Subtractive {
        let mut seeds = [0; 56];
        let magnitude = if seed == i32::MIN { i32::MAX } else { seed.abs() };
        let mut mj = SEED.wrapping_sub(magnitude);
        put(&mut seeds, 55, mj);
        let mut mk = 1_i32;
        for i in 1..55_usize {
            let ii = 21 * i % 55;
            put(&mut seeds, ii, mk);
            mk = mj.wrapping_sub(mk);
            if mk < 0 {
                mk = mk.wrapping_add(BIG);
            }
            mj = at(&seeds, ii);
        }
        for _ in 1..5 {
            for i in 1..56_usize {
                let mut n = i + 30;
                if n >= 55 {
                    n -= 55;
                }
                let mut v = at(&seeds, i).wrapping_sub(at(&seeds, 1 + n));
                if v < 0 {
                    v = v.wrapping_add(BIG);
                }
                put(&mut seeds, i, v);
            }
        }
        Subtractive { seeds, next: 0, next_p: 21 }
    }

    fn sample_int(&mut self) -> i32 {
        self.next = if self.next >= 55 { 1 } else { self.next + 1 };
        self.next_p = if self.next_p >= 55 { 1 } else { self.next_p + 1 };
        let mut v = at(&self.seeds, self.next).wrapping_sub(at(&self.seeds, self.next_p));
        if v == BIG {
            v -= 1;
        }
        if v < 0 {
            v = v.wrapping_add(BIG);
        }
        put(&mut self.seeds, self.next, v);
        v
    }

    fn sample(&mut self) -> f64 {
        f64::from(self.sample_int()) * (1.0 / f64::from(BIG))
    }

    fn large_sample(&mut self) -> f64 {
        let mut v = self.sample_int();
        if self.sample_int() % 2 == 0 {
            v = -v;
        }
        (f64::from(v) + f64::from(BIG - 1)) / (2.0 * f64::from(BIG) - 1.0)
    }
}

struct Random(Mutex<Subtractive>);

impl Object for Random {
    fn net_type(&self) -> Type {
        Type::Simple(RANDOM)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Adds the class.
pub(crate) fn define(b: &mut Builder) {
    b.class(RANDOM)
        .def("new()", |c| {
            let seed = (c.cx.random_u64() >> 33) as i32;
            Ok(Value::object(Random(Mutex::new(Subtractive::new(seed)))))
        })
        .def("new(int Seed)", |c| Ok(Value::object(Random(Mutex::new(Subtractive::new(c.int(0)?))))))
        .def("int Next()", |c| with(c, |r| Ok(Value::Int32(r.sample_int()))))
        .def("int Next(int maxValue)", |c| {
            let max = c.int(1)?;
            if max < 0 {
                return Err(Exception::argument_range("'maxValue' must be greater than zero.", "maxValue"));
            }
            with(c, |r| Ok(Value::Int32(whole(r.sample() * f64::from(max)))))
        })
        .def("int Next(int minValue, int maxValue)", |c| {
            let (min, max) = (c.int(1)?, c.int(2)?);
            if min > max {
                return Err(Exception::argument_range("'minValue' cannot be greater than maxValue.", "minValue"));
            }
            let range = i64::from(max) - i64::from(min);
            with(c, |r| {
                #[expect(clippy::cast_precision_loss, reason = "the range has at most 33 bits")]
                let span = range as f64;
                let sample = if range <= i64::from(BIG) { r.sample() } else { r.large_sample() };
                #[expect(clippy::cast_possible_truncation, reason = "the sample is below one")]
                let n = (sample * span) as i64 + i64::from(min);
                Ok(Value::Int32(i32::try_from(n).unwrap_or(min)))
            })
        })
        .def("double NextDouble()", |c| with(c, |r| Ok(Value::Double(r.sample()))))
        .def("void NextBytes(byte[] buffer)", |c| {
            if c.arg(1).is_null() {
                return Err(Exception::argument_null("buffer"));
            }
            let target = c.take(1);
            let length = array::len(&target)?;
            c.cx.charge_steps(u64::try_from(length).unwrap_or(u64::MAX))?;
            with(c, |r| {
                for i in 0..length {
                    let byte = u8::try_from(r.sample_int() & 0xff).unwrap_or(0);
                    array::expect_array(&target)?.put(i, Value::Byte(byte));
                }
                Ok(Value::Null)
            })
        });
}

#[expect(clippy::cast_possible_truncation, reason = "the product is below i32::MAX")]
fn whole(v: f64) -> i32 {
    v as i32
}

fn with(c: &Call<'_>, f: impl FnOnce(&mut Subtractive) -> Result<Value>) -> Result<Value> {
    let random = c.arg(0).as_object::<Random>().ok_or_else(Exception::null_reference)?;
    f(&mut random.0.lock())
}

#[cfg(test)]
mod tests {
    use super::Subtractive;

    /// `new Random(42)` of .NET begins so.
    #[test]
    fn seeded_sequence_is_that_of_net() {
        let mut r = Subtractive::new(42);
        let got: Vec<i32> = (0..3).map(|_| r.sample_int()).collect();
        assert_eq!(got, [1_434_747_710, 302_596_119, 269_548_474]);
    }
}
