//! Several servers on one outbox.

use crate::hall::Hall;
use crate::office::{candidate_a, operator};
use crate::post::{Postbox, listen, messages};
use app::outbox::Dispatcher;
use domain::callback::{MessageState, Resource};
use std::collections::BTreeMap;

async fn with_changes(times: usize) -> Hall {
    let hall = Hall::new().await;
    listen(&hall, "https://example.org/hook", Resource::Basic).await;
    let (instance, caller) = (candidate_a(&hall).await, operator(&hall));
    for _ in 0..times {
        hall.app.ignore(&caller, &hall.task, &instance, None).await.unwrap();
        hall.app.reacknowledge(&caller, &hall.task, &instance, None).await.unwrap();
    }
    hall
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn servers_that_look_at_once_send_each_message_once() {
    let hall = with_changes(30).await;
    let nodes = [hall.app.clone(), hall.another_node(2).await, hall.another_node(3).await];
    let postbox = Postbox::new();
    let sending = nodes.map(|node| {
        let postbox = postbox.clone();
        tokio::spawn(async move { node.deliver_due(postbox).await })
    });
    for sending in sending {
        sending.await.unwrap().unwrap();
    }
    // Whoever looked while others were claiming may have seen nothing to do.
    hall.app.deliver_due(postbox.clone()).await.unwrap();
    let mut sent: BTreeMap<String, usize> = BTreeMap::new();
    for letter in postbox.letters() {
        *sent.entry(letter.id).or_default() += 1;
    }
    assert_eq!((sent.len(), sent.values().copied().max()), (61, Some(1)));
    let states: Vec<_> = messages(&hall, "callback").await.iter().map(|message| message.state).collect();
    assert!(states.iter().all(|state| *state == MessageState::Delivered));
}

#[tokio::test]
async fn what_a_server_had_under_way_when_it_was_killed_is_sent_by_another_when_its_lease_is_over() {
    let hall = with_changes(0).await;
    let lost = Postbox::that_loses("example.org");
    let mut killed = Dispatcher::new(hall.another_node(2).await, lost.clone());
    assert_eq!(killed.dispatch().await.unwrap(), 1);
    drop(killed);
    let postbox = Postbox::new();
    hall.clock.pass_millis(59_999);
    assert_eq!(hall.app.deliver_due(postbox.clone()).await.unwrap(), 0);
    hall.clock.pass_millis(1);
    assert_eq!(hall.app.deliver_due(postbox.clone()).await.unwrap(), 1);
    let message = &messages(&hall, "callback").await[0];
    assert_eq!((message.state, message.tries), (MessageState::Delivered, 2));
    assert_eq!(postbox.letters()[0].id, message.event_id);
}

#[tokio::test]
async fn an_answer_that_comes_after_the_lease_changes_nothing() {
    let hall = with_changes(0).await;
    let late = Postbox::new();
    late.will([crate::post::answered(500)]);
    let mut slow = Dispatcher::new(hall.another_node(2).await, late);
    assert_eq!(slow.dispatch().await.unwrap(), 1);
    slow.one_returned().await;
    hall.clock.pass_seconds(60);
    assert_eq!(hall.app.deliver_due(Postbox::new()).await.unwrap(), 1);
    slow.settle().await.unwrap();
    assert_eq!(messages(&hall, "callback").await[0].state, MessageState::Delivered);
    assert_eq!(hall.number("SELECT count(*) FROM outbox_try").await, 1);
}
