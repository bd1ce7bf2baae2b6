//! The words of a text as its print has them.

use super::*;

fn wording(text: &str) -> Wording {
    Wording::new(&[text.to_owned()], None, None)
}

#[test]
fn the_order_of_words_counts_and_their_printing_does_not() {
    let ferry = wording("The last ferry of the day left early.");
    assert_eq!(ferry.shingles.len(), 6);
    assert_eq!(ferry, wording("the last FERRY of the day, left early"));
    assert_ne!(ferry.shingles, wording("The last day of the ferry left early.").shingles);
    assert_eq!(wording("Rain again").shingles.len(), 1);
    assert!(wording("").is_empty());
}

#[test]
fn windows_run_across_paragraphs() {
    let split = Wording::new(&["The last ferry".into(), "left early".into()], None, None);
    assert_eq!(split, wording("The last ferry left early"));
}

#[test]
fn of_a_long_text_the_smallest_hashes_are_kept() {
    let text: String = (0..30_000).map(|n| format!("word{} ", n * 7)).collect();
    let long = wording(&text);
    assert_eq!((long.shingles.len(), long.numbers.len()), (MAX_SHINGLES, MAX_NUMBERS));
    assert_eq!(long.shingles.last(), Some(&long.limit));
    assert!(long.limit < u32::MAX / 3);
}

#[test]
fn a_wording_reads_back_and_what_is_none_does_not() {
    let text = "Ferries carried 1,250 people on 3 May, 12 more than on 2 May.";
    let own = Wording::new(&[text.to_owned()], Some("Ferries full"), Some("harbour.test"));
    let bytes = postcard::to_allocvec(&own).unwrap();
    assert_eq!(postcard::from_bytes::<Wording>(&bytes).unwrap(), own);
    let packed = |count, limit, numbers, place| {
        let (shingles, opening) = (rice::encode(&own.shingles), rice::encode(&[place]));
        let (opens, opening_numbers) = (1, vec![]);
        let (headline, source, corrects, updates, article) = (0, 0, false, false, 0);
        Packed {
            count,
            shingles,
            limit,
            numbers,
            opens,
            opening,
            opening_numbers,
            headline,
            source,
            corrects,
            updates,
            article,
        }
    };
    let (count, all) = (own.shingles.len() as u32, u32::MAX);
    let read = |packed| postcard::from_bytes::<Wording>(&postcard::to_allocvec(&packed).unwrap());
    assert!(read(packed(count, all, vec![], count - 1)).is_ok());
    for wrong in [
        packed(count + 1, all, vec![], 0),
        packed(count, 1, vec![], 0),
        packed(count, all, vec![2, 1], 0),
        packed(count, all, vec![], count),
    ] {
        assert!(read(wrong).is_err());
    }
}

#[test]
fn the_opening_is_the_first_sentences_or_the_eighth_part() {
    let text = |words: std::ops::Range<u32>| words.map(|n| format!("word{n} ")).collect::<String>();
    let opening = |words| wording(&text(0..words)).opening;
    assert_eq!(opening(20), wording(&text(0..20)).shingles, "a brief is all opening");
    assert_eq!(opening(200), wording(&text(0..34)).shingles);
    assert_eq!(opening(802), wording(&text(0..102)).shingles);
    let numbers = |text: &str| wording(text).opening_numbers;
    assert_eq!(numbers(&format!("Line 7 {} line 9", "is late and full ".repeat(20))), numbers("7"));
}

#[test]
fn where_the_opening_stands_takes_some_bytes() {
    let text: String = (0..302).map(|n| format!("w{} ", mix(n))).collect();
    let own = wording(&text);
    let all = postcard::to_allocvec(&own).unwrap().len();
    let without = postcard::to_allocvec(&Wording { opening: vec![], ..own }).unwrap().len();
    assert!(all - without < 32, "{}", all - without);
}

#[test]
fn three_hundred_shingles_take_less_than_a_kilobyte() {
    let text: String = (0..302).map(|n| format!("w{} ", mix(n))).collect();
    let coded = rice::encode(&wording(&text).shingles).len();
    assert!((900..1000).contains(&coded), "{coded}");
}
