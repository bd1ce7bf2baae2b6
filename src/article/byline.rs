//! Who made an article, as its record names them: the people of the byline, those credited, the agency. Part of the
//! enriched record's contract. Nothing here reads or decides anything.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A person in the byline.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Author {
    /// Name in reading order.
    pub name: String,
    /// Role as printed, for example `political correspondent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The author's page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// What a credited person did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CreditRole {
    /// Reported.
    Reporter,
    /// Wrote.
    Writer,
    /// Edited.
    Editor,
    /// Helped: additional reporting, assistance.
    Contributor,
    /// Took the pictures.
    Photographer,
}

/// A person credited at the end of the story.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Credit {
    /// Name in reading order.
    pub name: String,
    /// What the person did.
    pub role: CreditRole,
}

/// A news agency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Agency {
    /// Usual short name: Reuters, AP, AFP, dpa, …
    pub name: String,
}
