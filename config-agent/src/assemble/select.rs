//! `--gateway NAME`: only the APIs linked to that gateway, and what hangs on them.

use super::Assembler;
use config_model::{ApiId, Finding, GatewayId, PolicyScope, SubscriptionScope, codes};
use std::collections::BTreeSet;

impl Assembler<'_> {
    /// Leaves out what the gateway does not serve. A name that is not found is an error, never everything.
    pub(super) fn select_gateway(&mut self, name: &str) {
        let found =
            self.snapshot.gateways.values().find(|gateway| gateway.id.as_str().eq_ignore_ascii_case(name)).cloned();
        let Some(gateway) = found else {
            let known: Vec<_> = self.snapshot.gateways.keys().map(|id| format!("`{id}`")).collect();
            let finding = Finding::error(codes::NO_SUCH_GATEWAY, format!("there is no gateway `{name}`"));
            self.findings.add(match known.is_empty() {
                true => finding.with_help("the folder has no `gateways`; without a name all APIs are served"),
                false => finding.with_help(format!("known are {}", known.join(", "))),
            });
            return;
        };
        let served: BTreeSet<ApiId> = gateway.apis.iter().cloned().collect();
        if served.is_empty() {
            let finding =
                Finding::warning(codes::DANGLING_REFERENCE, format!("gateway `{}` serves no API", gateway.id));
            self.findings.add(finding.from_origin(gateway.origin.as_ref()));
        }
        let snapshot = &mut self.snapshot;
        snapshot.apis.retain(|_, api| served.contains(&api.root));
        snapshot.products.retain(|_, product| product.apis.iter().any(|api| served.contains(api)));
        for product in snapshot.products.values_mut() {
            std::sync::Arc::make_mut(product).apis.retain(|api| served.contains(api));
        }
        let (apis, products) = (&snapshot.apis, &snapshot.products);
        snapshot.subscriptions.retain(|_, subscription| match &subscription.scope {
            SubscriptionScope::Api(id) => apis.contains_key(id),
            SubscriptionScope::Product(id) => products.contains_key(id),
            SubscriptionScope::AllApis | SubscriptionScope::AllAccess => true,
        });
        snapshot.policies.retain(|scope, _| match scope {
            PolicyScope::Api(id) | PolicyScope::Operation(id, _) => apis.contains_key(id),
            PolicyScope::Product(id) => products.contains_key(id),
            PolicyScope::Global | PolicyScope::Workspace(_) => true,
        });
        snapshot.diagnostics.retain(|_, diagnostic| diagnostic.api.as_ref().is_none_or(|id| apis.contains_key(id)));
        snapshot.gateways.retain(|id, _| *id == gateway.id);
        snapshot.hostnames.retain(|_, hostname| hostname.gateway == gateway.id);
        snapshot.settings.gateway = Some(GatewayId::new(&gateway.id));
    }
}
