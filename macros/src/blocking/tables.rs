//! The options of `#[blocking]`, by what it stands on.

use crate::tables::{CRATE, Table};
use crate::values::Kind;

type Known = &'static [(&'static str, Kind)];
type Foreign = &'static [(&'static str, &'static str)];

const PARTS: Known = &[("prefix", Kind::Name), ("suffix", Kind::Name)];
const NAME: Known = &[("name", Kind::Name)];
const TIMEOUT: Known = &[("timeout", Kind::Switch)];
const OUTPUT: Known = &[("output", Kind::Type)];
const TWINS: Known = &[("twins", Kind::Pairs)];
const TYPE: Known = &[("type", Kind::TypeName), ("module", Kind::Module)];
const FORWARD: Known = &[("forward", Kind::Switch)];
const VIS: Known = &[("vis", Kind::Visibility)];
const SKIP: Known = &[("skip", Kind::Flag)];

const FOREIGN: Foreign = &[
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

pub(crate) const FUNCTION: Table = Table {
    known: &[NAME, PARTS, TIMEOUT, OUTPUT, TWINS, VIS, CRATE],
    foreign: &[&[("skip", "remove `#[blocking]` instead")], OF_A_TYPE, FOREIGN],
    stray: Some("expected an option, such as `name = \"blocking_fetch\"`"),
};

pub(crate) const IMPL: Table = Table {
    known: &[PARTS, TYPE, TIMEOUT, FORWARD, TWINS, VIS, CRATE],
    foreign: &[
        &[("name", "use `prefix` or `suffix`, or name one function: `#[blocking(name = …)]`")],
        OF_ONE_FUNCTION,
        FOREIGN,
    ],
    stray: Some("expected an option, such as `type = BlockingClient`"),
};

pub(crate) const TRAIT: Table = Table {
    known: &[NAME, PARTS, TIMEOUT, TWINS, CRATE],
    foreign: &[OF_ONE_FUNCTION, OF_A_TYPE, &[("vis", "the twin is as visible as the trait")], FOREIGN],
    stray: Some("expected an option, such as `name = \"BlockingStore\"`"),
};

/// Of a struct or an enum.
pub(crate) const TYPE_ITEM: Table = Table {
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
        FOREIGN,
    ],
    stray: Some("expected `type = BlockingClient`"),
};

/// Of `#[blocking(…)]` on one of the functions of an impl or a trait.
pub(crate) const MEMBER: Table = Table {
    known: &[SKIP, NAME, TIMEOUT, FORWARD, OUTPUT],
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
        FOREIGN,
    ],
    stray: Some("expected an option, such as `skip` or `name = \"recv_blocking\"`"),
};
