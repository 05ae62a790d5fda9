//! Arguments whose names a twin uses for something else.

use std::time::Duration;

use bridgehead::blocking;

#[blocking(timeout)]
async fn query(query: &str) -> usize {
    tokio::time::sleep(Duration::from_millis(1)).await;
    query.len()
}

#[blocking(timeout)]
async fn delay(_delay: Duration, argument_0: u32) -> u32 {
    argument_0
}

#[blocking]
async fn generated(_gen: u32) {}

#[test]
fn an_argument_is_a_keyword_without_its_underscore() {
    blocking_generated(1);
}

#[test]
fn an_argument_has_the_function_s_name() {
    assert_eq!(blocking_query("select"), 6);
    assert_eq!(blocking_query_timeout("select", Duration::MAX).unwrap(), 6);
    assert_eq!(blocking_delay(Duration::ZERO, 3), 3);
    assert_eq!(blocking_delay_timeout(Duration::ZERO, 3, Duration::MAX).unwrap(), 3);
}
