//! What is deployed fits the program: its times, ends, ports, topics, verbs and settings, and the tools of the platforms take it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use copydesk::command::Exit;
use copydesk::settings::{Settings, Sources};

use super::{find, read, run, values};

#[test]
fn kubernetes_and_systemd_accept_their_files() {
    if let Some(said) = run("kubectl", &["kustomize", "deploy/kubernetes"]) {
        said.unwrap();
    }
    let unit = "deploy/systemd/copydesk.service";
    // A systemd that is too old for the option says so; the score is tenths, and 2.0 is the bar.
    if let Some(Err(said)) =
        run("systemd-analyze", &["security", "--offline=true", "--threshold=20", "--no-pager", unit])
    {
        assert!(said.contains("unrecognized option"), "{said}");
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

/// What starts a worker again does so until a record that ends it each time is set aside, and once more at least.
#[test]
fn a_record_that_ends_its_worker_is_set_aside_before_nobody_starts_one_any_more() {
    let one = |path: &str, key: &str| -> u32 {
        let given = values(path, key);
        assert_eq!(given.len(), 1, "{path}: {key}");
        given[0].trim_end_matches(';').parse().unwrap_or_else(|e| panic!("{path}: {key}{}: {e}", given[0]))
    };
    // The worker after those that ended in vain does not read the record.
    let starts = one("src/kafka/session/attempts/care.rs", "const UNREAD_FROM: u32 = ") + 1;
    assert!(one("deploy/systemd/copydesk.service", "StartLimitBurst=") > starts);
    assert!(one("deploy/compose.yaml", "restart: on-failure:") > starts);
}

/// The folder that the reference names for the snapshot can be written to: the service owns it, the pod has it to be uncommented.
#[test]
fn there_is_a_folder_for_the_snapshot() {
    let [folder] = &values("config/copydesk.toml", "# state_dir = ")[..] else { panic!("no example of a folder") };
    let folder: String = serde_json::from_str(folder).unwrap();
    let unit = "deploy/systemd/copydesk.service";
    let [owned, mode] = ["StateDirectory=", "StateDirectoryMode="].map(|key| values(unit, key).join(" "));
    assert_eq!((format!("/var/lib/{owned}"), &*mode), (folder.clone(), "0700"));
    let pod = read("deploy/kubernetes/deployment.yaml");
    let used: Vec<&str> = find(r"(?m)^ +# - name: (\w+)\n +#   (?:mountPath: (\S+)|emptyDir: \{\})$", &pod)
        .iter()
        .flat_map(|found| [found[1], found[2]])
        .collect();
    assert_eq!(used, ["state", &folder, "state", ""], "one volume and where it is mounted");
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
