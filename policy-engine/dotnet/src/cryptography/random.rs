//! `RandomNumberGenerator`: bytes from the surroundings of the evaluation, which take them from the operating system.
use std::any::Any;

use crate::ambient::Ambient;
use crate::collections::{array, from_bytes};
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::Builder;
use crate::types::{Type, TypeId};
use crate::value::{Object, Value};

const GENERATOR: TypeId = TypeId("System.Security.Cryptography.RandomNumberGenerator");
const PROVIDER: TypeId = TypeId("System.Security.Cryptography.RNGCryptoServiceProvider");

struct Generator(TypeId);

impl Object for Generator {
    fn net_type(&self) -> Type {
        Type::Simple(self.0)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `count` random bytes.
pub(super) fn bytes(cx: &mut dyn Ambient, count: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(count);
    while out.len() < count {
        let word = cx.random_u64().to_le_bytes();
        out.extend(word.into_iter().take(count - out.len()));
    }
    out
}

fn fill(c: &mut Call<'_>, n: usize, zeros: bool) -> Result<Value> {
    let target = c.arg(n).clone();
    let target = array::array(&target).ok_or_else(|| Exception::argument_null("data"))?;
    c.cx.charge_steps(u64::try_from(target.len() / 8).unwrap_or(u64::MAX))?;
    let mut pool = bytes(c.cx, target.len());
    if !zeros {
        for byte in &mut pool {
            while *byte == 0 {
                *byte = c.cx.random_u64().to_le_bytes().into_iter().next().unwrap_or(1);
            }
        }
    }
    for (at, byte) in pool.into_iter().enumerate() {
        target.put(at, Value::Byte(byte));
    }
    Ok(Value::Null)
}

fn fill_part(c: &mut Call<'_>) -> Result<Value> {
    let target = c.arg(1).clone();
    let target = array::array(&target).ok_or_else(|| Exception::argument_null("data"))?;
    let natural =
        |n: i32, name| usize::try_from(n).map_err(|_| Exception::argument_range("Non-negative number required.", name));
    let (offset, count) = (natural(c.int(2)?, "offset")?, natural(c.int(3)?, "count")?);
    if offset.checked_add(count).is_none_or(|end| end > target.len()) {
        return Err(Exception::argument_message(
            "Offset and length were out of bounds for the array or count is greater than the number of elements from index to the end of the source collection.",
        ));
    }
    c.cx.charge_steps(u64::try_from(count / 8).unwrap_or(u64::MAX))?;
    for (at, byte) in bytes(c.cx, count).into_iter().enumerate() {
        target.put(offset + at, Value::Byte(byte));
    }
    Ok(Value::Null)
}

fn int32(c: &mut Call<'_>) -> Result<Value> {
    let (from, to) = if c.args.len() > 1 { (c.int(0)?, c.int(1)?) } else { (0, c.int(0)?) };
    let span = i64::from(to) - i64::from(from);
    if span <= 0 {
        return Err(Exception::argument_message("Range of random number does not contain at least one possibility."));
    }
    // The bias of a 64-bit remainder over a 32-bit range is below 2^-32.
    let step = c.cx.random_u64() % span.unsigned_abs();
    let value = i64::from(from).saturating_add_unsigned(step);
    Ok(Value::Int32(i32::try_from(value).unwrap_or(from)))
}

/// Adds the generators.
pub(super) fn define(b: &mut Builder) {
    b.class(GENERATOR)
        .implements(&["IDisposable"])
        .def("static RandomNumberGenerator Create()", |_| Ok(Value::object(Generator(GENERATOR))))
        .def("static RandomNumberGenerator Create(string rngName)", |c| {
            let name = c.str_arg(0, "name")?;
            let is_known = name.rsplit('.').next().is_some_and(|n| n.eq_ignore_ascii_case("RandomNumberGenerator"));
            Ok(if is_known { Value::object(Generator(PROVIDER)) } else { Value::Null })
        })
        .def("static byte[] GetBytes(int count)", |c| {
            let count = usize::try_from(c.int(0)?)
                .map_err(|_| Exception::argument_range("Non-negative number required.", "count"))?;
            c.cx.charge_bytes(count)?;
            Ok(from_bytes(bytes(c.cx, count)))
        })
        .def("static void Fill(byte[] data)", |c| fill(c, 0, true))
        .def("static int GetInt32(int toExclusive)", int32)
        .def("static int GetInt32(int fromInclusive, int toExclusive)", int32)
        .def("void GetBytes(byte[] data)", |c| fill(c, 1, true))
        .def("void GetBytes(byte[] data, int offset, int count)", fill_part)
        .def("void GetNonZeroBytes(byte[] data)", |c| fill(c, 1, false))
        .def("void Dispose()", |_| Ok(Value::Null));
    b.class(PROVIDER)
        .base("RandomNumberGenerator")
        .def("new()", |_| Ok(Value::object(Generator(PROVIDER))))
        .def("new(string str)", |_| Ok(Value::object(Generator(PROVIDER))))
        .def("new(byte[] rgb)", |_| Ok(Value::object(Generator(PROVIDER))));
}
