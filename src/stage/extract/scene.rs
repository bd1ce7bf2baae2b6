//! What the readers share: the clean article with what is known before any field is read (address, site, language, country,
//! moment of fetching) and where in the text the story opens.

use jiff::Timestamp;

use super::date::{self, Context};
use super::language;
use super::opening::{self, Opening};
use crate::article::CleanArticle;
use crate::article::page::PageFacts;
use crate::stage::url;

/// One article with what the readers share.
pub(super) struct Scene<'a> {
    pub article: &'a CleanArticle,
    pub page: &'a PageFacts,
    /// Where it was read, else what the page calls its address.
    pub url: Option<String>,
    /// Language by record or page, ISO 639-1; found from the text where neither says.
    pub language: Option<String>,
    /// Country of the site, ISO 3166.
    pub region: Option<String>,
    pub fetched: Option<Timestamp>,
    pub opening: Opening,
}

impl<'a> Scene<'a> {
    /// Looks the article over.
    pub fn new(article: &'a CleanArticle, detected: Option<&str>) -> Scene<'a> {
        let page = &article.page;
        let own = article.head.url.as_deref().and_then(|url| url::absolute(url, None));
        let url = own.or_else(|| url::absolute(page.canonical()?, None));
        let tag = article.head.language.as_deref().or(page.lang.as_deref());
        let said = tag.and_then(language::code);
        let language = detected.map(str::to_owned).or(said);
        let region = region(url.as_deref(), page, tag);
        let fetched = article.head.fetched_at.as_deref().and_then(moment);
        let context = Context { language: language.as_deref(), region: region.as_deref(), fetched, later: false };
        let opening = opening::read(article, url.as_deref(), &context);
        Scene { article, page, url, language, region, fetched, opening }
    }

    /// What a date reader should know.
    pub fn dates(&self) -> Context<'_> {
        Context {
            language: self.language.as_deref(),
            region: self.region.as_deref(),
            fetched: self.fetched,
            later: false,
        }
    }

    /// The texts that stand near the end: the last blocks of the page that belong to the story or were its credits.
    pub fn closing(&self) -> impl Iterator<Item = &str> {
        opening::closing(self.article)
    }
}

/// The country of the site: its top-level domain, else the country of the language tag.
pub(super) fn region(url: Option<&str>, page: &PageFacts, tag: Option<&str>) -> Option<String> {
    let top = url.and_then(url::domain).and_then(|host| host.rsplit('.').next().map(str::to_ascii_uppercase));
    let top = top.map(|top| if top == "UK" { "GB".to_owned() } else { top });
    let known = |region: &String| date::is_country(region);
    top.filter(|top| known(top) && !url::is_worldwide(top))
        .or_else(|| page.meta(&["og:locale"]).and_then(language::country).filter(known))
        .or_else(|| tag.and_then(language::country).filter(known))
}

/// The instant of a field such as `fetched_at`; a bare day counts as its first moment.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    let stamp = date::read(text, &Context::default())?;
    stamp.instant.map(|(at, _)| at).or_else(|| first_moment(stamp.day))
}

/// The first moment of a day, UTC.
pub(super) fn first_moment(day: jiff::civil::Date) -> Option<Timestamp> {
    jiff::tz::TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok()
}
