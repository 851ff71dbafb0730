//! Random programs from a grammar: they parse without a finding, and print back to the same tree.
use csharp::parser::{parse_block, parse_expression};
use proptest::prelude::*;

use crate::{Tree, print, shape};

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(&["a", "b1", "Foo", "context", "@class", "_x", "from", "größe"][..]).prop_map(str::to_owned)
}

fn ty() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(&["int", "string", "Foo", "System.Text.Encoding", "global::A.B", "object"][..])
        .prop_map(str::to_owned);
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|t| format!("{t}[]")),
            inner.clone().prop_map(|t| format!("{t}[,]")),
            inner.clone().prop_map(|t| format!("List<{t}>")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("Dictionary<{a}, {b}>")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("({a} x, {b})")),
        ]
    })
}

fn literal() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<u64>().prop_map(|v| v.to_string()),
        any::<u32>().prop_map(|v| format!("0x{v:x}UL")),
        any::<f64>().prop_filter("finite", |v| v.is_finite()).prop_map(|v| format!("{:e}", v.abs())),
        any::<u32>().prop_map(|v| format!("{v}.50m")),
        "[ -~é😀]{0,8}".prop_map(|s| format!("\"{}\"", s.replace('\\', "\\\\").replace('"', "\\\""))),
        "[ -~\n]{0,8}".prop_map(|s| format!("@\"{}\"", s.replace('"', "\"\""))),
        Just("\"\\ud83d\"".to_owned()),
        Just("'\\''".to_owned()),
        Just("null".to_owned()),
        Just("true".to_owned()),
    ]
}

fn binary_operator() -> impl Strategy<Value = &'static str> {
    prop::sample::select(
        &[
            "+", "-", "*", "/", "%", "<<", ">>", ">>>", "<", ">", "<=", ">=", "==", "!=", "&", "^", "|", "&&", "||",
            "??",
        ][..],
    )
}

fn pattern(expr: impl Strategy<Value = String> + Clone + 'static) -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        literal(),
        Just("_".to_owned()),
        Just("var v".to_owned()),
        Just("int n".to_owned()),
        Just("List<int>".to_owned()),
        Just("A.B".to_owned()),
        expr.prop_map(|e| format!("> ({e})")),
    ];
    leaf.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} or {b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) and {b}")),
            inner.clone().prop_map(|p| format!("not {p}")),
            inner.clone().prop_map(|p| format!("{{ A.B: {p}, C: not null }} d")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("P({a}, y: {b})")),
            inner.prop_map(|p| format!("[{p}, .. var rest]")),
        ]
    })
}

fn expr() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![literal(), name(), Just("int.MaxValue".to_owned()), Just("default".to_owned())];
    leaf.prop_recursive(4, 40, 4, |inner| {
        let e = inner.clone().boxed();
        let primary = inner.clone().prop_map(|e| format!("({e})")).boxed();
        prop_oneof![
            (primary.clone(), binary_operator(), primary.clone()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
            (name(), binary_operator(), name(), binary_operator(), primary.clone())
                .prop_map(|(a, o, b, p, c)| format!("-{a} {o} !{b} {p} {c}")),
            (primary.clone(), e.clone(), e.clone()).prop_map(|(a, b, c)| format!("{a} ? {b} : {c}")),
            (primary.clone(), name(), e.clone()).prop_map(|(a, n, b)| format!("{a}.{n}({b}, out var o, k: 1)")),
            (primary.clone(), e.clone()).prop_map(|(a, b)| format!("{a}?.X<int>({b})?[0]!.Y")),
            (primary.clone(), e.clone()).prop_map(|(a, b)| format!("{a}[{b}]")),
            (ty(), primary.clone()).prop_map(|(t, a)| format!("({t}){a}")),
            (primary.clone(), ty()).prop_map(|(a, t)| format!("{a} as {t}")),
            (primary.clone(), pattern(e.clone())).prop_map(|(a, p)| format!("{a} is {p}")),
            (primary.clone(), pattern(e.clone()), e.clone())
                .prop_map(|(a, p, b)| format!("{a} switch {{ {p} when a.b => {b}, _ => 1 }}")),
            (name(), e.clone()).prop_map(|(n, b)| format!("{n} => {b}")),
            (ty(), e.clone()).prop_map(|(t, b)| format!("({t} p, int q) => {b}")),
            e.clone().prop_map(|b| format!("new {{ A = {b}, context.Api.Name }}")),
            (ty(), e.clone()).prop_map(|(t, b)| format!("new List<{t}>({b}) {{ {b}, {{ 1, 2 }} }}")),
            e.clone().prop_map(|b| format!("new JObject {{ [\"k\"] = {b}, P = {{ Q = 1 }} }}")),
            (ty(), primary.clone())
                .prop_map(|(t, b)| format!("new {t}[{b}]"))
                .prop_filter("one set of sizes", |s| !s.contains("],") && s.matches('[').count() == 1),
            e.clone().prop_map(|b| format!("new[] {{ {b}, 1 }}")),
            e.clone().prop_map(|b| format!("[{b}, .. x]")),
            (primary.clone(), e.clone()).prop_map(|(a, b)| format!("$\"t{{{{{{{a},-5:yy\\n'x'}}{{({b})}}\"")),
            (e.clone(), primary.clone()).prop_map(|(a, b)| format!(
                "from int q in {b} where ({a}) orderby q descending group q by {b} into g select g"
            )),
            (primary.clone(), e.clone()).prop_map(|(a, b)| format!("({a}, n: {b})")),
            ty().prop_map(|t| format!("typeof({t})")),
            primary.clone().prop_map(|a| format!("{a}..^1")),
            (name(), e.clone()).prop_map(|(n, b)| format!("{n} ??= {b}")),
            (statement_of(e.clone())).prop_map(|s| format!("() => {{ {s} }}")),
        ]
    })
}

fn statement_of(expr: BoxedStrategy<String>) -> impl Strategy<Value = String> {
    let e = expr;
    prop_oneof![
        (ty(), e.clone()).prop_map(|(t, v)| format!("{t} l = {v}, m;")),
        e.clone().prop_map(|v| format!("var l = {v};")),
        e.clone().prop_map(|v| format!("return {v};")),
        e.clone().prop_map(|v| format!("if ({v}) f(); else if (a) {{ g(); }} else ;")),
        (e.clone(), e.clone())
            .prop_map(|(a, b)| format!("for (int i = 0, j = 1; i < ({a}); i++, j--) {{ x.y = {b}; }}")),
        e.clone().prop_map(|v| format!("foreach (var (k, _) in {v}) continue;")),
        e.clone().prop_map(|v| format!("do {{ break; }} while ({v});")),
        (e.clone(), pattern(e.clone()))
            .prop_map(|(v, p)| format!("switch ({v}) {{ case {p} when a: case 1: break; default: goto case 1; }}")),
        e.clone().prop_map(|v| format!(
            "try {{ throw new E({v}); }} catch (E x) when (x.A == 1) {{ throw; }} catch {{ }} finally {{ }}"
        )),
        e.clone().prop_map(|v| format!("using (var u = {v}) {{ }} using var w = u;")),
        (ty(), e.clone())
            .prop_map(|(t, v)| format!("static {t} F<T>({t} p, int d = 1) where T : class, new() => {v};")),
        e.clone().prop_map(|v| format!("var (p, (_, r)) = {v}; (a, var n) = t; const int c = 1;")),
        e.prop_map(|v| format!("lock (a) checked {{ l: f({v}); goto l; }}")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn expressions_print_back(text in expr()) {
        let parsed = parse_expression(&text);
        prop_assert!(!parsed.has_errors(), "{text}\n{:?}", parsed.diagnostics);
        let tree = Tree::Expression(parsed.tree);
        let printed = print(&tree);
        let again = parse_expression(&printed);
        prop_assert!(!again.has_errors(), "{text}\n{printed}\n{:?}", again.diagnostics);
        prop_assert_eq!(shape(&Tree::Expression(again.tree)), shape(&tree), "{}", printed);
    }

    #[test]
    fn blocks_print_back(statements in prop::collection::vec(statement_of(expr().boxed()), 1..5)) {
        let text = statements.join("\n");
        let parsed = parse_block(&text);
        prop_assert!(!parsed.has_errors(), "{text}\n{:?}", parsed.diagnostics);
        let tree = Tree::Block(parsed.tree);
        let printed = print(&tree);
        let again = parse_block(&printed);
        prop_assert!(!again.has_errors(), "{text}\n{printed}\n{:?}", again.diagnostics);
        prop_assert_eq!(shape(&Tree::Block(again.tree)), shape(&tree), "{}", printed);
    }
}
