//! The browser client as it was built by `cargo xtask build`: its pages, scripts and pictures, out of this program.
//! Knows nobody: a page is the same for everybody, and asks the API for everything it shows.

use std::borrow::Cow;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{
    ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use rust_embed::{EmbeddedFile, RustEmbed};

/// The page of every address that people can go to.
const PAGE: &str = "index.html";
/// The addresses of that page; what they mean, the client knows.
const ADDRESSES: [&str; 8] = [
    "/",
    "/room/{room}",
    "/room/{room}/{post}",
    "/directory",
    "/search",
    "/feeds",
    "/manage/{*rest}",
    "/admin/{*rest}",
];
/// Addresses without a rest.
const ROOTS: [&str; 2] = ["/manage", "/admin"];
/// Files whose names change with their content.
const LASTING: &str = "assets/";
/// Such a file is asked for once in a year.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";
/// The end of the name of a file that is compressed already.
const PACKED: &str = ".gz";

/// What a page of ours may load and do: what is ours. Values become markup through the library's own policy alone, and the only
/// script that is started beside the page is its worker.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
                      connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'; require-trusted-types-for 'script'; \
                      trusted-types svelte-trusted-html causerie-worker";

/// What to show where the client was not built.
const STUB: &str = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Causerie</title></head><body>\
                    <h1>The browser client is not in this program</h1><p>It was compiled without it. In the checkout, \
                    <code>cargo xtask build</code> builds the client and the server with it.</p>\
                    <p>The <a href=\"/api/v1/\">API</a> is here.</p></body></html>\n";

#[derive(RustEmbed)]
#[folder = "../../web/built"]
struct Built;

/// One file as it is sent.
#[derive(Clone)]
struct File {
    kind: &'static str,
    plain: Cow<'static, [u8]>,
    packed: Option<Cow<'static, [u8]>>,
    lasting: bool,
}

/// All pages and files of the client.
pub(crate) fn router() -> Router {
    let page = File::named(PAGE).unwrap_or_else(File::stub);
    let mut router = Router::new();
    for address in ADDRESSES.into_iter().chain(ROOTS) {
        router = router.route(address, page.clone().route());
    }
    let names =
        Built::iter().filter(|name| !name.ends_with(PACKED) && !name.starts_with('.') && name != PAGE);
    for name in names {
        if let Some(file) = File::named(&name) {
            router = router.route(&format!("/{name}"), file.route());
        }
    }
    router
}

/// What a browser is shown that goes to an address of nothing: the page, which says so. `None` for whatever is not a browser on its way
/// to a page.
pub(crate) fn absent(request: &Request) -> Option<Response> {
    (may_be_page(request) && takes_pages(request.headers())).then(|| {
        let mut response = File::named(PAGE).unwrap_or_else(File::stub).response(request.headers());
        *response.status_mut() = StatusCode::NOT_FOUND;
        response.headers_mut().append(VARY, HeaderValue::from_static("accept"));
        response
    })
}

/// Whether a page is what is answered where nothing is, to whoever says that it shows pages.
pub(crate) fn may_be_page(request: &Request) -> bool {
    let below_api = request.uri().path().split('/').nth(1) == Some("api");
    !below_api && matches!(*request.method(), Method::GET | Method::HEAD)
}

impl File {
    fn named(name: &str) -> Option<Self> {
        let EmbeddedFile { data: plain, .. } = Built::get(name)?;
        let packed = Built::get(&format!("{name}{PACKED}")).map(|file| file.data);
        Some(Self { kind: kind(name), plain, packed, lasting: name.starts_with(LASTING) })
    }

    fn stub() -> Self {
        Self { kind: kind(PAGE), plain: STUB.as_bytes().into(), packed: None, lasting: false }
    }

    fn route(self) -> MethodRouter {
        get(move |headers: HeaderMap| std::future::ready(self.response(&headers)))
    }

    fn response(&self, asked: &HeaderMap) -> Response {
        let packed = self.packed.as_ref().filter(|_| takes_packed(asked));
        let octets = packed.unwrap_or(&self.plain).clone().into_owned();
        let mut response = Response::new(Body::from(octets));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.kind));
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        let keep = if self.lasting { FOR_GOOD } else { "no-cache" };
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(keep));
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        if packed.is_some() {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        response
    }
}

/// Whether whoever asks says that it shows pages.
fn takes_pages(asked: &HeaderMap) -> bool {
    let fields = asked.get_all(ACCEPT).iter().filter_map(|field| field.to_str().ok());
    fields.flat_map(|field| field.split(',')).any(|wish| {
        let mut parts = wish.split(';').map(str::trim);
        let named = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("text/html"));
        named && !parts.any(is_refusal)
    })
}

/// Whether a parameter of a wish says that it is none: a weight of nothing (RFC 9110, 12.4.2).
fn is_refusal(parameter: &str) -> bool {
    let weight = parameter.split_once('=').filter(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
    weight.and_then(|(_, weight)| weight.trim().parse::<f32>().ok()).is_some_and(|weight| weight <= 0.0)
}

/// Whether whoever asks can read gzip.
fn takes_packed(asked: &HeaderMap) -> bool {
    let fields = asked.get_all(ACCEPT_ENCODING).iter().filter_map(|field| field.to_str().ok());
    fields.flat_map(|field| field.split(',')).any(|coding| coding.trim() == "gzip")
}

/// What kind of file it is, by its name.
fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}
