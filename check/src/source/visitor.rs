//! A walk through a file that keeps track of what surrounds each place.

use std::collections::BTreeSet;
use std::ops::Range;
use std::rc::Rc;

use proc_macro2::Ident;
use syn::visit::{self, Visit};
use syn::{
    Expr, ImplItemFn, ItemFn, ItemImpl, ItemMacro, ItemMod, ItemStatic, ItemTrait, Local, Pat,
    Signature, Stmt, TraitItemFn,
};

use crate::index::{File, Symbol};
use crate::source::allowed::Allowed;
use crate::source::calls::{self, Callee};
use crate::source::parts::{Body, Call, Function, Place, Source};
use crate::source::receiver;
use crate::source::tokens::{self, Piece};
use crate::source::twins::Naming;
use crate::symbol::Path;
use crate::test_code;

/// What surrounds a place.
#[derive(Debug, Clone, Copy)]
struct Around {
    function: Option<usize>,
    place: Place,
    in_closure: bool,
    in_test: bool,
}

pub(super) struct Visitor<'a> {
    file: &'a File,
    offloads: &'a [Path],
    pub(super) source: Source,
    allowed: Allowed,
    around: Around,
    /// The name in the index of the trait that the surrounding `impl` is of.
    trait_name: Option<String>,
    /// Variables of the surrounding function whose closure is passed to a function that offloads
    /// it.
    offloaded: BTreeSet<String>,
    /// Whether the next closure is offloaded or stored.
    offloads_next: bool,
    /// The options of `#[blocking]` on the surrounding items.
    naming: Option<Naming>,
}

impl<'a> Visitor<'a> {
    pub(super) fn new(file: &'a File, offloads: &'a [Path], allowed: Allowed) -> Self {
        let around =
            Around { function: None, place: Place::Sync, in_closure: false, in_test: false };
        let offloaded = BTreeSet::new();
        let source = Source::default();
        Self {
            file,
            offloads,
            source,
            allowed,
            around,
            trait_name: None,
            offloaded,
            offloads_next: false,
            naming: None,
        }
    }

    /// Visits code at another kind of place.
    fn within(&mut self, place: Place, visit: impl FnOnce(&mut Self)) {
        let around = self.around;
        self.around.place = place;
        visit(self);
        self.around = around;
    }

    /// Visits an item with these attributes.
    fn item(&mut self, attributes: &[syn::Attribute], visit: impl FnOnce(&mut Self)) {
        let outer = self.around.in_test;
        self.around.in_test |= test_code::are_of_test(attributes);
        let naming = Naming::of(attributes, self.naming.as_ref());
        let outer_naming = std::mem::replace(&mut self.naming, naming);
        visit(self);
        self.naming = outer_naming;
        self.around.in_test = outer;
    }

    /// Records a call of the function whose name begins at this byte, if the index has one.
    fn call(&mut self, at: usize, expression: Range<usize>) {
        if let Some(symbol) = self.file.symbols.get(&at) {
            self.call_of(symbol.clone(), at, expression);
        }
    }

    fn call_of(&mut self, symbol: Rc<Symbol>, at: usize, expression: Range<usize>) {
        if self.allowed.is_at(at) || self.allowed.is_at(expression.start) {
            return;
        }
        let Around { function, place, in_closure, .. } = self.around;
        self.source.calls.push(Call { symbol, at, expression, function, place, in_closure });
    }

    fn function(&mut self, signature: &Signature, body: Option<&syn::Block>, start: usize) {
        let around = self.around;
        let place = match () {
            () if signature.asyncness.is_some() => Place::Async(Body::Function),
            () if calls::is_poll(signature) => Place::Async(Body::Poll),
            () => Place::Sync,
        };
        let function = self.define(&signature.ident, place != Place::Sync, body.is_some(), start);
        self.around = Around { function, place, in_closure: false, ..around };
        if let Some(block) = body {
            self.body(block);
        }
        self.around = around;
    }

    fn define(
        &mut self,
        name: &Ident,
        is_async: bool,
        has_body: bool,
        start: usize,
    ) -> Option<usize> {
        let at = calls::start(name);
        // A function without a symbol isn't compiled, for instance because of a `cfg`.
        let symbol = self.file.symbols.get(&at)?.clone();
        let implements =
            self.trait_name.as_ref().map(|name_of_trait| format!("{name_of_trait}{name}()."));
        let allowed = self.allowed.is_at(at) || self.allowed.is_at(start);
        let is_test = self.around.in_test;
        let twin =
            self.naming.as_ref().filter(|_| is_async).map(|naming| naming.twin(&name.to_string()));
        self.source.functions.push(Function {
            symbol,
            is_async,
            has_body,
            implements,
            allowed,
            is_test,
            twin,
        });
        Some(self.source.functions.len() - 1)
    }

    fn body(&mut self, block: &syn::Block) {
        let variables = calls::offloaded_variables(block, self.file, self.offloads);
        let outer = std::mem::replace(&mut self.offloaded, variables);
        for statement in &block.stmts {
            // A closure that is returned is called elsewhere.
            self.offloads_next = matches!(statement, Stmt::Expr(Expr::Closure(_), None));
            self.visit_stmt(statement);
            self.offloads_next = false;
        }
        self.offloaded = outer;
    }

    fn arguments<'ast>(
        &mut self,
        arguments: impl IntoIterator<Item = &'ast Expr>,
        is_offloaded: bool,
    ) {
        for argument in arguments {
            self.offloads_next = is_offloaded && matches!(argument, Expr::Closure(_));
            if let Expr::Path(path) = argument
                && let Some(callee) = Callee::of_path(path)
                && !is_offloaded
            {
                // A function that is passed to another one is called there.
                self.call(callee.at, callee.expression);
            }
            self.visit_expr(argument);
            self.offloads_next = false;
        }
    }

    fn pieces(&mut self, pieces: &[Piece]) {
        for piece in pieces {
            match piece {
                Piece::Statement(statement) => self.visit_stmt(statement),
                Piece::Call(name) => self.call(calls::start(name), calls::span(name)),
                Piece::Async(inner) => {
                    self.within(Place::Async(Body::Block), |inside| inside.pieces(inner));
                }
            }
        }
    }

    fn is_offload(&self, callee: &Callee) -> bool {
        callee.is_offload(self.file, self.offloads)
    }
}

impl<'ast> Visit<'ast> for Visitor<'_> {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        let start = calls::span(item).start;
        let trait_name = self.trait_name.take();
        self.item(&item.attrs, |this| this.function(&item.sig, Some(&item.block), start));
        self.trait_name = trait_name;
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        let start = calls::span(item).start;
        self.item(&item.attrs, |this| this.function(&item.sig, Some(&item.block), start));
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        let start = calls::span(item).start;
        self.item(&item.attrs, |this| this.function(&item.sig, item.default.as_ref(), start));
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        let segment = item.trait_.as_ref().and_then(|(path, _)| path.segments.last());
        let symbol =
            segment.and_then(|segment| self.file.symbols.get(&calls::start(&segment.ident)));
        let outer =
            std::mem::replace(&mut self.trait_name, symbol.map(|symbol| symbol.name.clone()));
        self.item(&item.attrs, |this| visit::visit_item_impl(this, item));
        self.trait_name = outer;
    }

    /// The closure of a `LazyLock` runs where the static is used first.
    fn visit_item_static(&mut self, item: &'ast ItemStatic) {
        let around = self.around;
        self.item(&item.attrs, |this| {
            let function = this.define(&item.ident, false, true, calls::span(item).start);
            this.around = Around { function, place: Place::Sync, in_closure: false, ..this.around };
            visit::visit_item_static(this, item);
        });
        self.around = around;
    }

    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        let is_static = |name: &Ident| name.to_string().chars().all(|c| !c.is_lowercase());
        if let Some(segment) = path.path.segments.last().filter(|segment| is_static(&segment.ident))
        {
            self.call(calls::start(&segment.ident), calls::span(path));
        }
        visit::visit_expr_path(self, path);
    }

    fn visit_item_trait(&mut self, item: &'ast ItemTrait) {
        self.item(&item.attrs, |this| {
            this.naming = this.naming.take().map(|naming| naming.in_trait(&item.ident.to_string()));
            visit::visit_item_trait(this, item);
        });
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        self.item(&item.attrs, |this| {
            if item.content.is_none() && this.around.in_test {
                this.source.test_modules.push(item.ident.to_string());
            }
            visit::visit_item_mod(this, item);
        });
    }

    fn visit_expr_async(&mut self, block: &'ast syn::ExprAsync) {
        self.within(Place::Async(Body::Block), |inside| visit::visit_expr_async(inside, block));
    }

    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        let place = match std::mem::take(&mut self.offloads_next) {
            _ if closure.asyncness.is_some() => Place::Async(Body::Closure),
            true => Place::Offloaded,
            false => self.around.place,
        };
        self.within(place, |inside| {
            inside.around.in_closure = closure.asyncness.is_none();
            visit::visit_expr_closure(inside, closure);
        });
    }

    fn visit_local(&mut self, local: &'ast Local) {
        let is_closure =
            local.init.as_ref().is_some_and(|init| matches!(*init.expr, Expr::Closure(_)));
        if let Pat::Ident(name) = &local.pat {
            self.offloads_next = is_closure && self.offloaded.contains(&name.ident.to_string());
        }
        visit::visit_local(self, local);
        self.offloads_next = false;
    }

    /// A closure that is stored is called elsewhere.
    fn visit_field_value(&mut self, field: &'ast syn::FieldValue) {
        self.offloads_next = matches!(field.expr, Expr::Closure(_));
        visit::visit_field_value(self, field);
        self.offloads_next = false;
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        let callee = Callee::of_call(call);
        if let Some(callee) = &callee {
            self.call(callee.at, callee.expression.clone());
        }
        self.visit_expr(&call.func);
        self.arguments(&call.args, callee.is_some_and(|callee| self.is_offload(&callee)));
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let callee = Callee::of_method_call(call);
        match receiver::method_of_type(call, self.file) {
            Some(symbol) => self.call_of(symbol, callee.at, callee.expression.clone()),
            None => self.call(callee.at, callee.expression.clone()),
        }
        self.visit_expr(&call.receiver);
        self.arguments(&call.args, self.is_offload(&callee));
    }

    fn visit_expr_for_loop(&mut self, each: &'ast syn::ExprForLoop) {
        if let Some((at, symbol)) = receiver::receiver_of_loop(each, self.file) {
            self.call_of(symbol, at, calls::span(&each.expr));
        }
        visit::visit_expr_for_loop(self, each);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        if let Some(segment) = call.path.segments.last() {
            self.call(calls::start(&segment.ident), calls::span(call));
        }
        self.pieces(&tokens::pieces(&call.tokens));
    }

    /// The code in the definition of a macro doesn't run where the definition is.
    fn visit_item_macro(&mut self, item: &'ast ItemMacro) {
        if !item.mac.path.is_ident("macro_rules") {
            visit::visit_item_macro(self, item);
        }
    }
}
