//! Makes the topics that are missing, set up so that the promises hold.

use std::time::Duration;

use rdkafka::admin::{NewTopic, TopicReplication};
use rdkafka::error::RDKafkaErrorCode;

use super::{Cluster, Denied, administrator, options};
use crate::outcome::Route;
use crate::settings::Settings;

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
    let admin = administrator(settings).map_err(NotMade::Failed)?;
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
