//! What a page says of its article outside the running text: candidates for every field, collected while the page is parsed.

use serde::{Deserialize, Serialize};

/// Candidates read from the page; small enough to keep after the page itself is gone.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PageFacts {}
