//! Which of the articles that a page's data describes is the page's own: data of a teaser names another page.

use super::PageFacts;
use crate::article::page::LdArticle;
use crate::stage::extract::jsonld;
use crate::stage::extract::opening::key;
use crate::stage::url;

/// Shortest headline that tells two stories apart, in bytes of its letters.
const HEADLINE: usize = 8;

impl PageFacts {
    /// Leaves out articles of other pages: those whose address is not this page's, and whose headline the page nowhere shows. Data
    /// that misses only one of the two is badly written, not another's.
    pub(in crate::stage) fn keep_own(&mut self, read_from: Option<&str>) {
        let Some(read_from) = read_from else { return };
        let named = [Some(read_from), self.canonical.as_deref(), self.meta(&["og:url"])];
        let pages: Vec<String> = named.into_iter().flatten().filter_map(|named| path(named, read_from)).collect();
        let titles = [self.meta(&["og:title"]), self.meta(&["twitter:title"]), self.title.as_deref()];
        let shown = titles.into_iter().flatten().chain(self.headings.iter().map(|heading| heading.text.as_str()));
        let shown: Vec<String> = shown.map(key).filter(|shown| shown.len() >= HEADLINE).collect();
        let elsewhere = |article: &LdArticle| {
            let page = article.url.as_deref().and_then(|page| path(page, read_from));
            page.is_some_and(|page| page.len() > 1 && !pages.contains(&page))
        };
        let unheard = |article: &LdArticle| {
            let headline = article.headline.as_deref().map(key).filter(|headline| headline.len() >= HEADLINE);
            headline.is_some_and(|own| !shown.iter().any(|shown| shown.contains(&own) || own.contains(shown.as_str())))
        };
        self.articles.retain(|article| jsonld::weight(article) < 5 || !(elsewhere(article) && unheard(article)));
    }
}

/// What stands behind the host: sites name themselves with and without `www`.
fn path(address: &str, read_from: &str) -> Option<String> {
    let address = url::canonical(&url::absolute(address, Some(read_from))?, None)?;
    let (_, behind) = address.split_once("://")?;
    Some(behind.find('/').map_or(String::new(), |at| behind[at..].trim_end_matches('/').to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(headline: &str, address: &str) -> bool {
        let article = LdArticle {
            kind: "NewsArticle".into(),
            headline: Some(headline.into()),
            url: Some(address.into()),
            ..LdArticle::default()
        };
        let title = Some("Old bridge closed over cracks | The Desk".to_owned());
        let mut facts = PageFacts { articles: vec![article], title, ..PageFacts::default() };
        facts.keep_own(Some("https://www.desk.example/bridge"));
        !facts.articles.is_empty()
    }

    #[test]
    fn only_another_address_and_another_headline_make_another_article() {
        assert!(!kept("Ferry runs again", "https://desk.example/ferry"));
        assert!(kept("Ferry runs again", "https://desk.example/bridge/"));
        assert!(kept("Ferry runs again", "https://desk.example/"), "many sites name their front page");
        assert!(kept("Old bridge closed", "https://desk.example/amp/bridge"));
    }
}
