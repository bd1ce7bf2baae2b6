//! The shapes in which newspapers print a day. Every shape is one small function over the tokens; the first that fits wins.

use jiff::civil::Date;

use super::Context;
use super::clock::{self, Clock};
use super::scan::Token;
use super::words::Meaning;

/// Years a story can have been published in. Wider: page numbers and prices become years.
const YEARS: std::ops::RangeInclusive<i16> = 1850..=2099;

/// Thai calendars count from the Buddha's death.
const BUDDHIST: i16 = 543;

/// A day as printed.
#[derive(Debug, Clone)]
pub(super) struct Day {
    /// `None` when no year was printed.
    pub year: Option<i16>,
    pub month: i8,
    pub day: i8,
    /// Day and month could be read either way, and nothing decided.
    pub ambiguous: bool,
    /// Only two digits of the year were printed.
    pub short_year: bool,
    /// A clock that stood between day and year.
    pub clock: Option<Clock>,
    /// Token after the day.
    pub end: usize,
}

/// The day that begins at token `at`.
pub(super) fn at(tokens: &[Token], at: usize, text: &str, context: &Context) -> Option<Day> {
    let scene = Scene { tokens, text, context };
    match tokens.get(at)?.number() {
        Some((_, 3..)) => scene.year_first(at),
        Some(_) => scene.day_month_name(at).or_else(|| scene.day_month_mark(at)).or_else(|| scene.three_numbers(at)),
        None => scene.month_name_first(at),
    }
    .filter(Day::exists)
}

impl Day {
    fn new(year: Option<i16>, month: i8, day: i8, end: usize) -> Day {
        Day { year, month, day, ambiguous: false, short_year: false, clock: None, end }
    }

    /// The calendar day; a missing year is the latest that is not after the day of fetching, or the one nearest to it where the
    /// later is wanted.
    pub fn date(&self, context: &Context) -> Option<Date> {
        let of = |year: i16| Date::new(year, self.month, self.day).ok();
        if let Some(year) = self.year {
            return of(year);
        }
        let today = context.today()?;
        if context.later {
            let years = [today.year() + 1, today.year(), today.year() - 1];
            return years.into_iter().filter_map(of).min_by_key(|date| (*date - today).get_days().abs());
        }
        // a day of grace: the page may be east of us
        let grace = today.tomorrow().unwrap_or(today);
        of(today.year()).filter(|date| *date <= grace).or_else(|| of(today.year() - 1))
    }

    fn exists(&self) -> bool {
        Date::new(self.year.unwrap_or(2000), self.month, self.day).is_ok()
    }
}

struct Scene<'s, 't> {
    tokens: &'s [Token],
    text: &'t str,
    context: &'s Context<'s>,
}

impl Scene<'_, '_> {
    fn number(&self, at: usize) -> Option<(u64, u8)> {
        self.tokens.get(at)?.number()
    }

    fn month(&self, at: usize) -> Option<i8> {
        self.tokens.get(at)?.month(self.context.language)
    }

    fn means(&self, at: usize, meaning: Meaning) -> bool {
        self.tokens.get(at).is_some_and(|token| token.means(meaning))
    }

    /// `at` or the token after it when `at` is one of `signs`.
    fn past_sign(&self, at: usize, signs: &[char]) -> usize {
        at + usize::from(signs.iter().any(|sign| self.tokens.get(at).is_some_and(|token| token.is_sign(*sign))))
    }

    fn past(&self, at: usize, meaning: Meaning) -> usize {
        at + usize::from(self.means(at, meaning))
    }

    /// A full year, with its mark where the language writes one (`2022 г.`, `2022年`).
    fn year(&self, at: usize, loose: bool) -> Option<(i16, usize)> {
        let value = match self.number(at)? {
            (value, 4) => value,
            // "Dec 05, 20232 Shares": a count glued to the year
            (value, digits @ 5..=9) if loose => value / 10u64.pow(u32::from(digits) - 4),
            _ => return None,
        };
        let year = i16::try_from(value).ok()?;
        let thai =
            self.context.language == Some("th") || self.text.contains(|c| ('\u{0e00}'..='\u{0e7f}').contains(&c));
        let year = if thai && year > 2400 { year - BUDDHIST } else { year };
        YEARS.contains(&year).then_some((year, self.past(at + 1, Meaning::YearMark)))
    }

    /// `22` or `'22`.
    fn short_year(&self, at: usize) -> Option<(i16, usize)> {
        let at = self.past_sign(at, &['\'', '’']);
        let (value, 2) = self.number(at)? else { return None };
        let value = value as i16;
        Some((if value < 50 { 2000 + value } else { 1900 + value }, at + 1))
    }

    /// A number of one or two digits.
    fn small(&self, at: usize, most: u64) -> Option<i8> {
        let (value, 1..=2) = self.number(at)? else { return None };
        (1..=most).contains(&value).then_some(value as i8)
    }

    /// `2022-04-20`, `2022. 04. 20.`, `2022年4月20日`, `2022. április 20.`, `2022 m. balandžio 20 d.`
    fn year_first(&self, at: usize) -> Option<Day> {
        let (year, next) = self.year(at, false)?;
        if let Some(sign @ ('-' | '/' | '.' | '‑' | '–')) = self.sign(next)
            && let Some(month) = self.small(next + 1, 12)
            && self.sign(next + 2) == Some(sign)
            && let Some(day) = self.small(next + 3, 31)
        {
            return Some(Day::new(Some(year), month, day, self.past(next + 4, Meaning::DayMark)));
        }
        if let Some(month) = self.small(next, 12)
            && self.means(next + 1, Meaning::MonthMark)
        {
            let day = self.small(next + 2, 31)?;
            return Some(Day::new(Some(year), month, day, self.past(next + 3, Meaning::DayMark)));
        }
        let next = self.past_sign(next, &['.', ',', '-', '/']);
        let next = self.past(next, Meaning::At);
        let month = self.month(next)?;
        let next = self.past_sign(next + 1, &['.', '-', '/']);
        let day = self.small(next, 31)?;
        let next = self.past_sign(next + 1, &['.']);
        Some(Day::new(Some(year), month, day, self.past(self.past(next, Meaning::DayMark), Meaning::Ordinal)))
    }

    fn sign(&self, at: usize) -> Option<char> {
        match self.tokens.get(at)?.kind {
            super::scan::Kind::Sign(sign) => Some(sign),
            _ => None,
        }
    }

    /// `20 April 2022`, `20. April 2022`, `20 de abril de 2022`, `1er avril 2022`, `20-Apr-22`; the year may be missing.
    fn day_month_name(&self, at: usize) -> Option<Day> {
        let day = self.small(at, 31)?;
        let mut next = self.past(at + 1, Meaning::Ordinal);
        next = self.past_sign(next, &['.', 'º', '°', 'ª', '-', '/', ',', ')']);
        next = self.past(next, Meaning::At);
        // catalan and french: 20 d'abril
        next = if self.sign(next).is_some_and(|sign| sign == '\'' || sign == '’') { next + 1 } else { next };
        let month = self.month(next)?;
        Some(self.with_year(Day::new(None, month, day, next + 1)))
    }

    /// `20 tháng 4, 2022`, `4月20日` without a year.
    fn day_month_mark(&self, at: usize) -> Option<Day> {
        let first = self.small(at, 31)?;
        if !self.means(at + 1, Meaning::MonthMark) {
            return None;
        }
        let second = self.small(at + 2, 31)?;
        if self.means(at + 3, Meaning::DayMark) {
            return Some(Day::new(None, first, second, at + 4));
        }
        Some(self.with_year(Day::new(None, second, first, at + 3)))
    }

    /// `April 20, 2022`, `Apr. 20th 2022`, `Apr 20 15:23:00 UTC 2022`; the year may be missing.
    fn month_name_first(&self, at: usize) -> Option<Day> {
        let month = self.month(at)?;
        let next = self.past_sign(at + 1, &['.', '-', '/', ',']);
        let day = self.small(next, 31)?;
        // "May 3:15": a clock, no day
        if self.sign(next + 1) == Some(':') {
            return None;
        }
        let next = self.past(next + 1, Meaning::Ordinal);
        let day = self.with_year(Day::new(None, month, day, self.past_sign(next, &['.'])));
        if day.year.is_none()
            && let Some(clock) = clock::after(self.tokens, day.end, self.text, self.context)
            && let Some((year, end)) = self.year(self.past_sign(clock.end, &[',']), false)
        {
            return Some(Day { year: Some(year), end, clock: Some(clock), ..day });
        }
        Some(day)
    }

    /// Takes in a year that follows: `, 2022`, ` de 2022`, `-22`.
    fn with_year(&self, day: Day) -> Day {
        let mut next = self.past_sign(day.end, &['.']);
        next = self.past_sign(next, &[',', '-', '/']);
        // "5 de abril del 2022", "20 aprile del 2022"
        next = self.past(next, Meaning::At);
        let comma = self.sign(next.wrapping_sub(1)) == Some(',');
        if let Some((year, end)) = self.year(next, comma) {
            return Day { year: Some(year), end, ..day };
        }
        let joined = day.end > 0 && matches!(self.sign(day.end), Some('-' | '/' | '\'' | '’'));
        match self.short_year(self.past_sign(day.end, &['-', '/', ','])) {
            Some((year, end)) if joined || self.sign(end) != Some(':') && !self.is_clock(end - 1) => {
                Day { year: Some(year), end, short_year: true, ..day }
            }
            _ => day,
        }
    }

    fn is_clock(&self, at: usize) -> bool {
        clock::after(self.tokens, at, self.text, self.context).is_some()
    }

    /// `20.04.2022`, `4/20/2022`, `20-04-22`.
    fn three_numbers(&self, at: usize) -> Option<Day> {
        let first = self.small(at, 31)?;
        let sign @ ('.' | '/' | '-') = self.sign(at + 1)? else { return None };
        let second = self.small(at + 2, 31)?;
        (self.sign(at + 3) == Some(sign)).then_some(())?;
        let (year, end, short_year) = match self.year(at + 4, false) {
            Some((year, end)) if self.glued_clock(at + 4) => (2000 + year / 100, end, true),
            Some((year, end)) => (year, end, false),
            None => self.short_year(at + 4).map(|(year, end)| (year, end, true))?,
        };
        // a fourth part is an address or a version number
        if self.sign(end) == Some(sign) && self.number(end + 1).is_some() && !self.tokens.get(end + 1)?.spaced {
            return None;
        }
        let (month_first, ambiguous) = self.order(first, second, sign, year);
        let (month, day) = if month_first { (first, second) } else { (second, first) };
        Some(Day { ambiguous, short_year, ..Day::new(Some(year), month, day, end) })
    }

    /// `28.09.1912:34`: a year of two digits with a clock glued to it.
    fn glued_clock(&self, at: usize) -> bool {
        self.sign(at + 1) == Some(':') && self.number(at + 2).is_some_and(|(_, digits)| digits == 2)
    }

    /// Whether the month stands first, and whether that is a guess.
    fn order(&self, first: i8, second: i8, sign: char, year: i16) -> (bool, bool) {
        if first > 12 || second > 12 {
            return (second > 12, false);
        }
        if first == second || sign == '.' {
            return (false, false);
        }
        if let Some(month_first) = self.context.month_first() {
            return (month_first, false);
        }
        if self.context.later {
            return (first > second, true);
        }
        let future = |month, day| {
            let date = Date::new(year, month, day).ok();
            date.zip(self.context.today()).is_some_and(|(date, today)| date > today)
        };
        match (future(first, second), future(second, first)) {
            (true, false) => (false, false),
            (false, true) => (true, false),
            _ => (sign == '/' && self.context.language.is_none_or(|language| language == "en"), true),
        }
    }
}
