//! What an operator installs and reads names only what exists: metrics and labels in alerts, dashboard and docs, a heading
//! of the runbook for every alert; and the tools of those who run them have nothing against the files.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test that cannot go on shall fail

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use copydesk::command::Exit;
use copydesk::settings::{Settings, Sources};
use regex::Regex;
use serde_json::Value;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

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

/// What follows `key` on the lines of a YAML file that begin with it.
fn values(path: &str, key: &str) -> Vec<String> {
    let text = read(path);
    let lines = text.lines().map(|line| line.trim_start().trim_start_matches("- "));
    lines.filter_map(|line| line.strip_prefix(key)).map(|value| value.trim().to_owned()).collect()
}

fn find<'t>(pattern: &str, text: &'t str) -> Vec<Vec<&'t str>> {
    let pattern = Regex::new(pattern).unwrap();
    pattern.captures_iter(text).map(|c| c.iter().map(|group| group.map_or("", |g| g.as_str())).collect()).collect()
}

/// What is wrong with the names in `text`: metrics that nobody exports, labels and label values they do not have.
fn wrong_names(text: &str) -> Vec<String> {
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
fn rules_and_pages_name_metrics_that_exist() {
    let pages = ["docs/runbook.md", "deploy/prometheus/recording.yml", "deploy/prometheus/alerts.yml", "README.md"];
    for page in pages {
        let text = read(page);
        // Of a YAML file each rule by itself; of a page each paragraph.
        for part in text.split("\n\n") {
            let part: Vec<&str> = part.lines().filter(|line| !line.trim_start().starts_with("# ")).collect();
            assert_eq!(wrong_names(&part.join("\n")), Vec::<String>::new(), "{page}");
        }
    }
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

#[test]
fn every_alert_says_what_to_do() {
    let alerts = values("deploy/prometheus/alerts.yml", "alert: ");
    let links = values("deploy/prometheus/alerts.yml", "runbook_url: ");
    let runbook = read("docs/runbook.md");
    let headings: Vec<&str> = runbook.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    assert_eq!(alerts, headings, "one heading of the runbook for each alert, in the same order");
    for (alert, link) in alerts.iter().zip(&links) {
        let page = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/runbook.md");
        assert_eq!(*link, format!("{page}#{}", alert.to_lowercase()));
    }
    assert_eq!(alerts.len(), links.len());
    let parts: Vec<&str> = runbook.split("\n## ").skip(1).collect();
    for part in parts {
        for word in ["**Means.**", "**Look.**", "**Do.**"] {
            assert!(part.contains(word), "{}: no {word}", part.lines().next().unwrap_or_default());
        }
    }
    let tested = values("deploy/prometheus/tests.yml", "alertname: ");
    for alert in &alerts {
        assert!(tested.contains(alert), "deploy/prometheus/tests.yml never lets {alert} fire");
    }
    for anchor in find(r"\]\(#([a-z]+)\)", &runbook) {
        assert!(headings.iter().any(|h| h.to_lowercase() == anchor[1]), "no heading {}", anchor[1]);
    }
}

#[test]
fn every_panel_has_a_title_a_unit_and_queries_that_name_what_exists() {
    let dashboard: Value = serde_json::from_str(&read("deploy/grafana/copydesk.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let (mut ids, mut cells) = (BTreeSet::new(), BTreeSet::new());
    let mut queries = 0;
    for panel in panels {
        let title = panel["title"].as_str().unwrap();
        assert!(!title.is_empty() && ids.insert(panel["id"].as_i64().unwrap()), "{title}");
        let side = |name: &str| panel["gridPos"][name].as_u64().unwrap();
        assert!(side("x") + side("w") <= 24, "{title}: wider than the grid");
        for x in side("x")..side("x") + side("w") {
            let free = (side("y")..side("y") + side("h")).all(|y| cells.insert((x, y)));
            assert!(free, "{title} lies over another panel");
        }
        if panel["type"] == "row" {
            continue;
        }
        assert!(panel["fieldConfig"]["defaults"]["unit"].is_string(), "{title}: no unit");
        assert!(panel["description"].as_str().is_some_and(|d| d.len() > 20), "{title}: no word on what it says");
        assert!(!panel["targets"].as_array().unwrap().is_empty(), "{title}: no query");
        assert_eq!(panel["datasource"]["uid"], "${datasource}", "{title}: the data source is the reader's choice");
        for target in panel["targets"].as_array().unwrap() {
            let query = target["expr"].as_str().unwrap();
            let legend = target["legendFormat"].as_str().unwrap();
            assert_eq!(wrong_names(&format!("{query} {legend}")), Vec::<String>::new(), "{title}");
            assert!(query.contains(r#"job="$job""#), "{title}: not only of the chosen desk");
            let fixed = find(r"\b(rate|increase)\([^\[]*\[(\d+[smh])\]", query);
            assert!(fixed.iter().all(|f| f[2] == "1h"), "{title}: a fixed range; use $__rate_interval");
            queries += 1;
        }
    }
    assert!(queries > 30, "{queries} queries");
}

/// Runs a tool in the folder of the repository: `None` when it is not installed, else what it said when it found fault.
fn run(tool: &str, args: &[&str]) -> Option<Result<(), String>> {
    let output = Command::new(tool).args(args).current_dir(env!("CARGO_MANIFEST_DIR")).output();
    let Ok(output) = output else {
        eprintln!("skipped: {tool} is not installed");
        return None;
    };
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    Some(if output.status.success() { Ok(()) } else { Err(said) })
}

#[test]
fn promtool_accepts_the_rules_and_their_tests_hold() {
    let (rules, tests) =
        (["deploy/prometheus/recording.yml", "deploy/prometheus/alerts.yml"], "deploy/prometheus/tests.yml");
    if let Some(said) = run("promtool", &["check", "rules", rules[0], rules[1]]) {
        said.unwrap();
        run("promtool", &["test", "rules", tests]).unwrap().unwrap();
        run("promtool", &["check", "config", "--syntax-only", "deploy/prometheus/prometheus.yml"]).unwrap().unwrap();
    }
}

#[test]
fn kubernetes_and_systemd_accept_their_files() {
    if let Some(said) = run("kubectl", &["kustomize", "deploy/kubernetes"]) {
        said.unwrap();
    }
    let native = ["deployment", "poddisruptionbudget", "networkpolicy"];
    let native = native.map(|name| format!("deploy/kubernetes/{name}.yaml"));
    let arguments: Vec<&str> = ["--strict"].into_iter().chain(native.iter().map(String::as_str)).collect();
    if let Some(said) = run("kubernetes-validate", &arguments) {
        said.unwrap();
    }
    let unit = "deploy/systemd/copydesk.service";
    // A systemd that is too old for the option says so; the score is tenths, and 2.0 is the bar.
    if let Some(Err(said)) =
        run("systemd-analyze", &["security", "--offline=true", "--threshold=20", "--no-pager", unit])
    {
        assert!(said.contains("unrecognized option"), "{said}");
    }
    if let Some(said) = run("hadolint", &["deploy/Dockerfile"]) {
        said.unwrap();
    }
    if let Some(said) = run("docker-compose", &["-f", "deploy/compose.yaml", "config", "-q"]) {
        said.unwrap();
    }
}

#[test]
fn what_is_deployed_leaves_the_worker_the_time_and_the_ends_it_needs() {
    let settings = Settings::default();
    let number = |path: &str, key: &str| -> u64 {
        let given = values(path, key);
        assert_eq!(given.len(), 1, "{path}: {key}");
        given[0].trim_end_matches('s').parse().unwrap_or_else(|e| panic!("{path}: {key}{}: {e}", given[0]))
    };
    let (pod, unit) = ("deploy/kubernetes/deployment.yaml", "deploy/systemd/copydesk.service");
    let shutdown = settings.run.shutdown_timeout.as_secs();
    assert_eq!(number(pod, "terminationGracePeriodSeconds: "), shutdown + 15);
    assert!(number(unit, "TimeoutStopSec=") > shutdown);
    assert!(number(unit, "WatchdogSec=") > settings.run.watchdog.as_secs());
    for grace in values("deploy/compose.yaml", "stop_grace_period: ") {
        assert!(grace.trim_end_matches('s').parse::<u64>().unwrap() > shutdown);
    }
    let ends = [Exit::Usage, Exit::RejectLimit, Exit::Config].map(|exit| (exit as u8).to_string());
    assert_eq!(values(unit, "RestartPreventExitStatus="), [ends.join(" ")]);
    let object = "deploy/kubernetes/scaledobject.yaml";
    assert_eq!(number(object, "maxReplicaCount: "), u64::from(settings.topics.partitions));
    assert_eq!(values(object, "topic: "), [settings.topics.raw]);
    assert_eq!(values(object, "consumerGroup: "), [settings.kafka.group]);
    let port = settings.http.listen.unwrap().port().to_string();
    assert_eq!(values(pod, "containerPort: "), [port.as_str()]);
    assert_eq!(values("deploy/Dockerfile", "EXPOSE "), [port.as_str()]);
    assert_eq!(values("deploy/prometheus/prometheus.yml", "port: "), [port.as_str()]);
    for file in values("deploy/kubernetes/kustomization.yaml", "files: ") {
        read(&format!("deploy/kubernetes/{}", file.trim_matches(['[', ']'])));
    }
}

/// Custom resources, which no tool checks without their cluster: what their schemas require, and that what they name is
/// deployed.
#[test]
fn custom_resources_name_what_is_deployed() {
    let (pod, monitor) = ("deploy/kubernetes/deployment.yaml", "deploy/kubernetes/podmonitor.yaml");
    let object = "deploy/kubernetes/scaledobject.yaml";
    let kinds = [
        (monitor, "monitoring.coreos.com/v1", "PodMonitor"),
        (object, "keda.sh/v1alpha1", "ScaledObject"),
        (pod, "apps/v1", "Deployment"),
    ];
    for (path, version, kind) in kinds {
        assert_eq!((values(path, "apiVersion: "), values(path, "kind: ")), (vec![version.into()], vec![kind.into()]));
    }
    let deployed = values(pod, "name: ");
    assert!(values(object, "name: ").iter().all(|name| *name == deployed[0]), "it scales the deployment");
    for port in values(monitor, "port: ") {
        assert!(deployed.contains(&port), "the pods have no port {port}");
    }
    assert_eq!(values(monitor, "path: "), ["/metrics"]);
    let label = "app.kubernetes.io/name: ";
    assert!(values(monitor, label).iter().chain(&values(pod, label)).all(|name| name == "copydesk"));
    let text = read(object);
    let trigger = text.split_once("- type: kafka").unwrap().1.split_once("metadata:\n").unwrap().1;
    let mut given = BTreeMap::new();
    for line in trigger.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        let (key, value) = line.split_once(": ").unwrap();
        // The schema takes strings alone: a bare number or truth value is refused.
        assert!(
            value.starts_with('"') || value.starts_with(char::is_alphabetic) && value != "true" && value != "false",
            "{line}"
        );
        given.insert(key, value);
    }
    for key in ["bootstrapServers", "consumerGroup", "topic", "lagThreshold", "offsetResetPolicy"] {
        assert!(given.contains_key(key), "{key}");
    }
}

/// The image: what is copied exists and is not held back, and what it starts is a verb of the program.
#[test]
fn the_image_is_made_of_what_is_there() {
    let dockerfile = read("deploy/Dockerfile");
    let stages: Vec<&str> = find(r"(?m)^FROM \S+ AS (\S+)$", &dockerfile).iter().map(|f| f[1]).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut copied = Vec::new();
    for copy in find(r"(?m)^COPY (?:--from=(\S+) )?(\S+) (\S+)$", &dockerfile) {
        match copy[1] {
            "" => assert!(root.join(copy[2]).exists(), "{}", copy[2]),
            stage => {
                assert!(stages.contains(&stage) && dockerfile.contains(&format!("target/release/copydesk {}", copy[2])))
            }
        }
        copied.push(copy[3]);
    }
    assert!(copied.len() > 1, "{copied:?}");
    for array in find(r"(?:CMD|ENTRYPOINT) (\[.*\])", &dockerfile) {
        let words: Vec<String> = serde_json::from_str(array[1]).unwrap();
        let arguments = match words.split_first() {
            Some((program, rest)) if program.starts_with('/') => {
                assert!(copied.contains(&program.as_str()), "{program} is not in the image");
                rest
            }
            _ => &words,
        };
        let help = Command::new(env!("CARGO_BIN_EXE_copydesk")).args(arguments).arg("--help").env_clear().output();
        assert!(help.unwrap().status.success(), "{words:?} is no verb");
    }
    let ignored: Vec<String> =
        read("deploy/Dockerfile.dockerignore").lines().filter_map(|l| l.strip_prefix('/').map(str::to_owned)).collect();
    assert!(ignored.len() > 3);
    for needed in ["src", "config", "benches", "examples", "tests", "Cargo.toml", "Cargo.lock"] {
        assert!(!ignored.contains(&needed.to_owned()), "{needed} is needed for the build");
    }
    for file in find(r"(?m)^ *- \./([^:]+):", &read("deploy/compose.yaml")) {
        assert!(root.join("deploy").join(file[1]).exists(), "compose.yaml: {}", file[1]);
    }
    assert!(values("deploy/compose.yaml", "dockerfile: ").iter().all(|file| root.join(file).exists()));
}

/// The configuration of the pods is one that the program takes.
#[test]
fn the_configuration_that_is_deployed_is_accepted() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/kubernetes/copydesk.toml");
    let loaded = copydesk::settings::load(&Sources { file: Some(file), ..Sources::default() });
    assert_eq!(loaded.unwrap().settings.kafka.brokers, "kafka-bootstrap:9092");
}
