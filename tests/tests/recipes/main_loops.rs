use std::io;
use std::sync::mpsc::{Receiver, Sender};

use bridgehead::{background, sync_call};
use tokio::fs;

enum Event {
    Click,
    Loaded(io::Result<String>),
    Close,
}

/// The windowing library calls this function on the main thread. Other threads use `proxy` to send
/// events to the main loop.
fn handle(event: Event, proxy: &Sender<Event>, title: &mut String) -> io::Result<()> {
    match event {
        Event::Click => {
            // Short work: the window doesn't react until the call returns.
            *title = format!("{} bytes", sync_call!(fs::metadata("Cargo.toml"))?.len());
            // Long work: the window goes on, and the task sends it the result as an event.
            let proxy = proxy.clone();
            background()?.spawn(async move {
                let text = fs::read_to_string("Cargo.toml").await;
                // The loop may have ended.
                let _ = proxy.send(Event::Loaded(text));
            });
        }
        Event::Loaded(text) => {
            title.push_str(text?.lines().next().unwrap_or_default());
            let _ = proxy.send(Event::Close);
        }
        Event::Close => {}
    }
    Ok(())
}

/// The main loop, which belongs to the windowing library.
fn run_main_loop(events: &Receiver<Event>, mut handle: impl FnMut(Event)) {
    for event in events {
        let is_last = matches!(event, Event::Close);
        handle(event);
        if is_last {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use bridgehead_tests::contexts::everywhere;

    use super::*;

    fn click() -> String {
        let (proxy, events) = mpsc::channel();
        proxy.send(Event::Click).expect("the loop listens");
        let mut title = String::new();
        run_main_loop(&events, |event| handle(event, &proxy, &mut title).expect("no error"));
        title
    }

    #[test]
    fn handlers_of_a_main_loop_wait_and_are_given_results_wherever_it_runs() {
        everywhere(|_| assert!(click().ends_with(" bytes[package]")));
    }
}
