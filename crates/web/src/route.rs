//! One route: method, path, what it needs and answers, and the function behind it. Reading a request and describing it in
//! OpenAPI both follow from the function's own types, so that they cannot differ.
//! Which routes there are is `routes.rs`; what holds for all of them alike is `guard.rs`.

use std::any::TypeId;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequestParts, RawPathParams, Request};
use axum::http::header::{CONTENT_TYPE, HeaderName, IF_MATCH};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use chat::{Person, Role};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::time::sleep;

use crate::body;
use crate::caller::{self, Caller, Need};
use crate::door::Ends;
use crate::fields::{self, Fields};
use crate::host::Host;
use crate::house::House;
use crate::limits::{BODY_OCTETS_MAX, ETAG_OCTETS_MAX, REQUEST_TIME};
use crate::live::Upgrade;
use crate::problem::{Code, Problem};
use crate::sessions::SessionKey;
use crate::shape::Shape;

/// What a route's function comes to.
pub(crate) type Answer = Pin<Box<dyn Future<Output = Result<Response, Problem>> + Send>>;
type Serve = Box<dyn Fn(Call, Raw) -> Answer + Send + Sync>;
/// What is made when it is first needed: most of what describes a route never is.
pub(crate) type Later<T> = LazyLock<T, Box<dyn FnOnce() -> T + Send>>;
/// How the texts of a query become values.
type Query = Box<dyn Fn(Vec<(String, String)>) -> Result<Map<String, Value>, Problem> + Send + Sync>;

/// No fields: of a path, a query, a body or an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// One route.
pub(crate) struct Route {
    /// The method.
    pub(crate) method: Method,
    /// The path below `/api/v1`, with its fields in braces.
    pub(crate) path: &'static str,
    /// The name of the operation in OpenAPI.
    pub(crate) name: String,
    /// What it does, in a sentence.
    pub(crate) summary: Later<String>,
    /// Who may.
    pub(crate) need: Need,
    /// The status when it was done.
    pub(crate) done: StatusCode,
    /// Refusals beside those that every route has.
    pub(crate) refuses: Vec<Code>,
    /// Whether it names what it changes by `If-Match`.
    pub(crate) matches: bool,
    /// What goes over the connection afterwards, if it stays: what the client says, and what the server says.
    pub(crate) lasting: Option<(Shape, Shape)>,
    /// The fields of the path.
    pub(crate) path_shape: Shape,
    /// The fields of the query.
    pub(crate) query_shape: Shape,
    /// The body, if there is one.
    pub(crate) body_shape: Option<Shape>,
    /// The answer, if there is one.
    pub(crate) answer_shape: Option<Shape>,
    body_octets_max: Later<usize>,
    time: Duration,
    path_fields: Later<Fields>,
    query_fields: Query,
    serve: Serve,
}

/// A route before it is one: everything that has no usual value.
pub(crate) struct Plan {
    /// The method.
    pub(crate) method: Method,
    /// The path below `/api/v1`, with its fields in braces.
    pub(crate) path: &'static str,
    /// The name of the operation in OpenAPI.
    pub(crate) name: String,
    /// What it does, in a sentence.
    pub(crate) summary: Later<String>,
    /// Who may.
    pub(crate) need: Need,
    /// The fields of the path.
    pub(crate) path_shape: Shape,
    /// How they are read.
    pub(crate) path_fields: Later<Fields>,
    /// The fields of the query.
    pub(crate) query_shape: Shape,
    /// How they are read.
    pub(crate) query_fields: Query,
    /// The body, if there is one.
    pub(crate) body_shape: Option<Shape>,
    /// The answer, if there is one.
    pub(crate) answer_shape: Option<Shape>,
    /// What answers.
    pub(crate) serve: Serve,
}

/// Who calls, and from where.
pub(crate) struct Call {
    /// What all requests share.
    pub(crate) house: Arc<House>,
    /// The ends of the connection.
    pub(crate) ends: Ends,
    /// Who asks; everybody for whom a route needs somebody.
    caller: Option<Caller>,
    /// The session whose cookie is shown, whether it is needed, or open, or not.
    pub(crate) session: Option<SessionKey>,
    /// The etag of what is to be changed, as the caller saw it.
    pub(crate) if_match: Option<String>,
    /// What the connection becomes, where it stays.
    pub(crate) upgrade: Option<Upgrade>,
}

/// What was done: the value to answer with, and further header fields.
pub(crate) struct Reply<A> {
    value: A,
    fields: Vec<(HeaderName, HeaderValue)>,
}

/// A request before its types are known.
pub(crate) struct Raw {
    /// The fields of the path.
    pub(crate) path: Map<String, Value>,
    /// The fields of the query.
    pub(crate) query: Map<String, Value>,
    /// The body as it came.
    pub(crate) body: Vec<u8>,
}

impl Route {
    /// A route of a function of path, query and body; [`Nothing`] stands for none.
    pub(crate) fn new<P, Q, B, A, F, Fut>(
        method: Method,
        path: &'static str,
        name: &'static str,
        need: Need,
        function: F,
    ) -> Self
    where
        P: DeserializeOwned + JsonSchema + 'static,
        Q: DeserializeOwned + JsonSchema + 'static,
        B: DeserializeOwned + JsonSchema + 'static,
        A: Serialize + JsonSchema + 'static,
        F: Fn(Call, P, Q, B) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<Reply<A>, Problem>> + Send + 'static,
    {
        let serve = move |call: Call, raw: Raw| -> Answer {
            // What cannot be read is refused before anything is done.
            let body = if is_nothing::<B>() { fields::typed(Map::new()) } else { fields::body(&raw.body) };
            // A path that names what cannot be is a path to nothing.
            let read = fields::typed(raw.path).map_err(|_| Problem::absent());
            let running = read.and_then(|path| Ok(function(call, path, fields::typed(raw.query)?, body?)));
            match running {
                Ok(running) => Box::pin(async { Ok(running.await?.response(is_nothing::<A>())) }),
                Err(problem) => Box::pin(std::future::ready(Err(problem))),
            }
        };
        let query_fields = LazyLock::new(Fields::of::<Q>);
        Self::planned(Plan {
            method,
            path,
            name: name.to_owned(),
            summary: later(String::new),
            need,
            path_shape: Shape::Type(P::json_schema),
            path_fields: later(Fields::of::<P>),
            query_shape: Shape::Type(Q::json_schema),
            query_fields: Box::new(move |pairs| query_fields.read(pairs)),
            body_shape: (!is_nothing::<B>()).then_some(Shape::Type(shape::<B>)),
            answer_shape: (!is_nothing::<A>()).then_some(Shape::Type(shape::<A>)),
            serve: Box::new(serve),
        })
    }

    /// A route as planned, with what is usual for the rest.
    pub(crate) fn planned(plan: Plan) -> Self {
        let done = if plan.answer_shape.is_some() { StatusCode::OK } else { StatusCode::NO_CONTENT };
        Self {
            method: plan.method,
            path: plan.path,
            name: plan.name,
            summary: plan.summary,
            need: plan.need,
            done,
            refuses: Vec::new(),
            matches: false,
            lasting: None,
            path_shape: plan.path_shape,
            query_shape: plan.query_shape,
            body_shape: plan.body_shape,
            answer_shape: plan.answer_shape,
            body_octets_max: later(|| BODY_OCTETS_MAX),
            time: REQUEST_TIME,
            path_fields: plan.path_fields,
            query_fields: plan.query_fields,
            serve: plan.serve,
        }
    }

    /// What it does, in a sentence.
    pub(crate) fn about(self, summary: &'static str) -> Self {
        Self { summary: later(|| summary.to_owned()), ..self }
    }

    /// With another status when it was done.
    pub(crate) fn done_with(self, done: StatusCode) -> Self {
        Self { done, ..self }
    }

    /// With refusals beside those that every route has.
    pub(crate) fn refuses(mut self, codes: &[Code]) -> Self {
        self.refuses.extend(codes);
        self
    }

    /// With `If-Match` for the state of what is changed.
    pub(crate) fn matching(self) -> Self {
        Self { matches: true, ..self }.refuses(&[Code::DataCollision])
    }

    /// Whose connection stays, for texts of these forms: those of the client, and those of the server.
    pub(crate) fn lasting(
        self,
        said: fn(&mut SchemaGenerator) -> Schema,
        heard: fn(&mut SchemaGenerator) -> Schema,
    ) -> Self {
        Self { lasting: Some((Shape::Type(said), Shape::Type(heard))), ..self }
    }

    /// With other bounds: octets of the body, and time.
    pub(crate) fn within(
        self,
        body_octets_max: impl FnOnce() -> usize + Send + 'static,
        time: Duration,
    ) -> Self {
        Self { body_octets_max: later(body_octets_max), time, ..self }
    }

    /// Answers one request.
    ///
    /// # Errors
    /// [`Problem`] for whatever is refused.
    pub(crate) async fn answer(
        &self,
        house: Arc<House>,
        ends: Ends,
        request: Request,
    ) -> Result<Response, Problem> {
        let (mut parts, mut body) = request.into_parts();
        let caller = match self.admitted(&house, ends, &parts).await {
            Ok(caller) => caller,
            Err(problem) => {
                body::pass_over(body).await;
                return Err(problem);
            }
        };
        let headers = parts.headers.clone();
        let lost = async {
            match &caller {
                Some(caller) => caller.lost(&house, &headers).await,
                None => std::future::pending().await,
            }
        };
        let answered = async {
            let read = self.read(&house, &mut parts, &mut body).await;
            if read.is_err() || self.body_shape.is_none() {
                body::pass_over(body).await;
            }
            let raw = read?;
            // A body takes as long as its sender likes.
            if let Some(caller) = caller.as_ref().filter(|_| self.body_shape.is_some())
                && !caller.stays(&house, &headers).await
            {
                return Err(Problem::nobody());
            }
            let if_match = self.named_state(&parts.headers)?;
            let upgrade = self.lasting.as_ref().and_then(|_| Upgrade::of(&mut parts));
            let session = caller::shown_session(&headers, ends);
            let call =
                Call { house: house.clone(), ends, caller: caller.clone(), session, if_match, upgrade };
            (self.serve)(call, raw).await
        };
        let mut response = tokio::select! {
            biased;
            response = answered => response?,
            () = sleep(self.time) => {
                return Err(Problem::unavailable("it takes too long: ask for less, or look whether it was done"));
            }
            // Whoever was disabled meanwhile begins nothing and is shown nothing more, not even while it still sends. What was begun
            // at the desk goes on there, as far as its asker still may.
            () = lost => return Err(Problem::nobody()),
        };
        *response.status_mut() = self.done;
        Ok(response)
    }

    /// The state of what is changed, if one is named; refused where it would be passed over.
    fn named_state(&self, headers: &HeaderMap) -> Result<Option<String>, Problem> {
        if self.method.is_safe() {
            return Ok(None);
        }
        match etag(headers)? {
            Some(_) if !self.matches => Err(Problem::field(
                "If-Match",
                "the state of what is there is not looked at here: leave If-Match out",
            )),
            named => Ok(named),
        }
    }

    /// Who asks, if the route needs somebody and it may.
    async fn admitted(&self, house: &House, ends: Ends, parts: &Parts) -> Result<Option<Caller>, Problem> {
        if !caller::carries_token(&parts.headers) {
            let host = parts.extensions.get::<Host>().ok_or_else(|| Problem::of(Code::MisdirectedRequest))?;
            // A browser lets any page open a link, with the cookie of this one.
            if self.lasting.is_some() {
                host.must_be_same(&parts.headers, ends)?;
            }
            host.must_be_origin(&parts.method, &parts.headers, ends)?;
        }
        match self.need {
            Need::Nobody => Ok(None),
            _ => Ok(Some(self.called_by(house, &parts.headers, ends).await?)),
        }
    }

    /// What is asked for.
    async fn read(&self, house: &House, parts: &mut Parts, body: &mut Body) -> Result<Raw, Problem> {
        let path = self.path_fields.read(path_of(parts).await?)?;
        let query = (self.query_fields)(fields::query(parts.uri.query())?)?;
        let body = match self.body_shape {
            None => Vec::new(),
            Some(_) => {
                body::read(&parts.headers, body, *self.body_octets_max, house.limits.body_time).await?
            }
        };
        Ok(Raw { path, query, body })
    }

    async fn called_by(&self, house: &House, headers: &HeaderMap, ends: Ends) -> Result<Caller, Problem> {
        let caller = caller::find(house, headers, ends).await?;
        let rate = house.rates.take(caller.whose(ends.peer));
        rate.map_err(|wait| Problem::later("you ask too fast", wait))?;
        caller.may(self.need)?;
        Ok(caller)
    }
}

impl Call {
    /// Who asks.
    ///
    /// # Errors
    /// 401 when the route needs nobody.
    pub(crate) fn caller(&self) -> Result<&Caller, Problem> {
        self.caller.as_ref().ok_or_else(Problem::nobody)
    }

    /// Whether the caller may look at everything that administration shows.
    pub(crate) fn sees_all(&self) -> bool {
        self.caller.as_ref().is_some_and(|caller| caller.roles().granting(Role::Reader).is_some())
    }

    /// The person who asks.
    ///
    /// # Errors
    /// 403 for a token that belongs to nobody.
    pub(crate) fn person(&self) -> Result<&Person, Problem> {
        let person = self.caller()?.person.as_deref();
        person.ok_or_else(|| {
            Problem::new(Code::ErrorPermission, "this is for people, and the token is nobody's")
        })
    }
}

impl<A: Serialize> Reply<A> {
    /// This value.
    pub(crate) fn of(value: A) -> Self {
        Self { value, fields: Vec::new() }
    }

    /// With one more header field.
    pub(crate) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.fields.push((name, value));
        self
    }

    /// As a response with a body.
    pub(crate) fn answer(self) -> Response {
        self.response(false)
    }

    fn response(self, empty: bool) -> Response {
        let mut response = if empty {
            Response::default()
        } else {
            let body = serde_json::to_vec(&self.value).expect("an answer is plain values");
            let mut response = Response::new(Body::from(body));
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            response
        };
        response.headers_mut().extend(self.fields);
        response
    }
}

/// What this makes, when it is first needed.
pub(crate) fn later<T>(make: impl FnOnce() -> T + Send + 'static) -> Later<T> {
    LazyLock::new(Box::new(make))
}

/// The one etag of `If-Match`.
fn etag(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut fields = headers.get_all(IF_MATCH).iter();
    match (fields.next(), fields.next()) {
        (None, _) => Ok(None),
        (Some(one), None) => {
            let text = one.to_str().ok().filter(|text| text.len() <= ETAG_OCTETS_MAX);
            text.map(|text| Some(text.to_owned()))
                .ok_or_else(|| Problem::field("If-Match", "this is no etag"))
        }
        _ => Err(Problem::field("If-Match", "give one etag, as it came in ETag")),
    }
}

/// The fields of the path, decoded.
async fn path_of(parts: &mut Parts) -> Result<Vec<(String, String)>, Problem> {
    // What is no text is a path to nothing.
    let fields = RawPathParams::from_request_parts(parts, &()).await.map_err(|_| Problem::absent())?;
    // So is what nothing that is kept can hold.
    if fields.iter().any(|(_, text)| !chat::is_keepable(text)) {
        return Err(Problem::absent());
    }
    Ok(fields.iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect())
}

fn shape<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

fn is_nothing<T: 'static>() -> bool {
    TypeId::of::<T>() == TypeId::of::<Nothing>()
}

#[cfg(test)]
mod tests;
