//! The tokens of a file and the scope of every expression in it, by `source` and by a parser.

use std::fs;
use std::path::Path;

use proc_macro2::{Span, TokenStream};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Expr, Item, ItemConst, ItemFn, ItemMacro, ItemStatic, Stmt, Token};

use crate::figures::Figures;
use crate::rules;
use crate::source::file::SourceFile;
use crate::source::lexer::Lexer;
use crate::source::scopes::scope::Scope;
use crate::source::token::Token;
use crate::tokens::flatten;

pub(crate) fn compare(path: &Path, figures: &mut Figures) {
    let Ok(text) = fs::read_to_string(path) else { return };
    let source = SourceFile::new(&text);
    let found: Vec<_> =
        Lexer::new(source.text()).map(|(span, token)| (span.start, token)).collect();
    let Some(stream) = parse(source.text(), &found) else {
        figures.unparsed += 1;
        return;
    };
    figures.files += 1;
    figures.tokens(path.display(), &flatten(source.text(), stream.clone()), &found);
    match syn::parse2(stream) {
        Ok(file) => {
            Compare { path, source: &source, figures, scopes: vec![Scope::Items] }
                .visit_file(&file);
        }
        Err(_) => figures.unparsed += 1,
    }
    proc_macro2::extra::invalidate_current_thread_spans();
}

/// Parses the text as the compiler does. `proc_macro2` knows neither a `#!` line nor a `---` block
/// before the tokens: the line is blanked, and a file with a block isn't parsed.
fn parse(text: &str, tokens: &[(usize, Token<'_>)]) -> Option<TokenStream> {
    let before = tokens.first().map_or(text, |(start, _)| &text[..*start]);
    let has_block = before.lines().any(|line| line.starts_with("---"));
    let shell =
        if before.starts_with("#!") { before.lines().next().unwrap_or_default() } else { "" };
    let text = text.replacen(shell, &" ".repeat(shell.len()), 1);
    if has_block { None } else { text.parse().ok() }
}

struct Compare<'a> {
    path: &'a Path,
    source: &'a SourceFile,
    figures: &'a mut Figures,
    scopes: Vec<Scope>,
}

impl Compare<'_> {
    fn within(&mut self, scope: Scope, visit: impl FnOnce(&mut Self)) {
        self.scopes.push(scope);
        visit(self);
        self.scopes.pop();
    }

    /// The scope of items at the current place.
    fn items(&self) -> Scope {
        let is_macro = self.scopes.last() == Some(&Scope::MacroRules);
        if is_macro { Scope::MacroRules } else { Scope::Items }
    }

    /// Visits the tokens of a macro. Most macros take expressions or statements, and expand to
    /// these. Other tokens are skipped.
    fn tokens(&mut self, tokens: &TokenStream, is_call: bool) {
        let exprs = Punctuated::<Expr, Token![,]>::parse_terminated;
        if let Ok(exprs) = exprs.parse2(tokens.clone()) {
            for expr in &exprs {
                self.visit_expr(expr);
            }
        } else if let Ok(stmts) = syn::Block::parse_within.parse2(tokens.clone()) {
            for stmt in &stmts {
                match stmt {
                    // `thread_local!` makes a function of the value.
                    Stmt::Item(Item::Static(item)) if is_call => {
                        self.within(Scope::Fn, |this| this.visit_expr(&item.expr));
                    }
                    stmt => self.visit_stmt(stmt),
                }
            }
        }
    }

    fn check(&mut self, expr: &Expr) {
        let start = start(expr).start();
        let (line, column) = (start.line, start.column + 1);
        let expected = &self.scopes[self.scopes.len() - 1];
        let found = self
            .source
            .offset(line, column)
            .map(|offset| without_dollar(self.source.scope(offset)));
        let place = format_args!("{}:{line}:{column}", self.path.display());
        self.figures.position(place, expected, found.as_ref());
    }
}

/// The scope with its name as in the output of [`rules`].
fn without_dollar(scope: &Scope) -> Scope {
    match scope {
        Scope::AsyncFn(name) => Scope::AsyncFn(name.replace('$', "_")),
        Scope::ConstFn(name) => Scope::ConstFn(name.replace('$', "_")),
        scope => scope.clone(),
    }
}

/// The place where an expression begins. Its `span` would go through all of its tokens.
fn start(mut expr: &Expr) -> Span {
    loop {
        expr = match expr {
            Expr::Await(node) => &node.base,
            Expr::Binary(node) => &node.left,
            Expr::Call(node) => &node.func,
            Expr::Cast(node) => &node.expr,
            Expr::Field(node) => &node.base,
            Expr::Index(node) => &node.expr,
            Expr::MethodCall(node) => &node.receiver,
            Expr::Try(node) => &node.expr,
            Expr::Array(node) => return node.bracket_token.span.open(),
            Expr::Block(node) if node.label.is_none() => return node.block.brace_token.span.open(),
            Expr::If(node) => return node.if_token.span,
            Expr::Macro(node) => return node.mac.path.span(),
            Expr::Match(node) => return node.match_token.span,
            Expr::Paren(node) => return node.paren_token.span.open(),
            Expr::Reference(node) => return node.and_token.span,
            Expr::Struct(node) if node.qself.is_none() => return node.path.span(),
            Expr::Tuple(node) => return node.paren_token.span.open(),
            Expr::Unsafe(node) => return node.unsafe_token.span,
            expr => return expr.span(),
        }
    }
}

fn of_fn(sig: &syn::Signature) -> Scope {
    match sig {
        _ if sig.asyncness.is_some() => Scope::AsyncFn(sig.ident.to_string()),
        _ if sig.constness.is_some() => Scope::ConstFn(sig.ident.to_string()),
        _ => Scope::Fn,
    }
}

impl<'ast> Visit<'ast> for Compare<'_> {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        if matches!(expr, Expr::Verbatim(_)) {
            return;
        }
        self.check(expr);
        match expr {
            Expr::Async(node) => {
                self.within(Scope::AsyncBlock, |this| this.visit_block(&node.block));
            }
            Expr::Const(node) => self.within(Scope::Const, |this| this.visit_block(&node.block)),
            Expr::Closure(node) => {
                let scope =
                    if node.asyncness.is_some() { Scope::AsyncClosure } else { Scope::Closure };
                for input in &node.inputs {
                    self.visit_pat(input);
                }
                self.within(scope, |this| {
                    this.visit_return_type(&node.output);
                    this.visit_expr(&node.body);
                });
            }
            Expr::Repeat(node) => {
                self.visit_expr(&node.expr);
                self.within(Scope::Const, |this| this.visit_expr(&node.len));
            }
            _ => visit::visit_expr(self, expr),
        }
    }

    fn visit_item(&mut self, item: &'ast Item) {
        match item {
            Item::Const(_) | Item::Static(_) | Item::Fn(_) | Item::Macro(_) => {
                visit::visit_item(self, item);
            }
            _ => self.within(self.items(), |this| visit::visit_item(this, item)),
        }
    }

    fn visit_item_fn(&mut self, node: &'ast ItemFn) {
        self.visit_signature(&node.sig);
        self.within(of_fn(&node.sig), |this| this.visit_block(&node.block));
    }

    fn visit_impl_item_fn(&mut self, node: &'ast syn::ImplItemFn) {
        self.visit_signature(&node.sig);
        self.within(of_fn(&node.sig), |this| this.visit_block(&node.block));
    }

    fn visit_trait_item_fn(&mut self, node: &'ast syn::TraitItemFn) {
        self.visit_signature(&node.sig);
        if let Some(block) = &node.default {
            self.within(of_fn(&node.sig), |this| this.visit_block(block));
        }
    }

    fn visit_item_const(&mut self, node: &'ast ItemConst) {
        self.within(Scope::Const, |this| visit::visit_item_const(this, node));
    }

    fn visit_impl_item_const(&mut self, node: &'ast syn::ImplItemConst) {
        self.within(Scope::Const, |this| visit::visit_impl_item_const(this, node));
    }

    fn visit_trait_item_const(&mut self, node: &'ast syn::TraitItemConst) {
        self.within(Scope::Const, |this| visit::visit_trait_item_const(this, node));
    }

    fn visit_item_static(&mut self, node: &'ast ItemStatic) {
        self.visit_type(&node.ty);
        self.within(Scope::Static, |this| this.visit_expr(&node.expr));
    }

    fn visit_type_array(&mut self, node: &'ast syn::TypeArray) {
        self.visit_type(&node.elem);
        self.within(Scope::Const, |this| this.visit_expr(&node.len));
    }

    fn visit_variant(&mut self, node: &'ast syn::Variant) {
        self.visit_fields(&node.fields);
        if let Some((_, value)) = &node.discriminant {
            self.within(Scope::Const, |this| this.visit_expr(value));
        }
    }

    fn visit_field(&mut self, node: &'ast syn::Field) {
        self.visit_type(&node.ty);
        if let Some((_, value)) = &node.default {
            self.within(Scope::Const, |this| this.visit_expr(value));
        }
    }

    fn visit_pat(&mut self, node: &'ast syn::Pat) {
        match node {
            syn::Pat::Const(node) => {
                self.within(Scope::Const, |this| this.visit_block(&node.block));
            }
            _ => visit::visit_pat(self, node),
        }
    }

    fn visit_generic_argument(&mut self, node: &'ast syn::GenericArgument) {
        self.within(Scope::Const, |this| visit::visit_generic_argument(this, node));
    }

    fn visit_const_param(&mut self, node: &'ast syn::ConstParam) {
        self.within(Scope::Const, |this| visit::visit_const_param(this, node));
    }

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}

    fn visit_macro(&mut self, node: &'ast syn::Macro) {
        self.tokens(&node.tokens, true);
    }

    /// A macro in the place of a type has no expressions, even if its tokens look like some.
    fn visit_type_macro(&mut self, _: &'ast syn::TypeMacro) {}

    fn visit_item_macro(&mut self, node: &'ast ItemMacro) {
        if node.ident.is_none() {
            return self.visit_macro(&node.mac);
        }
        for output in rules::outputs(self.source.text(), node.mac.tokens.clone()) {
            if let Ok(tokens) = output.parse() {
                self.within(Scope::MacroRules, |this| this.tokens(&tokens, false));
            }
        }
    }
}
