//! The text format of Prometheus, as far as a worker writes it: names, labels, numbers. Pure.

/// One series at one time.
#[derive(Debug, Clone, PartialEq)]
struct Series {
    name: String,
    labels: Vec<(String, String)>,
    value: f64,
}

/// What a worker's `/metrics` said.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scrape(Vec<Series>);

impl Scrape {
    /// Reads the text; lines that are no series are passed over.
    pub fn read(text: &str) -> Scrape {
        Scrape(text.lines().filter(|line| !line.starts_with('#')).filter_map(series).collect())
    }

    /// True when nothing of ours is in it: another program answered.
    pub fn is_foreign(&self) -> bool {
        !self.0.iter().any(|series| series.name.starts_with("copydesk_"))
    }

    /// The sum of a metric over all its series; 0.0 where there is none (the sum of the library would be -0.0, and be shown).
    pub fn sum(&self, name: &str) -> f64 {
        self.0.iter().filter(|series| series.name == name).fold(0.0, |sum, series| sum + series.value)
    }

    /// The largest of a metric's series; 0.0 where there is none.
    pub fn max(&self, name: &str) -> f64 {
        self.0.iter().filter(|series| series.name == name).map(|series| series.value).fold(0.0, f64::max)
    }

    /// The sum of a metric for each value of a label, in the order they are told.
    pub fn by(&self, name: &str, label: &str) -> Vec<(&str, f64)> {
        let mut sums: Vec<(&str, f64)> = Vec::new();
        for series in self.0.iter().filter(|series| series.name == name) {
            let Some((_, value)) = series.labels.iter().find(|(key, _)| key == label) else { continue };
            match sums.iter_mut().find(|(known, _)| known == value) {
                Some((_, sum)) => *sum += series.value,
                None => sums.push((value, series.value)),
            }
        }
        sums
    }

    /// A label of a metric's first series.
    pub fn label(&self, name: &str, label: &str) -> Option<&str> {
        let series = self.0.iter().find(|series| series.name == name)?;
        Some(series.labels.iter().find(|(key, _)| key == label)?.1.as_str())
    }

    /// The quantile `q` (0.0 to 1.0) of a histogram, interpolated within its bucket as Prometheus does; `None` while it is
    /// empty. Where it lies above the last bound, that bound.
    pub fn quantile(&self, histogram: &str, q: f64) -> Option<f64> {
        let mut buckets: Vec<(f64, f64)> = self
            .by(&format!("{histogram}_bucket"), "le")
            .into_iter()
            .filter_map(|(bound, count)| Some((if bound == "+Inf" { f64::INFINITY } else { bound.parse().ok()? }, count)))
            .collect();
        buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
        let wanted = q * buckets.last()?.1;
        let (mut from, mut below) = (0.0, 0.0);
        for (bound, count) in buckets {
            if count >= wanted && count > 0.0 {
                let inside = if count > below { (wanted - below) / (count - below) } else { 0.0 };
                return Some(if bound.is_finite() { from + (bound - from) * inside } else { from });
            }
            (from, below) = (bound, count);
        }
        None
    }
}

/// One line: `name{key="value",…} number`. Backslash, quote and newline in a value are escaped.
fn series(line: &str) -> Option<Series> {
    let (head, value) = line.trim_end().rsplit_once(' ')?;
    let value = value.parse().ok()?;
    let Some((name, rest)) = head.split_once('{') else {
        return Some(Series { name: head.to_owned(), labels: Vec::new(), value });
    };
    Some(Series { name: name.to_owned(), labels: labels(rest.strip_suffix('}')?)?, value })
}

fn labels(text: &str) -> Option<Vec<(String, String)>> {
    let (mut labels, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        let (key, after) = rest.split_once("=\"")?;
        let (mut value, mut escaped, mut end) = (String::new(), false, None);
        for (at, c) in after.char_indices() {
            match (escaped, c) {
                (true, 'n') => value.push('\n'),
                (true, c) => value.push(c),
                (false, '\\') => {}
                (false, '"') => {
                    end = Some(at);
                    break;
                }
                (false, c) => value.push(c),
            }
            escaped = !escaped && c == '\\';
        }
        labels.push((key.to_owned(), value));
        rest = after.get(end? + 1..)?.trim_start_matches(',');
    }
    Some(labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# HELP copydesk_records_total x\n# TYPE copydesk_records_total counter\n\
        copydesk_records_total{outcome=\"enriched\"} 7\ncopydesk_records_total{outcome=\"dead\"} 2\n\
        copydesk_dead_letters_total{reason=\"not_json\",stage=\"decode\"} 1\n\
        copydesk_dead_letters_total{reason=\"no_story\",stage=\"clean\"} 1\n\
        copydesk_build_info{revision=\"a\\\"b\\\\\",version=\"0.1.0\"} 1\n\
        t_bucket{le=\"0.1\"} 50\nt_bucket{le=\"0.5\"} 90\nt_bucket{le=\"+Inf\"} 100\nup 1.5e3\nbroken{ 1\n";

    #[test]
    fn series_are_read_with_their_labels() {
        let scrape = Scrape::read(TEXT);
        assert_eq!((scrape.sum("copydesk_records_total"), scrape.max("copydesk_records_total")), (9.0, 7.0));
        assert_eq!(scrape.by("copydesk_records_total", "outcome"), [("enriched", 7.0), ("dead", 2.0)]);
        assert_eq!(scrape.label("copydesk_build_info", "revision"), Some("a\"b\\"));
        assert_eq!((scrape.sum("up"), scrape.sum("absent")), (1500.0, 0.0));
        assert!(!scrape.is_foreign() && Scrape::read("up 1\n").is_foreign());
    }

    #[test]
    fn quantiles_lie_within_their_bucket() {
        let scrape = Scrape::read(TEXT);
        assert_eq!(scrape.quantile("t", 0.5), Some(0.1));
        assert!((scrape.quantile("t", 0.7).unwrap() - 0.3).abs() < 1e-9);
        assert_eq!(scrape.quantile("t", 0.99), Some(0.5));
        assert_eq!(scrape.quantile("absent", 0.5), None);
    }
}
