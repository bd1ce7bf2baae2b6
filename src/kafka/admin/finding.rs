//! What is wrong with a cluster that was looked at, as sentences. Pure: it asks nobody.

use super::{Cluster, Denied, Topic};
use crate::flow::deliver::Limits;
use crate::outcome::Route;
use crate::settings::{AROUND, Settings};

/// Bytes of a batch, where all topics take as much: librdkafka's own default.
const BATCH: u64 = 1_000_000;

/// What a link may take: the id of a copy, as key and in the value, and that of its story, each of up to 4 KiB.
const LINK: i64 = 64 << 10;

/// One line of `check --connect`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub subject: String,
    /// What was found; with what to do about it when it is wrong.
    pub text: String,
    /// True when `run` would refuse to start over it.
    pub wrong: bool,
}

/// Whether the cluster is as the promises need it. Pure.
pub fn findings(settings: &Settings, cluster: &Cluster) -> Vec<Finding> {
    let say = |subject: &str, text: String, wrong| Finding { subject: subject.to_owned(), text, wrong };
    let mut findings = vec![say("brokers", format!("{}, {} brokers", settings.kafka.brokers, cluster.brokers), false)];
    findings.extend(cluster.denied.iter().map(|denied| say("rights", denied.to_string(), true)));
    for route in Route::ALL {
        let subject = format!("{} topic", route.name());
        let name = settings.topics.name(route);
        let resource = Denied::topic(name, "").resource;
        match cluster.topics.get(&route) {
            // What may not be seen may be there.
            None if cluster.denied.iter().any(|denied| denied.resource == resource) => {}
            None if needed(settings, route) => {
                findings.push(say(&subject, format!("{name} does not exist: copydesk topics --create"), true));
            }
            None => findings.push(say(&subject, format!("{name} does not exist; not needed"), false)),
            Some(found) => {
                let wrong = wrong_with(settings, route, found, cluster);
                if wrong.is_empty() {
                    let untold =
                        if found.config.is_none() { "; set up as nobody may tell (DescribeConfigs)" } else { "" };
                    findings.push(say(&subject, format!("{name}, {} partitions{untold}", found.partitions), false));
                }
                findings.extend(wrong.into_iter().map(|text| say(&subject, format!("{name}: {text}"), true)));
            }
        }
    }
    findings
}

/// Whether `run` needs the topic of a route. The first half needs the enriched one too: what is admitted must fit there.
pub(super) fn needed(settings: &Settings, route: Route) -> bool {
    let stages = settings.run.stages;
    match route {
        Route::Raw | Route::Duplicates | Route::Prints => stages.judges(),
        Route::Enriched | Route::Dead => true,
        Route::Links => settings.fetches(),
        Route::Cleaned => stages.apart(),
    }
}

fn wrong_with(settings: &Settings, route: Route, found: &Topic, cluster: &Cluster) -> Vec<String> {
    let Some(config) = &found.config else { return Vec::new() };
    let get = |key: &str| config.get(key).map_or("", String::as_str);
    let number = |key: &str| get(key).parse::<i64>().ok();
    let mut wrong = Vec::new();
    if route == Route::Prints {
        if get("message.timestamp.type") != "LogAppendTime" {
            wrong.push(
                "message.timestamp.type must be LogAppendTime: the broker's clock is the desk's only clock".into(),
            );
        }
        if get("cleanup.policy") != "delete" {
            wrong.push("cleanup.policy must be delete: a compacted log is no total order".into());
        }
        let least = 2 * i64::try_from(settings.dedupe.window.as_millis()).unwrap_or(i64::MAX / 2);
        if number("retention.ms").is_some_and(|kept| kept >= 0 && kept < least) {
            wrong.push(format!("retention.ms must be at least {least}, twice dedupe.window"));
        }
        if number("retention.bytes").is_some_and(|kept| kept >= 0) {
            wrong.push("retention.bytes must be -1: prints must not be lost to size".into());
        }
        if found.replicas >= 3 && number("min.insync.replicas").is_some_and(|least| least < 2) {
            wrong.push("min.insync.replicas must be 2 or more with three replicas".into());
        }
        if found.replicas >= 3 && get("unclean.leader.election.enable") == "true" {
            wrong.push("unclean.leader.election.enable must be false".into());
        }
    }
    let of = |topic: Option<&Topic>| topic?.config.as_ref()?.get("max.message.bytes")?.parse::<i64>().ok();
    if route == Route::Duplicates && of(Some(found)).is_some_and(|own| own < LINK) {
        wrong.push(format!("max.message.bytes must be at least {LINK}: links with long ids would not fit"));
    }
    let source = match route {
        Route::Dead => Some((Route::Raw, "dead letters would be cut")),
        // An article that is handed over may take as much as one that is published, and must not lose a field for it.
        Route::Cleaned if settings.run.stages.apart() => Some((Route::Enriched, "cleaned articles would lose fields")),
        Route::Raw | Route::Enriched | Route::Duplicates | Route::Prints | Route::Links | Route::Cleaned => None,
    };
    if let Some((source, loss)) = source
        && let (Some(own), Some(least)) = (of(Some(found)), of(cluster.topics.get(&source)))
        && own < least
    {
        let source = source.name();
        wrong.push(format!("max.message.bytes is {own}, less than the {least} of the {source} topic: {loss}"));
    }
    wrong
}

/// What the output topics ask of whoever writes to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outputs {
    /// Partitions of the dead-letter topic; 0 without one.
    pub dead_partitions: i32,
    /// Bytes that every one of them takes in one batch. A larger one is refused whole, however small its records.
    pub batch: u64,
}

/// See [`Outputs`].
pub fn outputs(cluster: &Cluster) -> Outputs {
    let least = cluster.topics.values().filter_map(largest).min();
    Outputs {
        dead_partitions: cluster.topics.get(&Route::Dead).map_or(0, |topic| topic.partitions),
        batch: least.unwrap_or(BATCH).min(BATCH).saturating_sub(AROUND).max(1),
    }
}

/// `max.message.bytes` of a topic, which a batch must keep to.
fn largest(topic: &Topic) -> Option<u64> {
    topic.config.as_ref()?.get("max.message.bytes")?.parse().ok()
}

/// The largest values our outputs may have: what the topics take, and never more than `kafka.max_message`.
pub fn limits(settings: &Settings, cluster: &Cluster) -> Limits {
    let limit = |route: Route| {
        let bytes = cluster
            .topics
            .get(&route)
            .and_then(largest)
            .unwrap_or(u64::MAX)
            .min(settings.kafka.max_message)
            .saturating_sub(AROUND);
        usize::try_from(bytes).unwrap_or(usize::MAX)
    };
    Limits {
        raw: limit(Route::Raw),
        enriched: limit(Route::Enriched),
        duplicates: limit(Route::Duplicates),
        cleaned: limit(Route::Cleaned),
        dead: limit(Route::Dead),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Stages;
    use std::collections::BTreeMap;

    fn cluster(prints: &[(&str, &str)], dead: &str) -> Cluster {
        let config = |pairs: &[(&str, &str)]| Some(pairs.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect());
        let topic = |config| Topic { partitions: 1, replicas: 3, config };
        let mut topics: BTreeMap<Route, Topic> = Route::ALL.into_iter().map(|r| (r, topic(None))).collect();
        topics.insert(Route::Prints, topic(config(prints)));
        topics.insert(Route::Raw, topic(config(&[("max.message.bytes", "2000000")])));
        topics.insert(Route::Dead, topic(config(&[("max.message.bytes", dead)])));
        Cluster { id: "c".into(), brokers: 3, topics, denied: Vec::new() }
    }

    const SOUND: [(&str, &str); 6] = [
        ("message.timestamp.type", "LogAppendTime"),
        ("cleanup.policy", "delete"),
        ("retention.ms", "600000000"),
        ("retention.bytes", "-1"),
        ("min.insync.replicas", "2"),
        ("unclean.leader.election.enable", "false"),
    ];

    fn wrong(cluster: &Cluster) -> Vec<String> {
        let found = findings(&Settings::default(), cluster);
        found.into_iter().filter(|f| f.wrong).map(|f| f.text).collect()
    }

    #[test]
    fn a_sound_cluster_has_nothing_wrong() {
        assert_eq!(wrong(&cluster(&SOUND, "2000000")), Vec::<String>::new());
    }

    #[test]
    fn each_way_to_set_the_print_log_up_wrongly_is_named() {
        let bad = [
            ("message.timestamp.type", "CreateTime"),
            ("cleanup.policy", "compact"),
            ("retention.ms", "1000"),
            ("retention.bytes", "1000"),
            ("min.insync.replicas", "1"),
            ("unclean.leader.election.enable", "true"),
        ];
        for (n, pair) in bad.into_iter().enumerate() {
            let mut config = SOUND;
            config[n] = pair;
            let found = wrong(&cluster(&config, "2000000"));
            assert_eq!(found.len(), 1, "{pair:?}: {found:?}");
            assert!(found[0].contains(pair.0), "{found:?}");
        }
    }

    #[test]
    fn a_dead_letter_topic_smaller_than_its_source_is_named() {
        let found = wrong(&cluster(&SOUND, "1000"));
        assert!(found[0].contains("dead letters would be cut"), "{found:?}");
    }

    #[test]
    fn a_topic_too_small_for_links_is_named() {
        let with = |bytes: &str| {
            let mut cluster = cluster(&SOUND, "2000000");
            let config = BTreeMap::from([("max.message.bytes".to_owned(), bytes.to_owned())]);
            cluster.topics.insert(Route::Duplicates, Topic { partitions: 1, replicas: 3, config: Some(config) });
            (wrong(&cluster), limits(&Settings::default(), &cluster).duplicates)
        };
        assert!(with("65535").0[0].contains("links with long ids would not fit"));
        assert_eq!(with("65536"), (vec![], 65_536 - 4096));
    }

    #[test]
    fn no_batch_is_larger_than_the_topic_that_takes_least() {
        let batch = |dead| outputs(&cluster(&SOUND, dead)).batch;
        assert_eq!((batch("2000000"), batch("200000"), batch("100")), (BATCH - AROUND, 200_000 - AROUND, 1));
    }

    #[test]
    fn a_missing_topic_names_the_command_that_makes_it() {
        let mut cluster = cluster(&SOUND, "2000000");
        cluster.topics.remove(&Route::Enriched);
        cluster.topics.remove(&Route::Links);
        assert_eq!(wrong(&cluster), ["articles.enriched does not exist: copydesk topics --create"]);
    }

    #[test]
    fn each_half_of_the_line_needs_its_own_topics() {
        let missing = |stages, route: Route| {
            let mut cluster = cluster(&SOUND, "2000000");
            cluster.topics.remove(&route);
            let mut settings = Settings::default();
            settings.run.stages = stages;
            findings(&settings, &cluster).iter().any(|finding| finding.wrong)
        };
        let needs = |stages| Route::ALL.into_iter().filter(|route| missing(stages, *route)).collect::<Vec<_>>();
        use Route::{Cleaned, Dead, Duplicates, Enriched, Prints, Raw};
        assert_eq!(needs(Stages::All), [Raw, Enriched, Duplicates, Dead, Prints]);
        assert_eq!(needs(Stages::DedupeClean), [Raw, Enriched, Duplicates, Dead, Prints, Cleaned]);
        assert_eq!(needs(Stages::Extract), [Enriched, Dead, Cleaned]);
    }

    #[test]
    fn outputs_never_outgrow_their_topic() {
        let limits = limits(&Settings::default(), &cluster(&SOUND, "2000000"));
        assert_eq!(limits.dead, 2_000_000 - 4096);
        assert_eq!(limits.enriched, (8 << 20) - 4096);
        assert_eq!(limits.enriched, Settings::default().kafka.max_value(), "what the verbs that ask no cluster go by");
    }
}
