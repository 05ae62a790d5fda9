//! Calls in a syntax tree, by the place of the name that is called.

use std::collections::BTreeSet;
use std::ops::Range;

use proc_macro2::Ident;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Block, Expr, ExprCall, ExprMethodCall, ExprPath, FnArg, Signature, Type};

use crate::index::File;
use crate::symbol::Path;

/// The function that a call names.
#[derive(Debug)]
pub(super) struct Callee {
    /// Where its name begins.
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
        file.symbols.get(&self.at).is_some_and(|symbol| offloads.iter().any(|path| symbol.path.is(path)))
    }
}

pub(super) fn start(name: &Ident) -> usize {
    name.span().byte_range().start
}

pub(super) fn span(node: &impl Spanned) -> Range<usize> {
    node.span().byte_range()
}

/// Whether it is one that a task polls: `Future::poll`, `Stream::poll_next`, and others that are given a `Context`.
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

/// The variables that a body gives to functions which run a closure on another thread.
pub(super) fn offloaded_variables(body: &Block, file: &File, offloads: &[Path]) -> BTreeSet<String> {
    let mut search = Search { file, offloads, found: BTreeSet::new() };
    search.visit_block(body);
    search.found
}

struct Search<'a> {
    file: &'a File,
    offloads: &'a [Path],
    found: BTreeSet<String>,
}

impl Search<'_> {
    fn look<'ast>(&mut self, callee: Option<Callee>, arguments: impl IntoIterator<Item = &'ast Expr>) {
        if callee.is_some_and(|callee| callee.is_offload(self.file, self.offloads)) {
            let paths = arguments.into_iter().filter_map(|argument| match argument {
                Expr::Path(path) => path.path.get_ident(),
                _ => None,
            });
            self.found.extend(paths.map(ToString::to_string));
        }
    }
}

impl<'ast> Visit<'ast> for Search<'_> {
    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        self.look(Callee::of_call(call), &call.args);
        visit::visit_expr_call(self, call);
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        self.look(Some(Callee::of_method_call(call)), &call.args);
        visit::visit_expr_method_call(self, call);
    }
}
