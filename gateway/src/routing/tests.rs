//! Cases of the routing rules, and properties that hold for any table.

use http::{HeaderMap, HeaderValue, Method};
use proptest::prelude::*;

use super::*;

fn operation(method: &str, template: &str) -> OperationRoute {
    OperationRoute { method: method.parse().unwrap(), template: Template::parse(template).unwrap() }
}

fn api(path: &str, operations: &[&str]) -> ApiRoute {
    ApiRoute {
        id: path.to_owned(),
        family: path.to_owned(),
        path: path.to_owned(),
        version_rule: None,
        version: None,
        revision: "1".to_owned(),
        is_current: true,
        is_online: true,
        protocols: Protocols::BOTH,
        operations: operations
            .iter()
            .map(|text| {
                let (method, template) = text.split_once(' ').unwrap();
                operation(method, template)
            })
            .collect(),
    }
}

fn table(routes: Vec<ApiRoute>) -> RouteTable {
    RouteTable::build(routes, HostSet::default(), true)
}

fn ask(table: &RouteTable, method: &str, url: &str) -> Result<(usize, usize, Vec<String>), NoMatch> {
    ask_with(table, method, url, &HeaderMap::new())
}

fn ask_with(
    table: &RouteTable,
    method: &str,
    url: &str,
    headers: &HeaderMap,
) -> Result<(usize, usize, Vec<String>), NoMatch> {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let method: Method = method.parse().unwrap();
    let request = Request { method: &method, path, query, headers, authority: "localhost:8080", https: false };
    let found = find(table, &request)?;
    let captures =
        found.captures.iter().map(|(from, to)| path.get(*from as usize..*to as usize).unwrap().to_owned()).collect();
    assert!(found.api_part <= path.len());
    Ok((found.api, found.operation, captures))
}

#[test]
fn literal_goes_before_parameter_and_wildcard() {
    let table = table(vec![api("a", &["GET /items/*", "GET /items/{id}", "GET /items/latest", "GET /items/x-{y}"])]);
    assert_eq!(ask(&table, "GET", "/a/items/latest").unwrap().1, 2);
    assert_eq!(ask(&table, "GET", "/a/items/LATEST").unwrap().1, 2);
    assert_eq!(ask(&table, "GET", "/a/items/x-7").unwrap(), (0, 3, vec!["7".to_owned()]));
    assert_eq!(ask(&table, "GET", "/a/items/7").unwrap(), (0, 1, vec!["7".to_owned()]));
    assert_eq!(ask(&table, "GET", "/a/items/7/8").unwrap(), (0, 0, vec!["7/8".to_owned()]));
    assert_eq!(ask(&table, "GET", "/a/items").unwrap(), (0, 0, vec![String::new()]));
    assert_eq!(ask(&table, "GET", "/a/items/").unwrap(), (0, 0, vec![String::new()]));
}

#[test]
fn method_takes_part_before_precedence() {
    let table = table(vec![api("a", &["DELETE /items/latest", "GET /items/{id}"])]);
    assert_eq!(ask(&table, "GET", "/a/items/latest").unwrap().1, 1);
    let refused = ask(&table, "PUT", "/a/items/7").unwrap_err();
    assert_eq!(refused, NoMatch::Method { api: 0, id: "a".to_owned(), allowed: vec![Method::GET] });
    assert_eq!(refused.to_string(), "the API `a` has this path for GET only");
}

#[test]
fn longest_api_path_wins_and_is_not_left_again() {
    let table = table(vec![api("lpf", &["GET /*"]), api("lpf/reports", &["GET /daily"])]);
    assert_eq!(ask(&table, "GET", "/lpf/reports/daily").unwrap().0, 1);
    assert_eq!(ask(&table, "GET", "/lpf/other").unwrap().0, 0);
    assert!(matches!(ask(&table, "GET", "/lpf/reports/x"), Err(NoMatch::Operation { api: 1, .. })));
}

#[test]
fn empty_api_path_takes_what_is_left() {
    let table = table(vec![api("", &["GET /a", "GET /"]), api("b", &["GET /c"])]);
    assert_eq!(ask(&table, "GET", "/a").unwrap(), (0, 0, vec![]));
    assert_eq!(ask(&table, "GET", "/").unwrap(), (0, 1, vec![]));
    assert_eq!(ask(&table, "GET", "/b/c").unwrap().0, 1);
}

#[test]
fn encoded_octets_compare_decoded_but_never_split() {
    let table = table(vec![api("a b", &["GET /docs/{id}", "GET /caf%C3%A9"])]);
    assert_eq!(ask(&table, "GET", "/a%20b/docs/a%2Fb").unwrap(), (0, 0, vec!["a%2Fb".to_owned()]));
    assert_eq!(ask(&table, "GET", "/a%20b/caf%c3%a9").unwrap().1, 1);
    assert!(ask(&table, "GET", "/a%20b%2Fdocs/x").is_err());
}

#[test]
fn empty_segments_count_and_parameters_are_never_empty() {
    let table = table(vec![api("a", &["GET /x/{id}", "GET /x/{id}/y"])]);
    assert!(ask(&table, "GET", "/a/x/").is_err());
    assert!(ask(&table, "GET", "/a/x//y").is_err());
    assert!(ask(&table, "GET", "/a//x/1").is_err());
    assert_eq!(ask(&table, "GET", "/a/x/1/").unwrap().1, 0);
}

#[test]
fn query_parameters_are_required_and_discriminate() {
    let table =
        table(vec![api("a", &["GET /o", "GET /o?date={date}", "GET /o?type=new&date={date}", "GET /o?type=old"])]);
    assert_eq!(ask(&table, "GET", "/a/o").unwrap().1, 0);
    assert_eq!(ask(&table, "GET", "/a/o?page=1&DATE=x").unwrap().1, 1);
    assert_eq!(ask(&table, "GET", "/a/o?date=x&type=new").unwrap().1, 2);
    assert_eq!(ask(&table, "GET", "/a/o?type=OLD").unwrap().1, 3);
    assert_eq!(table.query_parameters(0, 1).collect::<Vec<_>>(), [("date", "date")]);
}

#[test]
fn mixed_segments_match_from_the_right() {
    let table = table(vec![api("a", &["GET /{name}.{ext}", "GET /report({id})"])]);
    assert_eq!(ask(&table, "GET", "/a/b.c.d").unwrap().2, ["b.c", "d"]);
    assert_eq!(ask(&table, "GET", "/a/REPORT(12)").unwrap().2, ["12"]);
    assert!(ask(&table, "GET", "/a/.d").is_err());
    assert!(ask(&table, "GET", "/a/report()").is_err());
}

fn versioned(rule: VersionRule, versions: &[Option<&str>]) -> RouteTable {
    let routes = versions.iter().map(|version| ApiRoute {
        id: format!("v-{version:?}"),
        version_rule: Some(rule.clone()),
        version: version.map(str::to_owned),
        ..api("v", &["GET /items"])
    });
    table(routes.collect())
}

#[test]
fn segment_versions() {
    let table = versioned(VersionRule::Segment, &[Some("v1"), Some("v2")]);
    assert_eq!(ask(&table, "GET", "/v/v1/items").unwrap().0, 0);
    assert_eq!(ask(&table, "GET", "/v/V2/items").unwrap().0, 1);
    assert_eq!(ask(&table, "GET", "/v/v2;rev=1/items").unwrap().0, 1);
    assert_eq!(ask(&table, "GET", "/v;rev=1/v2/items").unwrap().0, 1);
    let refused = ask(&table, "GET", "/v/v3/items").unwrap_err();
    assert_eq!(refused.to_string(), "the APIs at `v` have no version `v3` (read from the path)");
    let with_original = versioned(VersionRule::Segment, &[None, Some("v1")]);
    assert_eq!(ask(&with_original, "GET", "/v/items").unwrap().0, 0);
}

#[test]
fn query_and_header_versions() {
    let table = versioned(VersionRule::Query("api-version".to_owned()), &[Some("2023-01-01"), Some("2024-06-01")]);
    assert_eq!(ask(&table, "GET", "/v/items?x=1&api-version=2024-06-01").unwrap().0, 1);
    assert!(matches!(ask(&table, "GET", "/v/items"), Err(NoMatch::Version { asked: None, .. })));
    let table = versioned(VersionRule::Header("X-Version".to_owned()), &[None, Some("v1")]);
    let mut headers = HeaderMap::new();
    assert_eq!(ask_with(&table, "GET", "/v/items", &headers).unwrap().0, 0);
    headers.insert("x-version", HeaderValue::from_static("V1"));
    assert_eq!(ask_with(&table, "GET", "/v/items", &headers).unwrap().0, 1);
    headers.insert("x-version", HeaderValue::from_static("v9"));
    assert!(matches!(ask_with(&table, "GET", "/v/items", &headers), Err(NoMatch::Version { asked: Some(_), .. })));
}

#[test]
fn unknown_identifier_never_falls_back_to_a_lone_original() {
    let table = versioned(VersionRule::Header("Api-Version".to_owned()), &[None]);
    let mut headers = HeaderMap::new();
    assert!(ask_with(&table, "GET", "/v/items", &headers).is_ok());
    headers.insert("api-version", HeaderValue::from_static("v9"));
    assert!(ask_with(&table, "GET", "/v/items", &headers).is_err());
}

#[test]
fn revisions() {
    let second = ApiRoute { id: "r2".into(), revision: "2".into(), is_current: false, ..api("r", &["GET /hints"]) };
    let offline = ApiRoute { id: "r3".into(), revision: "3".into(), is_online: false, ..second.clone() };
    let table = table(vec![api("r", &["GET /leads"]), second, offline]);
    assert_eq!(ask(&table, "GET", "/r/leads").unwrap().0, 0);
    assert_eq!(ask(&table, "GET", "/r;rev=1/leads").unwrap().0, 0);
    assert_eq!(ask(&table, "GET", "/r;REV=2/hints").unwrap().0, 1);
    assert!(matches!(ask(&table, "GET", "/r;rev=3/hints"), Err(NoMatch::Revision { .. })));
    assert!(matches!(ask(&table, "GET", "/r;rev=7/leads"), Err(NoMatch::Revision { .. })));
    assert!(ask(&table, "GET", "/r/hints").is_err());
}

#[test]
fn hosts_and_schemes() {
    let https = ApiRoute { protocols: Protocols { http: false, https: true }, ..api("s", &["GET /"]) };
    let closed = RouteTable::build(vec![https.clone()], HostSet::new(["Api.Example.com".to_owned()]), true);
    let method = Method::GET;
    let headers = HeaderMap::new();
    let request =
        |authority, https| Request { method: &method, path: "/s", query: "", headers: &headers, authority, https };
    assert_eq!(find(&closed, &request("other.example.com", true)), Err(NoMatch::Host));
    assert!(find(&closed, &request("api.EXAMPLE.com:8443", true)).is_ok());
    assert!(matches!(find(&closed, &request("api.example.com", false)), Err(NoMatch::Scheme { .. })));
    let lenient = RouteTable::build(vec![https], HostSet::default(), false);
    assert!(find(&lenient, &request("x", false)).is_ok());
}

#[test]
fn templates_that_cannot_be_read_are_refused() {
    for (text, want) in [
        ("/a/{", "braces"),
        ("/a/}", "braces"),
        ("/{}", "no name"),
        ("/{a}/{a}", "twice"),
        ("/{a}?x={A}", "twice"),
        ("/{a}{b}", "touch"),
        ("/*/x", "after its wildcard"),
    ] {
        let error = Template::parse(text).unwrap_err().to_string();
        assert!(error.contains(want), "{text}: {error}");
    }
}

proptest! {
    /// Whatever is asked, an answer comes, and its captures lie inside the path on character boundaries.
    #[test]
    fn any_url_gets_an_answer(path in "(/[a-z%2F;=é.]{0,6}){0,12}/?", query in "[a-z=&%+]{0,20}") {
        let table = table(vec![
            api("", &["GET /{a}/{b}", "GET /x/*"]), api("a", &["GET /{x}.{y}", "GET /{x}/{y}/{z}", "GET /b?q={q}"]),
            api("a/b", &["GET /*"]),
        ]);
        let _ = ask(&table, "GET", &format!("{path}?{query}"));
    }

    /// A path made from a template by filling its parameters is found, with exactly those values.
    #[test]
    fn filled_templates_are_found(values in proptest::collection::vec("[a-zA-Z0-9_.~%-]{1,8}", 1..6)) {
        let names: Vec<String> = (0..values.len()).map(|n| format!("p{n}")).collect();
        let template: String = names.iter().map(|name| format!("/s{name}/{{{name}}}")).collect();
        let path: String = names.iter().zip(&values).map(|(name, value)| format!("/S{name}/{value}")).collect();
        let table = table(vec![api("api", &[&format!("GET {template}")])]);
        let (_, _, captures) = ask(&table, "GET", &format!("/api{path}")).unwrap();
        prop_assert_eq!(captures, values);
    }

    /// Growing the table never changes which API path is chosen: always the longest that is a prefix by segments.
    #[test]
    fn longest_prefix(paths in proptest::collection::hash_set("[ab](/[ab]){0,3}", 1..8), asked in "(/[ab]){1,5}") {
        let paths: Vec<String> = paths.into_iter().collect();
        let table = table(paths.iter().map(|path| api(path, &["GET /*"])).collect());
        let prefix = |path: &&String| {
            let asked = asked.trim_start_matches('/');
            asked == path.as_str() || asked.starts_with(&format!("{path}/"))
        };
        let want = paths.iter().filter(prefix).max_by_key(|path| path.len());
        match ask(&table, "GET", &asked) {
            Ok((index, ..)) => prop_assert_eq!(Some(&paths[index]), want),
            Err(_) => prop_assert_eq!(want, None),
        }
    }
}
