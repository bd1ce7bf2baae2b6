//! Whether a text of an operator's names metrics that are exported, with labels and values that they have.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use super::{find, read, values};

/// The label values of each metric; `*` stands for any.
type Labels = BTreeMap<String, BTreeSet<String>>;

/// Every metric of tests/metrics.txt with its labels, histograms also by the names of their series.
static METRICS: LazyLock<BTreeMap<String, Labels>> = LazyLock::new(|| {
    let mut metrics: BTreeMap<String, Labels> = BTreeMap::new();
    let mut name = String::new();
    for line in read("tests/metrics.txt").lines() {
        match line.strip_prefix("    ") {
            None => {
                name = line.to_owned();
                metrics.insert(name.clone(), Labels::new());
            }
            Some(rest) => {
                let Some((label, values)) = rest.split_once(": ") else { continue };
                let values = values.split(' ').map(str::to_owned).collect();
                metrics.get_mut(&name).unwrap().insert(label.to_owned(), values);
            }
        }
    }
    let histograms: Vec<(String, Labels)> =
        metrics.iter().filter(|(_, labels)| labels.contains_key("le")).map(|m| (m.0.clone(), m.1.clone())).collect();
    for (name, mut labels) in histograms {
        metrics.insert(format!("{name}_bucket"), labels.clone());
        labels.remove("le");
        metrics.insert(format!("{name}_sum"), labels.clone());
        metrics.insert(format!("{name}_count"), labels);
    }
    metrics
});

/// What recording.yml computes; their labels are those of the rules, checked where they are recorded.
static RECORDED: LazyLock<BTreeSet<String>> =
    LazyLock::new(|| values("deploy/prometheus/recording.yml", "record: ").into_iter().collect());

/// What is wrong with the names in `text`: metrics that nobody exports, labels and label values they do not have.
pub fn wrong_names(text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut labels = BTreeSet::from(["job", "instance"]);
    for found in find(r"\b(job:)?((?:copydesk|process)_[a-z_]*[a-z])(:[a-z0-9_]+)?(?:\{([^}]*)\})?", text) {
        let (whole, name) = (format!("{}{}{}", found[1], found[2], found[3]), found[2]);
        if !found[1].is_empty() {
            if !RECORDED.contains(&whole) {
                wrong.push(format!("nothing records {whole}"));
            }
            continue;
        }
        let Some(known) = METRICS.get(name) else {
            wrong.push(format!("no metric {name}"));
            continue;
        };
        labels.extend(known.keys().map(String::as_str));
        for matcher in find(r#"([a-z_]+)\s*(=~|!~|!=|=)\s*"([^"]*)""#, found[4]) {
            wrong.extend(wrong_matcher(name, known, matcher[1], matcher[3]));
        }
    }
    if find(r"\bjob:", text).is_empty() {
        for group in
            find(r"\b(?:by|on) \(([^)]*)\)", text).iter().chain(&find(r"\{\{ ?(?:\$labels\.)?([a-z_]+) ?\}\}", text))
        {
            let named = group[1].split(',').map(str::trim).filter(|label| !label.is_empty());
            wrong.extend(
                named.filter(|l| !labels.contains(l)).map(|l| format!("no metric of this has a label {l}: {text}")),
            );
        }
    }
    wrong
}

fn wrong_matcher(metric: &str, known: &Labels, label: &str, value: &str) -> Vec<String> {
    if ["job", "instance"].contains(&label) {
        return Vec::new();
    }
    let Some(values) = known.get(label) else { return vec![format!("{metric} has no label {label}")] };
    let free = ["topic", "partition", "version", "revision", "le"].contains(&label);
    let named = value.split('|').filter(|value| !free && !values.contains(*value));
    named.map(|value| format!("{metric} never has {label}={value}")).collect()
}

#[test]
fn a_wrong_name_is_found() {
    assert_eq!(wrong_names("rate(copydesk_record_total[5m])"), ["no metric copydesk_record_total"]);
    assert_eq!(wrong_names("job:copydesk_records:rate1m"), ["nothing records job:copydesk_records:rate1m"]);
    let wrong = wrong_names(r#"sum by (reason) (copydesk_records_total{outcome="dead|lost", state="x"})"#);
    assert_eq!(wrong.len(), 3, "{wrong:?}");
    assert_eq!(
        wrong_names(r#"sum by (le, stage) (copydesk_stage_duration_seconds_bucket{stage=~"clean|decode"})"#),
        [""; 0]
    );
}
