//! The entry's runtime serves the calls of the program's plain threads.

use std::thread;

use bridgehead::{ThreadContext, sync_call};

async fn thread_of_a_task() -> Option<String> {
    let task = tokio::spawn(async { thread::current().name().map(str::to_owned) });
    task.await.expect("the task")
}

#[bridgehead::entry(worker_threads = 1 + 1, thread_name = "of-the-entry")]
async fn main() {
    assert_eq!(ThreadContext::current(), ThreadContext::BlockOn);
    assert_eq!(tokio::runtime::Handle::current().metrics().num_workers(), 2);
    let plain = thread::spawn(|| sync_call!(thread_of_a_task()));
    assert_eq!(plain.join().expect("the thread").as_deref(), Some("of-the-entry"));
    // A run inside the entry has a runtime of its own; afterwards the entry's serves calls again.
    let run = thread::spawn(|| bridgehead::run(thread_of_a_task()));
    assert_ne!(run.join().expect("the thread").as_deref(), Some("of-the-entry"));
    let plain = thread::spawn(|| sync_call!(thread_of_a_task()));
    assert_eq!(plain.join().expect("the thread").as_deref(), Some("of-the-entry"));
    // A call after the end of the entry's runtime works as well. A thread-local variable of main's
    // thread is dropped after `main`.
    AT_THE_END.set(Some(AtTheEnd));
}

thread_local! {
    static AT_THE_END: std::cell::RefCell<Option<AtTheEnd>> = const { std::cell::RefCell::new(None) };
}

struct AtTheEnd;

impl Drop for AtTheEnd {
    fn drop(&mut self) {
        let after = thread::spawn(|| sync_call!(thread_of_a_task()));
        println!("after: {:?}", after.join().expect("the thread"));
    }
}
