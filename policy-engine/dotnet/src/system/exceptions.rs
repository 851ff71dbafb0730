//! Exception types: the hierarchy of .NET, constructors, and the members of exception objects. A thrown object is [`Exception`] itself.
use super::exception_data;
use crate::collections::array;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::object;
use crate::table::Builder;
use crate::types::{Type, TypeId};
use crate::value::{Str, Value};

/// HRESULTs of the types that have their own.
const H_RESULTS: &[(&str, u32)] = &[
    ("System.ArgumentException", 0x8007_0057),
    ("System.ArgumentNullException", 0x8000_4003),
    ("System.ArgumentOutOfRangeException", 0x8013_1502),
    ("System.ArithmeticException", 0x8007_0216),
    ("System.DivideByZeroException", 0x8002_0012),
    ("System.OverflowException", 0x8013_1516),
    ("System.FormatException", 0x8013_1537),
    ("System.UriFormatException", 0x8013_1537),
    ("System.IndexOutOfRangeException", 0x8013_1508),
    ("System.InvalidCastException", 0x8000_4002),
    ("System.InvalidOperationException", 0x8013_1509),
    ("System.NotSupportedException", 0x8013_1515),
    ("System.NotImplementedException", 0x8000_4001),
    ("System.NullReferenceException", 0x8000_4003),
    ("System.SystemException", 0x8013_1501),
    ("System.Collections.Generic.KeyNotFoundException", 0x8013_1577),
];
const H_RESULT: u32 = 0x8013_1500;

/// A type with the constructors `()`, `(message)`, `(message, inner)`; an empty message means .NET's "Exception of type ...".
macro_rules! plain {
    ($b:ident, $name:literal, $base:literal, $message:literal) => {
        $b.class(TypeId($name))
            .base($base)
            .def("new()", |_| Ok(Value::object(make(TypeId($name), None, $message))))
            .def("new(string message)", |c| Ok(Value::object(make(TypeId($name), c.str_or_null(0), $message))))
            .def("new(string message, Exception innerException)", |c| {
                let made = make(TypeId($name), c.str_or_null(0), $message);
                Ok(Value::object(caused(made, c.arg(1))))
            })
    };
}

/// A type whose constructors take the name of a parameter first: `(paramName)`, `(paramName, message)`.
macro_rules! named {
    ($b:ident, $name:literal, $base:literal, $message:literal) => {
        $b.class(TypeId($name))
            .base($base)
            .def("new()", |_| Ok(Value::object(make(TypeId($name), None, $message))))
            .def("new(string paramName)", |c| {
                Ok(Value::object(about(make(TypeId($name), None, $message), c.str_or_null(0))))
            })
            .def("new(string paramName, string message)", |c| {
                Ok(Value::object(about(make(TypeId($name), c.str_or_null(1), $message), c.str_or_null(0))))
            })
            .def("new(string message, Exception innerException)", |c| {
                let made = make(TypeId($name), c.str_or_null(0), $message);
                Ok(Value::object(caused(made, c.arg(1))))
            })
    };
}

/// Adds the types.
pub(crate) fn define(b: &mut Builder) {
    root(b);
    arguments(b);
    system(b);
    others(b);
    aggregate(b);
    positions(b);
}

fn root(b: &mut Builder) {
    plain!(b, "System.Exception", "object", "")
        .def("string Message", |c| of(c).map(|e| Value::Str(e.message().clone())))
        .def("Exception InnerException", |c| of(c).map(|e| e.cause().map_or(Value::Null, as_value)))
        .def("Exception GetBaseException()", base_exception)
        // Expressions have no frames to show, and nothing sets the source.
        .def("string StackTrace", |_| Ok(Value::Null))
        .def("string Source", |_| Ok(Value::Null))
        .def("string HelpLink", |_| Ok(Value::Null))
        .def("System.Collections.IDictionary Data", |c| of(c).map(|e| e.items(exception_data::made)))
        .def("int HResult", |c| of(c).map(|e| Value::Int32(h_result(e.type_id()))))
        .def("string ToString()", |c| {
            let value = c.take(0);
            object::text(c.cx, &value).map(Value::Str)
        });
}

fn arguments(b: &mut Builder) {
    plain!(b, "System.ArgumentException", "SystemException", "Value does not fall within the expected range.")
        .def("new(string message, string paramName)", |c| {
            let made = make(
                TypeId("System.ArgumentException"),
                c.str_or_null(0),
                "Value does not fall within the expected range.",
            );
            Ok(Value::object(about(made, c.str_or_null(1))))
        })
        .def("new(string message, string paramName, Exception innerException)", |c| {
            let made = make(
                TypeId("System.ArgumentException"),
                c.str_or_null(0),
                "Value does not fall within the expected range.",
            );
            Ok(Value::object(caused(about(made, c.str_or_null(1)), c.arg(2))))
        })
        .def("string ParamName", |c| of(c).map(|e| e.parameter().map_or(Value::Null, |p| Value::Str(p.clone()))));
    named!(b, "System.ArgumentNullException", "ArgumentException", "Value cannot be null.");
    named!(
        b,
        "System.ArgumentOutOfRangeException",
        "ArgumentException",
        "Specified argument was out of the range of valid values."
    )
    .def("new(string paramName, object actualValue, string message)", out_of_range)
    .def("object ActualValue", |c| extra(c, "ActualValue", Value::Null));
    b.class(TypeId("System.ObjectDisposedException"))
        .base("InvalidOperationException")
        .def("new(string objectName)", |c| Ok(disposed(c.str_or_null(0), None)))
        .def("new(string objectName, string message)", |c| Ok(disposed(c.str_or_null(0), c.str_or_null(1))))
        .def("string ObjectName", |c| extra(c, "ObjectName", Value::str("")));
}

fn system(b: &mut Builder) {
    plain!(b, "System.SystemException", "Exception", "System error.");
    plain!(b, "System.ApplicationException", "Exception", "Error in the application.");
    plain!(b, "System.ArithmeticException", "SystemException", "Overflow or underflow in the arithmetic operation.");
    plain!(b, "System.DivideByZeroException", "ArithmeticException", "Attempted to divide by zero.");
    plain!(b, "System.OverflowException", "ArithmeticException", "Arithmetic operation resulted in an overflow.");
    plain!(
        b,
        "System.NotFiniteNumberException",
        "ArithmeticException",
        "Number encountered was not a finite quantity."
    );
    plain!(
        b,
        "System.ArrayTypeMismatchException",
        "SystemException",
        "Attempted to access an element as a type incompatible with the array."
    );
    plain!(b, "System.FormatException", "SystemException", "One of the identified items was in an invalid format.");
    plain!(b, "System.UriFormatException", "FormatException", "One of the identified items was in an invalid format.");
    plain!(b, "System.IndexOutOfRangeException", "SystemException", "Index was outside the bounds of the array.");
    plain!(b, "System.InvalidCastException", "SystemException", "Specified cast is not valid.");
    plain!(
        b,
        "System.InvalidOperationException",
        "SystemException",
        "Operation is not valid due to the current state of the object."
    );
    plain!(b, "System.NotImplementedException", "SystemException", "The method or operation is not implemented.");
    plain!(b, "System.NotSupportedException", "SystemException", "Specified method is not supported.");
    plain!(
        b,
        "System.PlatformNotSupportedException",
        "NotSupportedException",
        "Operation is not supported on this platform."
    );
    plain!(
        b,
        "System.NullReferenceException",
        "SystemException",
        "Object reference not set to an instance of an object."
    );
    plain!(
        b,
        "System.OutOfMemoryException",
        "SystemException",
        "Insufficient memory to continue the execution of the program."
    );
    plain!(
        b,
        "System.RankException",
        "SystemException",
        "Attempted to operate on an array with the incorrect number of dimensions."
    );
    plain!(b, "System.TimeoutException", "SystemException", "The operation has timed out.");
    plain!(b, "System.OperationCanceledException", "SystemException", "The operation was canceled.");
    plain!(
        b,
        "System.UnauthorizedAccessException",
        "SystemException",
        "Attempted to perform an unauthorized operation."
    );
    plain!(b, "System.TimeZoneNotFoundException", "Exception", "");
    plain!(b, "System.InvalidTimeZoneException", "Exception", "");
}

fn others(b: &mut Builder) {
    plain!(
        b,
        "System.Reflection.TargetException",
        "ApplicationException",
        "Exception of type 'System.Reflection.TargetException' was thrown."
    );
    plain!(
        b,
        "System.Reflection.TargetInvocationException",
        "ApplicationException",
        "Exception has been thrown by the target of an invocation."
    );
    plain!(b, "System.Reflection.TargetParameterCountException", "ApplicationException", "Parameter count mismatch.");
    plain!(
        b,
        "System.Collections.Generic.KeyNotFoundException",
        "SystemException",
        "The given key was not present in the dictionary."
    );
    plain!(b, "System.Globalization.CultureNotFoundException", "ArgumentException", "Culture is not supported.");
    plain!(b, "System.IO.IOException", "SystemException", "I/O error occurred.");
    plain!(
        b,
        "System.IO.EndOfStreamException",
        "System.IO.IOException",
        "Attempted to read past the end of the stream."
    );
    plain!(b, "System.IO.InvalidDataException", "SystemException", "Found invalid data while decoding.");
    plain!(
        b,
        "System.Text.DecoderFallbackException",
        "ArgumentException",
        "Value does not fall within the expected range."
    );
    plain!(
        b,
        "System.Text.EncoderFallbackException",
        "ArgumentException",
        "Value does not fall within the expected range."
    );
    plain!(
        b,
        "System.Text.RegularExpressions.RegexMatchTimeoutException",
        "TimeoutException",
        "The operation has timed out."
    );
    plain!(b, "System.Security.SecurityException", "SystemException", "Security error.");
    plain!(
        b,
        "System.Security.Cryptography.CryptographicException",
        "SystemException",
        "Error occurred during a cryptographic operation."
    );
    plain!(
        b,
        "System.Net.WebException",
        "InvalidOperationException",
        "Operation is not valid due to the current state of the object."
    );
    plain!(b, "System.Xml.XmlException", "SystemException", "An XML error has occurred.");
    plain!(b, "Newtonsoft.Json.JsonException", "System.Exception", "");
    plain!(b, "Newtonsoft.Json.JsonReaderException", "Newtonsoft.Json.JsonException", "");
    plain!(b, "Newtonsoft.Json.JsonWriterException", "Newtonsoft.Json.JsonException", "");
    plain!(b, "Newtonsoft.Json.JsonSerializationException", "Newtonsoft.Json.JsonException", "");
}

fn aggregate(b: &mut Builder) {
    b.class(TypeId("System.AggregateException"))
        .base("Exception")
        .def("new()", |_| Ok(many(None, Vec::new())))
        .def("new(string message)", |c| Ok(many(c.str_or_null(0), Vec::new())))
        .def("new(string message, Exception innerException)", |c| Ok(many(c.str_or_null(0), vec![c.arg(1).clone()])))
        .def("new(params Exception[] innerExceptions)", |c| from_sequence(c, None, 0))
        .def("new(IEnumerable<Exception> innerExceptions)", |c| from_sequence(c, None, 0))
        .def("new(string message, params Exception[] innerExceptions)", |c| {
            let message = c.str_or_null(0);
            from_sequence(c, message, 1)
        })
        .def("IReadOnlyList<Exception> InnerExceptions", |c| {
            extra(c, "InnerExceptions", array::new_array(Type::EXCEPTION, Vec::new()))
        });
}

/// Where a reader stopped.
fn positions(b: &mut Builder) {
    for name in ["Newtonsoft.Json.JsonReaderException", "System.Xml.XmlException"] {
        b.class(TypeId(name))
            .def("int LineNumber", |c| extra(c, "LineNumber", Value::Int32(0)))
            .def("int LinePosition", |c| extra(c, "LinePosition", Value::Int32(0)));
    }
    b.class(TypeId("Newtonsoft.Json.JsonReaderException")).def("string Path", |c| extra(c, "Path", Value::Null));
}

fn make(id: TypeId, message: Option<Str>, default: &str) -> Exception {
    let message = message.unwrap_or_else(|| {
        if default.is_empty() { format!("Exception of type '{}' was thrown.", id.0).into() } else { default.into() }
    });
    Exception::new(id, message)
}

/// Adds the parameter name, also to the message.
fn about(made: Exception, parameter: Option<Str>) -> Exception {
    match parameter {
        Some(p) if !p.is_empty() => {
            Exception::new(made.type_id(), format!("{} (Parameter '{p}')", made.message())).with_parameter(&p)
        }
        _ => made,
    }
}

fn caused(made: Exception, cause: &Value) -> Exception {
    match cause.as_object::<Exception>() {
        Some(inner) => made.with_cause(inner.clone()),
        None => made,
    }
}

fn out_of_range(c: &mut Call<'_>) -> Result<Value> {
    let actual = c.take(1);
    let made = make(
        TypeId("System.ArgumentOutOfRangeException"),
        c.str_or_null(2),
        "Specified argument was out of the range of valid values.",
    );
    let made = about(made, c.str_or_null(0));
    if actual.is_null() {
        return Ok(Value::object(made));
    }
    let text = object::text(c.cx, &actual)?;
    let full = Exception::new(made.type_id(), format!("{}\nActual value was {text}.", made.message()));
    let full = match made.parameter() {
        Some(p) => full.with_parameter(p),
        None => full,
    };
    Ok(Value::object(full.with("ActualValue", actual)))
}

fn disposed(name: Option<Str>, message: Option<Str>) -> Value {
    let message = message.unwrap_or_else(|| "Cannot access a disposed object.".into());
    let (text, name) = match name.filter(|n| !n.is_empty()) {
        Some(n) => (format!("{message}\nObject name: '{n}'."), Value::Str(n)),
        None => (message.to_string(), Value::str("")),
    };
    Value::object(Exception::object_disposed(text).with("ObjectName", name))
}

/// The message names the messages of all inner exceptions.
fn many(message: Option<Str>, inner: Vec<Value>) -> Value {
    let mut text = message.map_or_else(|| "One or more errors occurred.".to_owned(), |m| m.to_string());
    for e in inner.iter().filter_map(|v| v.as_object::<Exception>()) {
        text.push_str(&format!(" ({})", e.message()));
    }
    let made = Exception::new(TypeId("System.AggregateException"), text);
    let made = inner.first().map_or_else(|| made.clone(), |first| caused(made.clone(), first));
    Value::object(made.with("InnerExceptions", array::new_array(Type::EXCEPTION, inner)))
}

fn from_sequence(c: &mut Call<'_>, message: Option<Str>, n: usize) -> Result<Value> {
    if c.arg(n).is_null() {
        return Err(Exception::argument_null("innerExceptions"));
    }
    let mut items = c.take(n).enumerate()?;
    let mut inner = Vec::new();
    while let Some(item) = items.next(c.cx)? {
        if item.is_null() {
            return Err(Exception::argument_message("An element of innerExceptions was null."));
        }
        c.cx.charge_bytes(size_of::<Value>())?;
        inner.push(item);
    }
    Ok(many(message, inner))
}

/// The exception behind the receiver.
fn of<'a>(c: &'a Call<'_>) -> Result<&'a Exception> {
    c.arg(0).as_object::<Exception>().ok_or_else(Exception::null_reference)
}

fn extra(c: &mut Call<'_>, name: &str, default: Value) -> Result<Value> {
    of(c).map(|e| e.get(name).cloned().unwrap_or(default))
}

fn as_value(e: &Exception) -> Value {
    Value::object(e.clone())
}

fn base_exception(c: &mut Call<'_>) -> Result<Value> {
    let mut at = of(c)?;
    while let Some(inner) = at.cause() {
        at = inner;
    }
    Ok(as_value(at))
}

fn h_result(id: TypeId) -> i32 {
    H_RESULTS.iter().find(|(name, _)| *name == id.0).map_or(H_RESULT, |(_, n)| *n).cast_signed()
}
