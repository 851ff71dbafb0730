//! Regular expressions as real .NET runs them (answers of .NET Core 3.1).
use std::sync::Arc;

use super::regex_machine::Search;
use super::regex_program::Program;
use crate::collections::testing::{Bench, call};
use crate::value::{Str, Value};

const REGEX: &str = "System.Text.RegularExpressions.Regex";

fn groups(pattern: &str, flags: i32, text: &str) -> Option<Vec<Vec<String>>> {
    let program = Program::new(&Str::from(pattern), flags).unwrap();
    let from = if program.right_to_left { text.len() } else { 0 };
    let found = Search { program: &program, text, deadline: None }.find(&mut Bench::default(), from).unwrap()?;
    let list = |g: &Vec<(usize, usize)>| g.iter().map(|(a, b)| text.get(*a..*b).unwrap().to_owned()).collect();
    Some(found.captures.iter().map(list).collect())
}

fn first(pattern: &str, flags: i32, text: &str) -> Option<String> {
    groups(pattern, flags, text).map(|g| g[0][0].clone())
}

#[test]
fn finds_what_dotnet_finds() {
    for (pattern, flags, text, want) in [
        (r"^[a-z]+\d+$", 0, "abc123", Some("abc123")),
        ("a.*?X", 0, "aXbX", Some("aX")),
        ("<.+>", 0, "<<a>>", Some("<<a>>")),
        (r"(?<=\$)\d+", 0, "price: $45", Some("45")),
        ("(?<=a+b*)c", 0, "xaabbc", Some("c")),
        ("foo(?!bar)", 0, "foobar foobaz", Some("foo")),
        (r"(ab)\1", 0, "abab", Some("abab")),
        ("^line2$", 2, "line1\nline2", Some("line2")),
        ("a.b", 0, "a\nb", None),
        ("a.b", 16, "a\nb", Some("a\nb")),
        ("^a$", 0, "a\n", Some("a")),
        (r"^a\z", 0, "a\n", None),
        (r"\d", 0, "٣", Some("٣")),
        (r"\d", 256, "٣", None),
        ("abc", 64, "abcabc", Some("abc")),
        (r"(?x) a \s b # c", 0, "a b", Some("a b")),
        ("(a+)+$", 0, "aaaaaaaab", None),
        ("(?>a+)ab", 0, "aaab", None),
        ("[a-z-[aeiou]]+", 0, "aebcd", Some("bcd")),
        (r"^(?:(?<o>\()|(?<-o>\))|[^()])*(?(o)(?!))$", 0, "(a(b)c)", Some("(a(b)c)")),
        (r"^(?:(?<o>\()|(?<-o>\))|[^()])*(?(o)(?!))$", 0, "(a(b)c", None),
        (r"(a)?(?(1)b|c)", 0, "ab", Some("ab")),
        ("(?:a|ab)(?:c|bcd)(?:d*)", 0, "abcd", Some("abcd")),
        ("(a*)*", 0, "b", Some("")),
        ("(a|b)*?c", 0, "abac", Some("abac")),
        (r"\bтест\b", 0, "это тест!", Some("тест")),
        (r"x{2,3}?", 0, "xxxx", Some("xx")),
        ("é", 1, "É", Some("É")),
        (r"\p{Lu}\P{Lu}", 0, "aBc", Some("Bc")),
        (r"\p{IsGreek}+", 0, "abγδ", Some("γδ")),
        (r"[\w.-]+@[\w-]+\.\w+", 0, "x a.b@c-d.org y", Some("a.b@c-d.org")),
    ] {
        let found = first(pattern, flags, text);
        assert_eq!(found.as_deref(), want, "{pattern} on {text:?}");
    }
}

#[test]
fn every_capture_is_kept_and_groups_are_numbered_as_dotnet_does() {
    assert_eq!(groups("(a)+", 0, "aab").unwrap()[1], ["a", "a"]);
    let program = Program::new(&Str::from("(?<n>a)(b)(?<3>c)"), 0).unwrap();
    let names: Vec<&str> = program.names.iter().map(|n| &**n).collect();
    assert_eq!(names, ["0", "1", "n", "3"]);
    assert_eq!(groups("(x)?(?(1)y|z)", 0, "xy").unwrap(), [["xy"], ["x"]]);
    assert_eq!(groups("(?<y>x)|(z)", 0, "z").unwrap(), [vec!["z"], vec!["z"], vec![]]);
}

#[test]
fn broken_patterns_are_refused_in_the_same_words() {
    for (pattern, want) in [
        ("(", "Invalid pattern '(' at offset 1. Not enough )'s."),
        ("a)", "Invalid pattern 'a)' at offset 2. Too many )'s."),
        ("a**", "Invalid pattern 'a**' at offset 3. Nested quantifier '*'."),
        ("*a", "Invalid pattern '*a' at offset 1. Quantifier {x,y} following nothing."),
        ("[z-a]", "Invalid pattern '[z-a]' at offset 4. [x-y] range in reverse order."),
        ("[a", "Invalid pattern '[a' at offset 2. Unterminated [] set."),
        (r"\k<x>", r"Invalid pattern '\k<x>' at offset 5. Reference to undefined group name 'x'."),
        (r"\q", r"Invalid pattern '\q' at offset 2. Unrecognized escape sequence \\q."),
        ("a{3,2}", "Invalid pattern 'a{3,2}' at offset 6. Illegal {x,y} with x > y."),
        (r"\1", r"Invalid pattern '\1' at offset 2. Reference to undefined group number 1."),
        (r"\p{Foo}", r"Invalid pattern '\p{Foo}' at offset 7. Unknown property 'Foo'."),
        ("(?z)", "Invalid pattern '(?z)' at offset 3. Unrecognized grouping construct."),
        (r"a\", r"Invalid pattern 'a\' at offset 2. Illegal \\ at end of pattern."),
    ] {
        let error = Program::new(&Str::from(pattern), 0).err().unwrap();
        assert_eq!(&**error.message(), want);
        assert_eq!(error.type_id().0, "System.Text.RegularExpressions.RegexParseException");
    }
}

#[test]
fn runaway_patterns_end_at_the_bounds() {
    let program = Program::new(&Str::from("(a+)+$"), 0).unwrap();
    let text = format!("{}b", "a".repeat(40));
    let search = Search { program: &program, text: &text, deadline: None };
    assert!(search.find(&mut Bench::default(), 0).unwrap_err().is_limit());
    let deep = format!("{}a{}", "(".repeat(1000), ")".repeat(1000));
    assert!(Program::new(&Arc::from(deep), 0).is_err());
}

#[test]
fn replaces_and_splits() {
    let replace = |text: &str, pattern: &str, with: &str| {
        let args = &mut [Value::str(text), Value::str(pattern), Value::str(with)];
        let answer = call(REGEX, "static string Replace(string input, string pattern, string replacement)", &[], args);
        answer.unwrap().as_str().unwrap().to_owned()
    };
    for (text, pattern, with, want) in [
        ("john smith", r"(\w+) (\w+)", "$2, $1", "smith, john"),
        ("2024-05-06", r"(?<y>\d+)-(?<m>\d+)-(?<d>\d+)", "${d}/${m}/${y}", "06/05/2024"),
        ("aaa", "a", "$$", "$$$"),
        ("abc", "b", "[$0]", "a[b]c"),
        ("abc", "b", "$`|$'", "aa|cc"),
        ("abc", "(?<first>a)(b)", "$1$2${first}", "baac"),
        ("abc", "b", "$9${no}$", "a$9${no}$c"),
        ("abc", "", "-", "-a-b-c-"),
        ("héllo", "l", "L", "héLLo"),
    ] {
        assert_eq!(replace(text, pattern, with), want, "{pattern}");
    }
    let split = |text: &str, pattern: &str| {
        let args = &mut [Value::str(text), Value::str(pattern)];
        let answer = call(REGEX, "static string[] Split(string input, string pattern)", &[], args).unwrap();
        let all = crate::collections::to_vec(&mut Bench::default(), &answer).unwrap();
        all.iter().map(|v| v.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(split("a1b2c3", r"\d"), ["a", "b", "c", ""]);
    assert_eq!(split("a,b;c", "([,;])"), ["a", ",", "b", ";", "c"]);
}
