//! Reading of the embedded data files: one entry a line, `#` starts a comment line. The files are part of the program, so a
//! malformed line is a defect that the tests of its reader catch; here it is passed over.

/// The entry lines of a data file.
pub(super) fn lines(data: &'static str) -> impl Iterator<Item = &'static str> {
    data.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The entries of a file whose lines are `key: value; value; ...`.
pub(super) fn groups(data: &'static str) -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    lines(data)
        .filter_map(|line| line.split_once(':'))
        .map(|(key, values)| (key.trim(), values.split(';').map(str::trim).filter(|value| !value.is_empty()).collect()))
}

/// The values of one key of such a file.
pub(super) fn group(data: &'static str, key: &str) -> Vec<&'static str> {
    groups(data).filter(|(name, _)| *name == key).flat_map(|(_, values)| values).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_blank_lines_are_no_entries() {
        assert_eq!(lines("# head\n\n a b \n#x\nc").collect::<Vec<_>>(), ["a b", "c"]);
        assert_eq!(group("# head\nx: a b; c;\ny: d\nx: e", "x"), ["a b", "c", "e"]);
    }
}
