//! Metrics that policies count (`emit-metric`): number and sum of the values of each series, as a summary
//! `apim_custom_<namespace>_<name>`. Names and dimensions come from policies, so the number of series has a limit.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use policy_engine::Metric;
use prometheus::proto::{LabelPair, Metric as Sample, MetricFamily, MetricType, Summary};

/// Series that are told apart; what comes after them is counted with the dimensions `other`.
const MAX_SERIES: usize = 2000;
/// Metrics, which are not told apart any more beyond that.
const MAX_METRICS: usize = 500;
/// The value of a dimension that is not told apart.
const OTHER: &str = "other";

/// Names and values of dimensions in their own order.
type Labels = Vec<(String, String)>;

/// What policies have counted.
#[derive(Debug, Default)]
pub struct CustomMetrics {
    families: Mutex<BTreeMap<String, BTreeMap<Labels, Series>>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Series {
    count: u64,
    sum: f64,
}

impl CustomMetrics {
    /// Counts a value.
    pub fn record(&self, metric: &Metric<'_>) {
        let mut families = self.families.lock();
        let mut name = format!("apim_custom_{}_{}", sanitised(metric.namespace), sanitised(metric.name));
        if families.len() >= MAX_METRICS && !families.contains_key(&name) {
            name = format!("apim_custom_{OTHER}");
        }
        let mut labels = labels(metric.dimensions);
        let full = families.values().map(BTreeMap::len).sum::<usize>() >= MAX_SERIES;
        let family = families.entry(name).or_default();
        if full && !family.contains_key(&labels) {
            labels.iter_mut().for_each(|(_, value)| OTHER.clone_into(value));
        }
        let series = family.entry(labels).or_default();
        series.count = series.count.saturating_add(1);
        series.sum += metric.value;
    }

    /// Everything counted so far.
    pub fn gather(&self) -> Vec<MetricFamily> {
        let family = |(name, series): (&String, &BTreeMap<Labels, Series>)| {
            let mut family = MetricFamily::default();
            family.set_name(name.clone());
            family.set_help("Values of a metric of the policies.".to_owned());
            family.set_field_type(MetricType::SUMMARY);
            family.set_metric(series.iter().map(sample).collect());
            family
        };
        self.families.lock().iter().map(family).collect()
    }
}

fn sample((labels, series): (&Labels, &Series)) -> Sample {
    let mut summary = Summary::default();
    summary.set_sample_count(series.count);
    summary.set_sample_sum(series.sum);
    let label = |(name, value): &(String, String)| {
        let mut pair = LabelPair::default();
        pair.set_name(name.clone());
        pair.set_value(value.clone());
        pair
    };
    let mut sample = Sample::from_label(labels.iter().map(label).collect());
    sample.set_summary(summary);
    sample
}

/// Dimensions by their sanitised names; of two that become one, the first counts.
fn labels(dimensions: &[(String, String)]) -> Labels {
    let mut labels: Labels = Vec::with_capacity(dimensions.len());
    for (name, value) in dimensions {
        let name = sanitised(name);
        if !labels.iter().any(|(known, _)| *known == name) {
            labels.push((name, value.clone()));
        }
    }
    labels
}

/// A name as Prometheus allows it: letters, digits and `_`, no digit first; in lower case.
fn sanitised(name: &str) -> String {
    let fits = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '_' };
    let name: String = name.chars().map(fits).collect();
    if name.starts_with(|first: char| first.is_ascii_digit()) || name.is_empty() { format!("_{name}") } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(metrics: &CustomMetrics) -> String {
        prometheus::TextEncoder::new().encode_to_string(&metrics.gather()).unwrap()
    }

    #[test]
    fn values_are_summed_by_dimension() {
        let metrics = CustomMetrics::default();
        for (value, client) in [(1.5, "a\"b"), (2.0, "a\"b"), (1.0, "c")] {
            let dimensions = [("API ID".to_owned(), "orders".to_owned()), ("Client".to_owned(), client.to_owned())];
            metrics.record(&Metric { namespace: "API Management", name: "2nd calls", value, dimensions: &dimensions });
        }
        let text = text(&metrics);
        let name = "apim_custom_api_management__2nd_calls";
        assert!(text.contains(&format!("# TYPE {name} summary")), "{text}");
        assert!(text.contains(&format!(r#"{name}_sum{{api_id="orders",client="a\"b"}} 3.5"#)), "{text}");
        assert!(text.contains(&format!(r#"{name}_count{{api_id="orders",client="c"}} 1"#)), "{text}");
    }

    #[test]
    fn series_have_a_limit() {
        let metrics = CustomMetrics::default();
        for number in 0..MAX_SERIES + 50 {
            let dimensions = [("id".to_owned(), number.to_string())];
            metrics.record(&Metric { namespace: "n", name: "m", value: 1.0, dimensions: &dimensions });
        }
        assert!(text(&metrics).contains("apim_custom_n_m_count{id=\"other\"} 50"));
        for number in 0..MAX_METRICS + 5 {
            metrics.record(&Metric { namespace: "n", name: &format!("m{number}"), value: 1.0, dimensions: &[] });
        }
        assert!(metrics.families.lock().len() <= MAX_METRICS + 1);
    }
}
