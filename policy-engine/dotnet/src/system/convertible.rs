//! `System.IConvertible`, which the basic types implement, and their `GetTypeCode`.
use super::convert;
use super::interfaces::FORMAT_PROVIDER;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::object;
use crate::table::Builder;
use crate::types::{Type, TypeId, ids};
use crate::value::Value;

const CONVERTIBLE: TypeId = TypeId("System.IConvertible");

macro_rules! conversions {
    ($t:expr, $($signature:literal $to:expr),*) => {
        $t$(.def($signature, |c| convert(c, &$to)))*
    };
}

/// Adds the interface to the types that have it; they are in the table already.
pub(crate) fn define(b: &mut Builder) {
    b.interface(FORMAT_PROVIDER);
    conversions!(
        b.interface(CONVERTIBLE),
        "bool ToBoolean(IFormatProvider provider)" Type::BOOL, "char ToChar(IFormatProvider provider)" Type::CHAR,
        "sbyte ToSByte(IFormatProvider provider)" Type::SBYTE, "byte ToByte(IFormatProvider provider)" Type::BYTE,
        "short ToInt16(IFormatProvider provider)" Type::SHORT, "ushort ToUInt16(IFormatProvider provider)" Type::USHORT,
        "int ToInt32(IFormatProvider provider)" Type::INT, "uint ToUInt32(IFormatProvider provider)" Type::UINT,
        "long ToInt64(IFormatProvider provider)" Type::LONG, "ulong ToUInt64(IFormatProvider provider)" Type::ULONG,
        "float ToSingle(IFormatProvider provider)" Type::FLOAT, "double ToDouble(IFormatProvider provider)" Type::DOUBLE,
        "decimal ToDecimal(IFormatProvider provider)" Type::DECIMAL,
        "DateTime ToDateTime(IFormatProvider provider)" Type::DATE_TIME
    )
    .def("string ToString(IFormatProvider provider)", |c| {
        let value = c.take(0);
        object::text(c.cx, &value).map(Value::Str)
    })
    .def("object ToType(Type conversionType, IFormatProvider provider)", |c| {
        let ty = object::as_type(c.arg(1)).ok_or_else(|| Exception::argument_null("targetType"))?;
        convert(c, &ty)
    })
    .def("TypeCode GetTypeCode()", type_code);
    for id in [
        ids::STRING,
        ids::BOOLEAN,
        ids::CHAR,
        ids::SBYTE,
        ids::BYTE,
        ids::INT16,
        ids::UINT16,
        ids::INT32,
        ids::UINT32,
        ids::INT64,
        ids::UINT64,
        ids::SINGLE,
        ids::DOUBLE,
        ids::DECIMAL,
        ids::DATE_TIME,
        ids::ENUM,
    ] {
        b.extend(id).implements(&["IConvertible"]).pure("TypeCode GetTypeCode()", type_code);
    }
}

fn convert(c: &mut Call<'_>, to: &Type) -> Result<Value> {
    let value = c.take(0);
    convert::to_type(c.cx, value, to)
}

fn type_code(c: &mut Call<'_>) -> Result<Value> {
    Ok(Value::Enum(TypeId("System.TypeCode"), convert::type_code(c.arg(0))))
}
