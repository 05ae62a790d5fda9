//! The twin type of a struct or an enum.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::{Attribute, Ident, Meta, Path, Token, Type, Visibility};

use crate::blocking::attributes;
use crate::blocking::context::{link, simple_path};
use crate::blocking::item::TypeItem;
use crate::blocking::links::Links;
use crate::diagnostics::Errors;
use crate::manifest;
use crate::options::settings::{Setting, Settings};
use crate::options::value::Value;

/// The path of the twin type, relative to the async type, according to the options. `None` if they
/// name no twin type.
pub(crate) fn twin_path(
    settings: &Settings,
    async_type: &Type,
    errors: &mut Errors,
) -> Option<Path> {
    let module = path(settings, "module");
    let name = path(settings, "type");
    match (module, name) {
        (None, None) => None,
        (None, Some(name)) => syn::parse2(name.to_token_stream()).ok(),
        (Some(module), Some(name)) => syn::parse2(quote!(#module::#name)).ok(),
        (Some(module), None) => {
            let Some(last) = simple_path(async_type).and_then(|path| path.segments.last()) else {
                errors.at(
                    async_type,
                    "this type has no name that its twin could have; add `type = …`",
                );
                return None;
            };
            let name = &last.ident;
            syn::parse2(quote!(#module::#name)).ok()
        }
    }
}

fn path<'a>(settings: &'a Settings, name: &str) -> Option<&'a Path> {
    match settings.get(name) {
        Some(Setting { value: Value::Path(path), .. }) => Some(path),
        _ => None,
    }
}

// Input:
//     #[blocking(type = BlockingClient)]
//     #[derive(Debug)]
//     pub struct Client { FIELDS }
//
// Output, in addition to the input:
//     #[doc = " The blocking twin of [`Client`]."]
//     #[derive(Debug)]
//     pub struct BlockingClient(::bridgehead::__private::Twin<Client>);
//
//     impl From<Client> for BlockingClient { … }
//     impl From<BlockingClient> for Client { … }
//     impl AsRef<Client> for BlockingClient { … }
//     impl AsMut<Client> for BlockingClient { … }
//
// With `module = blocking`, the twin has the same name:
//     pub mod blocking {
//         use super::*;
//
//         pub struct Client(::bridgehead::__private::Twin<super::Client>);
//         …
//     }
pub(crate) fn expand(
    settings: &Settings,
    item: &TypeItem,
    links: &mut Links,
    errors: &mut Errors,
) -> TokenStream {
    let Some(name) = name(settings, item, errors) else { return TokenStream::new() };
    // With `vis` the twin may be private where the async type isn't.
    if settings.get("vis").is_none() {
        let module = path(settings, "module").map(|path| format!("{}::", link(path)));
        links.item = Some(format!("[`{}{name}`]", module.unwrap_or_default()));
    }
    let given = settings.get("vis").and_then(|setting| syn::parse2(setting.value.to_expr()).ok());
    let vis = given.as_ref().unwrap_or(&item.vis);
    let Some(module) = module(settings, errors) else {
        let ident = &item.ident;
        let krate = settings.crate_path(|| manifest::crate_path(Span::call_site()));
        return definition(item, &name, &quote!(#ident), &krate, &vis.to_token_stream());
    };
    let ident = &item.ident;
    let krate = path(settings, "crate")
        .map_or_else(|| manifest::crate_path(Span::call_site()), path_from_within);
    let inner = definition(item, &name, &quote!(super::#ident), &krate, &seen_from_within(vis));
    let carried = attributes::conditions(&item.attrs);
    let line = format!(" Has the blocking twin of [`{ident}`].");
    quote! {
        #carried
        #[doc = #line]
        #vis mod #module {
            #[allow(unused_imports)]
            use super::*;

            #inner
        }
    }
}

/// The twin's name.
fn name(settings: &Settings, item: &TypeItem, errors: &mut Errors) -> Option<Ident> {
    match (path(settings, "type"), settings.get("module")) {
        (Some(path), _) => {
            let name = path.get_ident().cloned();
            if name.is_none() {
                let remedy = "for a module write `module = blocking, type = BlockingClient`";
                errors.at(
                    path,
                    format!("the twin type is made here, and has a simple name; {remedy}"),
                );
            }
            name
        }
        (None, Some(_)) => Some(item.ident.clone()),
        (None, None) => {
            let ident = &item.ident;
            let message = format!(
                "expected the name of the twin type; write `#[blocking(type = Blocking{ident})]`"
            );
            if !settings.tries("type") && !settings.tries("module") {
                errors.at(ident, message);
            }
            None
        }
    }
}

fn module(settings: &Settings, errors: &mut Errors) -> Option<Ident> {
    let path = path(settings, "module")?;
    if path.get_ident().is_none() {
        errors.at(path, "the module is made here, and has a simple name, such as `blocking`");
    }
    path.segments.last().map(|last| last.ident.clone())
}

fn definition(
    item: &TypeItem,
    name: &Ident,
    inner: &TokenStream,
    krate: &TokenStream,
    vis: &TokenStream,
) -> TokenStream {
    let TypeItem { attrs, generics, ident, .. } = item;
    let link =
        if *ident == inner.to_string() { String::new() } else { format!("(super::{ident})") };
    let docs = attributes::docs(attrs, &format!("The blocking twin of [`{ident}`]{link}."));
    let derived = derived(attrs);
    let carried = attributes::carried(attrs);
    let conditions = attributes::conditions(attrs);
    let (params, arguments, where_clause) = generics.split_for_impl();
    let (twin, inner) = (quote!(#name #arguments), quote!(#inner #arguments));
    let Field { ty, wrapped, unwrapped } = Field::of(item, &inner, krate);
    let convert = quote!(::core::convert);
    quote! {
        #docs
        #derived
        #carried
        #vis struct #name #generics (#ty) #where_clause;

        #conditions
        impl #params #convert::From<#inner> for #twin #where_clause {
            fn from(inner: #inner) -> Self {
                Self(#wrapped)
            }
        }

        #conditions
        impl #params #convert::From<#twin> for #inner #where_clause {
            fn from(twin: #twin) -> Self {
                #unwrapped
            }
        }

        #conditions
        impl #params #convert::AsRef<#inner> for #twin #where_clause {
            fn as_ref(&self) -> &#inner {
                &self.0
            }
        }

        #conditions
        impl #params #convert::AsMut<#inner> for #twin #where_clause {
            fn as_mut(&mut self) -> &mut #inner {
                &mut self.0
            }
        }
    }
}

/// The field of a twin type.
struct Field {
    ty: TokenStream,
    /// The field's value, made of `inner`.
    wrapped: TokenStream,
    /// The async value in `twin`.
    unwrapped: TokenStream,
}

impl Field {
    /// The field is a `Twin`, which drops the async value with a runtime current. This isn't
    /// possible for a `Copy` type, which can't have a `Drop`. Nor is it for a type that borrows:
    /// with a `Drop` it may not outlive what it borrows, as in the last expression of a block:
    /// `client.builder().set(1)`.
    fn of(item: &TypeItem, inner: &TokenStream, krate: &TokenStream) -> Self {
        let may_have_drop =
            item.generics.lifetimes().next().is_none() && !derives(&item.attrs, "Copy");
        if !may_have_drop {
            return Self { ty: inner.clone(), wrapped: quote!(inner), unwrapped: quote!(twin.0) };
        }
        let door = quote!(#krate::__private::Twin);
        Self {
            ty: quote!(#door<#inner>),
            wrapped: quote!(#door::new(inner)),
            unwrapped: quote!(#door::into_inner(twin.0)),
        }
    }
}

fn derives(attrs: &[Attribute], name: &str) -> bool {
    let mut all = attrs.iter().filter_map(derive_list).flatten();
    all.any(|path| path.segments.last().is_some_and(|last| last.ident == name))
}

/// The paths in `#[derive(…)]`.
fn derive_list(attr: &Attribute) -> Option<Punctuated<Path, Token![,]>> {
    match &attr.meta {
        Meta::List(list)
            if list.path.segments.last().is_some_and(|last| last.ident == "derive") =>
        {
            list.parse_args_with(Punctuated::parse_terminated).ok()
        }
        _ => None,
    }
}

/// The async type's derives of std's traits. Std can also derive them for a struct of that type.
fn derived(attrs: &[Attribute]) -> TokenStream {
    const STD: &[&str] =
        &["Clone", "Copy", "Debug", "Default", "Eq", "Hash", "Ord", "PartialEq", "PartialOrd"];
    let lists = attrs.iter().filter_map(|attr| {
        let is_std = |path: &Path| {
            path.segments.last().is_some_and(|last| STD.iter().any(|known| last.ident == known))
        };
        let of_std: Vec<_> = derive_list(attr)?.into_iter().filter(is_std).collect();
        let derive = attr.path();
        (!of_std.is_empty()).then(|| quote!(#[#derive(#(#of_std),*)]))
    });
    lists.collect()
}

/// The visibility of an item that is one module further in.
fn seen_from_within(vis: &Visibility) -> TokenStream {
    match vis {
        Visibility::Inherited => quote!(pub(super)),
        Visibility::Restricted(restricted) if restricted.path.is_ident("self") => {
            quote!(pub(super))
        }
        Visibility::Restricted(restricted) if restricted.path.is_ident("crate") => {
            vis.to_token_stream()
        }
        Visibility::Restricted(restricted) => {
            let path = &restricted.path;
            if path.segments.first().is_some_and(|first| first.ident == "super") {
                quote!(pub(in super::#path))
            } else {
                vis.to_token_stream()
            }
        }
        Visibility::Public(_) => vis.to_token_stream(),
    }
}

/// A path as seen from one module further in.
fn path_from_within(path: &Path) -> TokenStream {
    let first = path.segments.first().filter(|_| path.leading_colon.is_none());
    match first {
        Some(first) if first.ident == "self" => {
            let rest = path.segments.iter().skip(1);
            quote!(super #(::#rest)*)
        }
        Some(first) if first.ident == "super" => quote!(super::#path),
        _ => path.to_token_stream(),
    }
}
