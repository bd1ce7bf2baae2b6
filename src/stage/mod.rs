//! The pure line on one screen: decode, ask, clean before admission; extract after it.
//!
//! No I/O, no clock, no tokio, no broker, no environment. `run`, `process` and the tests call the same two functions;
//! what they do differently (time, count, wait) happens around them, through [`Joint`].

pub mod clean;
pub mod decode;
pub mod dedupe;
mod enough;
pub mod extract;
pub mod html;
mod judged;
pub mod meaning;
mod own;
pub mod quick;
mod table;
pub mod text;
pub mod url;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

pub use self::judged::judged;
use crate::article::page::PageFacts;
use crate::article::{Article, Body, CleanArticle, Head, Judged, Origin, RawArticle, SCHEMA_DUPLICATE, Status};
use crate::outcome::{CopyKind, Duplicate, Outcome, Reason, Rejection, Stage};
use crate::record::Record;
use crate::settings::{self, DedupeMode};
use clean::Cleaned;
use dedupe::keys::{Keys, keys};
use dedupe::ledger::{Answer, Match};
use dedupe::wording::Wording;
use meaning::entity::model::Model;

/// What the line needs to know of the configuration.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// `[decode]`
    pub decode: settings::Decode,
    /// `[clean]`
    pub clean: settings::Clean,
    /// Whether duplicates are filed, marked or not looked for.
    pub mode: settings::DedupeMode,
    /// Weights of the entity tagger; without them the text is not read for its meaning.
    pub meaning: Option<Arc<Model>>,
    /// Largest text that is admitted, bytes: what is admitted must fit into an output record.
    pub max_text: usize,
}

impl Rules {
    /// The rules of a configuration, with the weights it asks for, where an output record may have so many bytes.
    pub fn new(settings: &settings::Settings, meaning: Option<Arc<Model>>, output: usize) -> Rules {
        let (decode, clean) = (settings.decode.clone(), settings.clean.clone());
        // JSON escapes at most double a text, and the record has other fields.
        Rules { decode, clean, mode: settings.dedupe.mode, max_text: output / 3, meaning }
    }
}

/// Announces the joints of the line, so that a caller can time and count them without the line knowing a clock.
pub trait Joint {
    /// Runs one stage.
    fn stage<T>(&mut self, stage: Stage, work: impl FnOnce() -> T) -> T;

    /// What the record says of its article, once it could be read.
    fn heard(&mut self, _: &Head) {}
}

/// A caller that wants to know nothing.
impl Joint for () {
    fn stage<T>(&mut self, _: Stage, work: impl FnOnce() -> T) -> T {
        work()
    }
}

/// What stands before admission.
#[derive(Debug)]
pub enum Prepared {
    /// Recognised before any parsing as a copy.
    Known(Keys, CopyKind, Match),
    /// Cleaned: a print must ask whether it was told, by its keys and its words.
    Clean(Keys, Box<CleanArticle>, Wording),
}

impl Prepared {
    /// Bytes of memory it takes, about.
    pub fn bytes(&self) -> usize {
        match self {
            Prepared::Known(..) => size_of::<Prepared>(),
            Prepared::Clean(_, article, wording) => {
                article.bytes() + 4 * (wording.shingles.capacity() + wording.opening.capacity())
            }
        }
    }
}

/// Decode, ask the exact question, clean. `known` answers the exact question from the desk's memory.
///
/// # Errors
/// The [`Rejection`] by which the record becomes a dead letter; a panic anywhere in it is one too.
pub fn prepare(
    record: &Record,
    rules: &Rules,
    known: impl FnOnce(&Keys) -> Option<(CopyKind, Match)>,
    joint: &mut impl Joint,
) -> Result<Prepared, Rejection> {
    let mut stage = Stage::Decode;
    let line = AssertUnwindSafe(|| decode_ask_clean(record, rules, known, &mut Under { joint, stage: &mut stage }));
    catch_unwind(line).unwrap_or_else(|panic| {
        let detail = format!("a defect of copydesk: {}; please report it with the dead letter", panic_text(&*panic));
        Err(Rejection::new(stage, Reason::Panic, detail))
    })
}

/// Remembers which stage is under way, for the dead letter of a panic.
struct Under<'j, J> {
    joint: &'j mut J,
    stage: &'j mut Stage,
}

impl<J: Joint> Joint for Under<'_, J> {
    fn stage<T>(&mut self, stage: Stage, work: impl FnOnce() -> T) -> T {
        *self.stage = stage;
        self.joint.stage(stage, work)
    }

    fn heard(&mut self, head: &Head) {
        self.joint.heard(head);
    }
}

fn decode_ask_clean(
    record: &Record,
    rules: &Rules,
    known: impl FnOnce(&Keys) -> Option<(CopyKind, Match)>,
    joint: &mut impl Joint,
) -> Result<Prepared, Rejection> {
    let raw = joint.stage(Stage::Decode, || decode::decode(record.raw.as_deref(), &record.headers, &rules.decode))?;
    joint.heard(&raw.head);
    let address = raw.head.url.as_deref().and_then(|u| url::canonical(u, None));
    let embargo = extract::embargo::of(&raw.head).map(|embargo| embargo.until);
    let mut own = keys(&raw, address.as_deref(), embargo);
    if let Some((kind, matched)) = joint.stage(Stage::Dedupe, || known(&own)) {
        return Ok(Prepared::Known(own, kind, matched));
    }
    let id = own.id.clone();
    let article = joint
        .stage(Stage::Clean, || clean_article(raw, rules))
        .map_err(|rejection| Rejection { id: Some(id), ..rejection })?;
    own.embargo = extract::embargo::of(&article.head).map(|embargo| embargo.until);
    own.status = article.head.status;
    if let (Some(link), Some(read_at)) = (article.page.canonical(), article.head.url.as_deref()) {
        own.url = dedupe::keys::address(url::canonical(read_at, Some(link)).as_deref());
    }
    let wording = match rules.mode {
        DedupeMode::Off => Wording::default(),
        DedupeMode::On | DedupeMode::Mark => joint.stage(Stage::Dedupe, || wording(&article)),
    };
    Ok(Prepared::Clean(own, Box::new(article), wording))
}

fn wording(article: &CleanArticle) -> Wording {
    let head = &article.head;
    let headline = head.headline.as_deref().or_else(|| article.page.headline()).map(extract::unmarked);
    // Whose pages these are: a feed's name stands over those of many publishers.
    let site = head.url.as_deref().and_then(url::domain);
    let source = site.as_deref().or(head.source.domain.as_deref()).or(head.source.name.as_deref());
    let extract::Marks { corrects, updates } = extract::marks(article);
    let seen = dedupe::keys::cleaned(article);
    Wording { corrects, updates, article: seen, ..Wording::new(&article.paragraphs, headline, source) }
}

/// Reads the facts out of an admitted article and makes its outcome; `answer` is absent where nobody asks
/// (`dedupe.mode = "off"`), `origin` where nothing of Kafka is told (`process`). Cannot reject, since admission was a promise: a
/// panic in extract costs the fields, not the article.
pub fn finish(
    id: String,
    article: &CleanArticle,
    answer: Option<&Answer>,
    origin: Option<&Origin>,
    rules: &Rules,
    joint: &mut impl Joint,
) -> Outcome {
    let judged = answer.map(|answer| judged(answer, origin));
    publish(id, article, judged, origin.cloned(), rules, joint)
}

/// [`finish`], where the verdict is told already: another worker may have given it.
pub fn publish(
    id: String,
    article: &CleanArticle,
    judged: Option<Judged>,
    origin: Option<Origin>,
    rules: &Rules,
    joint: &mut impl Joint,
) -> Outcome {
    let read = AssertUnwindSafe(|| joint.stage(Stage::Extract, || extract_all(article, rules)));
    let bare = || Article {
        url: article.head.url.as_deref().and_then(|own| url::absolute(own, None)),
        embargoed_until: extract::embargo::of(&article.head).map(|embargo| embargo.text),
        ..Article::bare(article)
    };
    let mut record = catch_unwind(read).unwrap_or_else(|_| bare());
    record.id = id.clone();
    record.origin = origin;
    let revises = judged.as_ref().and_then(|judged| judged::revises(&judged.verdict));
    (record.story, record.verdict) = judged.map(|judged| (judged.story, judged.verdict)).unzip();
    let article = Box::new(record);
    match revises {
        Some((kind, of)) => Outcome::Revision { id, revises: of, kind, article },
        None => Outcome::Enriched { id, article },
    }
}

/// Facts first; a panic in the meaning costs only that.
fn extract_all(article: &CleanArticle, rules: &Rules) -> Article {
    let mut record = extract::extract(article);
    if let Some(model) = &rules.meaning {
        let read = AssertUnwindSafe(|| meaning::read(&mut record, model));
        if catch_unwind(read).is_err() {
            record.forget_meaning();
        }
    }
    record
}

/// The link of a copy that is not published.
pub fn file(id: String, kind: CopyKind, matched: &Match, origin: Option<&Origin>) -> Outcome {
    Outcome::Duplicate(Duplicate {
        schema: origin.map(|_| SCHEMA_DUPLICATE.to_owned()),
        similarity: matched.similarity,
        of_origin: judged::of_origin(&matched.of, origin),
        differs: matched.differs.clone(),
        origin: origin.cloned(),
        ..Duplicate::new(id, matched.of.id.clone(), kind)
    })
}

fn clean_article(raw: RawArticle, rules: &Rules) -> Result<CleanArticle, Rejection> {
    let (page, cleaned) = blocks(&raw)?;
    let RawArticle { head, body } = raw;
    let Cleaned { blocks, paragraphs, truncated, .. } = cleaned;
    let article = own::words(CleanArticle { head, page, blocks, paragraphs, truncated })?;
    if article.head.status == Status::Usable && !matches!(body, Body::Story(_)) {
        enough::story(&article, rules.clean.min_words)?;
    }
    // A blank line stands between two paragraphs.
    let size = article.paragraphs.iter().map(|text| text.len() + 2).sum::<usize>();
    if size > rules.max_text {
        let detail = format!("the text has {size} bytes, an output record has room for {}", rules.max_text);
        return Err(Rejection::new(Stage::Clean, Reason::TooLarge, detail));
    }
    Ok(article)
}

/// Every block of a body with its judgement, and what the page says outside its text. Whether what is left is
/// a story is asked later (`enough.rs`), so that whoever explains a rejected record can show its blocks too.
///
/// # Errors
/// A page with more nodes than the budget.
pub fn blocks(raw: &RawArticle) -> Result<(PageFacts, Cleaned), Rejection> {
    let mut page = PageFacts::default();
    let headline = raw.head.headline.as_deref();
    let cleaned = match &raw.body {
        Body::Html(html) => {
            let document = html::parse(html, &html::Budget::default())
                .map_err(|over| Rejection::new(Stage::Clean, Reason::OverBudget, over.to_string()))?;
            page = extract::page::read(&document);
            page.keep_own(raw.head.url.as_deref());
            let cleaned = clean::page(&document, &anchors(&page, headline));
            page = page.without_bodies();
            cleaned
        }
        Body::Text(text) => clean::text(text, headline),
        Body::Story(story) => clean::story(story),
        Body::None => Cleaned::default(),
    };
    Ok((page, cleaned))
}

/// What a page says of its story outside the text; `headline` is the record's, when it has one.
pub fn anchors(page: &PageFacts, headline: Option<&str>) -> clean::Anchors {
    clean::Anchors {
        headline: headline.or_else(|| page.headline()).map(str::to_owned),
        article_body: page.article_body().map(str::to_owned),
        is_own: page.tells_one_story(),
        locked: page.locked(),
    }
}

/// What a panic said, as far as it is text.
pub(crate) fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without a message")
}

#[cfg(test)]
mod tests;
