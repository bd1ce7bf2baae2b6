//! Pictures that belong to the story: the one data and meta tags name, and those in figures, each once.

use std::sync::LazyLock;

use super::scene::Scene;
use crate::article::page::PageImage;
use crate::article::{Image, ImageRole};
use crate::stage::{table, url};

/// Most pictures of one article. More is a gallery; the rest is left out.
const MAX_IMAGES: usize = 12;

/// Smallest side of a picture, in pixels: smaller ones are icons and counters.
const MIN_SIDE: u32 = 60;

/// Labels of credits.
struct Labels {
    /// Those at which a caption ends, as they are printed.
    inside: Vec<String>,
    /// All of them, in small letters.
    all: Vec<String>,
}

static LABELS: LazyLock<Labels> = LazyLock::new(|| {
    let group = |key| table::group(include_str!("../data/credit-labels.txt"), key);
    let (inside, before) = (group("inside"), group("before"));
    let all = inside.iter().chain(&before).map(|label| label.to_lowercase()).collect();
    Labels { inside: inside.into_iter().map(inside_caption).collect(), all }
});

/// A label as it stands in a caption: a word ends there, and the colon that French sets off is often left away.
fn inside_caption(label: &str) -> String {
    match label.strip_suffix(" :") {
        Some(bare) => bare.to_owned(),
        None if label.ends_with(char::is_alphabetic) => format!("{label} "),
        None => label.to_owned(),
    }
}

/// The pictures of the article, the lead first.
pub(super) fn read(scene: &Scene) -> Vec<Image> {
    let mut images: Vec<Image> = Vec::new();
    for image in named(scene) {
        // data lists crops of one picture: the first stands for all
        if images.is_empty() {
            add(&mut images, image, scene);
        }
    }
    for figure in &scene.page.images {
        add(&mut images, figure.clone(), scene);
    }
    if let Some(first) = images.first_mut() {
        first.role = ImageRole::Lead;
    }
    images
}

/// What data and meta tags name as the article's picture.
fn named(scene: &Scene) -> Vec<PageImage> {
    let page = scene.page;
    let mut images: Vec<PageImage> = page.article().map(|article| article.images.clone()).unwrap_or_default();
    if let Some(address) =
        page.meta(&["og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src"])
    {
        let pixels = |name| page.meta(&[name]).and_then(|value| value.parse().ok());
        images.push(PageImage {
            url: address.to_owned(),
            caption: None,
            credit: None,
            width: pixels("og:image:width"),
            height: pixels("og:image:height"),
        });
    }
    images
}

fn add(images: &mut Vec<Image>, image: PageImage, scene: &Scene) {
    let Some(address) = url::absolute(&image.url, scene.url.as_deref()) else { return };
    if image.width.is_some_and(|side| side < MIN_SIDE)
        || image.height.is_some_and(|side| side < MIN_SIDE)
        || address.ends_with(".svg")
    {
        return;
    }
    let (caption, credit) = split_credit(image.caption, image.credit);
    let credit = credit.map(|credit| without_label(&credit));
    let key = picture(&address).to_owned();
    if let Some(known) = images.iter_mut().find(|known| picture(&known.url) == key) {
        known.caption = known.caption.take().or(caption);
        known.credit = known.credit.take().or(credit);
        return;
    }
    if images.len() < MAX_IMAGES {
        let (width, height) = (image.width, image.height);
        images.push(Image { url: address, caption, credit, width, height, role: ImageRole::Inline });
    }
}

/// The file's name: one picture comes in many sizes under different paths and parameters.
fn picture(address: &str) -> &str {
    let path = address.split(['?', '#']).next().unwrap_or(address);
    let file = path.rsplit('/').next().unwrap_or(path);
    if file.len() >= 12 { file } else { path }
}

/// A credit printed at the end of a caption: `A bridge. Photo: Ann Example/The Desk`, `A bridge. (Ann Example/The Desk)`.
fn split_credit(caption: Option<String>, credit: Option<String>) -> (Option<String>, Option<String>) {
    let Some(text) = caption else { return (None, credit) };
    if credit.is_some() {
        return (Some(text), credit);
    }
    let at = LABELS.inside.iter().filter_map(|label| text.rfind(label.as_str())).max();
    if let Some(at) = at.filter(|at| text.len() - at <= 120) {
        let credit = without_label(&text[at..]);
        let rest = text[..at].trim_end_matches([' ', '(', '|', '-', '–']).to_owned();
        return ((!rest.is_empty()).then_some(rest), (!credit.is_empty()).then_some(credit));
    }
    if let Some(open) = text.rfind('(')
        && text.ends_with(')')
        && text[open..].contains('/')
        && text.len() - open <= 80
    {
        let credit = text[open + 1..text.len() - 1].to_owned();
        let rest = text[..open].trim_end().to_owned();
        return ((!rest.is_empty()).then_some(rest), Some(credit));
    }
    (Some(text), None)
}

fn without_label(credit: &str) -> String {
    let text = credit.trim().trim_matches(['(', ')', '[', ']']);
    let lower = text.to_lowercase();
    let label = LABELS.all.iter().find(|label| lower.starts_with(label.as_str()));
    let rest = label.and_then(|label| text.get(label.len()..)).unwrap_or(text);
    rest.trim_matches(|c: char| c.is_whitespace() || matches!(c, ':' | ')' | '(')).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credits_leave_the_caption() {
        for (caption, expected) in [
            ("A bridge. Photo: Ann Example", ("A bridge.", "Ann Example")),
            ("A bridge. (Ann Example/The Desk)", ("A bridge.", "Ann Example/The Desk")),
            ("© Ann Example", ("", "Ann Example")),
            ("A bridge (closed)", ("A bridge (closed)", "")),
            ("Un pont. Crédit photo : Ann Example", ("Un pont.", "Ann Example")),
            ("A chart. Source: The Desk", ("A chart. Source: The Desk", "")),
        ] {
            let (rest, credit) = split_credit(Some(caption.to_owned()), None);
            assert_eq!((rest.as_deref().unwrap_or(""), credit.as_deref().unwrap_or("")), expected, "{caption}");
        }
    }
}
