//! The options of each macro.

use crate::options::value::ValueKind;

/// The options of one macro.
pub(crate) struct Schema {
    pub(crate) known: &'static [&'static [(&'static str, ValueKind)]],
    /// Other names that users may write, each with the remedy. The first match counts.
    pub(crate) foreign: &'static [&'static [(&'static str, &'static str)]],
    /// The message about tokens that don't look like an option, if it is more than the general one.
    pub(crate) stray: Option<&'static str>,
}

impl Schema {
    pub(crate) fn known(&self) -> impl Iterator<Item = (&'static str, ValueKind)> {
        self.known.iter().copied().flatten().copied()
    }

    pub(crate) fn foreign(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.foreign.iter().copied().flatten().copied()
    }
}

/// The options that are methods of the runtime crate's `Builder`.
pub(crate) const BUILDER: &[(&str, ValueKind)] = &[
    ("flavor", ValueKind::Flavor),
    ("worker_threads", ValueKind::Count),
    ("max_blocking_threads", ValueKind::Count),
    ("name", ValueKind::Text),
    ("thread_name", ValueKind::Text),
    ("thread_stack_size", ValueKind::Count),
    ("thread_keep_alive", ValueKind::Duration),
    ("start_paused", ValueKind::Bool),
    ("event_interval", ValueKind::Ticks),
    ("global_queue_interval", ValueKind::Ticks),
    ("grace_period", ValueKind::Duration),
    ("shutdown_timeout", ValueKind::Duration),
    ("unhandled", ValueKind::Unhandled),
    ("on_unhandled", ValueKind::Handler),
    ("slow_poll_threshold", ValueKind::Duration),
    ("signals", ValueKind::Signals),
    ("signal_status", ValueKind::SignalStatus),
    ("fiber", ValueKind::Bool),
    ("fiber_stack_size", ValueKind::Count),
    ("fiber_threads", ValueKind::Count),
    ("stall_after", ValueKind::Duration),
    ("on_stall", ValueKind::OnStall),
];

const STALL: &[(&str, ValueKind)] =
    &[("stall_after", ValueKind::Duration), ("on_stall", ValueKind::OnStall)];

const TIMEOUT: &[(&str, ValueKind)] = &[("timeout", ValueKind::Duration)];

/// The options that are methods of the runtime crate's `CallOptions`.
pub(crate) const CALL: &[&[(&str, ValueKind)]] = &[TIMEOUT, STALL];

const ON: &[(&str, ValueKind)] = &[("on", ValueKind::On)];

const FOREIGN_TO_ON: &[(&str, &str)] = &[
    ("runtime", "write `on = …`, a `Handle`, a `Runner` or `\"background\"`"),
    ("rt", "write `on = …`, a `Handle`, a `Runner` or `\"background\"`"),
    ("handle", "write `on = …`, a `Handle`, a `Runner` or `\"background\"`"),
    ("runner", "write `on = …`, a `Handle`, a `Runner` or `\"background\"`"),
    ("background", "write `on = \"background\"`"),
];

const FOREIGN_TO_BUILDER: &[(&str, &str)] = &[
    ("core_threads", "use `worker_threads`"),
    ("threads", "use `worker_threads`"),
    ("num_threads", "use `worker_threads`"),
    ("workers", "use `worker_threads`"),
    ("num_workers", "use `worker_threads`"),
    ("max_threads", "use `max_blocking_threads`"),
    ("blocking_threads", "use `max_blocking_threads`"),
    ("stack_size", "use `thread_stack_size`"),
    ("keep_alive", "use `thread_keep_alive`"),
    ("paused", "use `start_paused`"),
    ("blocking", "use `max_blocking_threads`"),
    ("runtime", "use `flavor`"),
    ("rt", "use `flavor`"),
    ("scheduler", "use `flavor`"),
    ("kind", "use `flavor`"),
    ("enable_all", "remove it, all drivers are enabled"),
    ("enable_io", "remove it, all drivers are enabled"),
    ("enable_time", "remove it, all drivers are enabled"),
    ("multi_thread", "write `flavor = \"multi_thread\"`"),
    ("current_thread", "write `flavor = \"current_thread\"`"),
    ("single_thread", "write `flavor = \"current_thread\"`"),
    ("single_threaded", "write `flavor = \"current_thread\"`"),
    ("local", "write `flavor = \"local\"`"),
    ("grace", "use `grace_period`"),
    ("drain_timeout", "use `grace_period`"),
    ("graceful_shutdown", "use `grace_period`"),
    ("shutdown", "use `shutdown_timeout`"),
    ("unhandled_panic", "use `unhandled = \"report\"` or `\"fail\"`"),
    ("unhandled_panics", "use `unhandled = \"report\"` or `\"fail\"`"),
    ("panic", "use `unhandled = \"report\"` or `\"fail\"`"),
    ("on_panic", "use `on_unhandled`"),
    ("panic_handler", "use `on_unhandled`"),
    ("slow_poll", "use `slow_poll_threshold`"),
    ("ctrl_c", "use `signals`"),
    ("handle_signals", "use `signals`"),
    ("sigint", "use `signals`"),
    ("sigterm", "use `signals`"),
    ("exit_status", "use `signal_status`"),
    ("exit_code", "use `signal_status`"),
    ("fibers", "use `fiber = true`"),
    ("on_fiber", "use `fiber = true`"),
];

const FOREIGN_TO_STALL: &[(&str, &str)] = &[
    ("stall", "use `on_stall` or `stall_after`"),
    ("stalls", "use `on_stall` or `stall_after`"),
    ("stall_timeout", "use `stall_after`"),
    ("stall_threshold", "use `stall_after`"),
    ("on_deadlock", "use `on_stall`"),
    ("deadlock", "use `on_stall`"),
    ("allow_stall", "use `on_stall = \"ignore\"`"),
    ("slow", "use `on_stall = \"ignore\"`"),
];

pub(crate) const CRATE: &[(&str, ValueKind)] = &[("crate", ValueKind::Path)];

pub(crate) const ENTRY: Schema = Schema {
    known: &[BUILDER, CRATE],
    foreign: &[
        &[
            ("timeout", "`try_sync_call!` has one, a program's `main` doesn't"),
            ("deadline", "`try_sync_call!` has a `timeout`, a program's `main` doesn't"),
            ("leaks", "`#[bridgehead::test]` has it, a program's `main` reports what it leaks"),
        ],
        FOREIGN_TO_BUILDER,
        FOREIGN_TO_STALL,
    ],
    stray: None,
};

pub(crate) const TEST: Schema = Schema {
    known: &[BUILDER, &[("leaks", ValueKind::Leaks)], TIMEOUT, CRATE],
    foreign: &[
        &[
            ("deadline", "use `timeout`"),
            ("time_limit", "use `timeout`"),
            ("timeout_ms", "use `timeout = \"250ms\"`"),
            ("leak_check", "use `leaks = \"fail\"`"),
            ("should_panic", "use the attribute `#[should_panic]`"),
            ("ignore", "use the attribute `#[ignore]`"),
        ],
        FOREIGN_TO_BUILDER,
        FOREIGN_TO_STALL,
    ],
    stray: None,
};

const INTERRUPT: &[(&str, ValueKind)] = &[("interrupt", ValueKind::Question)];

const ALLOW_ASYNC: &[(&str, ValueKind)] = &[("allow_async", ValueKind::Flag)];

const FOREIGN_TO_ALLOW_ASYNC: &[(&str, &str)] = &[
    ("allow_blocking", "use `allow_async`"),
    ("allow_in_async", "use `allow_async`"),
    ("in_async", "use `allow_async`"),
];

pub(crate) const SYNC_CALL: Schema = Schema {
    known: &[ON, STALL, ALLOW_ASYNC, CRATE],
    foreign: &[
        &[
            ("timeout", "it belongs to `try_sync_call!`, which returns a `Result`"),
            ("interrupt", "it belongs to `try_sync_call!`, which returns a `Result`"),
            ("deadline", "`try_sync_call!` has a `timeout`"),
        ],
        FOREIGN_TO_ON,
        FOREIGN_TO_STALL,
        FOREIGN_TO_ALLOW_ASYNC,
    ],
    stray: Some("expected one future, found a second expression; put both in one `async { … }`"),
};

pub(crate) const TRY_SYNC_CALL: Schema = Schema {
    known: &[TIMEOUT, ON, INTERRUPT, STALL, ALLOW_ASYNC, CRATE],
    foreign: &[
        &[
            ("cancel", "use `interrupt`, a function that returns a `bool`"),
            ("cancelled", "use `interrupt`, a function that returns a `bool`"),
            ("until", "use `interrupt`, a function that returns a `bool`"),
            ("deadline", "use `timeout`, a `Duration`"),
            ("duration", "use `timeout`"),
            ("timeout_ms", "use `timeout = \"250ms\"`"),
        ],
        FOREIGN_TO_ON,
        FOREIGN_TO_STALL,
        FOREIGN_TO_ALLOW_ASYNC,
    ],
    stray: Some("expected an option such as `timeout = \"5s\"`, found a second expression"),
};

type Known = &'static [(&'static str, ValueKind)];
type Foreign = &'static [(&'static str, &'static str)];

const PARTS: Known = &[("prefix", ValueKind::Name), ("suffix", ValueKind::Name)];
const NAME: Known = &[("name", ValueKind::Name)];
const TIMEOUT_TWIN: Known = &[("timeout", ValueKind::Switch)];
const OUTPUT: Known = &[("output", ValueKind::Type)];
const TWINS: Known = &[("twins", ValueKind::TypePairs)];
const TYPE: Known = &[("type", ValueKind::TypeName), ("module", ValueKind::Module)];
const FORWARD: Known = &[("forward", ValueKind::Switch)];
const VIS: Known = &[("vis", ValueKind::Visibility)];
const SKIP: Known = &[("skip", ValueKind::Flag)];

const FOREIGN_TO_BLOCKING: Foreign = &[
    ("rename", "use `name`"),
    ("method", "use `name`"),
    ("fn_name", "use `name`"),
    ("postfix", "use `suffix`"),
    ("ignore", "use `skip`"),
    ("exclude", "use `skip`"),
    ("struct", "use `type`"),
    ("ty", "use `type`"),
    ("twin", "use `type = BlockingClient` or `twins(Transaction = BlockingTransaction)`"),
    ("mod", "use `module`"),
    ("deadline", "use `timeout`"),
    ("timeouts", "use `timeout`"),
    ("time_limit", "use `timeout`"),
    ("pass", "use `forward`"),
    ("delegate", "use `forward`"),
    ("sync", "use `forward`"),
    ("returns", "use `output`"),
    ("visibility", "use `vis`"),
    ("pub", "use `vis = pub`"),
    ("public", "use `vis = pub`"),
];

const OF_A_TYPE: Foreign = &[
    ("type", "it is for a struct or an enum, and for its impls"),
    ("module", "it is for a struct or an enum, and for its impls"),
    ("forward", "it is for an impl with `type = …`"),
];
const OF_ONE_FUNCTION: Foreign = &[
    ("skip", "it is for one of the functions: `#[blocking(skip)]`"),
    ("output", "it is for one of the functions: `#[blocking(output = …)]`"),
];

pub(crate) const BLOCKING_FUNCTION: Schema = Schema {
    known: &[NAME, PARTS, TIMEOUT_TWIN, OUTPUT, TWINS, ON, VIS, CRATE],
    foreign: &[
        &[("skip", "remove `#[blocking]` instead")],
        OF_A_TYPE,
        FOREIGN_TO_BLOCKING,
        FOREIGN_TO_ON,
    ],
    stray: Some("expected an option, such as `name = \"blocking_fetch\"`"),
};

pub(crate) const BLOCKING_IMPL: Schema = Schema {
    known: &[PARTS, TYPE, TIMEOUT_TWIN, FORWARD, TWINS, ON, VIS, CRATE],
    foreign: &[
        &[("name", "use `prefix` or `suffix`, or name one function: `#[blocking(name = …)]`")],
        OF_ONE_FUNCTION,
        FOREIGN_TO_BLOCKING,
        FOREIGN_TO_ON,
    ],
    stray: Some("expected an option, such as `type = BlockingClient`"),
};

pub(crate) const BLOCKING_TRAIT: Schema = Schema {
    known: &[NAME, PARTS, TIMEOUT_TWIN, TWINS, ON, CRATE],
    foreign: &[
        OF_ONE_FUNCTION,
        OF_A_TYPE,
        &[("vis", "the twin is as visible as the trait")],
        FOREIGN_TO_BLOCKING,
        FOREIGN_TO_ON,
    ],
    stray: Some("expected an option, such as `name = \"BlockingStore\"`"),
};

/// The options of `#[blocking]` on a struct or an enum.
pub(crate) const BLOCKING_TYPE: Schema = Schema {
    known: &[TYPE, VIS, CRATE],
    foreign: &[
        &[
            ("name", "use `type = BlockingClient`"),
            ("prefix", "it is for the impl"),
            ("suffix", "it is for the impl"),
            ("timeout", "it is for the impl"),
            ("forward", "it is for the impl"),
            ("twins", "it is for the impl"),
            ("on", "it is for the impl"),
            ("skip", "it is for a function of the impl"),
            ("output", "it is for a function of the impl"),
            ("derive", "what is derived below `#[blocking]` is derived for the twin, too"),
        ],
        FOREIGN_TO_BLOCKING,
    ],
    stray: Some("expected `type = BlockingClient`"),
};

/// The options of `#[blocking(…)]` on one of the functions of an impl or a trait.
pub(crate) const BLOCKING_MEMBER: Schema = Schema {
    known: &[SKIP, NAME, TIMEOUT_TWIN, FORWARD, OUTPUT, ON],
    foreign: &[
        &[
            ("prefix", "use `name`"),
            ("suffix", "use `name`"),
            ("type", "it is for the whole impl"),
            ("module", "it is for the whole impl"),
            ("twins", "it is for the whole impl"),
            ("crate", "it is for the whole item"),
            ("vis", "it is for the whole impl"),
        ],
        FOREIGN_TO_BLOCKING,
        FOREIGN_TO_ON,
    ],
    stray: Some("expected an option, such as `skip` or `name = \"recv_blocking\"`"),
};
