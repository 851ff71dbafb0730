//! Links between resources: which APIs a product holds, who sees it, what carries which tag.
//!
//! Old trees have a list file (`apis.json`), newer ones a folder with a file for each link, the newest put tags the other way round. A tree that
//! went through an upgrade has both, the lists stale. Where links of one kind exist, lists of that kind are not read at all: their union would
//! open more than anybody meant to.

use super::{Reader, tree::Folder};
use crate::{
    sources::{Gathered, folder::layout},
    text::{self, MAX_FILE_BYTES},
};
use config_model::{Finding, codes};
use serde_json::Value;
use std::collections::BTreeSet;

/// One kind of link.
pub(super) struct LinkKind {
    /// The list file.
    list: &'static str,
    /// The folder of link folders.
    folder: &'static str,
    /// Link files, by generation.
    files: &'static [&'static str],
    /// The property of a link body that names the linked resource.
    property: &'static str,
}

pub(super) const PRODUCT_API: LinkKind =
    LinkKind { list: "apis.json", folder: "apis", files: &["productApiInformation.json"], property: "apiId" };
pub(super) const PRODUCT_GROUP: LinkKind =
    LinkKind { list: "groups.json", folder: "groups", files: &["productGroupInformation.json"], property: "groupId" };
pub(super) const PRODUCT_TAG: LinkKind =
    LinkKind { list: "tags.json", folder: "tags", files: &["productTagInformation.json"], property: "tagId" };
pub(super) const GATEWAY_API: LinkKind =
    LinkKind { list: "apis.json", folder: "apis", files: &["gatewayApiInformation.json"], property: "apiId" };
pub(super) const API_TAG: LinkKind = LinkKind {
    list: "tags.json",
    folder: "tags",
    files: &["apiTagInformation.json", "tagInformation.json"],
    property: "tagId",
};
const TAG_API: LinkKind = LinkKind { list: "", folder: "apis", files: &["tagApiInformation.json"], property: "apiId" };
const TAG_PRODUCT: LinkKind =
    LinkKind { list: "", folder: "products", files: &["tagProductInformation.json"], property: "productId" };

/// The links below products, gateways and APIs.
pub(super) const PRODUCT: [&LinkKind; 3] = [&PRODUCT_API, &PRODUCT_GROUP, &PRODUCT_TAG];
pub(super) const GATEWAY: [&LinkKind; 1] = [&GATEWAY_API];
pub(super) const API: [&LinkKind; 1] = [&API_TAG];

/// Which kinds of links stand in folders anywhere in the tree.
pub(super) struct Forms {
    in_folders: BTreeSet<&'static str>,
}

impl Forms {
    /// Looks at all resources of one kind.
    pub(super) fn of(resources: &[&Folder], kinds: &[&'static LinkKind]) -> Self {
        let linked = |kind: &LinkKind| {
            let links = resources.iter().filter_map(|resource| resource.folder(kind.folder));
            links
                .flat_map(|links| links.folders.values())
                .any(|link| kind.files.iter().any(|name| link.file(name).is_some()))
        };
        Self { in_folders: kinds.iter().filter(|kind| linked(kind)).map(|kind| kind.folder).collect() }
    }
}

impl Reader<'_> {
    /// Names of the resources that a resource is linked to.
    pub(super) fn read_links(&mut self, folder: &Folder, kind: &LinkKind, forms: &Forms) -> BTreeSet<String> {
        let list = folder.file(kind.list);
        if !forms.in_folders.contains(kind.folder) {
            return list.map(|path| self.read_list(&path.on_disk, &path.shown)).unwrap_or_default();
        }
        if let Some(path) = list {
            let message = format!(
                "stale: this tree holds its links in folders named `{}`, so this list is not read",
                kind.folder
            );
            let finding = Finding::warning(codes::STALE_LIST, message).in_file(&path.shown);
            self.findings.add(finding.with_help("delete the file; it was left behind when the extractor was upgraded"));
        }
        self.read_link_folders(folder, kind)
    }

    fn read_link_folders(&mut self, folder: &Folder, kind: &LinkKind) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for link in folder.folder(kind.folder).into_iter().flat_map(|links| links.folders.values()) {
            let Some(path) = kind.files.iter().find_map(|name| link.file(name)) else {
                let message =
                    format!("`{}` holds no `{}`: it is no link", link.path, kind.files.first().unwrap_or(&""));
                self.findings.add(Finding::warning(codes::NO_INFORMATION, message).in_file(&link.path));
                continue;
            };
            let body =
                text::read_text(&path.on_disk, &path.shown, MAX_FILE_BYTES).and_then(|file| text::parse_json(&file));
            match body {
                Ok(body) => {
                    let id = body.pointer(&format!("/properties/{}", kind.property)).and_then(Value::as_str);
                    names.insert(id.map_or(link.name.as_str(), last_segment).to_owned());
                }
                Err(finding) => self.findings.add(finding),
            }
        }
        names
    }

    fn read_list(&mut self, path: &std::path::Path, shown: &str) -> BTreeSet<String> {
        let read = text::read_text(path, shown, MAX_FILE_BYTES).and_then(|file| {
            let bad = || {
                Finding::error(codes::BAD_PROPERTY, "expected a list of objects with a `name`").in_file(shown).at(1, 1)
            };
            let body = text::parse_json(&file)?;
            let name = |item: &Value| match item {
                Value::String(name) => Some(name.clone()),
                other => other.get("name").and_then(Value::as_str).map(str::to_owned),
            };
            body.as_array().ok_or_else(bad)?.iter().map(|item| name(item).ok_or_else(bad)).collect()
        });
        read.unwrap_or_else(|finding| {
            self.findings.add(finding);
            BTreeSet::new()
        })
    }

    /// The newest layout has tags point to what carries them.
    pub(super) fn read_tag_links(&mut self, root: &Folder, gathered: &mut Gathered) {
        let is_tags =
            |folder: &&Folder| layout::kind_of(&folder.name) == Some(layout::Kind::Plain(crate::sources::Plain::Tag));
        for tag in root.folders.values().filter(is_tags).flat_map(|tags| tags.folders.values()) {
            let (apis, products) = (self.read_link_folders(tag, &TAG_API), self.read_link_folders(tag, &TAG_PRODUCT));
            for api in gathered.apis.iter_mut().filter(|api| contains(&apis, &api.resource.name)) {
                api.tags.insert(tag.name.clone());
            }
            for product in gathered.products.iter_mut().filter(|product| contains(&products, &product.resource.name)) {
                product.tags.insert(tag.name.clone());
            }
        }
    }
}

fn contains(names: &BTreeSet<String>, name: &str) -> bool {
    names.iter().any(|own| own.eq_ignore_ascii_case(name))
}

/// The name at the end of a resource id.
fn last_segment(id: &str) -> &str {
    id.trim_end_matches('/').rsplit('/').next().unwrap_or(id)
}
