//! Finds the shortest chains of calls from async code to a call that blocks.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::program::{Blocker, Program, Target};
use crate::source::parts::{Body, Call, Place};

/// A call in a chain.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step<'a> {
    pub(crate) call: &'a Call,
    /// The file of the call, as an index of the program's.
    pub(crate) file: usize,
    /// The number of functions that the call may run. The next step is in one of them.
    pub(crate) choices: usize,
}

/// Async code that blocks.
#[derive(Debug)]
pub(crate) struct Finding<'a> {
    /// The function that contains the async code.
    pub(crate) function: usize,
    pub(crate) body: Body,
    pub(crate) blocker: Blocker,
    /// From the call in async code to the one that blocks.
    pub(crate) steps: Vec<Step<'a>>,
}

/// The findings: one for each pair of an async function and a blocker.
pub(crate) fn findings(program: &Program) -> Vec<Finding<'_>> {
    (0..program.functions.len()).flat_map(|function| in_function(program, function)).collect()
}

/// Searches breadth first, so that the first chain to a blocker is a shortest one. No function is
/// entered twice.
fn in_function(program: &Program, root: usize) -> Vec<Finding<'_>> {
    let mut found = BTreeMap::new();
    let function = &program.functions[root];
    if function.allowed {
        return Vec::new();
    }
    let mut entered = BTreeSet::new();
    let mut ways = VecDeque::new();
    let is_async = |call: &&Call| matches!(call.place, Place::Async(_));
    for call in function.calls.iter().filter(is_async) {
        ways.push_back(vec![Step { call, file: function.file, choices: 1 }]);
    }
    while let Some(mut way) = ways.pop_front() {
        let Some(last) = way.last_mut() else { continue };
        match program.target(last.call, last.file) {
            Some(Target::Blocker(blocker)) => {
                found.entry(blocker).or_insert(way);
            }
            Some(Target::Functions(functions)) => {
                last.choices = functions.len();
                for id in functions {
                    if enters(program, id) && entered.insert(id) {
                        ways.extend(onward(program, id, &way));
                    }
                }
            }
            None => {}
        }
    }
    let mut findings: Vec<_> =
        found.into_iter().filter_map(|(blocker, steps)| finding(root, blocker, steps)).collect();
    findings.sort_by_key(|finding| finding.steps[0].call.at);
    findings
}

/// Whether the search continues in a function. A call of an async function runs none of its code;
/// what blocks there is reported for the function itself.
fn enters(program: &Program, function: usize) -> bool {
    let function = &program.functions[function];
    !function.is_async && !function.allowed
}

/// The chain to each call of a function.
fn onward<'a>(program: &'a Program, function: usize, way: &[Step<'a>]) -> Vec<Vec<Step<'a>>> {
    let file = program.functions[function].file;
    let longer = |call| [way, &[Step { call, file, choices: 1 }]].concat();
    program.sync_calls(function).map(longer).collect()
}

fn finding(function: usize, blocker: Blocker, steps: Vec<Step<'_>>) -> Option<Finding<'_>> {
    let Place::Async(body) = steps.first()?.call.place else { return None };
    Some(Finding { function, body, blocker, steps })
}
