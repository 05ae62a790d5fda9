use tokio::sync::mpsc::Receiver;

#[bridgehead::deny_blocking]
trait Service {
    async fn next(receiver: &mut Receiver<u32>) -> Option<u32> {
        receiver.blocking_recv()
    }
}

fn main() {}
