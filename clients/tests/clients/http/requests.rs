//! Requests and responses, in every context.

use std::net::TcpListener;

use bridgehead_tests::contexts::everywhere;
use reqwest::header::HeaderName;
use reqwest::{StatusCode, redirect};

use super::server::SERVER;
use super::{build, builder, client};

#[test]
fn get() {
    let client = client();
    everywhere(move |_| {
        for number in 1..4_u64 {
            let response =
                client.get(SERVER.url(&format!("square/{number}"))).send().expect("a response");
            assert_eq!(response.status(), StatusCode::OK);
            assert_eq!(response.text().expect("its body"), (number * number).to_string());
        }
    });
}

#[test]
fn post() {
    let client = client();
    everywhere(move |_| {
        let response = client.post(SERVER.url("echo")).body("a body").send().expect("a response");
        assert_eq!(&response.bytes().expect("its body")[..], b"a body");
    });
}

#[test]
fn headers() {
    let client = client();
    everywhere(move |_| {
        let request =
            client.get(SERVER.url("header")).header(HeaderName::from_static("x-question"), "a");
        let response = request.send().expect("a response");
        assert_eq!(response.headers().get("x-answer").expect("the header"), "b");
        assert_eq!(response.text().expect("its body"), "a");
    });
}

#[test]
fn json() {
    let client = client();
    everywhere(move |_| {
        let sent = vec![Some(1), None, Some(3)];
        let response = client.post(SERVER.url("echo")).json(&sent).send().expect("a response");
        assert_eq!(response.json::<Vec<Option<u32>>>().expect("the same"), sent);

        let response = client.post(SERVER.url("echo")).body("no JSON").send().expect("a response");
        assert!(response.json::<u32>().expect_err("it is none").is_decode());
    });
}

#[test]
fn redirects_are_followed() {
    let client = client();
    everywhere(move |_| {
        let response = client.get(SERVER.url("jumps/4")).send().expect("a response");
        assert_eq!(response.url().path(), "/square/3");
        assert_eq!(response.text().expect("its body"), "9");

        let error = client.get(SERVER.url("loop")).send().expect_err("it leads nowhere");
        assert!(error.is_redirect(), "{error:?}");
    });
}

#[test]
fn or_not() {
    let client = build(builder().redirect(redirect::Policy::none()));
    everywhere(move |_| {
        let response = client.get(SERVER.url("jumps/4")).send().expect("a response");
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
    });
}

#[test]
fn an_error_is_the_clients_own() {
    let client = client();
    // A port on which no server listens any more.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let nobody = format!("http://{}", listener.local_addr().expect("its address"));
    drop(listener);
    everywhere(move |_| {
        let refused: reqwest::Error = client.get(&nobody).send().expect_err("nobody is there");
        assert!(refused.is_connect(), "{refused:?}");

        let invalid = client.get("no URL").send().expect_err("it is none");
        assert!(invalid.is_builder(), "{invalid:?}");

        let response =
            client.get(SERVER.url("square/18446744073709551615")).send().expect("a response");
        let status = response.error_for_status().expect_err("the square is too big");
        assert_eq!(status.status(), Some(StatusCode::BAD_REQUEST));
    });
}
