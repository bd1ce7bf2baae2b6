//! Markdown, as crawlers for language models store pages, to the text that it marks up.
//!
//! Takes out marks, pictures and menus, no word of the text. A text that is not certainly Markdown stays as it is.

/// The text without the marks, where it is Markdown.
pub(super) fn plain(text: String) -> String {
    if !is_markdown(&text) {
        return text;
    }
    let lines: Vec<String> = text.lines().filter(|line| !is_rule(line) && !is_menu(line)).map(line).collect();
    lines.join("\n")
}

/// True for a text with two headings, or that begins with one, or with two links to addresses.
fn is_markdown(text: &str) -> bool {
    let headings = || text.lines().filter(|line| heading(line).is_some());
    let first = text.lines().find(|line| !line.trim().is_empty());
    let links = || text.match_indices("](http").chain(text.match_indices("](/")).nth(1).is_some();
    first.is_some_and(|line| heading(line).is_some()) || headings().nth(1).is_some() || links()
}

/// The words of a heading.
fn heading(line: &str) -> Option<&str> {
    let words = line.trim_start_matches('#');
    let level = line.len() - words.len();
    let words = words.strip_prefix(' ').map(|words| words.trim().trim_end_matches('#').trim_end());
    words.filter(|words| (1..=6).contains(&level) && !words.is_empty())
}

/// True for the line between two parts: three marks or more.
fn is_rule(line: &str) -> bool {
    let marks: String = line.split_whitespace().collect();
    marks.len() >= 3 && ['-', '*', '_'].iter().any(|mark| marks.chars().all(|c| c == *mark))
}

/// True for a row of links with nothing but bars or dots between them; names of authors have commas or words.
fn is_menu(line: &str) -> bool {
    let between = unlinked(line, false);
    line.matches("](").nth(1).is_some()
        && between.contains(['|', '·', '•'])
        && between.chars().all(|c| c.is_whitespace() || "|·•".contains(c))
}

fn line(line: &str) -> String {
    let line = heading(line).unwrap_or(line);
    let line = unlinked(line.strip_prefix("> ").unwrap_or(line), true);
    let line = ['*', '_'].iter().fold(line, |line, mark| unstressed(&line, *mark));
    ESCAPED.iter().fold(line, |line, escaped| line.replace(escaped, &escaped[1..]))
}

/// Signs that would be marks without a backslash.
const ESCAPED: [&str; 9] = ["\\*", "\\_", "\\[", "\\]", "\\#", "\\-", "\\.", "\\!", "\\|"];

/// The line with the texts of its links in their place, where they are `kept`, and without its pictures, which may stand in links.
fn unlinked(line: &str, kept: bool) -> String {
    let (mut out, mut open, mut at) = (String::with_capacity(line.len()), Vec::new(), 0);
    for (i, c) in line.char_indices() {
        if i < at {
            continue;
        }
        match (c, address(&line[i..])) {
            (']', Some(length)) if !open.is_empty() => {
                let text = out.split_off(open.pop().unwrap_or_default());
                let is_picture = out.ends_with('!');
                out.truncate(out.len() - usize::from(is_picture));
                out.push_str(if is_picture || !kept { "" } else { &text[1..] });
                at = i + length;
                continue;
            }
            ('[', _) => open.push(out.len()),
            (']', _) => drop(open.pop()),
            _ => {}
        }
        out.push(c);
    }
    out
}

/// How long `](address "title")` at the beginning of a text is.
fn address(text: &str) -> Option<usize> {
    let rest = text.strip_prefix("](")?;
    let mut depth = 1;
    let end = rest.find(|c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        depth == 0
    })?;
    let (address, title) = rest[..end].split_once(' ').unwrap_or((&rest[..end], ""));
    let is_link = !address.is_empty() && (title.is_empty() || title.trim().starts_with('"'));
    is_link.then_some("](".len() + end + 1)
}

/// The line without pairs of one to three marks that stand close around words.
fn unstressed(line: &str, mark: char) -> String {
    let chars: Vec<char> = line.chars().collect();
    let runs: Vec<(usize, usize)> = runs(&chars, mark);
    let is_word =
        |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(|c| c.is_alphanumeric() || *c == '\\');
    let is_gap = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_none_or(|c| c.is_whitespace());
    let opens = |(at, n): (usize, usize)| !is_word(at.checked_sub(1)) && !is_gap(Some(at + n));
    let closes = |(at, n): (usize, usize)| !is_gap(at.checked_sub(1)) && !is_word(Some(at + n));
    let mut marks = vec![false; chars.len()];
    let mut next = 0;
    while let Some(run) = runs.get(next).copied() {
        next += 1;
        let end = (next..runs.len()).find(|end| runs[*end].1 == run.1 && closes(runs[*end]));
        let Some(end) = end.filter(|_| run.1 <= 3 && opens(run)) else { continue };
        for (at, n) in [run, runs[end]] {
            marks[at..at + n].fill(true);
        }
        next = end + 1;
    }
    chars.iter().zip(marks).filter(|(_, is_mark)| !is_mark).map(|(c, _)| *c).collect()
}

/// Where a mark stands, and how often.
fn runs(chars: &[char], mark: char) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (at, _) in chars.iter().enumerate().filter(|(_, c)| **c == mark) {
        match runs.last_mut().filter(|(start, n)| start + n == at) {
            Some((_, n)) => *n += 1,
            None => runs.push((at, 1)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_go_and_words_stay() {
        let story = "[Home](/) | [News](/news \"All news\")\n\n# Crane stays\n\n*By Anna Brandt*\n\n[![The crane](https://p.test/c.jpg)](https://p.test/c)\n\n\
            The **old** crane [stays](https://p.test/a_(1)), [the mayor](<https://p.test/m>) said\\. \"It is 5 * 4 * 3 metres.\"\n\n* * *\n\n\
            > Nobody [asked] me.\n\n## Why ##\n\n- 90 years old\n- snake_case_names";
        assert_eq!(
            plain(story.to_owned()),
            "\nCrane stays\n\nBy Anna Brandt\n\n\n\n\
            The old crane stays, the mayor said. \"It is 5 * 4 * 3 metres.\"\n\n\nNobody [asked] me.\n\nWhy\n\n- 90 years old\n- snake_case_names"
        );
    }

    #[test]
    fn linked_authors_are_no_menu() {
        let authors =
            "# Crane stays\n[Anna Brandt](https://p.test/a), [Bo Lind](https://p.test/b)\n[Harbour](/h) · [Town](/t)";
        assert_eq!(plain(authors.to_owned()), "Crane stays\nAnna Brandt, Bo Lind");
    }

    #[test]
    fn other_texts_stay() {
        for text in [
            "The crane stays.\n\n# 1 in the county, it is *the* oldest.\n\n* * *\n\nSo they say [sic](p. 4).",
            "#crane #harbour\n\nThe crane [stays](https://p.test/c), **they** say.",
            "1. Crane\n2. Mill",
        ] {
            assert_eq!(plain(text.to_owned()), text);
        }
    }
}
