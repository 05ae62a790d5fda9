//! LISTEN and NOTIFY.

use std::thread;
use std::time::Duration;

use bridgehead_clients::postgres::Client;
use bridgehead_tests::contexts::everywhere;

use super::{SERVER, connect, process};

/// Channels belong to the whole server, so each test has its own, named after the test and the
/// connection's number.
fn listening(channel: &str) -> (Client, String) {
    let client = connect();
    let channel = format!("{channel}_{}", process(&client));
    client.batch_execute(&format!("LISTEN {channel}")).expect("it listens");
    (client, channel)
}

fn notify(client: &Client, channel: &str, payload: &str) {
    client.execute("SELECT pg_notify($1, $2)", &[&channel, &payload]).expect("a notification");
}

#[test]
fn what_is_there_is_taken_without_waiting() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let (mut client, channel) = listening("now");
        assert_eq!(client.notifications().iter().count(), 0);
        assert!(client.notifications().is_empty());
        // The connection's own notifications arrive before the answer.
        notify(&client, &channel, "a");
        notify(&client, &channel, "b");
        assert_eq!(client.notifications().len(), 2);
        let payloads: Vec<_> =
            client.notifications().iter().map(|one| one.payload().to_owned()).collect();
        assert_eq!(payloads, ["a", "b"]);
    });
}

#[test]
fn a_notification_is_waited_for() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let (mut client, channel) = listening("later");
        let other = thread::spawn(move || {
            let client = connect();
            thread::sleep(Duration::from_millis(5));
            notify(&client, &channel, "hello");
        });
        let mut notifications = client.notifications();
        let first = notifications.blocking_iter().next().expect("a notification");
        assert_eq!(first.payload(), "hello");
        other.join().expect("it notifies");
    });
}

#[test]
fn waiting_may_have_an_end() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let (mut client, channel) = listening("limited");
        notify(&client, &channel, "a");
        assert_eq!(client.notifications().timeout_iter(Duration::from_millis(5)).count(), 1);
        notify(&client, &channel, "b");
        // The iterator continues where it stopped.
        let mut notifications = client.notifications();
        let mut limited = notifications.timeout_iter(Duration::from_millis(5));
        assert!(limited.next().is_some());
        assert!(limited.next().is_none());
    });
}

#[test]
fn they_end_with_the_connection() {
    if SERVER.is_missing() {
        return;
    }
    everywhere(|_| {
        let (mut client, _) = listening("ending");
        connect()
            .execute("SELECT pg_terminate_backend($1)", &[&process(&client)])
            .expect("it is ended");
        assert_eq!(client.notifications().blocking_iter().count(), 0);
        assert!(client.is_closed());
    });
}
