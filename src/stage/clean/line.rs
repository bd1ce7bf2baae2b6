//! Lines of a text to its paragraphs: blank lines, single line breaks, lines wrapped at a width.

/// Widest line that can come from wrapping. Longer lines are paragraphs.
const WRAP_WIDTH: usize = 100;
/// Share of the lines of wrapped text that come near its width.
const FULL_LINES: f32 = 0.6;

/// The paragraphs of `text`, lines of wrapped paragraphs joined by a space. Text is not normalised yet.
pub(super) fn paragraphs(text: &str) -> Vec<String> {
    let lines: Vec<&str> =
        text.lines().flat_map(|line| line.split(['\u{2028}', '\u{2029}', '\u{0B}', '\u{0C}'])).collect();
    match wrap_width(&lines) {
        Some(width) => unwrap(&lines, width),
        None => lines.iter().filter(|line| !line.trim().is_empty()).map(|line| line.trim().to_owned()).collect(),
    }
}

/// The width the text is wrapped at: most lines that are followed by another come near the longest, and none is long.
fn wrap_width(lines: &[&str]) -> Option<usize> {
    let width =
        lines.iter().map(|line| line.trim_end().chars().count()).max().filter(|w| (40..=WRAP_WIDTH).contains(w))?;
    let followed = lines.windows(2).filter(|pair| !pair[0].trim().is_empty() && !pair[1].trim().is_empty());
    let (mut full, mut open, mut all) = (0, 0, 0);
    for pair in followed {
        let line = pair[0].trim_end();
        all += 1;
        full += usize::from(line.chars().count() * 4 >= width * 3);
        open += usize::from(!super::measure::ends_sentence(line));
    }
    let share = |n: usize| n as f32 / all as f32;
    (all > 0 && share(full) >= FULL_LINES && share(open) >= FULL_LINES).then_some(width)
}

/// Joins wrapped lines. A paragraph ends at a blank line, before an indented line, and after a short line that ends a sentence.
fn unwrap(lines: &[&str], width: usize) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut open = false;
    for line in lines {
        let trimmed = line.trim();
        if trimmed.is_empty() {
            open = false;
            continue;
        }
        let indented = line.starts_with("   ") || line.starts_with('\t');
        match out.last_mut().filter(|_| open && !indented) {
            Some(paragraph) => {
                paragraph.push(' ');
                paragraph.push_str(trimmed);
            }
            None => out.push(trimmed.to_owned()),
        }
        let short = line.trim_end().chars().count() * 4 < width * 3;
        open = !(short && super::measure::ends_sentence(trimmed));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_paragraphs_unless_they_are_wrapped() {
        assert_eq!(paragraphs("One.\n\nTwo.\r\n\r\n\n Three \n"), ["One.", "Two.", "Three"]);
        assert_eq!(paragraphs("First line.\nSecond line."), ["First line.", "Second line."]);
    }

    #[test]
    fn wrapped_lines_are_joined() {
        let wrapped = "The council of the harbour town voted on Monday to keep\nthe old crane, which had been up for sale since the\n\
                       spring of last year.\n\nThe mayor, who had wanted to sell it, said that she\nwould respect the vote and look \
                       for other money.\n   A second vote is planned for the month of May, when\nthe budget is due.\n";
        let paragraphs = paragraphs(wrapped);
        assert_eq!(paragraphs.len(), 3);
        assert!(paragraphs[0].ends_with("since the spring of last year."));
        assert!(paragraphs[2].starts_with("A second vote"));
    }
}
