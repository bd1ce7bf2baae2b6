//! Articles for the scenarios: made-up stories of made-up places, each unlike the others.

use serde_json::{Value, json};

use super::cluster::Fed;

const PLACES: [&str; 12] = [
    "Harrow Bay",
    "Korva",
    "Talvenia",
    "Port Sarn",
    "Zawrocie",
    "Dunmarrow",
    "Kettle Quay",
    "Montera",
    "Brackstedt",
    "Valmorande",
    "Inverloch",
    "Oakhurst",
];
const THINGS: [&str; 10] = [
    "bridge",
    "ferry",
    "reservoir",
    "tram line",
    "library",
    "harbour wall",
    "school",
    "market hall",
    "mill",
    "clock tower",
];
const DEEDS: [&str; 8] =
    ["reopened", "was closed", "was sold", "flooded", "won a prize", "caught fire", "was repaired", "was opened"];

/// A page that tells story `n`.
pub fn page(n: usize) -> String {
    let (place, thing, deed) = (PLACES[n % 12], THINGS[n / 12 % 10], DEEDS[n / 120 % 8]);
    let body: String = (0..4 + n % 3)
        .map(|k| {
            format!(
                "<p>The {thing} of {place} {deed} on day {n}, officials said in statement {k} of the week, and {} people \
                 came to see what had become of it after {} years of waiting for the work to begin.</p>",
                n * 7 + k,
                n % 40 + k + 1
            )
        })
        .collect();
    format!(
        "<html><head><title>{place}: {thing} {deed} | The Daily Test</title></head><body><nav><a href=/>Home</a> <a \
         href=/sport>Sport</a></nav><article><h1>{place}: {thing} {deed}, case {n}</h1>{body}</article><footer>Copyright \
         The Daily Test</footer></body></html>"
    )
}

/// A raw record of story `n` under its own id and address.
pub fn article(n: usize) -> Fed {
    fed(
        &format!("story-{n}"),
        json!({"id": format!("story-{n}"), "url": format!("https://daily.test/{n}"), "html": page(n)}),
    )
}

/// An exact copy of story `n` under another id and address.
pub fn copy(n: usize) -> Fed {
    fed(
        &format!("copy-{n}"),
        json!({"id": format!("copy-{n}"), "url": format!("https://mirror.test/{n}"), "html": page(n)}),
    )
}

/// A record with a key.
pub fn fed(key: &str, value: Value) -> Fed {
    Fed { key: Some(key.as_bytes().to_vec()), value: Some(value.to_string().into_bytes()), headers: Vec::new() }
}

/// `stories` articles with a copy of every seventh some way behind it. Gives the number of copies too.
pub fn with_copies(stories: usize) -> (Vec<Fed>, usize) {
    let mut records = Vec::new();
    let mut copies = 0;
    for n in 0..stories {
        records.push(article(n));
        if n >= 20 && n % 7 == 0 {
            records.push(copy(n - 20));
            copies += 1;
        }
    }
    (records, copies)
}
