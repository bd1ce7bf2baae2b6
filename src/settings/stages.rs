//! Which part of the line a worker runs, and what follows from it: its inputs, its outputs, its groups. Whoever needs one of
//! these asks here.

use super::Settings;
use crate::outcome::Route;

/// Which part of the line a worker runs. It can be cut in one place: where a record has its verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stages {
    /// All of it.
    #[default]
    All,
    /// The first half: from `topics.raw` to `topics.cleaned`; copies and dead letters go where they always go.
    DedupeClean,
    /// The second half: from `topics.cleaned` to `topics.enriched`.
    Extract,
}

impl Stages {
    /// Whether verdicts are given here, so that the print log is read and written.
    pub fn judges(self) -> bool {
        self != Stages::Extract
    }

    /// Whether the halves run apart.
    pub fn apart(self) -> bool {
        self != Stages::All
    }

    /// Where the articles come from.
    pub fn input(self) -> Route {
        match self {
            Stages::All | Stages::DedupeClean => Route::Raw,
            Stages::Extract => Route::Cleaned,
        }
    }

    /// Where outcomes go.
    pub fn outputs(self) -> &'static [Route] {
        match self {
            Stages::All => &[Route::Enriched, Route::Duplicates, Route::Dead],
            Stages::DedupeClean => &[Route::Cleaned, Route::Duplicates, Route::Dead],
            Stages::Extract => &[Route::Enriched, Route::Dead],
        }
    }
}

/// As `--stages` takes it; the error says what is possible.
impl std::str::FromStr for Stages {
    type Err = String;

    fn from_str(text: &str) -> Result<Stages, String> {
        use super::kind::Words;
        let known = Stages::WORDS.iter().find(|(word, _)| *word == text);
        known.map(|(_, stages)| *stages).ok_or_else(|| {
            "the line can be cut in one place: write dedupe,clean for its first half or extract for its second; without \
             --stages one worker runs all of it"
                .to_owned()
        })
    }
}

impl Settings {
    /// Whether links are fetched here: where verdicts are given, since fetched pages are raw articles.
    pub fn fetches(&self) -> bool {
        self.fetch.enabled && self.run.stages.judges()
    }

    /// The topics that are read here, in a group each.
    pub fn inputs(&self) -> Vec<Route> {
        let links = self.fetches().then_some(Route::Links);
        std::iter::once(self.run.stages.input()).chain(links).collect()
    }

    /// The consumer group that reads the topic of a route.
    pub fn group(&self, route: Route) -> String {
        let group = &self.kafka.group;
        match route {
            Route::Links => format!("{group}-fetch"),
            Route::Cleaned => format!("{group}-extract"),
            Route::Raw | Route::Enriched | Route::Duplicates | Route::Dead | Route::Prints => group.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_input_has_a_group_of_its_own_and_the_second_half_fetches_nothing() {
        let mut settings = Settings::default();
        settings.fetch.enabled = true;
        let groups =
            |settings: &Settings| settings.inputs().into_iter().map(|route| settings.group(route)).collect::<Vec<_>>();
        assert_eq!(groups(&settings), ["copydesk", "copydesk-fetch"]);
        settings.run.stages = Stages::Extract;
        assert_eq!(groups(&settings), ["copydesk-extract"]);
    }
}
