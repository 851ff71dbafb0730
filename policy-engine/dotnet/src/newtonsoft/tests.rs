//! Newtonsoft's answers, taken from real .NET.
use super::load::{Root, parse};
use super::token::Token;
use super::write;
use crate::collections::testing::{Bench, outcome};

/// Text, and what `Parse(text).ToString(Formatting.None)` answers.
const PARSED: &[(&str, &str, &str)] = &[
    (
        r####"JObject"####,
        r####"{"####,
        r####"Newtonsoft.Json.JsonReaderException: Error reading JObject from JsonReader. Path '', line 1, position 1."####,
    ),
    (
        r####"JObject"####,
        r####"{"a""####,
        "Newtonsoft.Json.JsonReaderException: Invalid character after parsing property name. Expected ':' but got: \u{0}. Path '', line 1, position 4.",
    ),
    (
        r####"JObject"####,
        r####"{"a":"####,
        r####"Newtonsoft.Json.JsonReaderException: Unexpected end of content while loading JObject. Path 'a', line 1, position 5."####,
    ),
    (
        r####"JObject"####,
        r####"{"a":1"####,
        r####"Newtonsoft.Json.JsonReaderException: Unexpected end of content while loading JObject. Path 'a', line 1, position 6."####,
    ),
    (
        r####"JObject"####,
        r####"{"a":1 "####,
        r####"Newtonsoft.Json.JsonReaderException: Unexpected end of content while loading JObject. Path 'a', line 1, position 7."####,
    ),
    (
        r####"JObject"####,
        r####"{"a":1,"####,
        r####"Newtonsoft.Json.JsonReaderException: Unexpected end of content while loading JObject. Path 'a', line 1, position 7."####,
    ),
    (
        r####"JObject"####,
        r####"[1,2"####,
        r####"Newtonsoft.Json.JsonReaderException: Error reading JObject from JsonReader. Current JsonReader item is not an object: StartArray. Path '', line 1, position 1."####,
    ),
    (
        r####"JObject"####,
        r####"[1 2]"####,
        r####"Newtonsoft.Json.JsonReaderException: Error reading JObject from JsonReader. Current JsonReader item is not an object: StartArray. Path '', line 1, position 1."####,
    ),
    (
        r####"JObject"####,
        r####"{"a" 1}"####,
        r####"Newtonsoft.Json.JsonReaderException: Invalid character after parsing property name. Expected ':' but got: 1. Path '', line 1, position 5."####,
    ),
    (
        r####"JObject"####,
        r####"{a b:1}"####,
        r####"Newtonsoft.Json.JsonReaderException: Invalid character after parsing property name. Expected ':' but got: b. Path '', line 1, position 3."####,
    ),
    (
        r####"JObject"####,
        r####"{"a":tru}"####,
        r####"Newtonsoft.Json.JsonReaderException: Error parsing boolean value. Path 'a', line 1, position 8."####,
    ),
    (
        r####"JObject"####,
        r####"{"a":true x}"####,
        r####"Newtonsoft.Json.JsonReaderException: After parsing a value an unexpected character was encountered: x. Path 'a', line 1, position 10."####,
    ),
    (
        r####"JObject"####,
        r####"{"a":truex}"####,
        r####"Newtonsoft.Json.JsonReaderException: Error parsing boolean value. Path 'a', line 1, position 9."####,
    ),
    (
        r####"JObject"####,
        r####"{"a":nul"####,
        r####"Newtonsoft.Json.JsonReaderException: Unexpected end when reading JSON. Path 'a', line 1, position 8."####,
    ),
    (
        r####"JObject"####,
        r####"{"a":n"####,
        r####"Newtonsoft.Json.JsonReaderException: Unexpected end when reading JSON. Path 'a', line 1, position 6."####,
    ),
    (
        r####"JObject"####,
        r####"{"a":nx}"####,
        r####"Newtonsoft.Json.JsonReaderException: Unexpected character encountered while parsing value: n. Path 'a', line 1, position 5."####,
    ),
    (
        r####"JObject"####,
        r####"{"a":"x"####,
        r####"Newtonsoft.Json.JsonReaderException: Unterminated string. Expected delimiter: ". Path 'a', line 1, position 7."####,
    ),
    (
        r####"JObject"####,
        r####"{"a":"\q"}"####,
        r####"Newtonsoft.Json.JsonReaderException: Bad JSON escape sequence: \q. Path 'a', line 1, position 8."####,
    ),
    (
        r####"JObject"####,
        r####"{"a":"\u12"####,
        r####"Newtonsoft.Json.JsonReaderException: Unexpected end while parsing Unicode escape sequence. Path 'a', line 1, position 8."####,
    ),
    (
        r####"JObject"####,
        r####"{"a":"\u12zz"}"####,
        r####"Newtonsoft.Json.JsonReaderException: Invalid Unicode escape sequence: \u12zz. Path 'a', line 1, position 8."####,
    ),
    (
        r####"JObject"####,
        r####"{"a":1x}"####,
        r####"Newtonsoft.Json.JsonReaderException: Input string '1x' is not a valid number. Path 'a', line 1, position 7."####,
    ),
    (
        r####"JObject"####,
        r####"{"a":1.2.3}"####,
        r####"Newtonsoft.Json.JsonReaderException: Input string '1.2.3' is not a valid number. Path 'a', line 1, position 10."####,
    ),
    (r####"JObject"####, r####"{"a":0x1F}"####, r####"{"a":31}"####),
    (r####"JObject"####, r####"{"a":017}"####, r####"{"a":15}"####),
    (
        r####"JObject"####,
        r####"{"a":09}"####,
        r####"Newtonsoft.Json.JsonReaderException: Input string '09' is not a valid number. Path 'a', line 1, position 7."####,
    ),
    (
        r####"JObject"####,
        r####"{"a":-}"####,
        r####"Newtonsoft.Json.JsonReaderException: Input string '-' is not a valid number. Path 'a', line 1, position 6."####,
    ),
    (r####"JObject"####, r####"{"a":.5}"####, r####"{"a":0.5}"####),
    (
        r####"JObject"####,
        r####"{"a":+5}"####,
        r####"Newtonsoft.Json.JsonReaderException: Unexpected character encountered while parsing value: +. Path 'a', line 1, position 5."####,
    ),
    (
        r####"JObject"####,
        r####"{"a":1}x"####,
        r####"Newtonsoft.Json.JsonReaderException: Additional text encountered after finished reading JSON content: x. Path '', line 1, position 7."####,
    ),
    (
        r####"JObject"####,
        r####"{"a":1} {"####,
        r####"Newtonsoft.Json.JsonReaderException: Additional text encountered after finished reading JSON content: {. Path '', line 1, position 8."####,
    ),
    (r####"JObject"####, r####"{"a":1}/*c*/"####, r####"{"a":1}"####),
    (
        r####"JObject"####,
        r####"{"a":1}/"####,
        r####"Newtonsoft.Json.JsonReaderException: Unexpected end while parsing comment. Path '', line 1, position 8."####,
    ),
    (r####"JObject"####, r####"/*x*/{"a":1}"####, r####"{"a":1}"####),
    (r####"JObject"####, "//x\u{a}{\"a\":1}", r####"{"a":1}"####),
    (
        r####"JObject"####,
        r####"{/*c*/"a"/*d*/:/*e*/1/*f*/,/*g*/"b":2}"####,
        r####"Newtonsoft.Json.JsonReaderException: Invalid character after parsing property name. Expected ':' but got: /. Path '', line 1, position 9."####,
    ),
    (r####"JObject"####, r####"{"a":[1,,2]}"####, r####"{"a":[1,undefined,2]}"####),
    (r####"JObject"####, r####"{"a":[,]}"####, r####"{"a":[undefined]}"####),
    (r####"JObject"####, r####"{"a":,"b":1}"####, r####"{"a":undefined,"b":1}"####),
    (
        r####"JObject"####,
        r####"[1,]"####,
        r####"Newtonsoft.Json.JsonReaderException: Error reading JObject from JsonReader. Current JsonReader item is not an object: StartArray. Path '', line 1, position 1."####,
    ),
    (
        r####"JObject"####,
        r####"{]"####,
        r####"Newtonsoft.Json.JsonReaderException: Invalid property identifier character: ]. Path '', line 1, position 1."####,
    ),
    (
        r####"JObject"####,
        r####"[}"####,
        r####"Newtonsoft.Json.JsonReaderException: Error reading JObject from JsonReader. Current JsonReader item is not an object: StartArray. Path '', line 1, position 1."####,
    ),
    (
        r####"JObject"####,
        r####"{"a":1]"####,
        r####"Newtonsoft.Json.JsonReaderException: JsonToken EndArray is not valid for closing JsonType Object. Path '', line 1, position 7."####,
    ),
    (
        r####"JObject"####,
        r####"{?:1}"####,
        r####"Newtonsoft.Json.JsonReaderException: Invalid property identifier character: ?. Path '', line 1, position 1."####,
    ),
    (r####"JObject"####, r####"{"a":NaN}"####, r####"{"a":"NaN"}"####),
    (r####"JObject"####, r####"{"a":Infinity}"####, r####"{"a":"Infinity"}"####),
    (r####"JObject"####, r####"{"a":-Infinity}"####, r####"{"a":"-Infinity"}"####),
    (r####"JObject"####, r####"{"a":undefined}"####, r####"{"a":undefined}"####),
    (
        r####"JObject"####,
        r####"{"a":Nax}"####,
        r####"Newtonsoft.Json.JsonReaderException: Error parsing NaN value. Path 'a', line 1, position 7."####,
    ),
    (r####"JObject"####, r####"{"a":'x'}"####, r####"{"a":"x"}"####),
    (
        r####"JObject"####,
        r####""####,
        r####"Newtonsoft.Json.JsonReaderException: Error reading JObject from JsonReader. Path '', line 0, position 0."####,
    ),
    (
        r####"JObject"####,
        r####"  "####,
        r####"Newtonsoft.Json.JsonReaderException: Error reading JObject from JsonReader. Path '', line 1, position 2."####,
    ),
    (
        r####"JObject"####,
        r####"5"####,
        r####"Newtonsoft.Json.JsonReaderException: Error reading JObject from JsonReader. Current JsonReader item is not an object: Integer. Path '', line 1, position 1."####,
    ),
    (
        r####"JObject"####,
        r####""x""####,
        r####"Newtonsoft.Json.JsonReaderException: Error reading JObject from JsonReader. Current JsonReader item is not an object: String. Path '', line 1, position 3."####,
    ),
    (
        r####"JObject"####,
        r####"null"####,
        r####"Newtonsoft.Json.JsonReaderException: Error reading JObject from JsonReader. Current JsonReader item is not an object: Null. Path '', line 1, position 4."####,
    ),
    (
        r####"JObject"####,
        r####"true"####,
        r####"Newtonsoft.Json.JsonReaderException: Error reading JObject from JsonReader. Current JsonReader item is not an object: Boolean. Path '', line 1, position 4."####,
    ),
    (
        r####"JObject"####,
        r####"[1]"####,
        r####"Newtonsoft.Json.JsonReaderException: Error reading JObject from JsonReader. Current JsonReader item is not an object: StartArray. Path '', line 1, position 1."####,
    ),
    (
        r####"JObject"####,
        r####"{"a.b":{"c d":x}}"####,
        r####"Newtonsoft.Json.JsonReaderException: Unexpected character encountered while parsing value: x. Path '['a.b']['c d']', line 1, position 14."####,
    ),
    (
        r####"JObject"####,
        r####"{"a":[1,{"b":x}]}"####,
        r####"Newtonsoft.Json.JsonReaderException: Unexpected character encountered while parsing value: x. Path 'a[1].b', line 1, position 13."####,
    ),
    (
        r####"JObject"####,
        r####"[[1,2],[3,x]]"####,
        r####"Newtonsoft.Json.JsonReaderException: Error reading JObject from JsonReader. Current JsonReader item is not an object: StartArray. Path '', line 1, position 1."####,
    ),
    (
        r####"JObject"####,
        r####"{"a":12345678901234567890123456789012345678901234567890}"####,
        r####"{"a":12345678901234567890123456789012345678901234567890}"####,
    ),
    (r####"JObject"####, r####"{"a":1e400}"####, r####"{"a":"Infinity"}"####),
    (r####"JObject"####, "{\"a\":\"x\u{a}y\"}", r####"{"a":"x\ny"}"####),
    (
        r####"JObject"####,
        "{\u{a} \"a\": x}",
        r####"Newtonsoft.Json.JsonReaderException: Unexpected character encountered while parsing value: x. Path 'a', line 2, position 6."####,
    ),
    (
        r####"JObject"####,
        r####"{"a":1,,}"####,
        r####"Newtonsoft.Json.JsonReaderException: Invalid property identifier character: ,. Path 'a', line 1, position 7."####,
    ),
    (
        r####"JObject"####,
        r####"{,}"####,
        r####"Newtonsoft.Json.JsonReaderException: Invalid property identifier character: ,. Path '', line 1, position 1."####,
    ),
    (
        r####"JObject"####,
        r####"{"a":1;}"####,
        r####"Newtonsoft.Json.JsonReaderException: Unexpected character encountered while parsing number: ;. Path 'a', line 1, position 6."####,
    ),
    (r####"JObject"####, r####"{"a":"\ud83d\ude00"}"####, r####"{"a":"😀"}"####),
    (r####"JObject"####, r####"{"a":"\/"}"####, r####"{"a":"/"}"####),
    (
        r####"JObject"####,
        "\u{feff}{\"a\":1}",
        "Newtonsoft.Json.JsonReaderException: Unexpected character encountered while parsing value: \u{feff}. Path '', line 0, position 0.",
    ),
    (
        r####"JObject"####,
        r####"{"é":x}"####,
        r####"Newtonsoft.Json.JsonReaderException: Unexpected character encountered while parsing value: x. Path 'é', line 1, position 5."####,
    ),
    (r####"JObject"####, r####"{"a":"/Date(1234567890000)/"}"####, r####"{"a":"2009-02-13T23:31:30Z"}"####),
    (r####"JObject"####, r####"{"a":"/Date(1234567890000+0200)/"}"####, r####"{"a":"2009-02-13T23:31:30+00:00"}"####),
    (r####"JObject"####, r####"{"a":"2024-05-06T07:08:09+02:00"}"####, r####"{"a":"2024-05-06T05:08:09+00:00"}"####),
    (
        r####"JObject"####,
        r####"{"a":"2024-05-06T07:08:09.12345678Z"}"####,
        r####"{"a":"2024-05-06T07:08:09.12345678Z"}"####,
    ),
    (
        r####"JObject"####,
        r####"{"a":"2024-05-06T07:08:09.1234567"}"####,
        r####"{"a":"2024-05-06T07:08:09.1234567"}"####,
    ),
    (r####"JObject"####, r####"{"a":"2024-05-06T24:00:00Z"}"####, r####"{"a":"2024-05-07T00:00:00Z"}"####),
    (r####"JObject"####, r####"{"a":"2024-05-06T07:08"}"####, r####"{"a":"2024-05-06T07:08"}"####),
    (r####"JObject"####, r####"{"a":"2024-05-06 07:08:09"}"####, r####"{"a":"2024-05-06 07:08:09"}"####),
    (r####"JObject"####, r####"{"a":"2024-13-06T07:08:09Z"}"####, r####"{"a":"2024-13-06T07:08:09Z"}"####),
    (r####"JObject"####, r####"{"a":"2024-05-06T07:08:09 "}"####, r####"{"a":"2024-05-06T07:08:09 "}"####),
    (r####"JObject"####, r####"{"a":1E5}"####, r####"{"a":100000.0}"####),
    (r####"JObject"####, r####"{"a":1.50}"####, r####"{"a":1.5}"####),
    (r####"JObject"####, r####"{"a":-0}"####, r####"{"a":0}"####),
    (r####"JObject"####, r####"{"a":-0.0}"####, r####"{"a":-0.0}"####),
    (r####"JObject"####, r####"{"a":1e-7}"####, r####"{"a":1E-07}"####),
    (r####"JObject"####, r####"{"a":123456789.123456789}"####, r####"{"a":123456789.12345679}"####),
    (r####"JObject"####, r####"{"a":0.1}"####, r####"{"a":0.1}"####),
    (r####"JObject"####, r####"{"a":9223372036854775808}"####, r####"{"a":9223372036854775808}"####),
    (r####"JObject"####, r####"{"$a_1":1}"####, r####"{"$a_1":1}"####),
    (r####"JObject"####, r####"{1:2}"####, r####"{"1":2}"####),
    (
        r####"JObject"####,
        "{\"a\":\u{1}}",
        "Newtonsoft.Json.JsonReaderException: Unexpected character encountered while parsing value: \u{1}. Path 'a', line 1, position 5.",
    ),
    (r####"JObject"####, r####"{'a':'b\'c'}"####, r####"{"a":"b'c"}"####),
    (
        r####"JObject"####,
        r####"{"a":--5}"####,
        r####"Newtonsoft.Json.JsonReaderException: Input string '--5' is not a valid number. Path 'a', line 1, position 8."####,
    ),
    (
        r####"JObject"####,
        r####"{"a":5-5}"####,
        r####"Newtonsoft.Json.JsonReaderException: Input string '5-5' is not a valid number. Path 'a', line 1, position 8."####,
    ),
    (
        r####"JObject"####,
        r####"{"a":1e}"####,
        r####"Newtonsoft.Json.JsonReaderException: Input string '1e' is not a valid number. Path 'a', line 1, position 7."####,
    ),
    (
        r####"JObject"####,
        r####"{"a":e5}"####,
        r####"Newtonsoft.Json.JsonReaderException: Unexpected character encountered while parsing value: e. Path 'a', line 1, position 5."####,
    ),
    (
        r####"JObject"####,
        r####"{"a":"x"y}"####,
        r####"Newtonsoft.Json.JsonReaderException: After parsing a value an unexpected character was encountered: y. Path 'a', line 1, position 8."####,
    ),
    (
        r####"JObject"####,
        r####"["a" "b"]"####,
        r####"Newtonsoft.Json.JsonReaderException: Error reading JObject from JsonReader. Current JsonReader item is not an object: StartArray. Path '', line 1, position 1."####,
    ),
    (
        r####"JObject"####,
        r####"{"a":{}"####,
        r####"Newtonsoft.Json.JsonReaderException: Unexpected end of content while loading JObject. Path 'a', line 1, position 7."####,
    ),
    (
        r####"JObject"####,
        r####"{"a":["####,
        r####"Newtonsoft.Json.JsonReaderException: Unexpected end of content while loading JObject. Path 'a', line 1, position 6."####,
    ),
    (
        r####"JObject"####,
        r####"["####,
        r####"Newtonsoft.Json.JsonReaderException: Error reading JObject from JsonReader. Current JsonReader item is not an object: StartArray. Path '', line 1, position 1."####,
    ),
    (
        r####"JObject"####,
        r####"[1"####,
        r####"Newtonsoft.Json.JsonReaderException: Error reading JObject from JsonReader. Current JsonReader item is not an object: StartArray. Path '', line 1, position 1."####,
    ),
    (
        r####"JObject"####,
        r####"[nul"####,
        r####"Newtonsoft.Json.JsonReaderException: Error reading JObject from JsonReader. Current JsonReader item is not an object: StartArray. Path '', line 1, position 1."####,
    ),
    (
        r####"JObject"####,
        r####"{"a":t"####,
        r####"Newtonsoft.Json.JsonReaderException: Unexpected end when reading JSON. Path 'a', line 1, position 6."####,
    ),
    (
        r####"JObject"####,
        r####"{"a":f1}"####,
        r####"Newtonsoft.Json.JsonReaderException: Unexpected end when reading JSON. Path 'a', line 1, position 8."####,
    ),
    (
        r####"JObject"####,
        r####"{"a":/x}"####,
        r####"Newtonsoft.Json.JsonReaderException: Error parsing comment. Expected: *, got x. Path 'a', line 1, position 6."####,
    ),
    (
        r####"JObject"####,
        r####"{"a":/*"####,
        r####"Newtonsoft.Json.JsonReaderException: Unexpected end while parsing comment. Path 'a', line 1, position 6."####,
    ),
    (
        r####"JArray"####,
        r####""####,
        r####"Newtonsoft.Json.JsonReaderException: Error reading JArray from JsonReader. Path '', line 0, position 0."####,
    ),
    (
        r####"JArray"####,
        r####"["####,
        r####"Newtonsoft.Json.JsonReaderException: Error reading JArray from JsonReader. Path '', line 1, position 1."####,
    ),
    (
        r####"JArray"####,
        r####"[1"####,
        r####"Newtonsoft.Json.JsonReaderException: Unexpected end of content while loading JArray. Path '[0]', line 1, position 2."####,
    ),
    (
        r####"JArray"####,
        r####"1"####,
        r####"Newtonsoft.Json.JsonReaderException: Error reading JArray from JsonReader. Current JsonReader item is not an array: Integer. Path '', line 1, position 1."####,
    ),
    (
        r####"JArray"####,
        r####"{}"####,
        r####"Newtonsoft.Json.JsonReaderException: Error reading JArray from JsonReader. Current JsonReader item is not an array: StartObject. Path '', line 1, position 1."####,
    ),
    (
        r####"JArray"####,
        r####"null"####,
        r####"Newtonsoft.Json.JsonReaderException: Error reading JArray from JsonReader. Current JsonReader item is not an array: Null. Path '', line 1, position 4."####,
    ),
    (r####"JArray"####, r####"/*c*/[1]"####, r####"[1]"####),
    (
        r####"JToken"####,
        r####""####,
        r####"Newtonsoft.Json.JsonReaderException: Error reading JToken from JsonReader. Path '', line 0, position 0."####,
    ),
    (
        r####"JToken"####,
        r####"  "####,
        r####"Newtonsoft.Json.JsonReaderException: Error reading JToken from JsonReader. Path '', line 1, position 2."####,
    ),
    (
        r####"JToken"####,
        r####"["####,
        r####"Newtonsoft.Json.JsonReaderException: Error reading JArray from JsonReader. Path '', line 1, position 1."####,
    ),
    (r####"JToken"####, r####"1"####, r####"1"####),
    (
        r####"JToken"####,
        r####"1 2"####,
        r####"Newtonsoft.Json.JsonReaderException: Additional text encountered after finished reading JSON content: 2. Path '', line 1, position 2."####,
    ),
    (
        r####"JToken"####,
        r####"{}x"####,
        r####"Newtonsoft.Json.JsonReaderException: Additional text encountered after finished reading JSON content: x. Path '', line 1, position 2."####,
    ),
    (r####"JToken"####, r####"null"####, r####"null"####),
    (r####"JToken"####, r####"/*c*/1"####, r####"/*c*/"####),
    (
        r####"JToken"####,
        r####""a"####,
        r####"Newtonsoft.Json.JsonReaderException: Unterminated string. Expected delimiter: ". Path '', line 1, position 2."####,
    ),
    (
        r####"JToken"####,
        r####"nul"####,
        r####"Newtonsoft.Json.JsonReaderException: Unexpected end when reading JSON. Path '', line 1, position 3."####,
    ),
    (r####"JToken"####, r####"undefined"####, r####"undefined"####),
    (r####"JToken"####, r####"NaN"####, r####""NaN""####),
    (
        r####"JToken"####,
        r####"-"####,
        r####"Newtonsoft.Json.JsonReaderException: Input string '-' is not a valid number. Path '', line 1, position 1."####,
    ),
    (r####"JToken"####, r####"1.5"####, r####"1.5"####),
    (r####"JToken"####, r####""2024-05-06T07:08:09Z""####, r####""2024-05-06T07:08:09Z""####),
    (
        r####"JToken"####,
        r####"]"####,
        r####"Newtonsoft.Json.JsonReaderException: JsonToken EndArray is not valid for closing JsonType None. Path '', line 1, position 1."####,
    ),
    (
        r####"JToken"####,
        r####"}"####,
        r####"Newtonsoft.Json.JsonReaderException: Unexpected character encountered while parsing value: }. Path '', line 0, position 0."####,
    ),
    (
        r####"JToken"####,
        r####","####,
        r####"Newtonsoft.Json.JsonReaderException: Additional text encountered after finished reading JSON content: ,. Path '', line 1, position 0."####,
    ),
    (
        r####"JToken"####,
        r####":"####,
        r####"Newtonsoft.Json.JsonReaderException: Unexpected character encountered while parsing value: :. Path '', line 0, position 0."####,
    ),
    (
        r####"JToken"####,
        r####"x"####,
        r####"Newtonsoft.Json.JsonReaderException: Unexpected character encountered while parsing value: x. Path '', line 0, position 0."####,
    ),
    (r####"JToken"####, r####"//c"####, r####"/*c*/"####),
    (r####"JToken"####, r####"/*c*/"####, r####"/*c*/"####),
];

#[test]
fn texts_are_read_as_newtonsoft_reads_them() {
    let mut wrong = Vec::new();
    for (root, text, expected) in PARSED {
        let root = match *root {
            "JObject" => Root::Object,
            "JArray" => Root::Array,
            _ => Root::Any,
        };
        let cx = &mut Bench::default();
        let found = outcome(
            parse(cx, text, root).and_then(|t| write::to_text(&mut Bench::default(), &t, false)).map(crate::Value::Str),
        );
        if found != *expected {
            wrong.push(format!("{text:?}\n  {found}\n  {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_token_stays_small() {
    assert!(size_of::<Token>() <= 104, "{}", size_of::<Token>());
}

#[test]
fn nesting_is_bounded() {
    let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
    let cx = &mut Bench::default();
    assert!(parse(cx, &deep(64), Root::Any).is_ok());
    let refused = outcome(parse(cx, &deep(65), Root::Any).map(Token::value));
    assert!(refused.contains("The reader's MaxDepth of 64 has been exceeded."), "{refused}");
}

#[test]
fn a_tree_built_very_deep_is_refused_when_written_and_ends_quietly() {
    let cx = &mut Bench { bytes: usize::MAX, ..Bench::default() };
    let mut nested = Token::new_array();
    for _ in 0..50_000 {
        let outer = Token::new_array();
        outer.insert_item(0, &nested);
        nested = outer;
    }
    assert!(write::to_text(cx, &nested, false).unwrap_err().is_limit());
}

#[test]
fn a_place_gives_the_same_token_while_somebody_holds_it() {
    let cx = &mut Bench::default();
    let root = parse(cx, r#"{"a":{"b":1}}"#, Root::Object).unwrap();
    let first = root.member("a").unwrap();
    assert!(std::sync::Arc::ptr_eq(&first, &root.member("a").unwrap()));
    let inner = first.member("b").unwrap();
    drop((root, first));
    // The token keeps its tree.
    assert_eq!(super::token_members::path_of(&inner), "a.b");
}

#[test]
fn broken_texts_never_panic() {
    let text = r#"{"a":[1,2.5e3,"x\u00e9\n",true,null,{"b":'c'}],/*d*/e:0x1F,"f":"2024-05-06T07:08:09Z"}"#;
    for end in 0..text.len() {
        if let Some(part) = text.get(..end) {
            let _ = parse(&mut Bench::default(), part, Root::Any);
        }
    }
    for at in 0..text.len() {
        for c in ['"', '}', '\\', '\u{0}', 'é'] {
            if let (Some(head), Some(tail)) = (text.get(..at), text.get(at..)) {
                let _ = parse(&mut Bench::default(), &format!("{head}{c}{tail}"), Root::Any);
            }
        }
    }
}
