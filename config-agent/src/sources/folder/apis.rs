//! Folders of APIs. What is broken here puts one API aside, never the tree.

use super::{Reader, links, tree::Folder};
use crate::{
    sources::{RawApi, RawOperation, Resource, Specification},
    text::{self, MAX_FILE_BYTES},
};
use config_model::{Finding, codes};
use std::collections::BTreeMap;

/// Endings of specification files in the order in which one is taken where several lie side by side.
const SPECIFICATIONS: [&str; 6] = ["yaml", "yml", "json", "graphql", "wsdl", "wadl"];

impl Reader<'_> {
    pub(super) fn read_apis(&mut self, folders: &[&Folder]) -> Vec<RawApi> {
        let forms = links::Forms::of(folders, &links::API);
        let mut apis = Vec::new();
        for folder in folders {
            match self.try_read_resource(folder, &["apiInformation.json"]) {
                Ok(resource) => apis.push(self.read_api(folder, resource, &forms)),
                Err(finding) => self.findings.disable(&folder.name, finding),
            }
        }
        apis
    }

    fn read_api(&mut self, folder: &Folder, resource: Resource, forms: &links::Forms) -> RawApi {
        let below = |name: &str| folder.folder(name).into_iter().flat_map(|f| f.folders.values()).collect::<Vec<_>>();
        let not_supported = below("resolvers").iter().map(|resolver| resolver.path.clone()).collect();
        RawApi {
            policy: self.read_policy(folder),
            specification: self.read_specification(folder),
            operations: self.read_operations(&resource.name, &below("operations")),
            diagnostics: self.read_resources(&below("diagnostics"), &["diagnosticInformation.json"]),
            schemas: self.read_resources(&below("schemas"), &["schemaInformation.json"]),
            tags: self.read_links(folder, &links::API_TAG, forms),
            not_supported,
            resource,
        }
    }

    fn read_specification(&mut self, folder: &Folder) -> Option<Specification> {
        let mut found = SPECIFICATIONS
            .iter()
            .filter_map(|ending| Some((*ending, folder.file(&format!("specification.{ending}"))?)));
        let (ending, path) = found.next()?;
        if let Some((_, other)) = found.next() {
            let message = format!("`{}` is not read, because `specification.{ending}` lies beside it", other.shown);
            let finding = Finding::warning(codes::TWO_SPECIFICATIONS, message).in_file(&other.shown);
            self.findings
                .add(finding.with_help("delete the older of the two; the folder does not tell which one it is"));
        }
        let ending = if ending == "yml" { "yaml" } else { ending };
        let file = text::read_text(&path.on_disk, &path.shown, MAX_FILE_BYTES);
        Some(Specification { ending: ending.to_owned(), file })
    }

    fn read_operations(&mut self, api: &str, folders: &[&Folder]) -> BTreeMap<String, RawOperation> {
        let mut operations = BTreeMap::new();
        for folder in folders {
            let resource = match folder.file("operationInformation.json") {
                None => None,
                Some(_) => match self.try_read_resource(folder, &["operationInformation.json"]) {
                    Ok(resource) => Some(resource),
                    Err(finding) => {
                        self.findings.disable(api, finding);
                        continue;
                    }
                },
            };
            operations.insert(folder.name.clone(), RawOperation { resource, policy: self.read_policy(folder) });
        }
        operations
    }
}
