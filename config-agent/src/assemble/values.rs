//! Named values, and the places outside of policies that quote them.

use super::Assembler;
use crate::{properties::Properties, sources::Plain};
use config_model::{Entity, KeyVaultReference, NamedValue, Secret};
use std::{collections::BTreeMap, sync::Arc};

/// Why `{{name}}` cannot be filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unfilled {
    /// No named value of that name.
    Unknown(String),
    /// It has no value.
    NoValue(String),
}

impl std::fmt::Display for Unfilled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unknown(name) => write!(f, "named value `{name}` does not exist"),
            Self::NoValue(name) => write!(
                f,
                "named value `{name}` has no value: give it in the secrets file, the override file or the environment"
            ),
        }
    }
}

impl Assembler<'_> {
    pub(super) fn read_named_values(&mut self, given: &BTreeMap<String, String>) {
        for resource in self.gathered.plain(Plain::NamedValue) {
            let properties = self.properties(resource);
            let display_name = properties.filled("displayName").unwrap_or_else(|| resource.name.clone());
            let own = self.secret(resource, "named-values", &resource.name, "", "value");
            let by_display_name = self.secrets.look_up("named-values", &display_name, "");
            let value = match resource.overridden.contains("value") {
                true => own.or(by_display_name),
                false => by_display_name.or(own),
            };
            let given = given.iter().find(|(name, _)| {
                name.eq_ignore_ascii_case(&display_name) || name.eq_ignore_ascii_case(&resource.name)
            });
            let value = given.map(|(_, value)| Secret::from(value.clone())).or(value);
            let key_vault = properties.object("keyVault").map(|vault| KeyVaultReference {
                secret_identifier: vault.text("secretIdentifier").unwrap_or_default(),
                identity_client_id: vault.filled("identityClientId"),
            });
            let named_value = NamedValue {
                id: resource.name.as_str().into(),
                secret: properties.flag("secret").unwrap_or(key_vault.is_some()),
                tags: properties.texts("tags").into_iter().map(Into::into).collect(),
                origin: resource.file.as_ref().map(|file| file.path.clone()),
                display_name,
                value,
                key_vault,
            };
            self.insert(Entity::NamedValue(Arc::new(named_value)));
        }
        for (name, value) in given {
            // One that the folder lacks is there all the same: that is how values of another stage are tried.
            if self.snapshot.named_value(name).is_none() && !self.snapshot.named_values.contains_key(name.as_str()) {
                self.insert(Entity::NamedValue(Arc::new(NamedValue {
                    id: name.as_str().into(),
                    display_name: name.clone(),
                    value: Some(Secret::from(value.clone())),
                    ..NamedValue::default()
                })));
            }
        }
    }

    /// The text with all `{{name}}` filled in; what is filled in is not looked at again.
    pub(super) fn fill(&self, text: &str) -> Result<String, Unfilled> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((name, behind)) = after.split_once("}}") else { break };
            let value =
                self.snapshot.named_value(name.trim()).ok_or_else(|| Unfilled::Unknown(name.trim().to_owned()))?;
            let value = value.value.as_ref().ok_or_else(|| Unfilled::NoValue(name.trim().to_owned()))?;
            filled.push_str(before);
            filled.push_str(value.expose());
            rest = behind;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    /// A property with named values filled in.
    pub(super) fn filled(&self, properties: &Properties<'_>, name: &str) -> Result<Option<String>, Unfilled> {
        properties.filled(name).map(|text| self.fill(&text)).transpose()
    }
}
