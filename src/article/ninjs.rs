//! An article as an IPTC ninjs 3.1 item, the form in which news systems exchange stories.
//!
//! Maps and decides nothing: what has no place in ninjs (money, offsets, provenance, a bare day, fields of the feed's own)
//! stays out. Every item is valid by the schema, whatever the article holds.

use std::fmt::Write;

use serde_json::{Map, Value, json};
use url::Url;

use super::{
    Article, CreditRole, Editorial, EditorialKind, Entity, EntityKind, Image, ImageRole, Keyword, Quote, Status, Topic,
};

/// Where the schema of an item stands.
pub const SCHEMA: &str = "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json";

/// Who assigned the subjects.
const CREATOR: &str = env!("CARGO_PKG_REPOSITORY");

/// The item of an article.
pub fn item(article: &Article) -> Value {
    let uri = uri(&article.id);
    let mut item = Object::default();
    item.put("uri", uri.as_str());
    item.put("type", "text");
    item.put("representationType", if article.truncated { "partial" } else { "full" });
    item.put("standard", json!({"name": "ninjs", "version": "3.1", "schema": SCHEMA}));
    item.maybe("version", article.story.as_ref().map(|story| story.sequence.to_string()));
    state(&mut item, article);
    item.list("headlines", headlines(article));
    item.list("descriptions", article.lead.iter().map(|lead| text("lead", lead)));
    item.list("bodies", body(article));
    item.maybe("by", by(article));
    item.maybe(
        "located",
        article.dateline.as_ref().map(|line| line.places.join("/")).filter(|place| !place.is_empty()),
    );
    item.maybe("edNote", article.editorial.as_ref().map(note));
    item.list("genres", article.genre.iter().map(|genre| json!({"name": genre})));
    item.list("people", people(article));
    item.list("organisations", mentioned(article, EntityKind::Organisation));
    item.list("places", places(article));
    item.list("subjects", article.topics.iter().map(topic).chain(article.keywords.iter().map(keyword)));
    item.list("infoSources", sources(article));
    item.list("altIds", addresses(article, &uri));
    let images = article.images.iter().enumerate().filter_map(|(at, image)| picture(at + 1, image));
    item.list(
        "associations",
        images.chain(article.quotes.iter().enumerate().map(|(at, said)| quote(at + 1, said, &uri))),
    );
    Value::Object(item.0)
}

/// A JSON object without empty members.
#[derive(Default)]
struct Object(Map<String, Value>);

impl Object {
    fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    fn maybe(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }

    fn list(&mut self, name: &str, values: impl IntoIterator<Item = Value>) {
        let values: Vec<Value> = values.into_iter().collect();
        if !values.is_empty() {
            self.put(name, values);
        }
    }
}

fn state(item: &mut Object, article: &Article) {
    let status = match article.status {
        Status::Usable => "usable",
        Status::Withheld => "withheld",
        Status::Canceled => "canceled",
    };
    item.put("pubStatus", status);
    item.maybe("embargoedUntil", article.embargoed_until.as_deref().map(embargo));
    item.maybe("firstCreated", moment(article.published_at.as_deref()));
    item.maybe("contentCreated", moment(article.published_at.as_deref()));
    item.maybe("versionCreated", moment(article.modified_at.as_deref()));
    item.maybe("language", article.language.as_ref().map(|language| language.code.as_str()));
}

/// ninjs knows instants only: a bare day is not its midnight.
fn moment(at: Option<&str>) -> Option<&str> {
    at.filter(|at| at.parse::<jiff::Timestamp>().is_ok())
}

/// An item without an embargo is free, so whatever is no instant becomes one that is late enough: a bare day the moment when it
/// has begun everywhere, anything else the last there is.
fn embargo(until: &str) -> String {
    let day = |until: &str| (until.len() == 10).then(|| until.parse::<jiff::civil::Date>().ok()).flatten();
    match (moment(Some(until)), day(until)) {
        (Some(at), _) => at.to_owned(),
        (None, Some(day)) => format!("{day}T12:00:00Z"),
        (None, None) => jiff::Timestamp::MAX.to_string(),
    }
}

fn headlines(article: &Article) -> impl Iterator<Item = Value> {
    let main = article.headline.iter().map(|line| text("main", line));
    main.chain(article.subheadline.iter().map(|line| text("sub", line)))
}

fn text(role: &str, value: &str) -> Value {
    json!({"role": role, "contentType": "text/plain", "value": value})
}

/// A withdrawal may come without a text.
fn body(article: &Article) -> Option<Value> {
    (!article.text.is_empty()).then(|| {
        json!({
            "role": "main",
            "contentType": "text/plain",
            "charCount": article.stats.characters,
            "wordCount": article.stats.words,
            "value": article.text,
        })
    })
}

/// The byline as printed, else the authors' names.
fn by(article: &Article) -> Option<String> {
    let names = || article.authors.iter().map(|author| author.name.as_str()).collect::<Vec<_>>().join(", ");
    article.byline.clone().or_else(|| Some(names())).filter(|by| !by.is_empty())
}

/// What a wire marker says, for the eyes of an editor.
fn note(editorial: &Editorial) -> String {
    if let Some(note) = &editorial.note {
        return note.clone();
    }
    let kind = match editorial.kind {
        EditorialKind::Update => "Update",
        EditorialKind::Correction => "Correction",
        EditorialKind::Refile => "Refile",
        EditorialKind::Repeat => "Repeat",
        EditorialKind::Writethru => "Writethru",
        EditorialKind::Advisory => "Advisory",
        EditorialKind::Withdrawal => "Withdrawal",
    };
    editorial.sequence.map_or_else(|| kind.to_owned(), |sequence| format!("{kind} {sequence}"))
}

fn people(article: &Article) -> impl Iterator<Item = Value> {
    let authors = article.authors.iter().map(|author| {
        let mut person = Object::default();
        person.put("name", author.name.as_str());
        person.put("rel", "author");
        person.maybe("uri", author.url.as_deref().and_then(address));
        Value::Object(person.0)
    });
    authors.chain(mentioned(article, EntityKind::Person))
}

fn mentioned(article: &Article, kind: EntityKind) -> impl Iterator<Item = Value> {
    article.entities.iter().filter(move |entity| entity.kind == kind).map(mention)
}

fn mention(entity: &Entity) -> Value {
    let mut mention = Object::default();
    mention.put("name", entity.name.as_str());
    mention.put("rel", "mentions");
    mention.maybe("literal", entity.norm.as_deref());
    Value::Object(mention.0)
}

fn places(article: &Article) -> impl Iterator<Item = Value> {
    let line = article.dateline.iter().flat_map(|line| &line.places);
    line.map(|place| json!({"name": place, "rel": "dateline"})).chain(mentioned(article, EntityKind::Place))
}

fn topic(topic: &Topic) -> Value {
    let mut subject = Object::default();
    subject.maybe("uri", address(&topic.uri));
    subject.put("name", topic.name.as_str());
    subject.put("creator", CREATOR);
    subject.put("confidence", percent(topic.confidence));
    Value::Object(subject.0)
}

fn keyword(keyword: &Keyword) -> Value {
    json!({"name": keyword.text, "rel": "keyword", "creator": CREATOR, "relevance": percent(keyword.score)})
}

/// 0.0 to 1.0 as a whole number of hundredths.
fn percent(share: f64) -> u8 {
    (share.clamp(0.0, 1.0) * 100.0).round() as u8
}

fn sources(article: &Article) -> impl Iterator<Item = Value> {
    let named = |name: &str, role: &str| json!({"name": name, "role": role});
    let agency = article.agency.iter().map(move |agency| named(&agency.name, "agency"));
    let publisher = article.source.name.iter().chain(&article.source.domain).take(1);
    let publisher = publisher.map(move |name| named(name, "publisher"));
    agency.chain(publisher).chain(article.credits.iter().map(move |credit| named(&credit.name, role(credit.role))))
}

fn role(role: CreditRole) -> &'static str {
    match role {
        CreditRole::Reporter => "reporter",
        CreditRole::Writer => "writer",
        CreditRole::Editor => "editor",
        CreditRole::Contributor => "contributor",
        CreditRole::Photographer => "photographer",
    }
}

/// The names under which others know the article.
fn addresses(article: &Article, uri: &str) -> impl Iterator<Item = Value> {
    let id = Some(("id", article.id.as_str())).filter(|(_, id)| *id != uri);
    let canonical = article.canonical_url.as_deref().map(|url| ("canonicalUrl", url));
    let own =
        article.url.as_deref().filter(|url| Some(*url) != article.canonical_url.as_deref()).map(|url| ("url", url));
    [id, canonical, own].into_iter().flatten().map(|(role, value)| json!({"role": role, "value": value}))
}

/// An image without an address has no place: every association has a URI.
fn picture(number: usize, image: &Image) -> Option<Value> {
    let url = address(&image.url)?;
    let mut rendition = Object::default();
    rendition.put("name", "original");
    rendition.put("href", url.as_str());
    rendition.maybe("width", image.width);
    rendition.maybe("height", image.height);
    let mut picture = Object::default();
    picture.put("name", format!("image-{number}"));
    picture.put("uri", url);
    picture.put("type", "picture");
    picture.put("rel", if image.role == ImageRole::Lead { "lead" } else { "inline" });
    picture.list("descriptions", image.caption.iter().map(|caption| text("caption", caption)));
    picture.maybe("by", image.credit.as_deref());
    picture.list("renditions", [Value::Object(rendition.0)]);
    Some(Value::Object(picture.0))
}

fn quote(number: usize, said: &Quote, uri: &str) -> Value {
    let mut quote = Object::default();
    quote.put("name", format!("quote-{number}"));
    quote.put("uri", format!("{uri}#quote-{number}"));
    quote.put("type", "component");
    quote.put("rel", "quote");
    quote.list("bodies", [text("quote", &said.text)]);
    quote.list("people", said.speaker.iter().map(|speaker| json!({"name": speaker.name, "rel": "speaker"})));
    Value::Object(quote.0)
}

/// The id where it is a URI without a fragment, else a URN that holds it.
fn uri(id: &str) -> String {
    if !id.contains('#') && Url::parse(id).is_ok() && escaped(id) == id {
        return id.to_owned();
    }
    let kept = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let mut urn = "urn:copydesk:".to_owned();
    id.bytes().for_each(|byte| push(&mut urn, byte, kept(byte)));
    urn
}

/// An address with every character escaped that RFC 3986 does not allow where browsers do; what has no scheme is none.
fn address(url: &str) -> Option<String> {
    // asked of what comes out: what the parser passes over in silence, such as a line break in the scheme, is escaped by now
    let address = escaped(url);
    Url::parse(&address).is_ok().then_some(address)
}

fn escaped(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    let mut fragment = false;
    for (at, byte) in url.bytes().enumerate() {
        let kept = match byte {
            b'#' => !std::mem::replace(&mut fragment, true),
            b'%' => url.as_bytes().get(at + 1..at + 3).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit)),
            _ => byte.is_ascii_alphanumeric() || b"-._~:/?@!$&'()*+,;=".contains(&byte),
        };
        push(&mut out, byte, kept);
    }
    out
}

fn push(out: &mut String, byte: u8, kept: bool) {
    if kept {
        out.push(char::from(byte));
    } else {
        // writing to a string cannot fail
        let _ = write!(out, "%{byte:02X}");
    }
}

#[cfg(test)]
mod tests;
