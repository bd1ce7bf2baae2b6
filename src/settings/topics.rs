//! `[topics]`: by which names the topics go, and how `topics --create` makes them.

use std::time::Duration;

use crate::outcome::Route;

/// `[topics]`: names, and what `topics --create` makes of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Topics {
    /// Input.
    pub raw: String,
    /// Output: stories and revisions.
    pub enriched: String,
    /// Output: link records.
    pub duplicates: String,
    /// Output: dead letters.
    pub dead: String,
    /// The print log: one partition.
    pub prints: String,
    /// Input of the fetch stage.
    pub links: String,
    /// Between the halves of the line, where they run apart.
    pub cleaned: String,
    /// Partitions of a topic that `topics --create` makes (the print log always has one).
    pub partitions: u32,
    /// Replicas of a topic that `topics --create` makes; `None`: three, or as many as there are brokers.
    pub replication: Option<u16>,
    /// How long `topics --create` lets records live in input and outputs.
    pub retention: Duration,
}

impl Topics {
    /// The configured name of the topic that serves `route`.
    pub fn name(&self, route: Route) -> &str {
        match route {
            Route::Raw => &self.raw,
            Route::Enriched => &self.enriched,
            Route::Duplicates => &self.duplicates,
            Route::Dead => &self.dead,
            Route::Prints => &self.prints,
            Route::Links => &self.links,
            Route::Cleaned => &self.cleaned,
        }
    }
}

impl Default for Topics {
    fn default() -> Self {
        Topics {
            raw: "articles.raw".into(),
            enriched: "articles.enriched".into(),
            duplicates: "articles.duplicates".into(),
            dead: "articles.dead".into(),
            prints: "articles.prints".into(),
            links: "articles.links".into(),
            cleaned: "articles.cleaned".into(),
            partitions: 12,
            replication: None,
            retention: Duration::from_secs(7 * 86_400),
        }
    }
}
