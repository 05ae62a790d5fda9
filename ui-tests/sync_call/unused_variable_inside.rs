#![deny(unused_variables)]

use bridgehead::sync_call;

fn main() {
    sync_call!(async {
        let four = 4;
    });
}
