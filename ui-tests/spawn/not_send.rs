use std::rc::Rc;

fn main() {
    bridgehead::run(async {
        bridgehead::spawn(async {
            let count = Rc::new(1);
            tokio::task::yield_now().await;
            drop(count);
        })
        .detach();
    });
}
