//! APIOps folders, all layouts since 2023, told apart kind by kind: trees that went through several versions of the tools are normal.
//!
//! The layouts differ in folder names (`named values`, `namedValues`), file names (`apiVersionSetInformation.json`) and in how links are written
//! (list files, or a folder with a file for each link). See `layout` for the names and `links` for the links.

mod apis;
mod layout;
mod links;
mod tree;

use super::{Gathered, RawFragment, RawGateway, RawPolicy, RawProduct, Resource, Source};
use crate::{
    collect::Collector,
    text::{self, MAX_FILE_BYTES, MAX_POLICY_BYTES},
};
use config_model::{Finding, codes};
use layout::{Kind, kind_of};
use serde_json::{Map, Value};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};
use tree::Folder;
pub(crate) use tree::fingerprint;

/// A folder on disk.
#[derive(Debug, Clone)]
pub(crate) struct FolderSource {
    root: PathBuf,
}

impl FolderSource {
    /// The folder at this path.
    pub(crate) fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }
}

// === impl Source for FolderSource ===

impl Source for FolderSource {
    fn gather(&self, findings: &mut Collector) -> Gathered {
        let mut gathered = Gathered::default();
        let root = match Folder::open(&self.root) {
            Ok(root) => root,
            Err(finding) => {
                findings.add(finding);
                return gathered;
            }
        };
        if !layout::is_configuration(&root) {
            findings.add(not_a_configuration(&root, &self.root));
            return gathered;
        }
        let mut reader = Reader { findings };
        reader.read_root(&root, &mut gathered);
        gathered
    }
}

/// True if the folder holds any resource of API Management.
pub(crate) fn is_configuration(root: &Path) -> bool {
    Folder::open(root).is_ok_and(|root| layout::is_configuration(&root))
}

fn not_a_configuration(root: &Folder, path: &Path) -> Finding {
    let message = format!("`{}` holds no API Management configuration", path.display());
    let finding = Finding::error(codes::NOT_A_CONFIGURATION, message);
    if layout::is_generation_0(root) {
        return finding.with_help(
            "this is the layout of 2022 (before APIOps v4), which is not read; extract it again with a newer tool",
        );
    }
    match root.folders.iter().find(|(_, folder)| layout::is_configuration(folder)) {
        Some((name, _)) => finding.with_help(format!("`{}` does", path.join(name).display())),
        None => finding.with_help("expected folders such as `apis`, `products`, `named values`, or a `policy.xml`"),
    }
}

/// Reads a tree, one kind after the other.
struct Reader<'a> {
    findings: &'a mut Collector,
}

impl Reader<'_> {
    fn read_root(&mut self, root: &Folder, gathered: &mut Gathered) {
        gathered.policy = self.read_policy(root);
        let mut folders: BTreeMap<Kind, Vec<&Folder>> = BTreeMap::new();
        for folder in root.folders.values() {
            match kind_of(&folder.name) {
                Some(kind) => folders.entry(kind).or_default().push(folder),
                None => self.report_unknown_folder(folder),
            }
        }
        for (kind, folders) in folders {
            let children: Vec<&Folder> = folders.iter().flat_map(|folder| folder.folders.values()).collect();
            self.report_collisions(&children);
            folders.iter().for_each(|folder| self.report_loose_files(folder));
            match kind {
                Kind::Apis => gathered.apis = self.read_apis(&children),
                Kind::Products => gathered.products = self.read_products(&children),
                Kind::Gateways => gathered.gateways = self.read_gateways(&children),
                Kind::Fragments => gathered.fragments = self.read_fragments(&children),
                Kind::Workspaces => self.report_workspaces(&children),
                Kind::Ignored => {}
                Kind::Plain(plain) => {
                    gathered.plain.insert(plain, self.read_resources(&children, layout::information(kind)));
                }
            }
        }
        self.read_tag_links(root, gathered);
    }

    fn report_unknown_folder(&mut self, folder: &Folder) {
        if layout::holds_information(folder) {
            let message = format!("folder `{}` is of no known kind: what lies in it is not read", folder.path);
            self.findings.add(Finding::warning(codes::NOT_SUPPORTED, message).in_file(&folder.path));
        }
    }

    /// Resources are folders; what lies beside them as a file looks like one, but no tool ever wrote or read it.
    fn report_loose_files(&mut self, folder: &Folder) {
        let is_resource = |name: &&String| name.ends_with(".json") || name.ends_with(".xml");
        for path in folder.files.iter().filter(|(name, _)| is_resource(name)).map(|(_, path)| path) {
            let message = format!("`{}` is not read: a resource is a folder with an information file", path.shown);
            self.findings.add(Finding::warning(codes::NOT_SUPPORTED, message).in_file(&path.shown));
        }
    }

    fn report_workspaces(&mut self, workspaces: &[&Folder]) {
        for workspace in workspaces {
            let message = format!("workspace `{}` is not served: workspaces are not supported", workspace.name);
            self.findings.add(Finding::warning(codes::NOT_SUPPORTED, message).in_file(&workspace.path));
        }
    }

    /// Resource names that differ only in letter case are one resource to the management plane.
    fn report_collisions(&mut self, folders: &[&Folder]) {
        let mut seen: BTreeMap<String, &Folder> = BTreeMap::new();
        for folder in folders {
            if let Some(other) = seen.insert(folder.name.to_ascii_lowercase(), folder) {
                let message = format!("`{}` and `{}` are one name", other.path, folder.path);
                self.findings.add(Finding::error(codes::NAME_COLLISION, message).in_file(&folder.path));
            }
        }
    }

    fn read_resources(&mut self, folders: &[&Folder], information: &[&str]) -> Vec<Resource> {
        folders.iter().filter_map(|folder| self.read_resource(folder, information)).collect()
    }

    /// The resource in a folder; a folder without information file is reported.
    fn read_resource(&mut self, folder: &Folder, information: &[&str]) -> Option<Resource> {
        match self.try_read_resource(folder, information) {
            Ok(resource) => Some(resource),
            Err(finding) => {
                self.findings.add(finding);
                None
            }
        }
    }

    fn try_read_resource(&mut self, folder: &Folder, information: &[&str]) -> Result<Resource, Finding> {
        let Some(path) = information.iter().find_map(|name| folder.file(name)) else {
            let message = format!("`{}` has no `{}`", folder.path, information.first().unwrap_or(&"information file"));
            return Err(Finding::error(codes::NO_INFORMATION, message).in_file(&folder.path));
        };
        let file = text::read_text(&path.on_disk, &path.shown, MAX_FILE_BYTES)?;
        let properties = match text::parse_json(&file)? {
            Value::Object(mut body) => match body.remove("properties") {
                Some(Value::Object(properties)) => properties,
                None | Some(Value::Null) => Map::new(),
                Some(_) => return Err(not_an_object(&file, "`properties` is no object").on_field("properties")),
            },
            _ => return Err(not_an_object(&file, "the file holds no JSON object")),
        };
        Ok(Resource { name: folder.name.clone(), properties, file: Some(Arc::new(file)), ..Resource::default() })
    }

    /// The `policy.xml` of a folder, if there is one.
    fn read_policy(&mut self, folder: &Folder) -> Option<RawPolicy> {
        let path = folder.file("policy.xml")?;
        match text::read_text(&path.on_disk, &path.shown, MAX_POLICY_BYTES) {
            Ok(file) => Some(RawPolicy { file, format: None }),
            Err(finding) => {
                self.findings.add(finding);
                None
            }
        }
    }

    fn read_products(&mut self, folders: &[&Folder]) -> Vec<RawProduct> {
        let forms = links::Forms::of(folders, &links::PRODUCT);
        let mut products = Vec::new();
        for folder in folders {
            let Some(resource) = self.read_resource(folder, &["productInformation.json"]) else { continue };
            products.push(RawProduct {
                resource,
                policy: self.read_policy(folder),
                apis: self.read_links(folder, &links::PRODUCT_API, &forms),
                groups: self.read_links(folder, &links::PRODUCT_GROUP, &forms),
                tags: self.read_links(folder, &links::PRODUCT_TAG, &forms),
            });
        }
        products
    }

    fn read_gateways(&mut self, folders: &[&Folder]) -> Vec<RawGateway> {
        let forms = links::Forms::of(folders, &links::GATEWAY);
        let mut gateways = Vec::new();
        for folder in folders {
            // `gateways/managed/apis.json` is written by hand, without a file of its own, and speaks about the cloud's gateway.
            if folder.name.eq_ignore_ascii_case("managed") {
                continue;
            }
            let Some(resource) = self.read_resource(folder, &["gatewayInformation.json"]) else { continue };
            let below =
                |name: &str| folder.folder(name).into_iter().flat_map(|f| f.folders.values()).collect::<Vec<_>>();
            let hostnames = ["hostnameConfigurationInformation.json", "gatewayHostnameConfigurationInformation.json"];
            let authorities = ["certificateAuthorityInformation.json", "gatewayCertificateAuthorityInformation.json"];
            gateways.push(RawGateway {
                resource,
                apis: self.read_links(folder, &links::GATEWAY_API, &forms),
                hostnames: self.read_resources(&below("hostnameConfigurations"), &hostnames),
                authorities: self.read_resources(&below("certificateAuthorities"), &authorities),
            });
        }
        gateways
    }

    fn read_fragments(&mut self, folders: &[&Folder]) -> Vec<RawFragment> {
        let mut fragments = Vec::new();
        for folder in folders {
            let policy = self.read_policy(folder);
            // The text alone is enough to serve a fragment; the information file only describes it.
            let resource = match folder.file("policyFragmentInformation.json") {
                None if policy.is_some() => Some(Resource { name: folder.name.clone(), ..Resource::default() }),
                _ => self.read_resource(folder, &["policyFragmentInformation.json"]),
            };
            fragments.extend(resource.map(|resource| RawFragment { resource, policy }));
        }
        fragments
    }
}

fn not_an_object(file: &text::TextFile, message: &str) -> Finding {
    text::place(Finding::error(codes::BAD_PROPERTY, message).on_field("properties"), file)
}
