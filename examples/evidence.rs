//! Writes what the second opinion sees of pages and texts, for `training/clean/train.py`.
//!
//! Reads JSON lines from standard input: `{"html": …}` or `{"text": …}`. Writes one line for each: an array of blocks, each
//! `[text, reason it was dropped for or null, row of numbers or null]`.

use std::io::{BufRead, Write};

use copydesk::article::Block;
use copydesk::stage::anchors;
use copydesk::stage::clean::evidence::{LINE, Row};
use copydesk::stage::clean::{evidence_of_page, evidence_of_text};
use copydesk::stage::extract::page;
use copydesk::stage::html::{Budget, parse};

fn main() -> anyhow::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let record: serde_json::Value = serde_json::from_str(&line?)?;
        let (blocks, numbers) = match (record["html"].as_str(), record["text"].as_str()) {
            (Some(html), _) => (of_page(html)?, usize::MAX),
            (None, text) => (evidence_of_text(text.unwrap_or_default()), LINE),
        };
        let rows = blocks
            .iter()
            .map(|(block, row)| (&block.text, block.dropped, row.as_ref().map(|r| numbers_of(r, numbers))));
        serde_json::to_writer(&mut out, &rows.collect::<Vec<_>>())?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn of_page(html: &str) -> anyhow::Result<Vec<(Block, Option<Row>)>> {
    let document = parse(html, &Budget::default())?;
    Ok(evidence_of_page(&document, &anchors(&page::read(&document), None)))
}

fn numbers_of(row: &Row, numbers: usize) -> &[f32] {
    &row.values[..numbers.min(row.values.len())]
}
