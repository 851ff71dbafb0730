//! `Regex`: construction, the statics, and the cache that makes a constant pattern cost one look-up.
//!
//! The engine is our own ([`super::regex_parse`], [`super::regex_program`], [`super::regex_machine`]): .NET keeps every capture of
//! a group, looks behind at any length, reads right to left and balances groups, and no crate does.
use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::RwLock;

use super::regex_machine::{Found, Search};
use super::regex_match::{self, MatchObject};
use super::regex_parse::{options, unescape};
use super::regex_prepare::{
    prepare_evaluate, prepare_instance, prepare_replace, prepare_replace_instance, prepare_static,
};
use super::regex_program::Program;
use super::regex_replace;
use super::regex_units;
use crate::ambient::Ambient;
use crate::collections::{from_strings, new_array};
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::Builder;
use crate::types::{Type, TypeId};
use crate::value::{Object, Str, Value};

pub(super) const REGEX: TypeId = TypeId("System.Text.RegularExpressions.Regex");
const REGEX_OPTIONS: TypeId = TypeId("System.Text.RegularExpressions.RegexOptions");
const MATCH_EVALUATOR: TypeId = TypeId("System.Text.RegularExpressions.MatchEvaluator");

/// Programs kept for the static methods; past it the cache starts anew.
const CACHE_SIZE: usize = 512;
/// Bytes that a table of states reads for one step of the evaluation.
const BYTES_PER_STEP: usize = 16;
const ALL_OPTIONS: i32 = 0x3FF;
const ECMA_ALLOWED: i32 = options::ECMA_SCRIPT | options::IGNORE_CASE | options::MULTILINE | 8 | 512;

/// A pattern ready to search, and how long a search may take.
#[derive(Clone)]
pub(super) struct Pattern {
    pub(super) program: Arc<Program>,
    /// Ticks; `None` without limit.
    pub(super) timeout: Option<i64>,
}

pub(super) struct RegexObject(pub(super) Pattern);

impl Object for RegexObject {
    fn net_type(&self) -> Type {
        Type::Simple(REGEX)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn to_text(&self, _: &mut dyn Ambient) -> Result<Str> {
        Ok(self.0.program.pattern.clone())
    }
}

impl Pattern {
    /// First match from a byte position.
    pub(super) fn find(&self, cx: &mut dyn Ambient, text: &str, from: usize) -> Result<Option<Found>> {
        if self.by_table(cx, text, from)? == Some(false) {
            return Ok(None);
        }
        self.search(cx, text).find(cx, from)
    }

    /// Is there a match from a byte position on?
    pub(super) fn is_match(&self, cx: &mut dyn Ambient, text: &str, from: usize) -> Result<bool> {
        match self.by_table(cx, text, from)? {
            Some(answer) => Ok(answer),
            None => self.search(cx, text).is_match(cx, from),
        }
    }

    fn search<'a>(&'a self, cx: &mut dyn Ambient, text: &'a str) -> Search<'a> {
        let deadline = self.timeout.map(|ticks| cx.utc_now_ticks().saturating_add(ticks));
        Search { program: &self.program, text, deadline }
    }

    /// Is there a match in the whole text, where a table of states can tell? With a match timeout the machine runs, whose time
    /// that is.
    fn by_table(&self, cx: &mut dyn Ambient, text: &str, from: usize) -> Result<Option<bool>> {
        if from != 0 || self.timeout.is_some() {
            return Ok(None);
        }
        let Some(table) = self.program.automaton() else { return Ok(None) };
        cx.charge_steps(u64::try_from(text.len() / BYTES_PER_STEP).unwrap_or(u64::MAX).saturating_add(1))?;
        Ok(table.is_match(text))
    }

    /// Where a search over the whole text begins.
    pub(super) fn origin(&self, text: &str) -> usize {
        if self.program.right_to_left { text.len() } else { 0 }
    }

    /// Where the search goes on after a match; `None` at the end.
    pub(super) fn after(&self, text: &str, found: &Found) -> Option<usize> {
        let empty = found.start == found.end;
        if self.program.right_to_left {
            if empty { Some(regex_units::before(text, found.start)?.1) } else { Some(found.start) }
        } else {
            if empty { Some(regex_units::after(text, found.end)?.1) } else { Some(found.end) }
        }
    }

    /// Up to `limit` matches in the order of the search.
    pub(super) fn find_all(&self, cx: &mut dyn Ambient, text: &str, from: usize, limit: usize) -> Result<Vec<Found>> {
        let (mut all, mut at) = (Vec::new(), Some(from));
        while let Some(from) = at.filter(|_| all.len() < limit) {
            let Some(found) = self.find(cx, text, from)? else { break };
            cx.charge_bytes(size_of::<Found>() + found.captures.len() * 40)?;
            at = self.after(text, &found);
            all.push(found);
        }
        Ok(all)
    }
}

fn build(pattern: &Str, flags: i32) -> Result<Arc<Program>> {
    let out_of_range =
        || Exception::argument_range("Specified argument was out of the range of valid values.", "options");
    if flags & !ALL_OPTIONS != 0 || flags & options::ECMA_SCRIPT != 0 && flags & !ECMA_ALLOWED != 0 {
        return Err(out_of_range());
    }
    Program::new(pattern, flags).map(Arc::new)
}

/// A program from the cache, or built and kept there.
pub(super) fn cached(pattern: &Str, flags: i32) -> Result<Arc<Program>> {
    type Cache = RwLock<HashMap<i32, HashMap<Str, Arc<Program>>>>;
    static CACHE: std::sync::LazyLock<Cache> = std::sync::LazyLock::new(Cache::default);
    if let Some(program) = CACHE.read().get(&flags).and_then(|by_text| by_text.get(pattern)) {
        return Ok(program.clone());
    }
    let program = build(pattern, flags)?;
    let mut cache = CACHE.write();
    if cache.values().map(HashMap::len).sum::<usize>() >= CACHE_SIZE {
        cache.clear();
    }
    cache.entry(flags).or_default().insert(pattern.clone(), program.clone());
    Ok(program)
}

pub(super) fn timeout(value: &Value) -> Result<Option<i64>> {
    match value {
        Value::TimeSpan(-10_000) | Value::Null => Ok(None),
        Value::TimeSpan(ticks) if *ticks > 0 => Ok(Some(*ticks)),
        _ => Err(Exception::argument_range("Specified argument was out of the range of valid values.", "matchTimeout")),
    }
}

/// The pattern of a call: the receiver for instance members, else arguments `pattern`, `options`, `timeout`.
fn pattern_of(c: &Call<'_>, pattern: usize, options: Option<usize>, limit: Option<usize>) -> Result<Pattern> {
    let text = c.str_arg(pattern, "pattern")?;
    let flags = options.map_or(Ok(0), |n| c.int(n))?;
    let timeout = limit.map_or(Ok(None), |n| timeout(c.arg(n)))?;
    Ok(Pattern { program: cached(&text, flags)?, timeout })
}

fn this(c: &Call<'_>) -> Result<Pattern> {
    c.arg(0).as_object::<RegexObject>().map(|r| r.0.clone()).ok_or_else(Exception::null_reference)
}

/// Byte position of the argument `startat`.
fn start(c: &Call<'_>, n: usize, text: &str) -> Result<usize> {
    let at = usize::try_from(c.int(n)?).ok().and_then(|at| regex_units::position(text, at));
    at.ok_or_else(|| {
        Exception::argument_range("Start index cannot be less than 0 or greater than input length.", "startat")
    })
}

/// `Match(input, beginning, length)`: the part is all there is to the pattern, but positions are in the whole.
fn match_part(c: &mut Call<'_>) -> Result<Value> {
    let (p, text) = (this(c)?, c.str_arg(1, "input")?);
    start(c, 2, &text)?;
    let (base, length) = (usize::try_from(c.int(2)?).unwrap_or(0), usize::try_from(c.int(3)?));
    let units = crate::utf16::len(&text);
    let length = length
        .ok()
        .filter(|length| *length <= units)
        .ok_or_else(|| Exception::argument_range("Length cannot be less than 0 or exceed input length.", "length"))?;
    let part = crate::utf16::slice(&text, base, length).ok_or_else(Exception::index_out_of_range)?;
    c.cx.charge_bytes(part.len())?;
    MatchObject::search_part(c.cx, &p, &part.into(), base)
}

fn construct(c: &mut Call<'_>) -> Result<Value> {
    let text = c.str_arg(0, "pattern")?;
    let flags = if c.args.len() > 1 { c.int(1)? } else { 0 };
    let timeout = if c.args.len() > 2 { timeout(c.arg(2))? } else { None };
    if text.len() < 4096 {
        return Ok(Value::object(RegexObject(Pattern { program: cached(&text, flags)?, timeout })));
    }
    c.cx.charge_bytes(text.len().saturating_mul(16))?;
    Ok(Value::object(RegexObject(Pattern { program: build(&text, flags)?, timeout })))
}

// === what the methods do, given a pattern and a text ===

fn is_match(cx: &mut dyn Ambient, p: &Pattern, text: &Str, from: usize) -> Result<Value> {
    Ok(Value::Bool(p.is_match(cx, text, from)?))
}

fn first(cx: &mut dyn Ambient, p: &Pattern, text: &Str, from: usize) -> Result<Value> {
    MatchObject::search(cx, p, text, from)
}

fn all(cx: &mut dyn Ambient, p: &Pattern, text: &Str, from: usize) -> Result<Value> {
    regex_match::collection(cx, p, text, from)
}

fn split_all(cx: &mut dyn Ambient, p: &Pattern, text: &Str, from: usize) -> Result<Value> {
    split(cx, p, text, 0, from)
}

fn split(cx: &mut dyn Ambient, p: &Pattern, text: &Str, count: i32, from: usize) -> Result<Value> {
    let limit = match count {
        ..0 => {
            return Err(Exception::argument_range("Count cannot be less than -1.", "count"));
        }
        0 => usize::MAX,
        n => usize::try_from(n).unwrap_or(usize::MAX).saturating_sub(1),
    };
    let found = p.find_all(cx, text, from, limit)?;
    cx.charge_bytes(text.len())?;
    // What the search leaves out in front belongs to the first part.
    let (mut parts, mut at) = (Vec::<Str>::new(), p.origin(text));
    for f in &found {
        let piece = if p.program.right_to_left { f.end..at } else { at..f.start };
        parts.push(regex_units::part(text, piece).into());
        at = if p.program.right_to_left { f.start } else { f.end };
        for (from, to) in f.captures.iter().skip(1).filter_map(|g| g.last()) {
            parts.push(regex_units::part(text, *from..*to).into());
        }
    }
    let rest = if p.program.right_to_left { 0..at } else { at..text.len() };
    parts.push(regex_units::part(text, rest).into());
    if p.program.right_to_left {
        parts.reverse();
    }
    Ok(from_strings(parts))
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{C}' => out.push_str("\\f"),
            '\\' | '*' | '+' | '?' | '|' | '{' | '[' | '(' | ')' | '^' | '$' | '.' | '#' | ' ' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

fn group_number(c: &mut Call<'_>) -> Result<Value> {
    let name = c.str_arg(1, "name")?;
    let program = this(c)?.program;
    let number = program.slot_of(&name).and_then(|slot| program.numbers.get(slot)).copied();
    Ok(Value::Int32(number.unwrap_or(-1)))
}

fn group_name(c: &mut Call<'_>) -> Result<Value> {
    let program = this(c)?.program;
    let name = program.slot(c.int(1)?).and_then(|slot| program.names.get(slot)).cloned();
    Ok(Value::Str(name.unwrap_or_else(|| "".into())))
}

/// Adds `Regex` and its neighbours.
pub(crate) fn define(b: &mut Builder) {
    let options = [
        ("None", 0),
        ("IgnoreCase", options::IGNORE_CASE),
        ("Multiline", options::MULTILINE),
        ("ExplicitCapture", options::EXPLICIT_CAPTURE),
        ("Compiled", 8),
        ("Singleline", options::SINGLELINE),
        ("IgnorePatternWhitespace", options::IGNORE_PATTERN_WHITESPACE),
        ("RightToLeft", options::RIGHT_TO_LEFT),
        ("ECMAScript", options::ECMA_SCRIPT),
        ("CultureInvariant", 512),
    ];
    b.enumeration(REGEX_OPTIONS, true, &options);
    // Internal in .NET; it is here so that `catch (ArgumentException)` sees it.
    b.class(TypeId("System.Text.RegularExpressions.RegexParseException")).base("ArgumentException");
    b.delegate(MATCH_EVALUATOR, &[], "string Invoke(Match match)");
    define_statics(b);
    define_instance(b);
    regex_match::define(b);
}

/// What a method does, given a pattern, a text and where to begin.
pub(super) type Operation = fn(&mut dyn Ambient, &Pattern, &Str, usize) -> Result<Value>;

/// A static method over an input and a pattern; options and a timeout may follow.
fn on_input(c: &mut Call<'_>, operation: Operation) -> Result<Value> {
    let text = c.str_arg(0, "input")?;
    let (options, limit) = ((c.args.len() > 2).then_some(2), (c.args.len() > 3).then_some(3));
    let p = pattern_of(c, 1, options, limit)?;
    operation(c.cx, &p, &text, p.origin(&text))
}

/// The static `Replace`: input, pattern, what to put there; options and a timeout may follow.
fn on_replace(c: &mut Call<'_>, replace: Replace) -> Result<Value> {
    let text = c.str_arg(0, "input")?;
    let (options, limit) = ((c.args.len() > 3).then_some(3), (c.args.len() > 4).then_some(4));
    let p = pattern_of(c, 1, options, limit)?;
    let from = p.origin(&text);
    replace(c, &p, &text, (-1, from))
}

type Replace = fn(&mut Call<'_>, &Pattern, &Str, (i32, usize)) -> Result<Value>;

/// Replaces by the pattern in argument 2; at most so many, from a byte position on.
fn replace(c: &mut Call<'_>, p: &Pattern, text: &Str, range: (i32, usize)) -> Result<Value> {
    let replacement = c.str_arg(2, "replacement")?;
    regex_replace::with_text(c.cx, p, text, &replacement, range)
}

/// Replaces by the delegate in argument 2.
fn evaluate(c: &mut Call<'_>, p: &Pattern, text: &Str, range: (i32, usize)) -> Result<Value> {
    let evaluator = c.take(2);
    regex_replace::with_evaluator(c.cx, p, text, &evaluator, range)
}

fn define_statics(b: &mut Builder) {
    b.class(REGEX)
        .pure("static bool IsMatch(string input, string pattern)", |c| on_input(c, is_match))
        .prepare(|k| prepare_static(k, is_match))
        .pure("static bool IsMatch(string input, string pattern, RegexOptions options)", |c| on_input(c, is_match))
        .prepare(|k| prepare_static(k, is_match))
        .def("static bool IsMatch(string input, string pattern, RegexOptions options, TimeSpan matchTimeout)", |c| on_input(c, is_match))
        .prepare(|k| prepare_static(k, is_match))
        .pure("static Match Match(string input, string pattern)", |c| on_input(c, first))
        .prepare(|k| prepare_static(k, first))
        .pure("static Match Match(string input, string pattern, RegexOptions options)", |c| on_input(c, first))
        .prepare(|k| prepare_static(k, first))
        .def("static Match Match(string input, string pattern, RegexOptions options, TimeSpan matchTimeout)", |c| on_input(c, first))
        .prepare(|k| prepare_static(k, first))
        .pure("static MatchCollection Matches(string input, string pattern)", |c| on_input(c, all))
        .prepare(|k| prepare_static(k, all))
        .pure("static MatchCollection Matches(string input, string pattern, RegexOptions options)", |c| on_input(c, all))
        .prepare(|k| prepare_static(k, all))
        .def("static MatchCollection Matches(string input, string pattern, RegexOptions options, TimeSpan matchTimeout)", |c| on_input(c, all))
        .prepare(|k| prepare_static(k, all))
        .def("static string[] Split(string input, string pattern)", |c| on_input(c, split_all))
        .prepare(|k| prepare_static(k, split_all))
        .def("static string[] Split(string input, string pattern, RegexOptions options)", |c| on_input(c, split_all))
        .prepare(|k| prepare_static(k, split_all))
        .def("static string[] Split(string input, string pattern, RegexOptions options, TimeSpan matchTimeout)", |c| on_input(c, split_all))
        .prepare(|k| prepare_static(k, split_all))
        .pure("static string Escape(string str)", |c| {
            let text = c.str_arg(0, "str")?;
            c.cx.charge_bytes(text.len() * 2)?;
            Ok(Value::str(escape(&text)))
        })
        .pure("static string Unescape(string str)", |c| {
            let text = c.str_arg(0, "str")?;
            c.cx.charge_bytes(text.len())?;
            Ok(Value::str(unescape(&text)?))
        })
        .pure("static string Replace(string input, string pattern, string replacement)", |c| on_replace(c, replace))
        .prepare(prepare_replace)
        .pure("static string Replace(string input, string pattern, string replacement, RegexOptions options)", |c| on_replace(c, replace))
        .prepare(prepare_replace)
        .def("static string Replace(string input, string pattern, string replacement, RegexOptions options, TimeSpan matchTimeout)", |c| on_replace(c, replace))
        .prepare(prepare_replace)
        .def("static string Replace(string input, string pattern, MatchEvaluator evaluator)", |c| on_replace(c, evaluate))
        .prepare(prepare_evaluate)
        .def("static string Replace(string input, string pattern, MatchEvaluator evaluator, RegexOptions options)", |c| on_replace(c, evaluate))
        .prepare(prepare_evaluate)
        .def("static string Replace(string input, string pattern, MatchEvaluator evaluator, RegexOptions options, TimeSpan matchTimeout)", |c| on_replace(c, evaluate))
        .prepare(prepare_evaluate);
}

fn define_instance(b: &mut Builder) {
    b.class(REGEX)
        .pure("new(string pattern)", construct)
        .pure("new(string pattern, RegexOptions options)", construct)
        .pure("new(string pattern, RegexOptions options, TimeSpan matchTimeout)", construct)
        .def("static TimeSpan InfiniteMatchTimeout", |_| Ok(Value::TimeSpan(-10_000)))
        .pure("RegexOptions Options", |c| Ok(Value::Enum(REGEX_OPTIONS, this(c)?.program.flags)))
        .pure("bool RightToLeft", |c| Ok(Value::Bool(this(c)?.program.right_to_left)))
        .pure("TimeSpan MatchTimeout", |c| Ok(Value::TimeSpan(this(c)?.timeout.unwrap_or(-10_000))))
        .pure("string ToString()", |c| Ok(Value::Str(this(c)?.program.pattern.clone())))
        .def("string[] GetGroupNames()", |c| Ok(from_strings(this(c)?.program.names.iter().cloned())))
        .def("int[] GetGroupNumbers()", |c| {
            let numbers = this(c)?.program.numbers.iter().copied().map(Value::Int32).collect();
            Ok(new_array(Type::INT, numbers))
        })
        .pure("int GroupNumberFromName(string name)", group_number)
        .pure("string GroupNameFromNumber(int i)", group_name)
        .pure("bool IsMatch(string input)", |c| {
            let (p, text) = (this(c)?, c.str_arg(1, "input")?);
            is_match(c.cx, &p, &text, p.origin(&text))
        })
        .prepare(|k| prepare_instance(k, is_match))
        .pure("bool IsMatch(string input, int startat)", |c| {
            let (p, text) = (this(c)?, c.str_arg(1, "input")?);
            let from = start(c, 2, &text)?;
            is_match(c.cx, &p, &text, from)
        })
        .pure("Match Match(string input)", |c| {
            let (p, text) = (this(c)?, c.str_arg(1, "input")?);
            first(c.cx, &p, &text, p.origin(&text))
        })
        .prepare(|k| prepare_instance(k, first))
        .pure("Match Match(string input, int startat)", |c| {
            let (p, text) = (this(c)?, c.str_arg(1, "input")?);
            let from = start(c, 2, &text)?;
            first(c.cx, &p, &text, from)
        })
        .pure("Match Match(string input, int beginning, int length)", match_part)
        .pure("MatchCollection Matches(string input)", |c| {
            let (p, text) = (this(c)?, c.str_arg(1, "input")?);
            all(c.cx, &p, &text, p.origin(&text))
        })
        .prepare(|k| prepare_instance(k, all))
        .pure("MatchCollection Matches(string input, int startat)", |c| {
            let (p, text) = (this(c)?, c.str_arg(1, "input")?);
            let from = start(c, 2, &text)?;
            all(c.cx, &p, &text, from)
        })
        .def("string[] Split(string input)", |c| {
            let (p, text) = (this(c)?, c.str_arg(1, "input")?);
            split(c.cx, &p, &text, 0, p.origin(&text))
        })
        .prepare(|k| prepare_instance(k, split_all))
        .def("string[] Split(string input, int count)", |c| {
            let (p, text) = (this(c)?, c.str_arg(1, "input")?);
            let count = c.int(2)?;
            split(c.cx, &p, &text, count, p.origin(&text))
        })
        .def("string[] Split(string input, int count, int startat)", |c| {
            let (p, text, count) = (this(c)?, c.str_arg(1, "input")?, c.int(2)?);
            let from = start(c, 3, &text)?;
            split(c.cx, &p, &text, count, from)
        })
        .pure("string Replace(string input, string replacement)", |c| {
            let (p, text) = (this(c)?, c.str_arg(1, "input")?);
            replace(c, &p, &text, (-1, p.origin(&text)))
        })
        .prepare(prepare_replace_instance)
        .pure("string Replace(string input, string replacement, int count)", |c| {
            let (p, text, count) = (this(c)?, c.str_arg(1, "input")?, c.int(3)?);
            replace(c, &p, &text, (count, p.origin(&text)))
        })
        .pure("string Replace(string input, string replacement, int count, int startat)", |c| {
            let (p, text, count) = (this(c)?, c.str_arg(1, "input")?, c.int(3)?);
            let from = start(c, 4, &text)?;
            replace(c, &p, &text, (count, from))
        })
        .def("string Replace(string input, MatchEvaluator evaluator)", |c| {
            let (p, text) = (this(c)?, c.str_arg(1, "input")?);
            evaluate(c, &p, &text, (-1, p.origin(&text)))
        })
        .def("string Replace(string input, MatchEvaluator evaluator, int count)", |c| {
            let (p, text, count) = (this(c)?, c.str_arg(1, "input")?, c.int(3)?);
            evaluate(c, &p, &text, (count, p.origin(&text)))
        })
        .def("string Replace(string input, MatchEvaluator evaluator, int count, int startat)", |c| {
            let (p, text, count) = (this(c)?, c.str_arg(1, "input")?, c.int(3)?);
            let from = start(c, 4, &text)?;
            evaluate(c, &p, &text, (count, from))
        });
}

/// Does `text` match the .NET pattern? For other packages of this library (JSON path filters) and for policies.
pub fn matches(cx: &mut dyn Ambient, text: &str, pattern: &Str, flags: i32) -> Result<bool> {
    let p = Pattern { program: cached(pattern, flags)?, timeout: None };
    p.is_match(cx, text, p.origin(text))
}
