//! Known findings. A big project starts with a list of its present findings, and only new ones are
//! reported.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::program::Program;
use crate::search::Finding;

/// The identity of a finding. It has no line, so that it stays the same while the code around it is
/// edited.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Known {
    /// The function with the async code.
    function: String,
    /// The first call of the chain.
    calls: String,
    blocks_by: String,
}

impl Known {
    pub(crate) fn new(program: &Program, finding: &Finding<'_>) -> Self {
        Self {
            function: program.functions[finding.function].path.full(),
            // For a function of another crate only the public path is stable.
            calls: match finding.steps[..] {
                [_] => finding.blocker.name.clone(),
                _ => finding.steps[0].call.symbol.path.full(),
            },
            blocks_by: finding.blocker.name.clone(),
        }
    }

    /// A text that is the same for the same finding.
    pub(crate) fn fingerprint(&self) -> String {
        format!("{} {} {}", self.function, self.calls, self.blocks_by)
    }
}

impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` blocks by `{}`", self.function, self.blocks_by)
    }
}

pub(crate) fn read(path: &Path) -> Result<BTreeSet<Known>> {
    let fault = |error: &dyn std::fmt::Display| {
        Error::new(format!("can't read the baseline {}: {error}", path.display()))
            .with_help("`--write-baseline` makes a new one")
    };
    let text = fs::read_to_string(path).map_err(|error| fault(&error))?;
    serde_json::from_str(&text).map_err(|error| fault(&error))
}

/// Writes the findings sorted and on several lines each, so that a change of the file gives a
/// readable diff.
pub(crate) fn write(path: &Path, known: &BTreeSet<Known>) -> Result<()> {
    let fault = |error: std::io::Error| {
        Error::new(format!("can't write the baseline {}: {error}", path.display()))
    };
    let text = serde_json::to_string_pretty(known).expect("strings");
    fs::write(path, text + "\n").map_err(fault)
}
