//! Makes and measures the weights of the entity tagger. DATA is the folder of labelled sets and news; all steps take a few minutes:
//!
//!     alias entities='cargo run --release --features training --example entities --'
//!     python3 training/entities/lists.py DATA src/stage/data/names       the lists of names
//!     entities lexicon DATA words.bin                                    clusters and capitals of words in news
//!     entities train DATA words.bin first.model                          a first tagger
//!     entities kinds DATA first.model lexicon.bin                        what it takes the words of the news for
//!     entities train DATA lexicon.bin src/stage/data/names/entities.model
//!
//! Cross-validation on wikigold takes a first tagger that never saw it (`wikigold=0 entities train ...`), so that nothing of a
//! held-out fold is in the lexicon: `entities cross DATA lexicon.bin`. `entities mistakes` shows what one fold gets wrong, `entities ieer
//! DATA` measures money, shares and days. WITHOUT=lists, clusters or kinds and VOTE=0 leave a part out.

mod corpus;
mod crf;
mod ieer;
mod measure;
mod words;
mod write;

use std::error::Error;
use std::path::Path;

use copydesk::stage::meaning::entity::document::{Document, uses};
use copydesk::stage::meaning::entity::lexicon::Lexicon;
use copydesk::stage::meaning::entity::model::Model;
use copydesk::stage::meaning::entity::tagger::{VOTE, tag_voting};
use copydesk::stage::meaning::entity::word::Word;
use corpus::Labelled;
use crf::{Examples, Plan, Weights};
use measure::Tally;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["lexicon", data, out] => Ok(std::fs::write(out, words::lexicon(&corpus::news(Path::new(data))?))?),
        ["kinds", data, model, out] => kinds(Path::new(data), Path::new(model), out),
        ["cross", data, lexicon] => cross(Path::new(data), &std::fs::read(lexicon)?),
        ["mistakes", data, lexicon] => mistakes(Path::new(data), &std::fs::read(lexicon)?),
        ["ieer", data] => ieer::score(Path::new(data)),
        ["train", data, lexicon, out] => train(Path::new(data), &std::fs::read(lexicon)?, Path::new(out)),
        _ => Err("usage: lexicon DATA OUT | cross DATA LEXICON | train DATA LEXICON OUT".into()),
    }
}

/// A knob for tuning, from the environment.
fn knob(name: &str, usual: f32) -> f32 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(usual)
}

fn plan() -> Plan {
    Plan {
        epochs: knob("EPOCHS", 8.0) as usize,
        rate: knob("RATE", 0.03),
        decay: knob("DECAY", 0.0),
        dropout: knob("DROPOUT", 0.2),
        rarest: knob("RAREST", 3.0) as u32,
    }
}

fn document(labelled: &Labelled, lexicon: &Lexicon) -> Document {
    let tokens: Vec<(&str, bool)> =
        labelled.tokens.iter().map(String::as_str).zip(labelled.opens.iter().copied()).collect();
    let mut document = Document::of(&tokens, lexicon);
    let left_out = std::env::var("WITHOUT").unwrap_or_default();
    document.words.iter_mut().for_each(|word| leave_out(word, &left_out));
    if left_out == "lists" {
        document.spots.iter_mut().for_each(|spot| (spot.run, spot.part) = (0, (0, 0)));
    }
    document
}

/// What is left out in an ablation: WITHOUT=lists, clusters or kinds.
fn leave_out(word: &mut Word, what: &str) {
    /// Uses that no list has a part in.
    const PLAIN: u32 = uses::SMALL
        | uses::CAPITAL_INSIDE
        | uses::AFTER_INITIAL
        | uses::AFTER_IN
        | uses::BEFORE_GENITIVE
        | uses::AFTER_THE
        | uses::IN_BRACKETS
        | uses::AFTER_CAPITAL
        | uses::BEFORE_CAPITAL
        | uses::OFTEN;
    match what {
        "lists" => (word.kinds, word.uses) = (0, word.uses & PLAIN),
        "clusters" => word.entry.cluster = 0,
        "kinds" => (word.entry.kind, word.entry.leads, word.entry.trails) = (0, 0, 0),
        _ => {}
    }
}

/// Documents with their labels.
type Prepared = Vec<(Document, Labelled)>;

fn prepare(all: Vec<Labelled>, lexicon: &[u8]) -> Prepared {
    let lexicon = Lexicon::new(lexicon);
    all.into_iter().map(|labelled| (document(&labelled, &lexicon), labelled)).collect()
}

fn fit<'d>(documents: impl Iterator<Item = &'d (Document, Labelled)> + Clone) -> Weights {
    let plan = plan();
    let factor = |l: &Labelled| l.weight * knob(l.set, 1.0);
    let examples = Examples::new(documents.map(|(d, l)| (d, l.allowed.as_slice(), factor(l))), &plan);
    crf::train(&examples, &plan, 1)
}

fn score<'d>(documents: impl Iterator<Item = &'d (Document, Labelled)>, model: &Model) -> Tally {
    let mut tally = Tally::default();
    documents.for_each(|(document, labelled)| {
        tally.add(&tag_voting(document, model, knob("VOTE", VOTE)), &labelled.allowed)
    });
    tally
}

fn cross(data: &Path, lexicon: &[u8]) -> Result<(), Box<dyn Error>> {
    let (gold, more) = (prepare(corpus::wikigold(data)?, lexicon), prepare(corpus::trained(data)?, lexicon));
    let mut all = Tally::default();
    let folds = knob("FOLDS", 5.0) as usize;
    for fold in 0..folds {
        let of =
            |wanted: bool| gold.iter().enumerate().filter(move |(at, _)| (at % 5 == fold) == wanted).map(|(_, d)| d);
        let model = write::model(&fit(of(false).chain(&more)), lexicon, usize::MAX)?;
        let tally = score(of(true), &model);
        eprintln!("\rfold {fold}: {tally}");
        all.merge(&tally);
    }
    println!("wikigold, {folds} of 5 folds: {all}");
    Ok(())
}

/// Every name of one fold that was missed, invented or mistaken, with the words around it.
fn mistakes(data: &Path, lexicon: &[u8]) -> Result<(), Box<dyn Error>> {
    let (gold, more) = (prepare(corpus::wikigold(data)?, lexicon), prepare(corpus::trained(data)?, lexicon));
    let of = |wanted: bool| gold.iter().enumerate().filter(move |(at, _)| (at % 5 == 0) == wanted).map(|(_, d)| d);
    let model = write::model(&fit(of(false).chain(&more)), lexicon, usize::MAX)?;
    for (document, labelled) in of(true) {
        let found: Vec<_> =
            tag_voting(document, &model, knob("VOTE", VOTE)).iter().map(|n| (n.start, n.end, n.kind)).collect();
        let wanted = measure::names(&labelled.allowed);
        for name in wanted.iter().filter(|name| !found.contains(name)) {
            let instead: Vec<_> = found.iter().filter(|other| other.0 < name.1 && name.0 < other.1).copied().collect();
            println!("wanted {} got {}", shown(labelled, *name), shown_all(labelled, &instead));
        }
        let invented = found.iter().filter(|name| !wanted.iter().any(|other| other.0 < name.1 && name.0 < other.1));
        invented.for_each(|name| println!("invented {}", shown(labelled, *name)));
    }
    Ok(())
}

fn shown_all(labelled: &Labelled, names: &[(usize, usize, usize)]) -> String {
    names.iter().map(|name| shown(labelled, *name)).collect::<Vec<_>>().join(" + ")
}

fn shown(labelled: &Labelled, (start, end, kind): (usize, usize, usize)) -> String {
    let words = |from: usize, to: usize| labelled.tokens[from..to].join(" ");
    let (before, after) = (words(start.saturating_sub(3), start), words(end, (end + 3).min(labelled.tokens.len())));
    format!("{} {before} [{}] {after}", ["PER", "ORG", "LOC", "MISC"][kind], words(start, end))
}

fn kinds(data: &Path, model: &Path, out: &str) -> Result<(), Box<dyn Error>> {
    let model = Model::read(std::fs::read(model)?)?;
    Ok(std::fs::write(out, words::kinds(&corpus::news(data)?, &model))?)
}

fn train(data: &Path, lexicon: &[u8], out: &Path) -> Result<(), Box<dyn Error>> {
    let mut all = [corpus::wikigold(data)?, corpus::trained(data)?].concat();
    all.retain(|labelled| knob(labelled.set, 1.0) > 0.0);
    let documents = prepare(all, lexicon);
    let weights = fit(documents.iter());
    let bytes = write::bytes(&weights, lexicon, knob("SLOTS", 340_000.0) as usize);
    std::fs::write(out, &bytes)?;
    let model = Model::read(bytes)?;
    let testa = prepare(corpus::testa(data)?, lexicon);
    println!("conll03_testa (measured, never trained on): {}", score(testa.iter(), &model));
    println!("training sets: {}", score(documents.iter(), &model));
    Ok(())
}
