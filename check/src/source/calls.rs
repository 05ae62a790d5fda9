//! Finds calls in a syntax tree, by the place of the name that is called.

use std::collections::BTreeSet;
use std::ops::Range;

use proc_macro2::Ident;
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{Block, Expr, ExprCall, ExprMethodCall, ExprPath, FnArg, Signature, Type};

use crate::index::File;
use crate::source::closures::closures;
use crate::symbol::Path;

/// The function that a call names.
#[derive(Debug)]
pub(super) struct Callee {
    /// The byte at which its name begins.
    pub(super) at: usize,
    /// The whole call.
    pub(super) expression: Range<usize>,
}

impl Callee {
    pub(super) fn of_call(call: &ExprCall) -> Option<Self> {
        let Expr::Path(path) = &*call.func else { return None };
        Some(Self { expression: span(call), ..Self::of_path(path)? })
    }

    pub(super) fn of_path(path: &ExprPath) -> Option<Self> {
        let name = &path.path.segments.last()?.ident;
        Some(Self { at: start(name), expression: span(path) })
    }

    pub(super) fn of_method_call(call: &ExprMethodCall) -> Self {
        Self { at: start(&call.method), expression: span(call) }
    }

    pub(super) fn is_offload(&self, file: &File, offloads: &[Path]) -> bool {
        file.symbols
            .get(&self.at)
            .is_some_and(|symbol| offloads.iter().any(|path| symbol.path.is(path)))
    }
}

pub(super) fn start(name: &Ident) -> usize {
    name.span().byte_range().start
}

pub(super) fn span(node: &impl Spanned) -> Range<usize> {
    node.span().byte_range()
}

/// Whether a task polls the function: `Future::poll`, `Stream::poll_next`, and others that take a
/// `Context`.
pub(super) fn is_poll(signature: &Signature) -> bool {
    let name = signature.ident.to_string();
    let is_context = |argument: &FnArg| match argument {
        FnArg::Typed(argument) => is_reference_to_context(&argument.ty),
        FnArg::Receiver(_) => false,
    };
    (name == "poll" || name.starts_with("poll_")) && signature.inputs.iter().any(is_context)
}

fn is_reference_to_context(argument: &Type) -> bool {
    let Type::Reference(reference) = argument else { return false };
    matches!(&*reference.elem, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Context"))
}

/// The variables that a body passes to functions which run a closure on another thread, or that it
/// calls in such a closure.
pub(super) fn offloaded_variables(
    body: &Block,
    file: &File,
    offloads: &[Path],
) -> BTreeSet<String> {
    let mut search = Search { file, offloads, found: BTreeSet::new(), is_offloaded: false };
    search.visit_block(body);
    search.found
}

/// Whether a function runs the closure that it gets as the functions of `offloads` do, since it
/// passes the closure to one of them.
pub(super) fn hands_on(
    signature: &Signature,
    body: &Block,
    file: &File,
    offloads: &[Path],
) -> bool {
    let names = closures(signature);
    !names.is_empty() && !offloaded_variables(body, file, offloads).is_disjoint(&names)
}

struct Search<'a> {
    file: &'a File,
    offloads: &'a [Path],
    found: BTreeSet<String>,
    is_offloaded: bool,
}

impl Search<'_> {
    fn arguments<'ast>(
        &mut self,
        callee: Option<Callee>,
        arguments: impl IntoIterator<Item = &'ast Expr>,
    ) {
        let is_offload = callee.is_some_and(|callee| callee.is_offload(self.file, self.offloads));
        for argument in arguments {
            let outer = self.is_offloaded;
            match argument {
                Expr::Path(path) if is_offload => self.found.extend(variable(path)),
                Expr::Closure(_) => self.is_offloaded |= is_offload,
                _ => {}
            }
            self.visit_expr(argument);
            self.is_offloaded = outer;
        }
    }
}

fn variable(path: &ExprPath) -> Option<String> {
    path.path.get_ident().map(ToString::to_string)
}

impl<'ast> Visit<'ast> for Search<'_> {
    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        if let Expr::Path(path) = &*call.func
            && self.is_offloaded
        {
            self.found.extend(variable(path));
        }
        self.visit_expr(&call.func);
        self.arguments(Callee::of_call(call), &call.args);
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        self.visit_expr(&call.receiver);
        self.arguments(Some(Callee::of_method_call(call)), &call.args);
    }
}
