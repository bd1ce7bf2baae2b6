//! The cluster as it is: who answers, which topics exist, whether they are set up so that the promises hold; and how
//! `topics --create` makes them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::metadata::Metadata;
use tokio::sync::oneshot;

use super::client::{self, CALL, Context};
use super::refusal::is_refusal;
pub use super::refusal::{Away, Denied};
use super::{rights, token};
use crate::flow::deliver::Limits;
use crate::outcome::Route;
use crate::settings::{Settings, Stages, Topics};

/// What a record needs besides its value: key, headers, batch overhead. Bytes.
const AROUND: u64 = 4096;

/// How long others of the brokers may still take us in after one has refused.
const REFUSED: Duration = Duration::from_millis(1500);
/// Between two times that the client may speak.
const LISTEN: Duration = Duration::from_millis(50);

/// What a cluster says of itself and of our topics.
#[derive(Debug, Clone, Default)]
pub struct Cluster {
    /// Cluster id.
    pub id: String,
    /// Brokers up.
    pub brokers: usize,
    /// Our topics that exist.
    pub topics: BTreeMap<Route, Topic>,
    /// Rights that are missing.
    pub denied: Vec<Denied>,
}

/// A topic that exists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Topic {
    /// Partitions.
    pub partitions: i32,
    /// Replicas of its first partition.
    pub replicas: usize,
    /// Its configuration; `None` where the cluster does not tell.
    pub config: Option<BTreeMap<String, String>>,
}

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

/// How much is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// Which brokers and topics there are. A mock cluster tells no more.
    Names,
    /// Also how the topics are set up.
    Configuration,
    /// Also whether the outputs may be written, which `run` would else learn late.
    Outputs,
    /// Also whether the user has every other right that `run` needs.
    Rights,
}

/// Asks the cluster, for up to `limit`; once it has refused, for [`REFUSED`] more.
///
/// # Errors
/// [`Away`] with the broker's own reason, which its calls do not return: a wrong password shows only in the client's log.
pub async fn look(settings: &Settings, depth: Depth, limit: Duration) -> Result<Cluster, Away> {
    let kafka = &settings.kafka;
    let consumer: BaseConsumer<Context> = client::reader(kafka)
        .create_with_context(Context::new(kafka))
        .map_err(|error| Away::new(kafka, &error.to_string()))?;
    let consumer = Arc::new(consumer);
    let metadata = match metadata(&consumer, limit).await {
        Ok(metadata) => metadata,
        Err(text) => return Err(Away::closely(kafka, &consumer.context().last_reason().unwrap_or(text)).await),
    };
    let mut cluster = Cluster { brokers: metadata.brokers().len(), ..Cluster::default() };
    cluster.topics = listed(&settings.topics, &metadata);
    let missing = |route: &Route| needed(settings, *route) && !cluster.topics.contains_key(route);
    let unseen: Vec<Route> = Route::ALL.into_iter().filter(missing).collect();
    let (names, stages) = (settings.topics.clone(), settings.run.stages);
    let asked = aside(move || (consumer.client().fetch_cluster_id(CALL), hidden(&consumer, &names, stages, &unseen)));
    let (id, denied) = asked.await.unwrap_or_default();
    (cluster.id, cluster.denied) = (id.unwrap_or_else(|| "unnamed".into()), denied);
    if depth >= Depth::Configuration {
        describe(settings, &mut cluster).await;
    }
    if depth >= Depth::Outputs {
        let ask = if depth == Depth::Rights { rights::missing } else { rights::unwritable };
        let (settings, exist) = (settings.clone(), cluster.topics.keys().copied().collect());
        cluster.denied.extend(aside(move || ask(&settings, &exist)).await.unwrap_or_default());
    }
    Ok(cluster)
}

/// Asks for all metadata, and lets the client speak meanwhile: why it cannot connect is heard only then.
async fn metadata(consumer: &Arc<BaseConsumer<Context>>, limit: Duration) -> Result<Metadata, String> {
    let (answer, mut answered) = oneshot::channel();
    let asking = consumer.clone();
    let ask = move || drop(answer.send(asking.fetch_metadata(None, limit)));
    // A thread of its own, which a refusal leaves behind: the call returns only when its time is over.
    std::thread::Builder::new().name("look".into()).spawn(ask).map_err(|error| error.to_string())?;
    let mut refused: Option<Instant> = None;
    loop {
        client::serve(consumer);
        let reason = consumer.context().last_reason().filter(|reason| is_refusal(reason));
        let since = reason.is_some().then(|| *refused.get_or_insert_with(Instant::now));
        if let (Some(reason), Some(since)) = (reason, since)
            && since.elapsed() > REFUSED
        {
            return Err(reason);
        }
        tokio::select! {
            answer = &mut answered => {
                client::serve(consumer);
                let answer = answer.map_err(|_| "the question was lost".to_owned())?;
                return answer.map_err(|error| error.to_string());
            }
            () = tokio::time::sleep(LISTEN) => {}
        }
    }
}

/// Runs what blocks on a thread for it.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(work).await.ok()
}

/// Our topics among all that the user may see.
fn listed(names: &Topics, metadata: &Metadata) -> BTreeMap<Route, Topic> {
    let topic = |route: Route| {
        let found = metadata.topics().iter().find(|t| t.name() == names.name(route) && t.error().is_none())?;
        let partitions = i32::try_from(found.partitions().len()).unwrap_or(i32::MAX);
        let replicas = found.partitions().first()?.replicas().len();
        Some((route, Topic { partitions, replicas, config: None }))
    };
    Route::ALL.into_iter().filter_map(topic).collect()
}

/// What is missing on topics that the user may not even see: a list leaves them out, a question by name says so.
fn hidden(consumer: &BaseConsumer<Context>, names: &Topics, stages: Stages, unseen: &[Route]) -> Vec<Denied> {
    let mut denied = Vec::new();
    for route in unseen {
        let name = names.name(*route);
        let Ok(metadata) = consumer.fetch_metadata(Some(name), CALL) else { continue };
        let error = metadata.topics().iter().find(|t| t.name() == name).and_then(|t| t.error());
        if error.map(RDKafkaErrorCode::from) == Some(RDKafkaErrorCode::TopicAuthorizationFailed) {
            let rights: &[&str] = match route {
                Route::Raw | Route::Links => &["Read"],
                Route::Prints => &["Read", "Write"],
                Route::Cleaned if !stages.judges() => &["Read"],
                Route::Enriched | Route::Duplicates | Route::Dead | Route::Cleaned => &["Write"],
            };
            denied.extend(rights.iter().map(|right| Denied::topic(name, right)));
        }
    }
    denied
}

/// A client for the questions of an administrator.
fn client(settings: &Settings) -> Result<AdminClient<Context>, String> {
    let made = client::base(&settings.kafka).create_with_context(Context::new(&settings.kafka));
    let admin: AdminClient<Context> = made.map_err(|error: KafkaError| error.to_string())?;
    if let Some(token) = admin.inner().context().token() {
        token::hand(admin.inner(), token?)?;
    }
    Ok(admin)
}

/// Reads the configuration of the topics, where the cluster tells it.
async fn describe(settings: &Settings, cluster: &mut Cluster) {
    let Ok(admin) = client(settings) else { return };
    for (route, found) in &mut cluster.topics {
        let name = settings.topics.name(*route);
        let (topic, options) = (ResourceSpecifier::Topic(name), options());
        let Ok(mut answers) = admin.describe_configs([&topic], &options).await else { return };
        if let Some(Ok(resource)) = answers.pop() {
            // Without the right to it the broker answers with nothing.
            let entries = resource.entries.into_iter();
            let config: BTreeMap<String, String> = entries.filter_map(|e| Some((e.name, e.value?))).collect();
            found.config = Some(config).filter(|config| !config.is_empty());
        }
    }
}

fn options() -> AdminOptions {
    AdminOptions::new().request_timeout(Some(CALL)).operation_timeout(Some(CALL))
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
fn needed(settings: &Settings, route: Route) -> bool {
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

/// The largest values our outputs may have: what the topics take, and never more than `kafka.max_message`.
pub fn limits(settings: &Settings, cluster: &Cluster) -> Limits {
    let limit = |route: Route| {
        let config = cluster.topics.get(&route).and_then(|t| t.config.as_ref());
        let topic = config.and_then(|c| c.get("max.message.bytes")).and_then(|v| v.parse::<u64>().ok());
        let bytes = topic.unwrap_or(u64::MAX).min(settings.kafka.max_message).saturating_sub(AROUND);
        usize::try_from(bytes).unwrap_or(usize::MAX)
    };
    Limits { enriched: limit(Route::Enriched), cleaned: limit(Route::Cleaned), dead: limit(Route::Dead) }
}

/// What `topics --create` did with one topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made {
    /// It was made.
    Created,
    /// It was there already, and is left as it is.
    Exists,
}

/// Why a topic was not made.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotMade {
    /// The user may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The broker's reason.
    #[error("{0}")]
    Failed(String),
}

/// Makes the topics that are missing, set up so that the promises hold.
///
/// # Errors
/// The topic that could not be made, and the broker's reason.
pub async fn create(settings: &Settings, cluster: &Cluster) -> Result<Vec<(String, Made)>, NotMade> {
    let admin = client(settings).map_err(NotMade::Failed)?;
    let replication = settings.topics.replication.map_or(cluster.brokers.min(3), usize::from);
    let replication = i32::try_from(replication.max(1)).unwrap_or(1);
    let mut made = Vec::new();
    for route in Route::ALL {
        let name = settings.topics.name(route);
        if cluster.topics.contains_key(&route) {
            made.push((name.to_owned(), Made::Exists));
            continue;
        }
        let config = plan(settings, route, replication);
        let partitions =
            if route == Route::Prints { 1 } else { i32::try_from(settings.topics.partitions).unwrap_or(1) };
        let mut new = NewTopic::new(name, partitions, TopicReplication::Fixed(replication));
        for (key, value) in &config {
            new = new.set(key, value);
        }
        let answers = admin
            .create_topics([&new], &options())
            .await
            .map_err(|error| NotMade::Failed(format!("{name}: {error}")))?;
        match answers.into_iter().next() {
            Some(Ok(_)) => made.push((name.to_owned(), Made::Created)),
            Some(Err((_, RDKafkaErrorCode::TopicAlreadyExists))) => made.push((name.to_owned(), Made::Exists)),
            Some(Err((
                _,
                RDKafkaErrorCode::TopicAuthorizationFailed | RDKafkaErrorCode::ClusterAuthorizationFailed,
            ))) => {
                return Err(NotMade::Denied(Denied::topic(name, "Create")));
            }
            Some(Err((_, code))) => return Err(NotMade::Failed(format!("{name}: {code}"))),
            None => return Err(NotMade::Failed(format!("{name}: the broker gave no answer"))),
        }
    }
    Ok(made)
}

/// How a topic is set up.
fn plan(settings: &Settings, route: Route, replication: i32) -> Vec<(&'static str, String)> {
    let millis = |d: Duration| d.as_millis().to_string();
    let mut plan = vec![("max.message.bytes", settings.kafka.max_message.to_string())];
    if route == Route::Prints {
        // Three windows: twice is the least, and a window that grows later should not find its past deleted.
        plan.push(("retention.ms", millis(settings.dedupe.window * 3)));
        plan.push(("retention.bytes", "-1".into()));
        plan.push(("message.timestamp.type", "LogAppendTime".into()));
        plan.push(("cleanup.policy", "delete".into()));
        plan.push(("unclean.leader.election.enable", "false".into()));
    } else {
        plan.push(("retention.ms", millis(settings.topics.retention)));
    }
    if replication >= 3 {
        plan.push(("min.insync.replicas", "2".into()));
    }
    plan
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Stages;

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
    }
}
