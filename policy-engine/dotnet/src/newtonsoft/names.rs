//! Identities of the Newtonsoft.Json types.
use crate::types::TypeId;

macro_rules! names {
    ($($name:ident = $text:literal;)*) => { $(#[doc = concat!("`", $text, "`")] pub const $name: TypeId = TypeId($text);)* };
}

names! {
    JTOKEN = "Newtonsoft.Json.Linq.JToken";
    JCONTAINER = "Newtonsoft.Json.Linq.JContainer";
    JOBJECT = "Newtonsoft.Json.Linq.JObject";
    JARRAY = "Newtonsoft.Json.Linq.JArray";
    JCONSTRUCTOR = "Newtonsoft.Json.Linq.JConstructor";
    JPROPERTY = "Newtonsoft.Json.Linq.JProperty";
    JVALUE = "Newtonsoft.Json.Linq.JValue";
    JRAW = "Newtonsoft.Json.Linq.JRaw";
    JENUMERABLE_T = "Newtonsoft.Json.Linq.JEnumerable`1";
    EXTENSIONS = "Newtonsoft.Json.Linq.Extensions";
    TOKEN_COMPARER = "Newtonsoft.Json.Linq.JTokenEqualityComparer";
    LOAD_SETTINGS = "Newtonsoft.Json.Linq.JsonLoadSettings";
    MERGE_SETTINGS = "Newtonsoft.Json.Linq.JsonMergeSettings";
    MERGE_ARRAY = "Newtonsoft.Json.Linq.MergeArrayHandling";
    MERGE_NULL = "Newtonsoft.Json.Linq.MergeNullValueHandling";
    JSON_CONVERT = "Newtonsoft.Json.JsonConvert";
    JSON_SERIALIZER = "Newtonsoft.Json.JsonSerializer";
    SERIALIZER_SETTINGS = "Newtonsoft.Json.JsonSerializerSettings";
    FORMATTING = "Newtonsoft.Json.Formatting";
    NULL_VALUE_HANDLING = "Newtonsoft.Json.NullValueHandling";
    DATE_FORMAT_HANDLING = "Newtonsoft.Json.DateFormatHandling";
    DATE_PARSE_HANDLING = "Newtonsoft.Json.DateParseHandling";
    DATE_ZONE_HANDLING = "Newtonsoft.Json.DateTimeZoneHandling";
    ESCAPE_HANDLING = "Newtonsoft.Json.StringEscapeHandling";
}
