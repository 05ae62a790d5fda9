use crate::diagnostics::Errors;
use crate::options::schema::{ENTRY, SYNC_CALL, Schema, TEST, TRY_SYNC_CALL};
use crate::options::settings::Settings;
use crate::options::value::ValueKind;

/// The names and values that are read, and the faults.
fn parse(schema: &Schema, text: &str) -> (Vec<(String, String)>, Vec<String>) {
    let mut errors = Errors::default();
    let settings = Settings::parse(text.parse().unwrap(), schema, &mut errors);
    let settings = settings
        .iter()
        .map(|setting| (setting.name.to_string(), setting.value.to_expr().to_string()));
    (settings.collect(), errors.messages())
}

fn faults(text: &str) -> Vec<String> {
    parse(&ENTRY, text).1
}

#[test]
fn reads_options() {
    let read = |text| {
        let (settings, errors) = parse(&ENTRY, text);
        assert!(errors.is_empty(), "{errors:?}");
        settings
            .into_iter()
            .map(|(name, value)| format!("{name}={}", value.replace(' ', "")))
            .collect::<Vec<_>>()
    };
    assert!(read("").is_empty());
    assert_eq!(read("worker_threads = 4"), ["worker_threads=4"]);
    assert_eq!(
        read("worker_threads = 4usize, event_interval = 0x3D,"),
        ["worker_threads=4usize", "event_interval=0x3D"]
    );
    assert_eq!(read("flavor = \"local\""), ["flavor=__bridgehead::Flavor::Local"]);
    assert_eq!(
        read("flavor = \"local\", crate = \"a::b\""),
        ["flavor=__bridgehead::Flavor::Local", "crate=a::b"]
    );
    assert_eq!(
        read("thread_keep_alive = \"1m\""),
        ["thread_keep_alive=::core::time::Duration::new(60u64,0u32)"]
    );
    assert_eq!(read("thread_keep_alive = KEEP"), ["thread_keep_alive=KEEP"]);
    assert_eq!(read("unhandled = \"fail\""), ["unhandled=__bridgehead::Unhandled::Fail"]);
    assert_eq!(read("unhandled = POLICY"), ["unhandled=POLICY"]);
    assert_eq!(read("on_stall = \"ignore\""), ["on_stall=__bridgehead::OnStall::Ignore"]);
    assert_eq!(
        read("signal_status = \"main\""),
        ["signal_status=__bridgehead::SignalStatus::FromMain"]
    );
    assert_eq!(read("signals = true"), ["signals=true"]);
    assert_eq!(
        read("signals = [\"hangup\", Signal::Terminate, OTHER]"),
        ["signals=[__bridgehead::Signal::Hangup,Signal::Terminate,OTHER]"]
    );
    assert_eq!(read("on_unhandled = |failure| { a(failure, 1); }, grace_period = G").len(), 2);
}

#[test]
fn a_comma_inside_a_value_ends_no_option() {
    let names = |text| parse(&ENTRY, text).0.into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    let both = ["worker_threads", "thread_name"];
    assert_eq!(names("worker_threads = f::<A, B>(), thread_name = n"), both);
    assert_eq!(names("worker_threads = f::<A, Vec<B>>(1, 2), thread_name = n"), both);
    assert_eq!(names("worker_threads = <A<B, C> as D<E, F>>::G, thread_name = n"), both);
    assert_eq!(names("worker_threads = f::<fn(A) -> B, C>(), thread_name = n"), both);
    assert_eq!(names("worker_threads = if A < B { 1 } else { 2 }, thread_name = n"), both);
    assert_eq!(names("worker_threads = 1 << 2, thread_name = n"), both);
    assert_eq!(names("worker_threads = [1, 2].len(), thread_name = n"), both);
    assert_eq!(names("worker_threads = (|a, b| a | b)(1, 2), thread_name = n"), both);
    assert_eq!(names("worker_threads = move |a, b| a | b, thread_name = n"), both);
    assert_eq!(names("worker_threads = || 1, thread_name = n"), both);
    assert_eq!(names("worker_threads = 1 | 2, thread_name = n"), both);
}

#[test]
fn all_faults_are_reported() {
    assert_eq!(
        faults("threads = 4, flavor = \"locl\", worker_threads(0), , start_paused"),
        [
            "expected an option, found `,`",
            "unknown option `threads`; use `worker_threads`",
            "unknown flavor `locl`; did you mean `\"local\"`?",
            "expected `worker_threads = 0`, found `worker_threads (0)`",
            "expected a value; write `start_paused = true`",
        ]
    );
}

#[test]
fn every_option_is_known_by_its_name() {
    for schema in [&ENTRY, &TEST, &SYNC_CALL, &TRY_SYNC_CALL] {
        for (name, kind) in schema.known() {
            let text = if kind == ValueKind::Flag {
                name.to_owned()
            } else {
                format!("{name} = {}", kind.example())
            };
            let (settings, errors) = parse(schema, &text);
            assert_eq!((settings.len(), errors.len()), (1, 0), "{name}: {errors:?}");
        }
        for (foreign, _) in schema.foreign() {
            assert!(schema.known().all(|(name, _)| name != foreign), "{foreign}");
        }
    }
}
