//! In the arguments of other macros.
use bridgehead::sync_call;
use tokio::{join, select};

use crate::ready;

async fn of_std() {
    println!("{}", sync_call!(ready(1))); //~ inside `async fn of_std`
    assert_eq!(sync_call!(ready(1)), 1, "{:?}", "|"); //~ inside `async fn of_std`
    let values = vec![sync_call!(ready(1)); 2]; //~ inside `async fn of_std`
    assert!(matches!(sync_call!(ready(1)), 1 | 2)); //~ inside `async fn of_std`
    dbg!(values.iter().map(|_| sync_call!(ready(1))).count());
}

async fn of_tokio() {
    join!(async { sync_call!(ready(1)) }, ready(2)); //~ inside an `async` block
    select! {
        value = ready(1) => { sync_call!(ready(value)); } //~ inside `async fn of_tokio`
        _ = async { sync_call!(ready(1)) } => {} //~ inside an `async` block
        Some(_) = ready_option(), if sync_call!(ready(1)) == 1 => {} //~ inside `async fn of_tokio`
    }
}

async fn ready_option() -> Option<u32> {
    Some(1)
}

fn in_a_synchronous_function() {
    println!("{}", sync_call!(ready(1)));
}
