//! Names of folders and files in the layouts.

use super::tree::Folder;
use crate::sources::Plain;

/// What a folder in the root holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Apis,
    Products,
    Gateways,
    Fragments,
    Workspaces,
    Plain(Plain),
    /// Known, but without meaning for a gateway.
    Ignored,
}

/// The kind of a folder in the root. Blanks, hyphens and letter case do not count: `named values`, `namedValues`.
pub(super) fn kind_of(name: &str) -> Option<Kind> {
    let plain: String = name.chars().filter(|c| !matches!(c, ' ' | '-' | '_')).collect::<String>().to_ascii_lowercase();
    Some(match plain.as_str() {
        "apis" => Kind::Apis,
        "products" => Kind::Products,
        "gateways" => Kind::Gateways,
        "policyfragments" => Kind::Fragments,
        "workspaces" => Kind::Workspaces,
        "authorizationservers" => Kind::Plain(Plain::AuthorizationServer),
        "backends" => Kind::Plain(Plain::Backend),
        "caches" => Kind::Plain(Plain::Cache),
        "certificates" => Kind::Plain(Plain::Certificate),
        "diagnostics" => Kind::Plain(Plain::Diagnostic),
        "groups" => Kind::Plain(Plain::Group),
        "loggers" => Kind::Plain(Plain::Logger),
        "namedvalues" => Kind::Plain(Plain::NamedValue),
        "openidconnectproviders" => Kind::Plain(Plain::OpenIdProvider),
        "schemas" => Kind::Plain(Plain::Schema),
        "subscriptions" => Kind::Plain(Plain::Subscription),
        "tags" => Kind::Plain(Plain::Tag),
        "users" => Kind::Plain(Plain::User),
        "versionsets" => Kind::Plain(Plain::VersionSet),
        "policyrestrictions" | "documentations" => Kind::Ignored,
        _ => return None,
    })
}

/// The information files of a kind, the newest name first.
pub(super) fn information(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Apis => &["apiInformation.json"],
        Kind::Products => &["productInformation.json"],
        Kind::Gateways => &["gatewayInformation.json"],
        Kind::Fragments => &["policyFragmentInformation.json"],
        Kind::Workspaces | Kind::Ignored => &[],
        Kind::Plain(plain) => match plain {
            Plain::AuthorizationServer => &["authorizationServerInformation.json"],
            Plain::Backend => &["backendInformation.json"],
            Plain::Cache => &["cacheInformation.json"],
            Plain::Certificate => &["certificateInformation.json"],
            Plain::Diagnostic => &["diagnosticInformation.json"],
            Plain::Group => &["groupInformation.json"],
            Plain::Logger => &["loggerInformation.json"],
            Plain::NamedValue => &["namedValueInformation.json"],
            Plain::OpenIdProvider => {
                &["openidConnectProviderInformation.json", "openIdConnectProviderInformation.json"]
            }
            Plain::Schema => &["schemaInformation.json"],
            Plain::Subscription => &["subscriptionInformation.json"],
            Plain::Tag => &["tagInformation.json"],
            Plain::User => &["userInformation.json"],
            Plain::VersionSet => &["versionSetInformation.json", "apiVersionSetInformation.json"],
        },
    }
}

/// True if the folder is the root of a configuration.
pub(super) fn is_configuration(root: &Folder) -> bool {
    let resources = root.folders.values().filter_map(|folder| Some((kind_of(&folder.name)?, folder)));
    root.file("policy.xml").is_some()
        || resources.into_iter().any(|(kind, folder)| {
            let known = information(kind);
            folder
                .folders
                .values()
                .any(|child| child.file("policy.xml").is_some() || known.iter().any(|name| child.file(name).is_some()))
        })
}

/// The layout of 2022: `apis/<display name>/<Original or version>/<revision>/apiInformation.json`.
pub(super) fn is_generation_0(root: &Folder) -> bool {
    let nested = |api: &Folder| {
        let two_down = api.folders.values().flat_map(|version| version.folders.values());
        two_down.into_iter().any(|revision| revision.file("apiInformation.json").is_some())
    };
    root.file("serviceInformation.json").is_some()
        || root.folder("apis").is_some_and(|apis| apis.folders.values().any(nested))
}

/// True if anything below looks like a resource.
pub(super) fn holds_information(folder: &Folder) -> bool {
    folder.files.keys().any(|name| name.ends_with("Information.json") || name == "policy.xml")
        || folder.folders.values().any(holds_information)
}
