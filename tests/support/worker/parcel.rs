//! What a parcel says to the checker: which story, or which link to which, in place of an article.

use copydesk::flow::admit::Admitted;
use copydesk::flow::deliver::Message;
use copydesk::flow::{Parcel, room};
use copydesk::metrics::Tally;
use copydesk::outcome::{CopyKind, Route};
use copydesk::record::{Offset, Position};

use super::super::world::What;

/// The parcel of an admitted record; its message says what the checker needs.
pub fn parcel(admitted: &Admitted, content: u128) -> Parcel {
    let (route, value) = match admitted {
        Admitted::Dead(_) => (Route::Dead, String::new()),
        Admitted::Filed(_, kind, matched) => {
            let of = &matched.of.position;
            let exact = *kind == CopyKind::Exact;
            (Route::Duplicates, format!("{content}/{}/{}/{exact}", of.partition, of.offset.0))
        }
        Admitted::Publish(..) => (Route::Enriched, content.to_string()),
    };
    let message = Message { route, partition: None, key: None, value: Some(value.into()), headers: Vec::new() };
    let (told, needs) = (admitted.told(), admitted.needs());
    Parcel { message, tally: Tally::default(), told, needs, held: room::Held::default() }
}

/// What the checker reads in its message.
pub fn what(message: &Message) -> What {
    let value = String::from_utf8(message.value.as_ref().unwrap().to_vec()).unwrap();
    let parts: Vec<&str> = value.split('/').collect();
    match (message.route, parts.as_slice()) {
        (Route::Enriched, [content]) => What::Story { content: content.parse().unwrap() },
        (Route::Duplicates, [content, partition, offset, exact]) => {
            let (partition, offset) = (partition.parse().unwrap(), Offset(offset.parse().unwrap()));
            let of = Position { topic: "raw".into(), partition, offset };
            What::Link { content: content.parse().unwrap(), of, exact: exact.parse().unwrap() }
        }
        (Route::Dead, _) => What::Dead,
        (route, _) => unreachable!("nothing is written to {route:?}"),
    }
}
