//! Fields of records that carry markup along, as feeds print them: `<b>Ship freed</b> &amp; safe`. References that were escaped
//! twice and letters that were read in the wrong charset are repaired, as in the text.

use std::borrow::Cow;

use crate::stage::html;
use crate::stage::text::normalise;

/// A field without tags and with its entities read.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains(['<', '&']) {
        return Cow::Owned(normalise(text));
    }
    let mut bare = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        bare.push_str(&rest[..start]);
        rest = match tag(&rest[start..]) {
            Some(length) => &rest[start + length..],
            None => {
                bare.push('<');
                &rest[start + 1..]
            }
        };
    }
    bare.push_str(rest);
    Cow::Owned(normalise(&html::decode(&bare, false)))
}

/// Length of the tag a text begins with: `<b>`, `</a>`; what a blank or number follows is a sign of the text's own.
fn tag(text: &str) -> Option<usize> {
    let named = text[1..].trim_start_matches('/').starts_with(|c: char| c.is_ascii_alphabetic());
    text.find('>').filter(|_| named).map(|end| end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_go_and_entities_are_read() {
        for (text, expected) in [
            ("<b>Ship freed</b> from sandbank", "Ship freed from sandbank"),
            ("By <a href=\"/x\">Ann Example</a>", "By Ann Example"),
            ("Harbour&#8217;s relief as ship &amp; tugs part", "Harbour’s relief as ship & tugs part"),
            ("Profit < 3 % and > 2 %", "Profit < 3 % and > 2 %"),
            ("I <3 ships", "I <3 ships"),
            ("AT&T buys ship", "AT&T buys ship"),
            ("Harbour&amp;#8217;s relief &amp;amp; joy", "Harbour’s relief & joy"),
            ("Schiff lÃ¤uft aus", "Schiff läuft aus"),
            ("Schiff läuft aus", "Schiff läuft aus"),
            ("\n  By Ann  Example\n", "By Ann Example"),
        ] {
            assert_eq!(plain(text), expected);
        }
    }
}
