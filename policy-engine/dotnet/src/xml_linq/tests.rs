//! Trees as real .NET reads, changes and writes them (answers of .NET Core 3.1).
use super::node::Node;
use super::parse;
use crate::collections::testing::{Bench, call, call_in};
use crate::object;
use crate::value::Value;

fn round(text: &str) -> String {
    let mut cx = Bench::default();
    match parse::element(&mut cx, text, 0) {
        Ok(e) => super::write::text(&mut cx, &e, true).unwrap(),
        Err(e) => e.message().to_string(),
    }
}

#[test]
fn what_is_read_is_written_as_dotnet_writes_it() {
    for (text, want) in [
        ("<a><b>1</b><c>2</c></a>", "<a>\n  <b>1</b>\n  <c>2</c>\n</a>"),
        ("<a><b>1</b>text<c>2</c></a>", "<a>\n  <b>1</b>text<c>2</c></a>"),
        ("<a> </a>", "<a></a>"),
        ("<a> <b/></a>", "<a>\n  <b />\n</a>"),
        ("<a xml:space='preserve'> <b/> </a>", "<a xml:space=\"preserve\"> <b /> </a>"),
        ("<a><![CDATA[<raw>]]></a>", "<a><![CDATA[<raw>]]></a>"),
        ("<a q='&lt;&#10;&quot;'>&lt;b&gt; &amp; &#65;</a>", "<a q=\"&lt;&#xA;&quot;\">&lt;b&gt; &amp; A</a>"),
        ("<?xml version='1.0'?> <!-- x --><a/>", "<a />"),
        ("", "Root element is missing."),
        ("<a><b></a>", "The 'b' start tag on line 1 position 5 does not match the end tag of 'a'. Line 1, position 9."),
        ("<a>&foo;</a>", "Reference to undeclared entity 'foo'. Line 1, position 5."),
        ("<a b=1/>", "'1' is an unexpected token. The expected token is '\"' or '''. Line 1, position 6."),
        ("<a b='1' b='2'/>", "'b' is a duplicate attribute name. Line 1, position 10."),
        ("<p:a/>", "'p' is an undeclared prefix. Line 1, position 2."),
        ("<a/><b/>", "There are multiple root elements. Line 1, position 6."),
        ("abc", "Data at the root level is invalid. Line 1, position 1."),
        ("<1a/>", "Name cannot begin with the '1' character, hexadecimal value 0x31. Line 1, position 2."),
        ("<a>a & b</a>", "An error occurred while parsing EntityName. Line 1, position 7."),
        ("<a x='<'/>", "'<', hexadecimal value 0x3C, is an invalid attribute character. Line 1, position 7."),
    ] {
        assert_eq!(round(text), want, "{text}");
    }
}

#[test]
fn deep_documents_are_refused() {
    let text = "<a>".repeat(100_000);
    assert!(round(&text).contains("deeper"));
}

#[test]
fn long_chains_are_freed_without_recursion() {
    let mut root = Node::element(super::XName::local("a"));
    for _ in 0..200_000 {
        let outer = Node::element(super::XName::local("a"));
        outer.push_read(root);
        root = outer;
    }
    drop(root);
}

fn name(text: &str) -> Value {
    Value::object(super::XName::expanded(text).unwrap())
}

#[test]
fn construction_and_namespaces() {
    let mut cx = Bench::default();
    let make = |cx: &mut Bench, n: &str, content: Vec<Value>| {
        let list = crate::collections::new_array(crate::types::Type::OBJECT, content);
        call_in(cx, "System.Xml.Linq.XElement", "new(XName name, params object[] content)", &[], &mut [name(n), list])
            .unwrap()
    };
    let attribute = |cx: &mut Bench, n: &str, v: Value| {
        call_in(cx, "System.Xml.Linq.XAttribute", "new(XName name, object value)", &[], &mut [name(n), v]).unwrap()
    };
    let inner = make(&mut cx, "{urn:y}b", vec![]);
    let (id, q) = (attribute(&mut cx, "id", Value::Int32(1)), attribute(&mut cx, "{urn:z}q", Value::Int32(1)));
    let e = make(&mut cx, "{urn:y}a", vec![id, q, inner]);
    assert_eq!(
        &*object::text(&mut cx, &e).unwrap(),
        "<a id=\"1\" p1:q=\"1\" xmlns:p1=\"urn:z\" xmlns=\"urn:y\">\n  <b />\n</a>"
    );
    let plain = make(&mut cx, "c", vec![]);
    let mixed = make(&mut cx, "{urn:y}a", vec![plain]);
    assert_eq!(&*object::text(&mut cx, &mixed).unwrap(), "<a xmlns=\"urn:y\">\n  <c xmlns=\"\" />\n</a>");
    let declared = attribute(&mut cx, "{http://www.w3.org/2000/xmlns/}p", Value::str("urn:y"));
    let prefixed = make(&mut cx, "{urn:y}a", vec![declared]);
    assert_eq!(&*object::text(&mut cx, &prefixed).unwrap(), "<p:a xmlns:p=\"urn:y\" />");
    let values = make(
        &mut cx,
        "a",
        vec![Value::Null, Value::Bool(true), Value::Double(1.5), Value::TimeSpan(610_000_000), Value::str("<x>")],
    );
    assert_eq!(&*object::text(&mut cx, &values).unwrap(), "<a>true1.5PT1M1S&lt;x&gt;</a>");
    let twice = attribute(&mut cx, "k", Value::Int32(1));
    let bad = call(
        "System.Xml.Linq.XElement",
        "new(XName name, params object[] content)",
        &[],
        &mut [name("a"), crate::collections::new_array(crate::types::Type::OBJECT, vec![twice.clone(), twice])],
    );
    assert_eq!(&**bad.unwrap_err().message(), "Duplicate attribute.");
}

#[test]
fn a_part_keeps_its_tree_and_its_identity() {
    let mut cx = Bench::default();
    let part = {
        let root = parse::element(&mut cx, "<a xmlns:p='u'><b/></a>", 0).unwrap();
        root.children().first().unwrap().value_of()
    };
    let node = super::node(&part).unwrap();
    assert_eq!(&*node.parent().unwrap().name().local, "a");
    assert!(object::same_reference(&part, &node.value_of()));
    // Moved under a new parent that nobody else holds.
    node.detach();
    let outer = Node::element(super::XName::local("outer"));
    outer.insert(0, node.clone()).unwrap();
    drop(outer);
    assert_eq!(&*node.parent().unwrap().name().local, "outer");
}

#[test]
fn xpath_selects_as_dotnet_does() {
    let mut cx = Bench::default();
    let text = "<r xmlns:p='u'><a k='1'><b>x</b><b>y</b></a><a k='2'><b>z</b></a><p:c>q</p:c><!--n--></r>";
    let document = parse::document(&mut cx, text, 0).unwrap().value_of();
    for (path, want) in [
        ("count(//b)", "3"),
        ("/r/a[@k='2']/b", "z"),
        ("string(/r/a[last()]/b[1])", "z"),
        ("//b[2]", "y"),
        ("//b[position() < 2 and . != 'x']", "z"),
        ("concat(name(/r/*[1]), '-', local-name(/r/a[1]/@k))", "a-k"),
        ("sum(/r/a/@k) + 2 * 3 - 8 div 2", "5"),
        ("/r/a/b | /r/comment()", "x"),
        ("count(/r/node())", "4"),
        ("//b[. = 'y']/preceding-sibling::b", "x"),
        ("//b[. = 'z']/ancestor::a/@k", "2"),
        ("not(//nothing) and true()", "true"),
        ("translate(substring('hello', 2, 3), 'el', 'ip')", "ipp"),
        ("normalize-space('  a  b ')", "a b"),
        ("-1 mod 2", "-1"),
        ("//b/../@k", "1"),
        ("(//b)[3]", "z"),
        ("//*[local-name() = 'c']", "q"),
    ] {
        let signature = "static object XPathEvaluate(this XNode node, string expression)";
        let args = &mut [document.clone(), Value::str(path)];
        let answer = call_in(&mut cx, "System.Xml.XPath.Extensions", signature, &[], args).unwrap();
        let found = match &answer {
            Value::Double(n) => n.to_string(),
            Value::Bool(b) => b.to_string(),
            Value::Str(s) => s.to_string(),
            list => {
                let first = crate::collections::to_vec(&mut cx, list).unwrap().remove(0);
                super::node(&first).unwrap().text_value().to_string()
            }
        };
        assert_eq!(found, want, "{path}");
    }
    for path in ["//p:c", "a[", "$x", "nofunction()", "'"] {
        let signature = "static XElement XPathSelectElement(this XNode node, string expression)";
        let args = &mut [document.clone(), Value::str(path)];
        let error = call_in(&mut cx, "System.Xml.XPath.Extensions", signature, &[], args).unwrap_err();
        assert_eq!(error.type_id().0, "System.Xml.XPath.XPathException", "{path}");
    }
}
