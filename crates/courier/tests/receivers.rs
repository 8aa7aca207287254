//! Receivers that do what they should not, over a real socket.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic anywhere")]

use app::ports::{WebhookAttempt, WebhookRequest, WebhookSender};
use courier::ssrf::AddressPolicy;
use courier::{HttpWebhookSender, OutboundPolicy};
use domain::callback::{CallbackOutcome, RetryAfter};
use std::time::Duration;
use testkit::{ReceiverBehaviour, WebhookSink};

// The names the other rooms know them by.
extern crate assay_courier as courier;

/// Nobody waits fifteen seconds in a test.
const PATIENCE: Duration = Duration::from_millis(300);

fn letter(url: impl Into<String>) -> WebhookRequest {
    WebhookRequest {
        url: url.into(),
        id: "c_1".into(),
        seconds: 5,
        signature: "v1,x".into(),
        body: "{\"a\":1}".into(),
    }
}

async fn post(reach: AddressPolicy, url: impl Into<String>) -> WebhookAttempt {
    HttpWebhookSender::new(OutboundPolicy { reach, patience: PATIENCE })
        .unwrap()
        .send(letter(url))
        .await
}

async fn after(behaviour: ReceiverBehaviour) -> (WebhookAttempt, WebhookSink) {
    let sink = WebhookSink::new().await;
    sink.respond_with([behaviour]);
    (post(AddressPolicy::Anywhere, sink.url("/hook")).await, sink)
}

#[tokio::test]
async fn an_answer_of_another_kind_than_2xx_is_a_refusal() {
    for status in [301, 400, 404, 429, 500, 503] {
        let (reply, _) = after(ReceiverBehaviour::Answer(status)).await;
        assert_eq!((reply.outcome, reply.status), (CallbackOutcome::Refused, Some(status)));
    }
    let (reply, _) = after(ReceiverBehaviour::Answer(410)).await;
    assert_eq!((reply.outcome, reply.status), (CallbackOutcome::Gone, Some(410)));
}

#[tokio::test]
async fn a_receiver_that_hangs_is_waited_for_no_longer_than_was_said() {
    let (reply, sink) = after(ReceiverBehaviour::Hang).await;
    assert_eq!((reply.outcome, reply.status), (CallbackOutcome::TimedOut, None));
    assert!(reply.taken >= PATIENCE && reply.taken < PATIENCE * 10, "{reply:?}");
    assert_eq!(sink.received().len(), 1);
}

#[tokio::test]
async fn a_redirection_is_not_followed() {
    let elsewhere = WebhookSink::new().await;
    let (reply, sink) = after(ReceiverBehaviour::Redirect(elsewhere.url("/inside"))).await;
    assert_eq!((reply.outcome, reply.status), (CallbackOutcome::Refused, Some(302)));
    assert_eq!((sink.received().len(), elsewhere.received().len()), (1, 0));
}

#[tokio::test]
async fn a_body_without_an_end_is_cut_off_and_its_answer_counts() {
    let (reply, _) = after(ReceiverBehaviour::Endless).await;
    assert_eq!((reply.outcome, reply.status), (CallbackOutcome::Delivered, Some(200)));
    assert!(reply.taken < Duration::from_secs(5), "{reply:?}");
}

#[tokio::test]
async fn a_wish_to_be_asked_later_is_handed_on() {
    let (reply, _) = after(ReceiverBehaviour::RetryAfter(429, "120".into())).await;
    assert_eq!(
        (reply.outcome, reply.obeyed_retry_after()),
        (CallbackOutcome::Refused, Some(RetryAfter::Seconds(120)))
    );
    // Only where it is obeyed.
    let (reply, _) = after(ReceiverBehaviour::RetryAfter(500, "120".into())).await;
    assert_eq!(reply.obeyed_retry_after(), None);
}

#[tokio::test]
async fn loopback_is_not_dialled_by_address_nor_by_name() {
    let sink = WebhookSink::new().await;
    let port = sink.port();
    for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0.0.0.0"] {
        let reply = post(AddressPolicy::Public, format!("http://{host}:{port}/hook")).await;
        assert_eq!((host, reply.outcome), (host, CallbackOutcome::Forbidden));
    }
    assert!(sink.received().is_empty());
    assert_eq!(
        post(AddressPolicy::Anywhere, format!("http://localhost:{port}/hook")).await.outcome,
        CallbackOutcome::Delivered
    );
}

#[tokio::test]
async fn nobody_there_and_no_such_name_are_unreachable() {
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    for url in
        [format!("http://{closed}/"), "https://name.invalid/".to_owned(), "no address".to_owned()]
    {
        let reply = post(AddressPolicy::Anywhere, url.clone()).await;
        assert!(
            matches!(reply.outcome, CallbackOutcome::Unreachable | CallbackOutcome::TimedOut),
            "{url}: {reply:?}"
        );
    }
}

#[tokio::test]
async fn a_receiver_gets_the_bytes_and_what_signs_them() {
    let (reply, sink) = after(ReceiverBehaviour::Answer(202)).await;
    assert_eq!(reply.outcome, CallbackOutcome::Delivered);
    let received = &sink.received()[0];
    assert_eq!((received.path.as_str(), &received.body[..]), ("/hook", b"{\"a\":1}".as_slice()));
    let headers = ["content-type", "webhook-id", "webhook-timestamp", "webhook-signature"];
    assert_eq!(headers.map(|name| received.header(name)), ["application/json", "c_1", "5", "v1,x"]);
}
