//! `validate-parameters`: query, path and headers of the request against the definition of the operation. Inbound, once a
//! section, every scope.
//!
//! A `parameter` child decides before its group, the group before the root. `Host`, the headers of framing, the places of the
//! subscription key and of the API version are never unspecified; every other header that the definition does not have is, also
//! standard ones (documented). The request is looked at as it is now. Follows the public page `validate-parameters-policy`.
use std::borrow::Cow;
use std::sync::Arc;

use config_model::{Operation, Parameter};

use super::shared::findings::{Action, ERRORS_VARIABLE, Finding, Findings};
use super::shared::json_schema::Schemas;
use super::shared::parameter_value::{self, Place};
use super::shared::places::{EVERY_SCOPE, INBOUND};
use crate::compile::{AttributeSpec, ChildSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::program::{Attr, Op, Step};
use crate::run::{Cx, EvalState, Flow, PolicyError, StepResult, written_name};

pub(super) struct ValidateParameters;

const SPECIFIED: AttributeSpec = AttributeSpec::optional(
    "specified-parameter-action",
    "`ignore`, `prevent` or `detect`: parameters of the definition",
);
const UNSPECIFIED: AttributeSpec =
    AttributeSpec::optional("unspecified-parameter-action", "the same for parameters that it does not have");
const SINGLE: Content = Content::Children(&[ChildSpec::many(
    "parameter",
    &[
        AttributeSpec::required("name", "a parameter").literal(),
        AttributeSpec::required("action", "what is done about it"),
    ],
    Content::Empty,
)]);

const SPEC: Spec = Spec {
    element: "validate-parameters",
    summary: "checks query, path and headers of the request against the definition of the operation",
    sections: INBOUND,
    scopes: EVERY_SCOPE,
    repeat: Repeat::OncePerSection,
    attributes: &[
        AttributeSpec { required: true, ..SPECIFIED },
        AttributeSpec { required: true, ..UNSPECIFIED },
        ERRORS_VARIABLE,
    ],
    content: Content::Children(&[
        ChildSpec::maybe("headers", &[SPECIFIED, UNSPECIFIED], SINGLE),
        ChildSpec::maybe("query", &[SPECIFIED, UNSPECIFIED], SINGLE),
        ChildSpec::maybe("path", &[SPECIFIED], SINGLE),
    ]),
    example: r#"<validate-parameters specified-parameter-action="prevent" unspecified-parameter-action="prevent" errors-variable-name="errors"><headers specified-parameter-action="detect" unspecified-parameter-action="ignore"><parameter name="Authorization" action="ignore" /></headers></validate-parameters>"#,
};

/// Headers of the connection and of framing.
const EXEMPT: [&str; 4] = ["host", "content-length", "transfer-encoding", "connection"];

impl Policy for ValidateParameters {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let (specified, unspecified) = (node.required(SPECIFIED.name), node.required(UNSPECIFIED.name));
        let variable = node.literal_or_none(ERRORS_VARIABLE.name);
        let [headers, query, path] = ["headers", "query", "path"].map(|name| node.child(name, group));
        Ok(Op::step(Compiled {
            specified: specified?,
            unspecified: unspecified?,
            variable: variable?,
            headers: headers?.unwrap_or_default(),
            query: query?.unwrap_or_default(),
            path: path?.unwrap_or_default(),
            schemas: Schemas::default(),
        }))
    }
}

fn group(node: &mut Node<'_, '_>) -> Result<Group, Refused> {
    let (specified, unspecified) = (node.optional(SPECIFIED.name), node.optional(UNSPECIFIED.name));
    let single = node.each("parameter", |parameter| {
        let (name, action) = (parameter.literal("name"), parameter.required("action"));
        Ok((name?, action?))
    });
    Ok(Group { specified: specified?, unspecified: unspecified?, single: single? })
}

struct Compiled {
    specified: Attr<Action>,
    unspecified: Attr<Action>,
    variable: Option<Arc<str>>,
    headers: Group,
    query: Group,
    path: Group,
    schemas: Schemas,
}

#[derive(Default)]
struct Group {
    specified: Option<Attr<Action>>,
    unspecified: Option<Attr<Action>>,
    single: Vec<(String, Attr<Action>)>,
}

/// A name of the request with its values; a value of `name[member]` has its member.
struct Given {
    name: String,
    values: Vec<(Option<String>, String)>,
}

impl Step for Compiled {
    fn run(&self, cx: &mut Cx<'_>) -> StepResult {
        let Some(operation) = cx.state.facts.operation.clone() else { return Ok(Flow::Continue) };
        let mut findings = Findings::new(self.variable.as_ref());
        let (in_path, in_query) = template_parameters(&operation);
        let in_query: Vec<&Parameter> = in_query.into_iter().chain(&operation.request.query_parameters).collect();
        let in_headers: Vec<&Parameter> = operation.request.headers.iter().collect();
        let query = given_query(cx.state, &in_query);
        let places = [
            (Place::Path, &self.path, in_path, given_path(cx.state, &operation)),
            (Place::Query, &self.query, in_query, query),
            (Place::RequestHeader, &self.headers, in_headers, given_headers(cx.state)),
        ];
        for (place, group, known, given) in places {
            if !self.check(cx, place, group, &known, &given, &mut findings)? {
                break;
            }
        }
        findings.finish(cx)
    }
}

impl Compiled {
    /// Looks at one place; false when that ends the run.
    fn check(
        &self,
        cx: &mut Cx<'_>,
        place: Place,
        group: &Group,
        known: &[&Parameter],
        given: &[Given],
        findings: &mut Findings<'_>,
    ) -> Result<bool, PolicyError> {
        let api = cx.state.facts.api.clone();
        for one in given {
            let specified = known.iter().find(|known| known.name.eq_ignore_ascii_case(&one.name));
            if specified.is_none() && is_exempt(cx.state, place, &one.name) {
                continue;
            }
            let action = self.action(cx, group, &one.name, specified.is_some())?;
            if action == Action::Ignore {
                continue;
            }
            let found: Vec<Finding> = match specified {
                None => vec![parameter_value::unspecified(place, &one.name)],
                Some(known) => {
                    let values: Vec<_> = one.values.iter().map(|(m, v)| (m.as_deref(), v.as_str())).collect();
                    parameter_value::check(place, known, &values, api.as_deref(), &self.schemas)
                }
            };
            if !found.is_empty() && !findings.add(cx, action, found) {
                return Ok(false);
            }
        }
        for absent in known.iter().filter(|known| known.required) {
            if given.iter().any(|one| one.name.eq_ignore_ascii_case(&absent.name)) {
                continue;
            }
            let action = self.action(cx, group, &absent.name, true)?;
            if !findings.add(cx, action, vec![parameter_value::missing(place, &absent.name)]) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn action(&self, cx: &mut Cx<'_>, group: &Group, name: &str, specified: bool) -> Result<Action, PolicyError> {
        let own = group.single.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, action)| action);
        let (in_group, general) = match specified {
            true => (&group.specified, &self.specified),
            false => (&group.unspecified, &self.unspecified),
        };
        Ok(*own.or(in_group.as_ref()).unwrap_or(general).get(cx)?)
    }
}

/// Parameters that the template names in its path, and in its query.
fn template_parameters(operation: &Operation) -> (Vec<&Parameter>, Vec<&Parameter>) {
    let query = operation.url_template.split_once('?').map_or("", |(_, query)| query);
    let in_query = |name: &str| query.contains(&format!("{{{name}}}"));
    operation.template_parameters.iter().partition(|parameter| !in_query(&parameter.name))
}

fn given_path(state: &EvalState, operation: &Operation) -> Vec<Given> {
    let (known, _) = template_parameters(operation);
    let value = |known: &Parameter| Some((None, state.matched_parameter(&known.name)?.to_owned()));
    known.iter().filter_map(|p| Some(Given { name: p.name.clone(), values: vec![value(p)?] })).collect()
}

/// Members `name[member]` count to the object that the definition has under the name; any other name is taken as it stands.
fn given_query(state: &EvalState, known: &[&Parameter]) -> Vec<Given> {
    let object = |name: &str| known.iter().any(|p| p.kind == "object" && p.name.eq_ignore_ascii_case(name));
    let exact = |name: &str| known.iter().any(|p| p.name.eq_ignore_ascii_case(name));
    let mut all: Vec<Given> = Vec::new();
    for (name, value) in crate::context::url::pairs(&state.request.target.query) {
        let member = name.split_once('[').and_then(|(outer, rest)| Some((outer, rest.strip_suffix(']')?)));
        match member.filter(|(outer, _)| object(outer) && !exact(&name)) {
            Some((outer, member)) => add(&mut all, outer.to_owned(), (Some(member.to_owned()), value.into_owned())),
            None => add(&mut all, name.into_owned(), (None, value.into_owned())),
        }
    }
    all
}

fn given_headers(state: &EvalState) -> Vec<Given> {
    let mut all = Vec::new();
    for (name, value) in &state.request.headers {
        let text = value.to_str().map_or(Cow::Borrowed("\u{fffd}"), Cow::Borrowed);
        add(&mut all, written_name(name.as_str()), (None, text.into_owned()));
    }
    all
}

fn add(all: &mut Vec<Given>, name: String, value: (Option<String>, String)) {
    match all.iter_mut().find(|one| one.name.eq_ignore_ascii_case(&name)) {
        Some(one) => one.values.push(value),
        None => all.push(Given { name, values: vec![value] }),
    }
}

/// Is it a name that the gateway itself asks for?
fn is_exempt(state: &EvalState, place: Place, name: &str) -> bool {
    let Some(api) = &state.facts.api else { return false };
    let versions = api.version_set.as_ref().and_then(|id| state.facts.snapshot.version_sets.get(id));
    let (key, version) = match place {
        Place::Query => (&api.subscription_key.query, versions.and_then(|set| set.query_name.as_ref())),
        _ => (&api.subscription_key.header, versions.and_then(|set| set.header_name.as_ref())),
    };
    let framing = place == Place::RequestHeader && EXEMPT.iter().any(|own| own.eq_ignore_ascii_case(name));
    framing || name.eq_ignore_ascii_case(key) || version.is_some_and(|version| name.eq_ignore_ascii_case(version))
}
