//! States and towns of the USA that bear the name of a country: `Lebanon, Ohio`, `a judge in Georgia`. They have no country's code.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::link::Mention;
use crate::article::EntityKind;
use crate::stage::quick::{Map, Set};
use crate::stage::table;

const DATA: &str = include_str!("../../data/names/states.txt");

static STATES: LazyLock<Set<&'static str>> = LazyLock::new(|| table::group(DATA, "state").into_iter().collect());

/// By name that a state shares with a country: what tells that the country is meant.
static SHARED: LazyLock<Map<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
    let mut shared: Map<&str, Vec<&str>> = Map::default();
    table::groups(DATA)
        .filter(|(key, _)| *key != "state")
        .for_each(|(key, names)| shared.entry(key).or_default().extend(names));
    shared
});

/// Which mentions of a document a state or a town of one claims.
#[derive(Debug, Default)]
pub struct States {
    /// Where towns with a state behind them begin.
    towns: HashSet<u32>,
    /// Names that are the country's here.
    countries: HashSet<&'static str>,
}

impl States {
    /// Looks at the mentions of a document, in order.
    pub fn read(&mut self, mentions: &[Mention]) {
        let place = |mention: &Mention| mention.kind == EntityKind::Place;
        let town = |pair: &&[Mention]| {
            // a comma and a space between
            let beside = pair[1].span[0] == pair[0].span[1] + 2;
            beside && pair.iter().all(place) && STATES.contains(pair[1].name.as_str())
        };
        self.towns = mentions.windows(2).filter(town).map(|pair| pair[0].span[0]).collect();
        let named = |names: &Vec<&str>| mentions.iter().any(|mention| names.contains(&mention.name.as_str()));
        self.countries = SHARED.iter().filter(|(_, names)| named(names)).map(|(name, _)| *name).collect();
    }

    /// True where a mention may be a state or a town rather than the country of its name.
    pub fn claim(&self, mention: &Mention) -> bool {
        let name = mention.name.as_str();
        self.towns.contains(&mention.span[0]) || SHARED.contains_key(name) && !self.countries.contains(name)
    }
}

#[cfg(test)]
mod tests {
    use super::super::link::entities;
    use super::*;

    /// The codes of places that stand one behind the other, a comma between.
    fn codes(names: &[&str]) -> Vec<Option<String>> {
        let mut at = 0;
        let mention = |name: &&str| {
            let span = [at, at + name.len() as u32];
            at = span[1] + 2;
            Mention { kind: EntityKind::Place, name: (*name).to_owned(), span, norm: None, confidence: 0.9 }
        };
        let mentions = names.iter().map(mention).collect();
        entities(mentions).into_iter().map(|entity| entity.norm).collect()
    }

    #[test]
    fn a_name_that_a_state_or_town_shares_is_the_countrys_only_where_it_is_sure() {
        let code = |code: &str| Some(code.to_owned());
        assert_eq!(codes(&["Lebanon"]), [code("LB")]);
        assert_eq!(codes(&["Lebanon", "Ohio"]), [None, None]);
        assert_eq!(codes(&["Peru", "Chile"]), [code("PE"), code("CL")]);
        assert_eq!(codes(&["Georgia"]), [None]);
        assert_eq!(codes(&["Tbilisi", "Georgia"]), [None, code("GE")]);
    }
}
