//! Which options each macro has.

use crate::options::value::Kind;

/// The options of one macro.
pub(crate) struct Table {
    pub(crate) known: &'static [&'static [(&'static str, Kind)]],
    /// What else people write, and what to do instead. What comes first counts.
    pub(crate) foreign: &'static [&'static [(&'static str, &'static str)]],
    /// Said of what doesn't look like an option at all, if there is more to say than what does.
    pub(crate) stray: Option<&'static str>,
}

impl Table {
    pub(crate) fn known(&self) -> impl Iterator<Item = (&'static str, Kind)> {
        self.known.iter().copied().flatten().copied()
    }

    pub(crate) fn foreign(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.foreign.iter().copied().flatten().copied()
    }
}

/// The methods of the runtime crate's `Builder`.
pub(crate) const BUILDER: &[(&str, Kind)] = &[
    ("flavor", Kind::Flavor),
    ("worker_threads", Kind::Count),
    ("max_blocking_threads", Kind::Count),
    ("thread_name", Kind::Text),
    ("thread_stack_size", Kind::Count),
    ("thread_keep_alive", Kind::Duration),
    ("start_paused", Kind::Bool),
    ("event_interval", Kind::Ticks),
    ("global_queue_interval", Kind::Ticks),
    ("grace_period", Kind::Duration),
    ("shutdown_timeout", Kind::Duration),
    ("unhandled", Kind::Unhandled),
    ("on_unhandled", Kind::Handler),
    ("slow_poll_threshold", Kind::Duration),
    ("signals", Kind::Signals),
    ("signal_status", Kind::SignalStatus),
    ("fiber", Kind::Bool),
    ("fiber_stack_size", Kind::Count),
    ("fiber_threads", Kind::Count),
    ("stall_after", Kind::Duration),
    ("on_stall", Kind::OnStall),
];

const STALL: &[(&str, Kind)] = &[("stall_after", Kind::Duration), ("on_stall", Kind::OnStall)];

const TIMEOUT: &[(&str, Kind)] = &[("timeout", Kind::Duration)];

/// The methods of the runtime crate's `CallOptions`.
pub(crate) const CALL: &[&[(&str, Kind)]] = &[TIMEOUT, STALL];

const FOREIGN_TO_BUILDER: &[(&str, &str)] = &[
    ("core_threads", "use `worker_threads`"),
    ("threads", "use `worker_threads`"),
    ("num_threads", "use `worker_threads`"),
    ("workers", "use `worker_threads`"),
    ("num_workers", "use `worker_threads`"),
    ("max_threads", "use `max_blocking_threads`"),
    ("blocking_threads", "use `max_blocking_threads`"),
    ("name", "use `thread_name`"),
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

pub(crate) const CRATE: &[(&str, Kind)] = &[("crate", Kind::Path)];

pub(crate) const ENTRY: Table = Table {
    known: &[BUILDER, CRATE],
    foreign: &[
        &[
            ("timeout", "`try_sync_call!` has one, a program's `main` doesn't"),
            ("deadline", "`try_sync_call!` has a `timeout`, a program's `main` doesn't"),
            ("leaks", "`#[bridgehead::test]` has it, a program's `main` tells of what it leaves behind"),
        ],
        FOREIGN_TO_BUILDER,
        FOREIGN_TO_STALL,
    ],
    stray: None,
};

pub(crate) const TEST: Table = Table {
    known: &[BUILDER, &[("leaks", Kind::Leaks)], TIMEOUT, CRATE],
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

const ALLOW_ASYNC: &[(&str, Kind)] = &[("allow_async", Kind::Flag)];

const FOREIGN_TO_ALLOW_ASYNC: &[(&str, &str)] = &[
    ("allow_blocking", "use `allow_async`"),
    ("allow_in_async", "use `allow_async`"),
    ("in_async", "use `allow_async`"),
];

pub(crate) const SYNC_CALL: Table = Table {
    known: &[STALL, ALLOW_ASYNC, CRATE],
    foreign: &[
        &[
            ("timeout", "it belongs to `try_sync_call!`, which returns a `Result`"),
            ("deadline", "`try_sync_call!` has a `timeout`"),
        ],
        FOREIGN_TO_STALL,
        FOREIGN_TO_ALLOW_ASYNC,
    ],
    stray: Some("expected one future, found a second expression; put both in one `async { … }`"),
};

pub(crate) const TRY_SYNC_CALL: Table = Table {
    known: &[TIMEOUT, STALL, ALLOW_ASYNC, CRATE],
    foreign: &[
        &[
            ("deadline", "use `timeout`, a `Duration`"),
            ("duration", "use `timeout`"),
            ("timeout_ms", "use `timeout = \"250ms\"`"),
        ],
        FOREIGN_TO_STALL,
        FOREIGN_TO_ALLOW_ASYNC,
    ],
    stray: Some("expected an option such as `timeout = \"5s\"`, found a second expression"),
};

type Known = &'static [(&'static str, Kind)];
type Foreign = &'static [(&'static str, &'static str)];

const PARTS: Known = &[("prefix", Kind::Name), ("suffix", Kind::Name)];
const NAME: Known = &[("name", Kind::Name)];
const TIMEOUT_TWIN: Known = &[("timeout", Kind::Switch)];
const OUTPUT: Known = &[("output", Kind::Type)];
const TWINS: Known = &[("twins", Kind::Pairs)];
const TYPE: Known = &[("type", Kind::TypeName), ("module", Kind::Module)];
const FORWARD: Known = &[("forward", Kind::Switch)];
const VIS: Known = &[("vis", Kind::Visibility)];
const SKIP: Known = &[("skip", Kind::Flag)];

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
    ("runtime", "remove it; each call finds its own"),
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

pub(crate) const BLOCKING_FUNCTION: Table = Table {
    known: &[NAME, PARTS, TIMEOUT_TWIN, OUTPUT, TWINS, VIS, CRATE],
    foreign: &[&[("skip", "remove `#[blocking]` instead")], OF_A_TYPE, FOREIGN_TO_BLOCKING],
    stray: Some("expected an option, such as `name = \"blocking_fetch\"`"),
};

pub(crate) const BLOCKING_IMPL: Table = Table {
    known: &[PARTS, TYPE, TIMEOUT_TWIN, FORWARD, TWINS, VIS, CRATE],
    foreign: &[
        &[("name", "use `prefix` or `suffix`, or name one function: `#[blocking(name = …)]`")],
        OF_ONE_FUNCTION,
        FOREIGN_TO_BLOCKING,
    ],
    stray: Some("expected an option, such as `type = BlockingClient`"),
};

pub(crate) const BLOCKING_TRAIT: Table = Table {
    known: &[NAME, PARTS, TIMEOUT_TWIN, TWINS, CRATE],
    foreign: &[
        OF_ONE_FUNCTION,
        OF_A_TYPE,
        &[("vis", "the twin is as visible as the trait")],
        FOREIGN_TO_BLOCKING,
    ],
    stray: Some("expected an option, such as `name = \"BlockingStore\"`"),
};

/// Of `#[blocking]` on a struct or an enum.
pub(crate) const BLOCKING_TYPE: Table = Table {
    known: &[TYPE, VIS, CRATE],
    foreign: &[
        &[
            ("name", "use `type = BlockingClient`"),
            ("prefix", "it is for the impl"),
            ("suffix", "it is for the impl"),
            ("timeout", "it is for the impl"),
            ("forward", "it is for the impl"),
            ("twins", "it is for the impl"),
            ("skip", "it is for a function of the impl"),
            ("output", "it is for a function of the impl"),
            ("derive", "what is derived below `#[blocking]` is derived for the twin, too"),
        ],
        FOREIGN_TO_BLOCKING,
    ],
    stray: Some("expected `type = BlockingClient`"),
};

/// Of `#[blocking(…)]` on one of the functions of an impl or a trait.
pub(crate) const BLOCKING_MEMBER: Table = Table {
    known: &[SKIP, NAME, TIMEOUT_TWIN, FORWARD, OUTPUT],
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
    ],
    stray: Some("expected an option, such as `skip` or `name = \"recv_blocking\"`"),
};
