//! Folders of operations: their own descriptions (newest layout), and which operation a policy belongs to.

use super::{Assembler, rest};
use crate::{
    openapi::normalise_id,
    properties::Properties,
    sources::{RawApi, RawPolicy},
};
use config_model::{
    Api, Example, Finding, Operation, OperationId, OperationRequest, OperationResponse, Parameter, Representation,
    ResponseStatus, codes,
};
use std::sync::Arc;

impl<'a> Assembler<'a> {
    /// Adds operations that have files of their own, and finds the operation of each policy.
    pub(super) fn match_operations(&mut self, raw: &'a RawApi, api: &mut Api) -> Vec<(OperationId, &'a RawPolicy)> {
        for (name, operation) in &raw.operations {
            if let Some(resource) = &operation.resource {
                let own = read_operation(name, &self.properties(resource));
                match find(api, name).and_then(|at| api.operations.get_mut(at)) {
                    Some(known) => merge(known, own),
                    None => api.operations.push(own),
                }
            }
        }
        let mut policies: Vec<(OperationId, &RawPolicy)> = Vec::new();
        for (name, operation) in &raw.operations {
            let Some(policy) = &operation.policy else { continue };
            let found = find(api, name).and_then(|at| api.operations.get(at)).map(|operation| operation.id.clone());
            match found {
                Some(id) if policies.iter().any(|(other, _)| *other == id) => {
                    let message = format!("operation `{id}` of API `{}` has two policies", api.id);
                    let finding = Finding::error(codes::NAME_COLLISION, message).in_file(&policy.file.path);
                    self.findings.add(finding.with_help("two folders below `operations` match it"));
                }
                Some(id) => policies.push((id, policy)),
                None => {
                    let message = format!("API `{}` has no operation `{name}`: this policy is not used", api.id);
                    let finding = Finding::warning(codes::NO_SUCH_OPERATION, message).in_file(&policy.file.path);
                    let ids: Vec<_> =
                        api.operations.iter().take(8).map(|operation| format!("`{}`", operation.id)).collect();
                    self.findings.add(match ids.is_empty() {
                        true => finding.with_help("the API has no operations at all"),
                        false => finding.with_help(format!("it has {}", ids.join(", "))),
                    });
                }
            }
        }
        if api.operations.iter().any(|operation| operation.url_template.is_empty()) {
            let message = format!("an operation of API `{}` has no URL template", api.id);
            self.findings.add(rest::placed(Finding::warning(codes::BAD_TEMPLATE, message), &raw.resource, "path"));
        }
        policies
    }
}

/// The operation that a folder means: by its name, its name without letter case, its name as the import would write it, its display name.
fn find(api: &Api, name: &str) -> Option<usize> {
    let operations = &api.operations;
    let at = |matches: &dyn Fn(&Operation) -> bool| operations.iter().position(matches);
    at(&|operation| operation.id.as_str() == name)
        .or_else(|| at(&|operation| operation.id.as_str().eq_ignore_ascii_case(name)))
        .or_else(|| at(&|operation| normalise_id(operation.id.as_str()) == normalise_id(name)))
        .or_else(|| at(&|operation| operation.display_name == name))
}

/// The operation's own file says what it answers to; the specification usually knows more about its messages.
fn merge(known: &mut Operation, own: Operation) {
    let messages =
        |operation: &Operation| !operation.responses.is_empty() || !operation.request.representations.is_empty();
    if !messages(known) {
        (known.request, known.responses) = (own.request, own.responses);
    }
    (known.method, known.url_template, known.display_name) = (own.method, own.url_template, own.display_name);
    known.template_parameters = own.template_parameters;
    known.description = own.description.or(known.description.take());
}

fn read_operation(name: &str, properties: &Properties<'_>) -> Operation {
    let request = properties.object("request");
    Operation {
        id: name.into(),
        display_name: properties.filled("displayName").unwrap_or_else(|| name.to_owned()),
        description: properties.filled("description"),
        method: properties.filled("method").unwrap_or_else(|| "GET".into()),
        url_template: match properties.filled("urlTemplate") {
            Some(template) if !template.starts_with('/') => format!("/{template}"),
            other => other.unwrap_or_else(|| "/".into()),
        },
        template_parameters: read_parameters(properties, "templateParameters"),
        request: request.map(|request| read_request(&request)).unwrap_or_default(),
        responses: properties.objects("responses").iter().filter_map(read_response).collect(),
        ..Operation::default()
    }
}

fn read_request(request: &Properties<'_>) -> OperationRequest {
    OperationRequest {
        description: request.filled("description"),
        body_required: false,
        query_parameters: read_parameters(request, "queryParameters"),
        headers: read_parameters(request, "headers"),
        representations: read_representations(request),
    }
}

fn read_response(response: &Properties<'_>) -> Option<OperationResponse> {
    let status: ResponseStatus = match response.text("statusCode")?.parse() {
        Ok(status) => status,
        Err(problem) => {
            response.report("statusCode", Finding::warning(codes::BAD_PROPERTY, problem));
            return None;
        }
    };
    Some(OperationResponse {
        status,
        description: response.filled("description"),
        headers: read_parameters(response, "headers"),
        representations: read_representations(response),
    })
}

fn read_parameters(properties: &Properties<'_>, name: &str) -> Vec<Parameter> {
    let read = properties.objects(name).into_iter().map(|parameter| Parameter {
        name: parameter.text("name").unwrap_or_default(),
        kind: parameter.text("type").unwrap_or_default(),
        description: parameter.filled("description"),
        required: parameter.flag("required").unwrap_or(name == "templateParameters"),
        default_value: parameter.text("defaultValue"),
        values: parameter.texts("values"),
        schema_id: parameter.filled("schemaId").map(Into::into),
        type_name: parameter.filled("typeName"),
        explode: true,
        ..Parameter::default()
    });
    read.collect()
}

fn read_representations(properties: &Properties<'_>) -> Vec<Representation> {
    let mut representations = Vec::new();
    for representation in properties.objects("representations") {
        let mut examples = Vec::new();
        if let Some(sample) = representation.filled("sample") {
            examples.push(Example { name: "default".into(), summary: None, value: Arc::from(sample) });
        }
        if let Some(serde_json::Value::Object(named)) = representation.value("examples") {
            for (name, example) in named {
                let Some(value) = example.get("value").filter(|value| !value.is_null()) else { continue };
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let summary = example.get("summary").and_then(|summary| summary.as_str()).map(str::to_owned);
                examples.push(Example { name: name.clone(), summary, value: Arc::from(text) });
            }
        }
        representations.push(Representation {
            content_type: representation.text("contentType").unwrap_or_default(),
            schema_id: representation.filled("schemaId").map(Into::into),
            type_name: representation.filled("typeName"),
            form_parameters: read_parameters(&representation, "formParameters"),
            examples,
            schema: None,
        });
    }
    representations
}
