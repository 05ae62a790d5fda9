use std::sync::LazyLock;

use bridgehead::{on_background, sync_call};
use tokio::sync::OnceCell;

/// The first call loads the settings, and the other calls wait for it. If one of them is on a
/// worker of a runtime, another thread takes over the tasks of that worker.
fn settings() -> &'static str {
    static SETTINGS: OnceCell<String> = OnceCell::const_new();
    sync_call!(SETTINGS.get_or_init(load), on = "background")
}

/// For code that expects a `LazyLock`, or a `OnceLock`.
static SETTINGS: LazyLock<String> = LazyLock::new(|| on_background(load()).expect("the settings"));

async fn load() -> String {
    tokio::spawn(async { "verbose".to_owned() }).await.expect("the task")
}

#[cfg(test)]
mod tests {
    use bridgehead_tests::contexts::everywhere_at_once;

    use super::*;

    #[test]
    fn a_value_is_loaded_wherever_it_is_asked_for() {
        everywhere_at_once(|_| {
            assert_eq!(settings(), "verbose");
            assert_eq!(*SETTINGS, "verbose");
        });
    }
}
