//! `System.Text.Encoding`: UTF-8, UTF-7, ASCII, UTF-16, UTF-32, Latin-1. Undecodable input becomes U+FFFD (ASCII reads and writes `?`, Latin-1 writes it).
use std::any::Any;
use std::sync::LazyLock;

use super::utf7;
use crate::ambient::Ambient;
use crate::collections::array;
use crate::exception::{Exception, Result};
use crate::member::{Call, Known, Ready};
use crate::system::string_type::units_of;
use crate::system::to_int;
use crate::table::Builder;
use crate::types::{Type, TypeId};
use crate::utf16;
use crate::value::{Object, Str, Value};

pub(super) const ENCODING: TypeId = TypeId("System.Text.Encoding");
const UTF7: TypeId = TypeId("System.Text.UTF7Encoding");
const UTF8: TypeId = TypeId("System.Text.UTF8Encoding");
const UNICODE: TypeId = TypeId("System.Text.UnicodeEncoding");
const ASCII: TypeId = TypeId("System.Text.ASCIIEncoding");
const UTF32: TypeId = TypeId("System.Text.UTF32Encoding");
const LATIN1: TypeId = TypeId("System.Text.Latin1Encoding");
/// Code pages of the encodings, as `GetEncodings` lists them.
pub(super) const ALL: [i32; 8] = [1200, 1201, 12000, 12001, 20127, 28591, 65000, 65001];
const NO_DATA: &str = "No data is available for encoding";

/// Most bytes that one byte of our texts becomes.
const BYTES_PER_UNIT: usize = 5;

/// Which code.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Code {
    Utf8,
    /// With the punctuation left as it is?
    Utf7 {
        optionals: bool,
    },
    Ascii,
    Latin1,
    Utf16 {
        big: bool,
    },
    Utf32 {
        big: bool,
    },
}

const UTF_7: Code = Code::Utf7 { optionals: false };

/// An encoding object.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Encoding {
    code: Code,
    /// Writes a byte order mark as preamble.
    bom: bool,
    /// Fails on bytes that mean nothing.
    strict: bool,
}

impl Encoding {
    fn new(code: Code) -> Encoding {
        Encoding { code, bom: true, strict: false }
    }

    pub(super) fn name(self) -> &'static str {
        match self.code {
            Code::Utf8 => "utf-8",
            Code::Utf7 { .. } => "utf-7",
            Code::Ascii => "us-ascii",
            Code::Latin1 => "iso-8859-1",
            Code::Utf16 { big: false } => "utf-16",
            Code::Utf16 { big: true } => "utf-16BE",
            Code::Utf32 { big: false } => "utf-32",
            Code::Utf32 { big: true } => "utf-32BE",
        }
    }

    pub(super) fn code_page(self) -> i32 {
        match self.code {
            Code::Utf8 => 65001,
            Code::Utf7 { .. } => 65000,
            Code::Ascii => 20127,
            Code::Latin1 => 28591,
            Code::Utf16 { big: false } => 1200,
            Code::Utf16 { big: true } => 1201,
            Code::Utf32 { big: false } => 12000,
            Code::Utf32 { big: true } => 12001,
        }
    }

    pub(super) fn description(self) -> &'static str {
        match self.code {
            Code::Utf8 => "Unicode (UTF-8)",
            Code::Utf7 { .. } => "Unicode (UTF-7)",
            Code::Ascii => "US-ASCII",
            Code::Latin1 => "Western European (ISO)",
            Code::Utf16 { big: false } => "Unicode",
            Code::Utf16 { big: true } => "Unicode (Big-Endian)",
            Code::Utf32 { big: false } => "Unicode (UTF-32)",
            Code::Utf32 { big: true } => "Unicode (UTF-32 Big-Endian)",
        }
    }

    fn preamble(self) -> &'static [u8] {
        match self.code {
            _ if !self.bom => &[],
            Code::Utf8 => &[0xef, 0xbb, 0xbf],
            Code::Ascii | Code::Latin1 | Code::Utf7 { .. } => &[],
            Code::Utf16 { big: false } => &[0xff, 0xfe],
            Code::Utf16 { big: true } => &[0xfe, 0xff],
            Code::Utf32 { big: false } => &[0xff, 0xfe, 0, 0],
            Code::Utf32 { big: true } => &[0, 0, 0xfe, 0xff],
        }
    }

    pub(super) fn encode(self, text: &str) -> Result<Vec<u8>> {
        if self.strict
            && let Some((at, unit)) = utf16::lone(text)
        {
            return Err(Exception::new(
                TypeId("System.Text.EncoderFallbackException"),
                format!("Unable to translate Unicode character \\\\u{unit:04X} at index {at} to specified code page."),
            ));
        }
        if let Code::Utf7 { optionals } = self.code {
            return Ok(utf7::encode(text, optionals));
        }
        let units = utf16::iter(text);
        let text = utf16::leaving(text);
        Ok(match self.code {
            Code::Utf8 | Code::Utf7 { .. } => text.as_bytes().to_vec(),
            // Characters beyond the code become one `?` for each UTF-16 unit.
            Code::Ascii => units.map(|u| u8::try_from(u).ok().filter(u8::is_ascii).unwrap_or(b'?')).collect(),
            Code::Latin1 => units.map(|u| u8::try_from(u).unwrap_or(b'?')).collect(),
            Code::Utf16 { big: false } => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Code::Utf16 { big: true } => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            Code::Utf32 { big: false } => text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect(),
            Code::Utf32 { big: true } => text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect(),
        })
    }

    fn decode(self, bytes: &[u8]) -> Result<String> {
        let bad = char::REPLACEMENT_CHARACTER;
        let text = match self.code {
            Code::Utf8 if self.strict => {
                return std::str::from_utf8(bytes).map(|t| utf16::arriving(t).into_owned()).map_err(|e| {
                    let at = bytes.get(e.valid_up_to()).copied().unwrap_or(0);
                    Exception::new(
                        TypeId("System.Text.DecoderFallbackException"),
                        format!(
                            "Unable to translate bytes [{at:02X}] at index {} from specified code page to Unicode.",
                            e.valid_up_to()
                        ),
                    )
                });
            }
            Code::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
            Code::Utf7 { .. } => return Ok(utf7::decode(bytes)),
            Code::Ascii => bytes.iter().map(|b| if b.is_ascii() { char::from(*b) } else { '?' }).collect(),
            Code::Latin1 => bytes.iter().map(|b| char::from(*b)).collect(),
            Code::Utf16 { big } => {
                let unit = |pair: &[u8]| match pair {
                    [a, b] if big => u16::from_be_bytes([*a, *b]),
                    [a, b] => u16::from_le_bytes([*a, *b]),
                    _ => 0xfffd,
                };
                String::from_utf16_lossy(&bytes.chunks(2).map(unit).collect::<Vec<_>>())
            }
            Code::Utf32 { big } => {
                let one = |four: &[u8]| match four {
                    [a, b, c, d] if big => char::from_u32(u32::from_be_bytes([*a, *b, *c, *d])).unwrap_or(bad),
                    [a, b, c, d] => char::from_u32(u32::from_le_bytes([*a, *b, *c, *d])).unwrap_or(bad),
                    _ => bad,
                };
                bytes.chunks(4).map(one).collect()
            }
        };
        Ok(utf16::arriving(text).into_owned())
    }
}

impl Object for Encoding {
    fn net_type(&self) -> Type {
        Type::Simple(match self.code {
            Code::Utf8 => UTF8,
            Code::Utf7 { .. } => UTF7,
            Code::Ascii => ASCII,
            Code::Latin1 => LATIN1,
            Code::Utf16 { .. } => UNICODE,
            Code::Utf32 { .. } => UTF32,
        })
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn to_text(&self, _: &mut dyn Ambient) -> Result<Str> {
        Ok(self.net_type().clr_name().into())
    }
    fn equals(&self, other: &Value) -> bool {
        other.as_object::<Encoding>() == Some(self)
    }
    fn hash_code(&self) -> i32 {
        self.code_page()
    }
}

fn made(code: Code) -> Result<Value> {
    Ok(Value::object(Encoding::new(code)))
}

/// The encodings that .NET holds once: `Encoding.UTF8` and its like.
pub(super) fn shared(encoding: Encoding) -> Result<Value> {
    const CODES: [Code; 7] = [
        Code::Utf8,
        UTF_7,
        Code::Ascii,
        Code::Latin1,
        Code::Utf16 { big: false },
        Code::Utf16 { big: true },
        Code::Utf32 { big: false },
    ];
    static ALL: LazyLock<Vec<(Encoding, Value)>> = LazyLock::new(|| {
        let without_mark = Encoding { bom: false, ..Encoding::new(Code::Utf8) };
        let all = CODES.into_iter().map(Encoding::new).chain([without_mark]);
        all.map(|e| (e, Value::object(e))).collect()
    });
    let found = ALL.iter().find(|(e, _)| *e == encoding).map(|(_, v)| v.clone());
    Ok(found.unwrap_or_else(|| Value::object(encoding)))
}

/// Prepares `encoding.GetBytes(s)`, where both may be constant; every call gives an array of its own.
fn prepare_bytes(known: &Known<'_>) -> Option<Ready> {
    let encoding = *known.arg(0)?.as_object::<Encoding>()?;
    match known.arg(1) {
        Some(Value::Str(s)) => {
            let (charge, bytes) = (s.len().saturating_mul(BYTES_PER_UNIT), encoding.encode(s).ok()?);
            Some(Ready::new(move |cx, _| {
                cx.charge_bytes(charge)?;
                Ok(array::from_bytes(bytes.as_slice()))
            }))
        }
        Some(_) => None,
        None => Some(Ready::new(move |cx, args| match args.first().copied() {
            Some(Value::Str(s)) => {
                cx.charge_bytes(s.len().saturating_mul(BYTES_PER_UNIT))?;
                Ok(array::from_bytes(encoding.encode(s)?))
            }
            Some(Value::Null) | None => Err(Exception::argument_null("s")),
            Some(other) => Err(Exception::invalid_cast(&other.net_type(), &Type::STRING)),
        })),
    }
}

/// Adds the types.
pub(crate) fn define(b: &mut Builder) {
    b.class(ENCODING)
        .implements(&["ICloneable"])
        .pure("static Encoding UTF8", |_| shared(Encoding::new(Code::Utf8)))
        .pure("static Encoding Default", |_| shared(Encoding { bom: false, ..Encoding::new(Code::Utf8) }))
        .pure("static Encoding ASCII", |_| shared(Encoding::new(Code::Ascii)))
        .pure("static Encoding Latin1", |_| shared(Encoding::new(Code::Latin1)))
        .pure("static Encoding Unicode", |_| shared(Encoding::new(Code::Utf16 { big: false })))
        .pure("static Encoding BigEndianUnicode", |_| shared(Encoding::new(Code::Utf16 { big: true })))
        .pure("static Encoding UTF32", |_| shared(Encoding::new(Code::Utf32 { big: false })))
        .def("static Encoding GetEncoding(string name)", by_name)
        .def("static Encoding GetEncoding(int codepage)", by_code_page)
        .def("static byte[] Convert(Encoding srcEncoding, Encoding dstEncoding, byte[] bytes)", convert)
        .def("byte[] GetBytes(string s)", |c| {
            let text = c.str_arg(1, "s")?;
            bytes(c, &text)
        })
        .prepare(prepare_bytes)
        .def("byte[] GetBytes(char[] chars)", |c| {
            let text = chars(c)?;
            bytes(c, &text)
        })
        .def("byte[] GetBytes(char[] chars, int index, int count)", |c| {
            let text = chars(c)?;
            part_bytes(c, &text)
        })
        .def("int GetBytes(string s, int charIndex, int charCount, byte[] bytes, int byteIndex)", bytes_into)
        .def("int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex)", bytes_into)
        .def("int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex)", chars_into)
        .def("int GetCharCount(byte[] bytes, int index, int count)", |c| {
            Ok(Value::Int32(to_int(utf16::len(&decoded(c, true)?))))
        })
        .def("int GetByteCount(char[] chars, int index, int count)", |c| {
            let text = chars(c)?;
            let part = part_of(c, &text)?;
            Ok(Value::Int32(to_int(of(c)?.encode(&part)?.len())))
        })
        .def("int GetMaxCharCount(int byteCount)", |c| {
            let bytes = c.int(1)?;
            Ok(Value::Int32(match of(c)?.code {
                Code::Utf8 => bytes.saturating_add(1),
                Code::Utf7 { .. } => bytes.max(1),
                Code::Ascii | Code::Latin1 => bytes,
                Code::Utf16 { .. } => (bytes >> 1).saturating_add((bytes & 1).saturating_add(1)),
                Code::Utf32 { .. } => (bytes / 2).saturating_add(2),
            }))
        })
        .def("bool IsReadOnly", |_| Ok(Value::Bool(true)))
        .def("object Clone()", |c| Ok(c.take(0)))
        .def("bool Equals(object value)", |c| Ok(Value::Bool(crate::object::equals(c.arg(0), c.arg(1)))))
        .def(
            "static byte[] Convert(Encoding srcEncoding, Encoding dstEncoding, byte[] bytes, int index, int count)",
            |c| {
                let all = array::bytes(c.arg(2)).ok_or_else(|| Exception::argument_null("bytes"))?;
                let range = usize::try_from(c.int(3)?).ok().zip(usize::try_from(c.int(4)?).ok());
                let part =
                    range.and_then(|(s, l)| all.get(s..s.checked_add(l)?)).map(<[u8]>::to_vec).ok_or_else(|| {
                        Exception::argument_range(
                            "Index and count must refer to a location within the buffer.",
                            "bytes",
                        )
                    })?;
                c.set(2, array::from_bytes(part));
                convert(c)
            },
        )
        .def("byte[] GetBytes(string s, int index, int count)", |c| {
            let text = c.str_arg(1, "s")?;
            part_bytes(c, &text)
        })
        .def("string GetString(byte[] bytes)", |c| decoded(c, false).map(Value::str))
        .def("string GetString(byte[] bytes, int index, int count)", |c| decoded(c, true).map(Value::str))
        .def("char[] GetChars(byte[] bytes)", |c| decoded(c, false).map(|t| char_array(&t)))
        .def("char[] GetChars(byte[] bytes, int index, int count)", |c| decoded(c, true).map(|t| char_array(&t)))
        .def("int GetByteCount(string s)", |c| {
            let text = c.str_arg(1, "s")?;
            Ok(Value::Int32(to_int(of(c)?.encode(&text)?.len())))
        })
        .def("int GetByteCount(char[] chars)", |c| {
            let text = chars(c)?;
            Ok(Value::Int32(to_int(of(c)?.encode(&text)?.len())))
        })
        .def("int GetCharCount(byte[] bytes)", |c| Ok(Value::Int32(to_int(utf16::len(&decoded(c, false)?)))))
        .def("int GetMaxByteCount(int charCount)", |c| {
            let factor = match of(c)?.code {
                Code::Utf8 => 3,
                Code::Utf7 { .. } => return Ok(Value::Int32(c.int(1)?.saturating_mul(3).saturating_add(2))),
                Code::Ascii | Code::Latin1 => 1,
                Code::Utf16 { .. } => 2,
                Code::Utf32 { .. } => 4,
            };
            Ok(Value::Int32(c.int(1)?.saturating_add(1).saturating_mul(factor)))
        })
        .def("byte[] GetPreamble()", |c| Ok(array::from_bytes(of(c)?.preamble())))
        .def("string WebName", |c| Ok(Value::str(of(c)?.name())))
        .def("string HeaderName", |c| Ok(Value::str(of(c)?.name())))
        .def("string BodyName", |c| Ok(Value::str(of(c)?.name())))
        .def("string EncodingName", |c| Ok(Value::str(of(c)?.description())))
        .def("int CodePage", |c| Ok(Value::Int32(of(c)?.code_page())))
        .def("bool IsSingleByte", |c| Ok(Value::Bool(matches!(of(c)?.code, Code::Ascii | Code::Latin1))));
    b.class(UTF8)
        .base("Encoding")
        .def("new()", |_| Ok(Value::object(Encoding { bom: false, ..Encoding::new(Code::Utf8) })))
        .def("new(bool encoderShouldEmitUTF8Identifier)", |c| {
            Ok(Value::object(Encoding { bom: c.bool(0)?, ..Encoding::new(Code::Utf8) }))
        })
        .def("new(bool encoderShouldEmitUTF8Identifier, bool throwOnInvalidBytes)", |c| {
            Ok(Value::object(Encoding { code: Code::Utf8, bom: c.bool(0)?, strict: c.bool(1)? }))
        });
    b.class(UTF7)
        .base("Encoding")
        .def("new()", |_| made(UTF_7))
        .def("new(bool allowOptionals)", |c| made(Code::Utf7 { optionals: c.bool(0)? }));
    b.class(UNICODE)
        .base("Encoding")
        .def("new()", |_| made(Code::Utf16 { big: false }))
        .def("new(bool bigEndian, bool byteOrderMark)", |c| {
            Ok(Value::object(Encoding { code: Code::Utf16 { big: c.bool(0)? }, bom: c.bool(1)?, strict: false }))
        });
    b.class(ASCII).base("Encoding").def("new()", |_| made(Code::Ascii));
    b.class(UTF32).base("Encoding").def("new()", |_| made(Code::Utf32 { big: false }));
    b.class(LATIN1).base("Encoding");
}

pub(super) fn of(c: &Call<'_>) -> Result<Encoding> {
    c.arg(0).as_object::<Encoding>().copied().ok_or_else(Exception::null_reference)
}

fn chars(c: &Call<'_>) -> Result<String> {
    if c.arg(1).is_null() {
        return Err(Exception::argument_null("chars"));
    }
    Ok(utf16::text(&units_of(c.arg(1))))
}

fn bytes(c: &mut Call<'_>, text: &str) -> Result<Value> {
    c.cx.charge_bytes(text.len().saturating_mul(BYTES_PER_UNIT))?;
    Ok(array::from_bytes(of(c)?.encode(text)?))
}

/// The window `(index, count)` of a text.
fn part_of<'a>(c: &Call<'_>, text: &'a str) -> Result<std::borrow::Cow<'a, str>> {
    let place = |n: usize, name: &str| {
        usize::try_from(c.int(n)?).map_err(|_| Exception::argument_range("Non-negative number required.", name))
    };
    let (index, count) = (place(2, "index")?, place(3, "count")?);
    utf16::slice(text, index, count).ok_or_else(|| {
        let name = if c.arg(1).as_str().is_some() { "s" } else { "chars" };
        Exception::argument_range("Index and count must refer to a location within the buffer.", name)
    })
}

fn part_bytes(c: &mut Call<'_>, text: &str) -> Result<Value> {
    let part = part_of(c, text)?;
    bytes(c, &part)
}

/// Puts items into an array from a position on; how many there were.
fn put_all(c: &Call<'_>, items: impl ExactSizeIterator<Item = Value>, name: &str) -> Result<Value> {
    let target = array::array(c.arg(4)).ok_or_else(|| Exception::argument_null(name))?;
    let at = usize::try_from(c.int(5)?).ok().filter(|at| *at <= target.len());
    let at = at.ok_or_else(|| {
        let parameter = if name == "bytes" { "byteIndex" } else { "charIndex" };
        Exception::argument_range(
            "Index was out of range. Must be non-negative and less than the size of the collection.",
            parameter,
        )
    })?;
    let count = items.len();
    if count > target.len() - at {
        return Err(Exception::argument("The output buffer is too small to contain the result.", name));
    }
    items.enumerate().for_each(|(n, item)| target.put(at + n, item));
    Ok(Value::Int32(to_int(count)))
}

fn bytes_into(c: &mut Call<'_>) -> Result<Value> {
    let text = if c.arg(1).as_str().is_some() { c.str_arg(1, "s")?.to_string() } else { chars(c)? };
    let part = part_of(c, &text)?;
    c.cx.charge_bytes(part.len().saturating_mul(BYTES_PER_UNIT))?;
    let bytes = of(c)?.encode(&part)?;
    put_all(c, bytes.into_iter().map(Value::Byte), "bytes")
}

fn chars_into(c: &mut Call<'_>) -> Result<Value> {
    let units = utf16::units(&decoded(c, true)?);
    put_all(c, units.into_iter().map(Value::Char), "chars")
}

/// `Encoding.Unicode`, which is what a `StringWriter` says it writes.
pub(super) fn utf16() -> Result<Value> {
    shared(Encoding::new(Code::Utf16 { big: false }))
}

/// Text of a stream: by its byte order mark, else by the chosen encoding, else as UTF-8.
pub(crate) fn decode_stream(bytes: &[u8], chosen: Option<&Value>) -> Result<String> {
    let marks: [(&[u8], Code); 3] = [
        (&[0xef, 0xbb, 0xbf], Code::Utf8),
        (&[0xff, 0xfe], Code::Utf16 { big: false }),
        (&[0xfe, 0xff], Code::Utf16 { big: true }),
    ];
    for (mark, code) in marks {
        if let Some(rest) = bytes.strip_prefix(mark) {
            return Encoding::new(code).decode(rest);
        }
    }
    let encoding = chosen.and_then(|v| v.as_object::<Encoding>().copied()).unwrap_or(Encoding::new(Code::Utf8));
    encoding.decode(bytes)
}

fn char_array(text: &str) -> Value {
    array::new_array(Type::CHAR, utf16::iter(text).map(Value::Char).collect())
}

fn decoded(c: &mut Call<'_>, part: bool) -> Result<String> {
    if c.arg(1).is_null() {
        return Err(Exception::argument_null("bytes"));
    }
    let all = array::bytes(c.arg(1))
        .ok_or_else(|| Exception::invalid_cast(&c.arg(1).net_type(), &Type::array(Type::BYTE)))?;
    c.cx.charge_bytes(all.len().saturating_mul(3))?;
    let encoding = of(c)?;
    if !part {
        return encoding.decode(&all);
    }
    let place = |n: usize, name: &str| {
        usize::try_from(c.int(n)?).map_err(|_| Exception::argument_range("Non-negative number required.", name))
    };
    let (index, count) = (place(2, "index")?, place(3, "count")?);
    let chosen = index.checked_add(count).and_then(|end| all.get(index..end)).ok_or_else(|| {
        Exception::argument_range("Index and count must refer to a location within the buffer.", "bytes")
    })?;
    encoding.decode(chosen)
}

fn by_name(c: &mut Call<'_>) -> Result<Value> {
    let name = c.str_arg(0, "name")?;
    made(match &*name.to_ascii_lowercase() {
        "utf-8"
        | "utf8"
        | "unicode-1-1-utf-8"
        | "unicode-2-0-utf-8"
        | "x-unicode-1-1-utf-8"
        | "x-unicode-2-0-utf-8" => Code::Utf8,
        "utf-7"
        | "csunicode11utf7"
        | "unicode-1-1-utf-7"
        | "unicode-2-0-utf-7"
        | "x-unicode-1-1-utf-7"
        | "x-unicode-2-0-utf-7" => UTF_7,
        "us-ascii" | "ascii" | "us" | "ansi_x3.4-1968" | "iso646-us" | "cp367" | "ibm367" => Code::Ascii,
        "iso-8859-1" | "iso8859-1" | "iso_8859-1" | "latin1" | "l1" | "ibm819" | "cp819" => Code::Latin1,
        "utf-16" | "utf-16le" | "unicode" | "ucs-2" | "iso-10646-ucs-2" => Code::Utf16 { big: false },
        "utf-16be" | "unicodefffe" => Code::Utf16 { big: true },
        "utf-32" | "utf-32le" => Code::Utf32 { big: false },
        "utf-32be" => Code::Utf32 { big: true },
        _ => {
            return Err(Exception::argument(
                &format!(
                    "'{name}' is not a supported encoding name. For information on defining a custom encoding, see the documentation for the Encoding.RegisterProvider method."
                ),
                "name",
            ));
        }
    })
}

/// Which code a code page is.
fn code_of(page: i32) -> Option<Code> {
    Some(match page {
        0 | 65001 => Code::Utf8,
        65000 => UTF_7,
        20127 => Code::Ascii,
        28591 => Code::Latin1,
        1200 => Code::Utf16 { big: false },
        1201 => Code::Utf16 { big: true },
        12000 => Code::Utf32 { big: false },
        12001 => Code::Utf32 { big: true },
        _ => return None,
    })
}

/// The encoding of a code page of [`ALL`].
pub(super) fn named_by(page: i32) -> Encoding {
    Encoding::new(code_of(page).unwrap_or(Code::Utf8))
}

fn by_code_page(c: &mut Call<'_>) -> Result<Value> {
    let page = c.int(0)?;
    made(code_of(page).ok_or_else(|| {
        Exception::not_supported(format!(
            "{NO_DATA} {page}. For information on defining a custom encoding, see the documentation for the Encoding.RegisterProvider method."
        ))
    })?)
}

fn convert(c: &mut Call<'_>) -> Result<Value> {
    let target = c.arg(1).as_object::<Encoding>().copied().ok_or_else(|| Exception::argument_null("dstEncoding"))?;
    let source = c.arg(0).as_object::<Encoding>().copied().ok_or_else(|| Exception::argument_null("srcEncoding"))?;
    let all = array::bytes(c.arg(2)).ok_or_else(|| Exception::argument_null("bytes"))?;
    c.cx.charge_bytes(all.len().saturating_mul(4))?;
    Ok(array::from_bytes(target.encode(&source.decode(&all)?)?))
}
