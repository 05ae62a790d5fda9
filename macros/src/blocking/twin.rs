//! One twin.

use std::collections::HashMap;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::{
    Error, FnArg, GenericParam, Generics, Pat, PatType, ReceiverKind, Signature, Type, Visibility,
};

use crate::blocking::arguments;
use crate::blocking::body::{self, Parts, Spans, Wait};
use crate::blocking::check::{self, Work};
use crate::blocking::context::{Context, OwnerKind};
use crate::blocking::conversion::Conversion;
use crate::blocking::converter::Converted;
use crate::blocking::item::Method;
use crate::blocking::names::Names;
use crate::blocking::types::SelfTypes;
use crate::blocking::{attributes, names};
use crate::diagnostics::Errors;
use crate::item::function::Function;
use crate::options::settings::Setting;
use crate::options::value::Value;
use crate::source::tokens::mentions;

pub(crate) struct Twin {
    /// The names of the async function and of the twin, for a link. `None` for the twin with a
    /// timeout, and for a twin whose condition isn't the async function's own.
    names: Option<[Ident; 2]>,
    docs: TokenStream,
    attrs: TokenStream,
    /// The `cfg` conditions and the lint levels.
    conditions: TokenStream,
    vis: TokenStream,
    pub(crate) signature: TokenStream,
    body: TokenStream,
}

impl Twin {
    pub(crate) fn definition(&self) -> TokenStream {
        let Self { docs, attrs, vis, signature, body, .. } = self;
        quote!(#docs #attrs #[track_caller] #vis #signature { #body })
    }

    /// The twin in a trait.
    pub(crate) fn declaration(&self) -> TokenStream {
        let Self { docs, attrs, signature, .. } = self;
        quote!(#docs #attrs #[track_caller] #signature;)
    }

    /// The twin in the trait's impl for all types, whose type parameter is `this`.
    pub(crate) fn implementation(&self, this: &Ident) -> TokenStream {
        let Self { conditions, signature, body, .. } = self;
        // `use<Self>` can't be written in an impl.
        let signature = if mentions(signature.clone(), "use") {
            SelfTypes::of_type(&syn::parse_quote!(#this)).substituted(signature.clone())
        } else {
            signature.clone()
        };
        quote!(#conditions #signature { #body })
    }
}

impl Context<'_> {
    /// The twins of the functions. A function can have none, one or two.
    pub(crate) fn twins_of(&self, methods: &[Method], errors: &mut Errors) -> Vec<Twin> {
        let mut names = Names::new(methods, self.is_twin_type());
        let mut twins = Vec::new();
        for method in methods {
            let mut unsaid = Errors::default();
            let errors = if method.is_alternative { &mut unsaid } else { &mut *errors };
            let output = match self.own(method).get("output") {
                Some(Setting { value: Value::Expr(tokens), .. }) => {
                    syn::parse2::<Type>(tokens.clone()).ok()
                }
                _ => None,
            };
            let Some(work) = check::work(method, output.as_ref(), self, errors) else { continue };
            match self.parts_of(method, &work, errors) {
                Ok(parts) => twins.extend(self.with_timeout(method, &parts, &mut names, errors)),
                Err(error) => errors.add(error),
            }
        }
        self.type_map.check_used(errors);
        twins
    }

    fn parts_of(
        &self,
        method: &Method,
        work: &Work<'_>,
        errors: &mut Errors,
    ) -> Result<Parts, Error> {
        let sig = &method.function.sig;
        let (Work::Wait(returned) | Work::Call(returned)) = *work;
        let waits = matches!(work, Work::Wait(_));
        let Converted { ty, conversion } = match returned {
            Some(ty) => self.convert_returned(ty, sig)?,
            None => Converted { ty: quote!(()), conversion: None },
        };
        let arguments = arguments::of(sig, self)?;
        let returned = returned.map(|_| ty).filter(|ty| ty.to_string() != "()");
        let spans = match self.own(method).get("output") {
            Some(output) => Spans { wait: output.value.to_expr().span(), call: sig.output.span() },
            None => match &conversion {
                Some(Conversion::By(_, place)) => Spans { wait: *place, call: Span::call_site() },
                _ => Spans { wait: Span::call_site(), call: Span::call_site() },
            },
        };
        let served = self.served(method, &arguments, errors);
        Ok(Parts { arguments, returned, conversion, waits, served, spans })
    }

    /// The twin, and the twin with a timeout if the options request it. A twin whose name is taken
    /// is left out.
    fn with_timeout(
        &self,
        method: &Method,
        parts: &Parts,
        names: &mut Names,
        errors: &mut Errors,
    ) -> Vec<Twin> {
        let Function { sig, .. } = &method.function;
        let name =
            names::of_function(&sig.ident, self.own(method), self.settings, self.is_twin_type());
        let mut twins = Vec::new();
        if names.take(&name, method, errors) {
            twins.push(self.twin(method, parts, &name));
        }
        let is_asked =
            self.own(method).switch("timeout").or_else(|| self.settings.switch("timeout"));
        if is_asked == Some(true) && parts.waits {
            let with_timeout = names::with_timeout(&name);
            if names.take(&with_timeout, method, errors) {
                twins.push(self.twin_with_timeout(method, parts, &with_timeout, &name));
            }
        }
        twins
    }

    fn twin(&self, method: &Method, parts: &Parts, name: &Ident) -> Twin {
        let Function { attrs, vis, sig, .. } = &method.function;
        let Parts { arguments, returned, conversion, waits, .. } = parts;
        let declared =
            arguments.iter().map(|argument| argument.declared.clone()).collect::<Vec<_>>();
        let returned = returned.as_ref().map(|ty| quote!(-> #ty));
        let link = self.link(&sig.ident);
        let wait = if *waits { Wait::ForIt } else { Wait::NotAtAll };
        let is_certain = !method.has_condition;
        Twin {
            names: is_certain.then(|| [sig.ident.clone(), name.clone()]),
            docs: if *waits || conversion.is_some() {
                attributes::docs(attrs, &format!("The blocking twin of {link}."))
            } else {
                attributes::docs(attrs, &format!("As {link}."))
            },
            attrs: attributes::carried(attrs),
            conditions: attributes::conditions(attrs),
            vis: self.vis(vis),
            signature: self.signature(sig, name, &declared, returned.as_ref()),
            body: body::body(self, sig, parts, wait, conversion.as_ref()),
        }
    }

    fn twin_with_timeout(
        &self,
        method: &Method,
        parts: &Parts,
        name: &Ident,
        without: &Ident,
    ) -> Twin {
        let Function { attrs, vis, sig, .. } = &method.function;
        let Parts { arguments, returned, conversion, .. } = parts;
        let krate = &self.krate;
        let (returned, conversion) = match returned {
            // Stable Rust accepts `!` only as the type that a function returns.
            Some(ty) if ty.to_string() == "!" => {
                (Some(quote!(::core::convert::Infallible)), Some(&Conversion::OfNever))
            }
            _ => (returned.clone(), conversion.as_ref()),
        };
        let timeout = timeout_name(sig);
        let mut declared: Vec<_> =
            arguments.iter().map(|argument| argument.declared.clone()).collect();
        declared.push(quote!(#timeout: ::core::time::Duration));
        let value = returned.unwrap_or_else(|| quote!(()));
        let returned = quote!(-> ::core::result::Result<#value, #krate::__private::CallError>);
        Twin {
            names: None,
            docs: attributes::docs_of_timeout(attrs, &self.link_to_twin(without), &timeout, krate),
            // `Result` itself is `#[must_use]`.
            attrs: attributes::carried_but(attrs, "must_use"),
            conditions: attributes::conditions(attrs),
            vis: self.vis(vis),
            signature: self.signature(sig, name, &declared, Some(&returned)),
            body: body::body(self, sig, parts, Wait::UpTo(&timeout), conversion),
        }
    }

    fn signature(
        &self,
        sig: &Signature,
        name: &Ident,
        declared: &[TokenStream],
        returned: Option<&TokenStream>,
    ) -> TokenStream {
        let Signature { safety, fn_token, generics, .. } = sig;
        let where_clause = self.where_clause(generics, sig, returned);
        let generics = self.substituted(generics);
        quote!(#safety #fn_token #name #generics (#(#declared),*) #returned #where_clause)
    }

    /// A function that can't be called on a trait object gets a `Self: Sized` bound, so that the
    /// trait stays dyn compatible.
    fn where_clause(
        &self,
        generics: &Generics,
        sig: &Signature,
        returned: Option<&TokenStream>,
    ) -> TokenStream {
        let written = self.substituted(&generics.where_clause);
        let is_sized = written.to_string().contains("Self : Sized");
        if self.owner.kind != OwnerKind::Trait || is_sized || !is_only_for_sized(sig, returned) {
            return written;
        }
        if generics.where_clause.as_ref().is_none_or(|clause| clause.predicates.is_empty()) {
            return quote!(where Self: ::core::marker::Sized);
        }
        let ends =
            generics.where_clause.as_ref().is_some_and(|clause| clause.predicates.trailing_punct());
        let comma = (!ends).then(|| quote!(,));
        quote!(#written #comma Self: ::core::marker::Sized)
    }

    fn vis(&self, vis: &Visibility) -> TokenStream {
        let given = self.settings.get("vis").map(|setting| setting.value.to_expr());
        given.or_else(|| self.owner.vis.clone()).unwrap_or_else(|| vis.to_token_stream())
    }

    /// The links to the twins in the documentation of the async functions.
    pub(crate) fn links(&self, twins: &[Twin]) -> HashMap<String, String> {
        // With `vis` the twins may be private where the async functions aren't.
        let is_linked = self.settings.get("vis").is_none();
        let names = twins.iter().filter_map(|twin| twin.names.as_ref()).filter(|_| is_linked);
        let link = |name: &Ident| match (&self.owner.twin_link, self.owner.kind) {
            (Some(owner), _) => format!("[`{owner}::{name}`]"),
            (None, OwnerKind::Free) => format!("[`fn@{name}`]"),
            (None, _) => format!("[`{name}`](Self::{name})"),
        };
        names.map(|[ident, name]| (ident.to_string(), link(name))).collect()
    }

    /// The link to the async function in the documentation of the twin.
    fn link(&self, ident: &Ident) -> String {
        match (&self.owner.link, self.owner.kind) {
            // With `vis` the async function may be private where the twin isn't.
            _ if self.settings.get("vis").is_some() => format!("`{ident}`"),
            (Some(link), OwnerKind::Inherent) if link == "Self" => {
                format!("[`{ident}`](Self::{ident})")
            }
            (Some(link), _) => format!("[`{link}::{ident}`]"),
            (None, OwnerKind::Free) => format!("[`fn@{ident}`]"),
            (None, _) => format!("`{ident}`"),
        }
    }

    fn link_to_twin(&self, ident: &Ident) -> String {
        match self.owner.kind {
            OwnerKind::Free => format!("[`fn@{ident}`]"),
            _ => format!("[`{ident}`](Self::{ident})"),
        }
    }
}

fn timeout_name(sig: &Signature) -> Ident {
    let is_taken = sig.inputs.iter().any(|input| match input {
        FnArg::Typed(PatType { pat, .. }) => {
            matches!(&**pat, Pat::Ident(pat) if pat.ident == "timeout")
        }
        FnArg::Receiver(_) => false,
    });
    Ident::new(if is_taken { "call_timeout" } else { "timeout" }, Span::mixed_site())
}

/// Whether the function can't be called on a trait object.
fn is_only_for_sized(sig: &Signature, returned: Option<&TokenStream>) -> bool {
    let has_generics =
        sig.generics.params.iter().any(|param| !matches!(param, GenericParam::Lifetime(_)));
    let by_value = match sig.receiver() {
        Some(receiver) => matches!(receiver.kind, ReceiverKind::Value),
        None => true,
    };
    let inputs = sig.inputs.iter().filter_map(|input| match input {
        FnArg::Receiver(_) => None,
        FnArg::Typed(PatType { ty, .. }) => Some(ty.to_token_stream()),
    });
    let mut types = inputs.chain(returned.cloned());
    has_generics || by_value || types.any(|ty| mentions(ty.clone(), "impl") || names_self(ty))
}

/// Whether the tokens contain `Self` as a type, and not only as the beginning of a path.
fn names_self(tokens: TokenStream) -> bool {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_found = match token {
            TokenTree::Ident(word) => {
                let is_path = |next: &TokenTree| matches!(next, TokenTree::Punct(punct) if punct.as_char() == ':');
                word == "Self" && !tokens.peek().is_some_and(is_path)
            }
            TokenTree::Group(group) => names_self(group.stream()),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        };
        if is_found {
            return true;
        }
    }
    false
}
