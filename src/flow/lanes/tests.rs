//! What waits before a lane, what is down it, and in which order.

use super::*;
use crate::flow::deliver::Message;
use crate::flow::room::Held as RoomHeld;
use crate::metrics::Tally;
use crate::outcome::Route;
use crate::record::Record;
use std::sync::Mutex;
use tokio::runtime::Handle;
use tokio::sync::mpsc::UnboundedReceiver;

/// Keeps what goes down its lanes.
#[derive(Default)]
struct Kept(Mutex<Vec<UnboundedReceiver<Taken>>>);

impl Flow for Kept {
    fn open(&self, lane: LaneId, out: Sender<Delivery>) -> Intake {
        Intake::open(&Handle::current(), lane, out, |intake, _| {
            self.0.lock().unwrap().push(intake);
            async {}
        })
    }
}

fn taken() -> Taken {
    let record = Record { position: None, key: None, headers: vec![], timestamp: None, raw: None };
    Taken { record, aside: None }
}

#[tokio::test]
async fn records_wait_before_a_lane_that_is_shut_and_are_none_of_it_once_it_is_closed() {
    let (flow, now) = (Kept::default(), Instant::now());
    let mut lanes = Lanes::new(std::sync::mpsc::channel().0);
    lanes.open(3, 0, &flow);
    lanes.shut(3);
    assert!(lanes.before().is_empty() && lanes.take(3, taken(), now) && lanes.take(3, taken(), now));
    let down = |flow: &Kept| flow.0.lock().unwrap().last_mut().unwrap().len();
    assert_eq!((lanes.before(), lanes.inside(), down(&flow)), (vec![3], 2, 0));
    lanes.let_in(3);
    assert!(lanes.take(3, taken(), now));
    assert_eq!((lanes.before(), lanes.inside(), down(&flow), lanes.dry(&[3])), (vec![], 3, 3, false));

    assert_eq!(lanes.open(3, 0, &flow), 3);
    lanes.shut(3);
    lanes.take(3, taken(), now);
    assert!(!lanes.dry(&[3]), "its count may still come");
    lanes.close(3);
    assert!(lanes.dry(&[3]) && lanes.before().is_empty(), "nobody counts for a partition that leaves");
    assert_eq!(lanes.abandon(3), 1, "it is given back all the same");
}

/// Lets everything enter.
struct Open;

impl Gate for Open {
    type Error = Stop;

    fn ready(&self, _: &Parcel) -> Ready {
        Ready::Enter
    }

    fn enter(&mut self, _: &Delivery, _: &Parcel) -> Result<(), Stop> {
        Ok(())
    }
}

#[tokio::test]
async fn a_lane_holds_its_share_and_what_waits_before_it_comes_in_order_as_others_enter() {
    let (flow, now) = (Kept::default(), Instant::now());
    let mut lanes = Lanes::new(std::sync::mpsc::channel().0);
    for partition in 0..4 {
        lanes.open(partition, 0, &flow);
    }
    let id = lanes.lanes[&3].id;
    (0..1_500).for_each(|_| assert!(lanes.take(3, taken(), now)));
    let down = |flow: &Kept| flow.0.lock().unwrap().last_mut().unwrap().len();
    assert_eq!((lanes.inside(), down(&flow)), (1_500, UNDER_WAY / 4));
    assert!(lanes.before().is_empty(), "it is not shut");
    for offset in 0..3 {
        let message = Message { route: Route::Raw, partition: None, key: None, value: None, headers: vec![] };
        let (tally, held) = (Tally::default(), RoomHeld::default());
        let result = Ok(Parcel { message, tally, told: None, needs: None, held });
        lanes.arrive(Delivery { lane: id, offset: Offset(offset), weight: 0, timestamp: None, result });
    }
    lanes.pass(now, &mut Open).unwrap();
    assert_eq!((lanes.inside(), down(&flow)), (1_497, UNDER_WAY / 4 + 3));
    lanes.close(3);
    assert_eq!(lanes.abandon(3), 1_497);
}
