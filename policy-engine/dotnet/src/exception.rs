//! .NET exceptions as values: type, message, parameter name, cause. Also the uncatchable kind that ends an evaluation at a bound.
use std::sync::{Arc, OnceLock};

use crate::types::{Type, TypeId, ids};
use crate::value::{Str, Value};

/// Result of everything that can throw.
pub type Result<T, E = Exception> = std::result::Result<T, E>;

/// A thrown exception. Boxed, so that a `Result<Value>` stays small.
#[derive(Clone, Debug)]
pub struct Exception(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    type_id: TypeId,
    message: Str,
    parameter: Option<Str>,
    cause: Option<Exception>,
    limit: bool,
    data: Vec<(&'static str, Value)>,
    /// What `Data` gave; all copies of the exception share it.
    items: Arc<OnceLock<Value>>,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $ctor:ident = $id:ident $text:literal;)*) => {
        /// Identities of exception types that this library throws itself.
        pub mod kinds { use crate::types::TypeId; $(#[doc = $text] pub const $id: TypeId = TypeId($text);)* }
        impl Exception { $($(#[$doc])* #[doc = concat!("Throws `", $text, "`.")] pub fn $ctor(message: impl Into<Str>) -> Exception { Exception::new(kinds::$id, message) })* }
    };
}

kinds! {
    argument_message = ARGUMENT "System.ArgumentException";
    argument_null_message = ARGUMENT_NULL "System.ArgumentNullException";
    argument_range_message = ARGUMENT_OUT_OF_RANGE "System.ArgumentOutOfRangeException";
    format = FORMAT "System.FormatException";
    overflow_message = OVERFLOW "System.OverflowException";
    divide_by_zero_message = DIVIDE_BY_ZERO "System.DivideByZeroException";
    invalid_operation = INVALID_OPERATION "System.InvalidOperationException";
    invalid_cast_message = INVALID_CAST "System.InvalidCastException";
    null_reference_message = NULL_REFERENCE "System.NullReferenceException";
    index_out_of_range_message = INDEX_OUT_OF_RANGE "System.IndexOutOfRangeException";
    key_not_found = KEY_NOT_FOUND "System.Collections.Generic.KeyNotFoundException";
    not_supported = NOT_SUPPORTED "System.NotSupportedException";
    object_disposed = OBJECT_DISPOSED "System.ObjectDisposedException";
    array_type_mismatch = ARRAY_TYPE_MISMATCH "System.ArrayTypeMismatchException";
    uri_format = URI_FORMAT "System.UriFormatException";
    cryptographic = CRYPTOGRAPHIC "System.Security.Cryptography.CryptographicException";
    xml = XML "System.Xml.XmlException";
    json_reader = JSON_READER "Newtonsoft.Json.JsonReaderException";
    json = JSON "Newtonsoft.Json.JsonException";
    json_serialization = JSON_SERIALIZATION "Newtonsoft.Json.JsonSerializationException";
    regex_timeout = REGEX_TIMEOUT "System.Text.RegularExpressions.RegexMatchTimeoutException";
    time_zone_not_found = TIME_ZONE_NOT_FOUND "System.TimeZoneNotFoundException";
}

impl Exception {
    /// An exception of any type.
    pub fn new(type_id: TypeId, message: impl Into<Str>) -> Exception {
        Exception(Box::new(Inner {
            type_id,
            message: message.into(),
            parameter: None,
            cause: None,
            limit: false,
            data: Vec::new(),
            items: Arc::default(),
        }))
    }

    /// A bound of the evaluation was reached (steps, time, memory, depth). No `catch` sees it.
    pub fn limit(message: impl Into<Str>) -> Exception {
        let mut e = Exception::new(TypeId("Gatewright.EvaluationLimitException"), message);
        e.0.limit = true;
        e
    }

    /// `NullReferenceException` with .NET's text.
    pub fn null_reference() -> Exception {
        Exception::null_reference_message("Object reference not set to an instance of an object.")
    }

    /// `InvalidCastException` with .NET's text.
    pub fn invalid_cast(from: &Type, to: &Type) -> Exception {
        Exception::invalid_cast_message(format!(
            "Unable to cast object of type '{}' to type '{}'.",
            from.clr_name(),
            to.clr_name()
        ))
    }

    /// `ArgumentNullException` with .NET's text.
    pub fn argument_null(parameter: &str) -> Exception {
        Exception::argument_null_message(format!("Value cannot be null. (Parameter '{parameter}')"))
            .with_parameter(parameter)
    }

    /// `ArgumentException` naming a parameter.
    pub fn argument(message: &str, parameter: &str) -> Exception {
        Exception::argument_message(format!("{message} (Parameter '{parameter}')")).with_parameter(parameter)
    }

    /// `ArgumentOutOfRangeException` naming a parameter.
    pub fn argument_range(message: &str, parameter: &str) -> Exception {
        Exception::argument_range_message(format!("{message} (Parameter '{parameter}')")).with_parameter(parameter)
    }

    /// `IndexOutOfRangeException` with .NET's text.
    pub fn index_out_of_range() -> Exception {
        Exception::index_out_of_range_message("Index was outside the bounds of the array.")
    }

    /// `OverflowException` of checked arithmetic.
    pub fn overflow() -> Exception {
        Exception::overflow_message("Arithmetic operation resulted in an overflow.")
    }

    /// `DivideByZeroException` with .NET's text.
    pub fn divide_by_zero() -> Exception {
        Exception::divide_by_zero_message("Attempted to divide by zero.")
    }

    /// Adds `ParamName`.
    pub fn with_parameter(mut self, name: &str) -> Exception {
        self.0.parameter = Some(name.into());
        self
    }

    /// Adds `InnerException`.
    pub fn with_cause(mut self, cause: Exception) -> Exception {
        self.0.cause = Some(cause);
        self
    }

    /// Adds a property that only some types have (`LineNumber`, `Path`, ...).
    pub fn with(mut self, name: &'static str, value: Value) -> Exception {
        self.0.data.push((name, value));
        self
    }

    /// Its .NET type.
    pub fn type_id(&self) -> TypeId {
        self.0.type_id
    }

    /// `Exception.Message`.
    pub fn message(&self) -> &Str {
        &self.0.message
    }

    /// `ArgumentException.ParamName`.
    pub fn parameter(&self) -> Option<&Str> {
        self.0.parameter.as_ref()
    }

    /// `Exception.InnerException`.
    pub fn cause(&self) -> Option<&Exception> {
        self.0.cause.as_ref()
    }

    /// An extra property.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.data.iter().find(|(n, _)| *n == name).map(|(_, v)| v)
    }

    /// `Exception.Data`, made when it is first asked for.
    pub(crate) fn items(&self, make: impl FnOnce() -> Value) -> Value {
        self.0.items.get_or_init(make).clone()
    }

    /// Did a bound end the evaluation? Such an exception passes every `catch` and `finally`.
    pub fn is_limit(&self) -> bool {
        self.0.limit
    }
}

impl std::fmt::Display for Exception {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.0.type_id.0, self.0.message)
    }
}

impl std::error::Error for Exception {}

/// A caught exception as an object (`catch (Exception e)`).
impl crate::value::Object for Exception {
    fn net_type(&self) -> Type {
        Type::Simple(self.0.type_id)
    }
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
    fn to_text(&self, _: &mut dyn crate::ambient::Ambient) -> Result<Str> {
        let name = self.0.type_id.0;
        let mut text = if self.0.message.is_empty() { name.to_owned() } else { self.to_string() };
        let mut at = self.cause();
        let mut depth = 0_usize;
        while let Some(inner) = at {
            text.push_str(&format!("\n ---> {inner}"));
            depth = depth.saturating_add(1);
            at = inner.cause();
        }
        text.push_str(&"\n   --- End of inner exception stack trace ---".repeat(depth));
        Ok(text.into())
    }
}

/// The root of all exception types.
pub const ROOT: TypeId = ids::EXCEPTION;
