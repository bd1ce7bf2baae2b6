//! The cluster as it is: who answers, which topics exist, how they are set up. Whether that will do is for `finding.rs`, what
//! is missing is made by `create.rs`.

mod create;
mod finding;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::admin::{AdminClient, AdminOptions, ResourceSpecifier};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::metadata::Metadata;
use tokio::sync::oneshot;

use super::client::{self, CALL};
use super::context::Context;
use super::refusal::is_refusal;
pub use super::refusal::{Away, Denied};
use super::{rights, token};
use crate::outcome::Route;
use crate::settings::{Settings, Stages, Topics};
use finding::needed;

pub use create::{Made, NotMade, create};
pub use finding::{Finding, Outputs, findings, limits, outputs};

/// How long others of the brokers may still take us in after one has refused.
const REFUSED: Duration = Duration::from_millis(1500);
/// How long a question may take that is asked aside: the longest has three calls of ten seconds.
const ASIDE: Duration = Duration::from_secs(30);
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

/// Asks the cluster, for up to `limit`; once it has refused, for `REFUSED` more.
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

/// Runs what blocks on a thread of its own, which is left behind when it takes too long: some calls have no limit.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (answer, answered) = oneshot::channel();
    std::thread::Builder::new().name("ask".into()).spawn(move || drop(answer.send(work()))).ok()?;
    tokio::time::timeout(ASIDE, answered).await.ok()?.ok()
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
fn administrator(settings: &Settings) -> Result<AdminClient<Context>, String> {
    let made = client::base(&settings.kafka).create_with_context(Context::new(&settings.kafka));
    let admin: AdminClient<Context> = made.map_err(|error: KafkaError| error.to_string())?;
    if let Some(token) = admin.inner().context().token() {
        token::hand(admin.inner(), token?)?;
    }
    Ok(admin)
}

/// Reads the configuration of the topics, where the cluster tells it.
async fn describe(settings: &Settings, cluster: &mut Cluster) {
    let Ok(admin) = administrator(settings) else { return };
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
