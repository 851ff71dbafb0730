//! `System.Net.IPAddress`.
use std::any::Any;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::enums::ADDRESS_FAMILY;
use crate::ambient::Ambient;
use crate::collections::array;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::object;
use crate::table::Builder;
use crate::types::{Type, TypeId};
use crate::value::{Object, Str, Value};

const ID: TypeId = TypeId("System.Net.IPAddress");
const INTER_NETWORK: i32 = 2;
const INTER_NETWORK_V6: i32 = 23;
const INVALID: &str = "An invalid IP address was specified.";

#[derive(Clone, Copy, PartialEq, Eq)]
struct Address {
    ip: IpAddr,
    scope: u32,
}

impl Object for Address {
    fn net_type(&self) -> Type {
        Type::Simple(ID)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn to_text(&self, _: &mut dyn Ambient) -> Result<Str> {
        let mut text = match self.ip {
            IpAddr::V4(v4) => v4.to_string(),
            IpAddr::V6(v6) => v6_text(v6),
        };
        if self.scope != 0 {
            text.push_str(&format!("%{}", self.scope));
        }
        Ok(text.into())
    }
    fn equals(&self, other: &Value) -> bool {
        other.as_object::<Address>() == Some(self)
    }
    fn hash_code(&self) -> i32 {
        object::text_hash(bytes_of(self.ip).into_iter())
    }
}

/// .NET writes an embedded IPv4 address also behind `::` alone, where it is longer than 16 bits.
fn v6_text(v6: Ipv6Addr) -> String {
    match v6.segments() {
        [0, 0, 0, 0, 0, 0, high, _] if high != 0 => match v6.to_ipv4() {
            Some(v4) => format!("::{v4}"),
            None => v6.to_string(),
        },
        _ => v6.to_string(),
    }
}

fn bytes_of(ip: IpAddr) -> Vec<u8> {
    match ip {
        IpAddr::V4(v4) => v4.octets().to_vec(),
        IpAddr::V6(v6) => v6.octets().to_vec(),
    }
}

fn made(ip: IpAddr) -> Value {
    Value::object(Address { ip, scope: 0 })
}

fn of(c: &Call<'_>, n: usize) -> Result<Address> {
    c.arg(n).as_object::<Address>().copied().ok_or_else(Exception::null_reference)
}

/// Adds the class.
pub(super) fn define(b: &mut Builder) {
    b.class(ID)
        .def("new(byte[] address)", from_bytes)
        .def("new(byte[] address, long scopeid)", with_scope)
        .def("new(long newAddress)", |c| {
            let n = c.long(0)?;
            let bytes = u32::try_from(n).map_err(|_| {
                Exception::argument_range("Specified argument was out of the range of valid values.", "newAddress")
            })?;
            Ok(made(Ipv4Addr::from(bytes.to_le_bytes()).into()))
        })
        .def("static IPAddress Any", |_| Ok(made(Ipv4Addr::UNSPECIFIED.into())))
        .def("static IPAddress Loopback", |_| Ok(made(Ipv4Addr::LOCALHOST.into())))
        .def("static IPAddress Broadcast", |_| Ok(made(Ipv4Addr::BROADCAST.into())))
        .def("static IPAddress None", |_| Ok(made(Ipv4Addr::BROADCAST.into())))
        .def("static IPAddress IPv6Any", |_| Ok(made(Ipv6Addr::UNSPECIFIED.into())))
        .def("static IPAddress IPv6Loopback", |_| Ok(made(Ipv6Addr::LOCALHOST.into())))
        .def("static IPAddress IPv6None", |_| Ok(made(Ipv6Addr::UNSPECIFIED.into())))
        .def("static IPAddress Parse(string ipString)", |c| {
            let text = c.str_arg(0, "ipString")?;
            parse(&text).map(Value::object).ok_or_else(|| Exception::format(INVALID))
        })
        .def("static bool TryParse(string ipString, out IPAddress address)", |c| {
            let found = c.arg(0).as_str().and_then(parse);
            c.set(1, found.map_or(Value::Null, Value::object));
            Ok(Value::Bool(found.is_some()))
        })
        .def("static bool IsLoopback(IPAddress address)", |c| {
            if c.arg(0).is_null() {
                return Err(Exception::argument_null("address"));
            }
            let ip = of(c, 0)?.ip;
            let mapped = matches!(ip, IpAddr::V6(v6) if v6 == Ipv4Addr::LOCALHOST.to_ipv6_mapped());
            Ok(Value::Bool(ip.is_loopback() || mapped))
        })
        .def("byte[] GetAddressBytes()", |c| Ok(array::from_bytes(bytes_of(of(c, 0)?.ip))))
        .def("AddressFamily AddressFamily", |c| {
            let family = if of(c, 0)?.ip.is_ipv4() { INTER_NETWORK } else { INTER_NETWORK_V6 };
            Ok(Value::Enum(ADDRESS_FAMILY, family))
        })
        .def("long Address", |c| match of(c, 0)?.ip {
            IpAddr::V4(v4) => Ok(Value::Int64(i64::from(u32::from_le_bytes(v4.octets())))),
            IpAddr::V6(_) => Err(Exception::not_supported(
                "The attempted operation is not supported for the type of object referenced.",
            )),
        })
        .def("long ScopeId", |c| Ok(Value::Int64(i64::from(of(c, 0)?.scope))))
        .def("bool IsIPv4MappedToIPv6", |c| v6(c, |ip| ip.to_ipv4_mapped().is_some()))
        .def("bool IsIPv6LinkLocal", |c| v6(c, |ip| ip.is_unicast_link_local()))
        .def("bool IsIPv6SiteLocal", |c| v6(c, |ip| matches!(ip.segments(), [first, ..] if first & 0xffc0 == 0xfec0)))
        .def("bool IsIPv6Multicast", |c| v6(c, |ip| ip.is_multicast()))
        .def("bool IsIPv6Teredo", |c| v6(c, |ip| matches!(ip.segments(), [0x2001, 0, ..])))
        .def("IPAddress MapToIPv4()", |c| {
            Ok(match of(c, 0)?.ip {
                IpAddr::V6(v6) => {
                    let [.., a, b, x, y] = v6.octets();
                    made(Ipv4Addr::new(a, b, x, y).into())
                }
                ip => made(ip),
            })
        })
        .def("IPAddress MapToIPv6()", |c| {
            Ok(match of(c, 0)?.ip {
                IpAddr::V4(v4) => made(v4.to_ipv6_mapped().into()),
                ip => made(ip),
            })
        })
        .def("string ToString()", |c| {
            let v = c.take(0);
            object::text(c.cx, &v).map(Value::Str)
        })
        .pure("static short HostToNetworkOrder(short host)", |c| swap(c))
        .pure("static int HostToNetworkOrder(int host)", |c| swap(c))
        .pure("static long HostToNetworkOrder(long host)", |c| swap(c))
        .pure("static short NetworkToHostOrder(short network)", |c| swap(c))
        .pure("static int NetworkToHostOrder(int network)", |c| swap(c))
        .pure("static long NetworkToHostOrder(long network)", |c| swap(c));
}

fn swap(c: &Call<'_>) -> Result<Value> {
    Ok(match c.arg(0) {
        Value::Int16(v) => Value::Int16(v.swap_bytes()),
        Value::Int64(v) => Value::Int64(v.swap_bytes()),
        _ => Value::Int32(c.int(0)?.swap_bytes()),
    })
}

fn v6(c: &Call<'_>, f: fn(Ipv6Addr) -> bool) -> Result<Value> {
    Ok(Value::Bool(match of(c, 0)?.ip {
        IpAddr::V6(ip) => f(ip),
        IpAddr::V4(_) => false,
    }))
}

fn from_bytes(c: &mut Call<'_>) -> Result<Value> {
    if c.arg(0).is_null() {
        return Err(Exception::argument_null("address"));
    }
    let bytes = array::bytes(c.arg(0)).unwrap_or_default();
    if let Ok(four) = <[u8; 4]>::try_from(bytes.as_slice()) {
        return Ok(made(Ipv4Addr::from(four).into()));
    }
    match <[u8; 16]>::try_from(bytes.as_slice()) {
        Ok(sixteen) => Ok(made(Ipv6Addr::from(sixteen).into())),
        Err(_) => Err(Exception::argument(INVALID, "address")),
    }
}

/// Only an IPv6 address has a scope.
fn with_scope(c: &mut Call<'_>) -> Result<Value> {
    let made = from_bytes(c)?;
    let Some(Address { ip: ip @ IpAddr::V6(_), .. }) = made.as_object::<Address>().copied() else {
        return Err(Exception::argument(INVALID, "address"));
    };
    let scope = u32::try_from(c.long(1)?).map_err(|_| {
        Exception::argument_range("Specified argument was out of the range of valid values.", "scopeid")
    })?;
    Ok(Value::object(Address { ip, scope }))
}

/// IPv6 with optional brackets and scope; IPv4 in the forms of `inet_aton` (fewer parts, octal, hexadecimal).
fn parse(text: &str) -> Option<Address> {
    if text.contains(':') {
        let inner = text.strip_prefix('[').and_then(|t| t.split_once(']')).map_or(text, |(t, _)| t);
        let (address, scope) = inner.split_once('%').map_or((inner, "0"), |(a, s)| (a, s));
        let address = address.split('/').next().unwrap_or(address);
        let ip: Ipv6Addr = address.parse().ok()?;
        return Some(Address { ip: ip.into(), scope: scope.parse().unwrap_or(0) });
    }
    parse_v4(text).map(|ip| Address { ip: ip.into(), scope: 0 })
}

fn parse_v4(text: &str) -> Option<Ipv4Addr> {
    let parts: Vec<&str> = text.split('.').collect();
    let number = |t: &str| -> Option<u32> {
        let (digits, radix) = match t.strip_prefix("0x").or_else(|| t.strip_prefix("0X")) {
            Some(hex) => (hex, 16),
            None if t.len() > 1 && t.starts_with('0') => (t, 8),
            None => (t, 10),
        };
        if digits.starts_with('+') { None } else { u32::from_str_radix(digits, radix).ok() }
    };
    let (last, head) = parts.split_last()?;
    if head.len() > 3 {
        return None;
    }
    let mut value = 0_u32;
    for part in head {
        value = value << 8 | number(part).filter(|n| *n < 256)?;
    }
    let bits = 32 - 8 * u32::try_from(head.len()).ok()?;
    let last = number(last)?;
    if bits < 32 && last >> bits != 0 {
        return None;
    }
    let high = if bits == 32 { 0 } else { value << bits };
    Some(Ipv4Addr::from(high | last))
}
