//! The server on the socket: HTTP/1.1, one request for each connection, only for processes of the
//! same user.
//!
//! Nothing that a client does may impair monitoring. The server runs on a thread of its own and
//! only reads what the engine's thread published as a whole. A client that sends no request in
//! time, sends too much, or does not read what it asked for loses its connection. There are at most
//! [`MAX_CONNECTIONS`]; when all are taken, the oldest of those that have not requested anything
//! is dropped, so silent clients cannot lock others out.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, FromRequestParts, Path, Query, State as Shared};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::sse::{self, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use goplswatch_core::json::{self, FromJson as _, ToJson as _};
use goplswatch_core::message::{Count, Message, Text, Verbatim};
use goplswatch_core::time::nanos;
use goplswatch_core::{Line, Seq, UserCommand};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast, mpsc, oneshot, watch};
use tokio_io_timeout::TimeoutStream;

use crate::api::{DOCUMENT, DaySeries, HistoryPage, Incidents, Refusal, Status};
use crate::bus::{Bus, EventId, NumberedEvent};
use crate::history::Archive;
use crate::metrics;
use crate::page;
use crate::published::Published;
use crate::request::Request;
use crate::socket;
use crate::watchdog::Progress;
use goplswatch_view::{Catalogue, Form, Phrase};

/// The most connections at once.
const MAX_CONNECTIONS: usize = 128;
/// The largest header of a request, bytes; hyper takes no less than 8 KiB.
const MAX_HEADER_BYTES: usize = 16 << 10;
/// The largest body of a request, bytes. A user command has a hundred.
const MAX_BODY_BYTES: usize = 64 << 10;
/// Deadline of a request's header.
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
/// Deadline of a request's body, and of the engine's reply.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// A client that reads nothing for this long is dropped.
const READ_TIMEOUT: Duration = Duration::from_secs(10);
/// Interval of keep-alives in a stream without events, so that a dead subscriber is noticed.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(30);

/// The most connections that may be streams of events: the others are for short requests.
const MAX_STREAMS: usize = 64;
/// An example of a time in a query.
const MOMENT: &str = "2026-11-22T10:15:00Z";
/// A request that reads the history waits at most this long for the previous reader.
const HISTORY_TIMEOUT: Duration = Duration::from_secs(3);

/// The engine's thread does not reply.
fn busy() -> Message {
    Message::AnswerBusy { path: address("/v1/status") }
}

fn address(path: &str) -> Verbatim {
    Verbatim(path.to_owned())
}

/// The language of an answer: English, unless the request names another one.
#[derive(Clone, Copy)]
struct RequestLanguage(&'static Catalogue);

impl<S: Sync> FromRequestParts<S> for RequestLanguage {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let accepted = parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Ok(Self(Catalogue::for_request(accepted.unwrap_or_default())))
    }
}

impl RequestLanguage {
    fn text(self, message: &Message) -> String {
        self.0.text(message, Form::Full)
    }

    fn refuse(self, status: StatusCode, error: &Message) -> Response {
        json(status, &Refusal { error: self.text(error) })
    }

    /// What is published, in this language. It is borrowed if it was published in this language.
    fn of(self, published: &Published) -> Cow<'_, Status> {
        if self.0 == Catalogue::english() {
            return Cow::Borrowed(&published.status);
        }
        let mut status = published.status.clone();
        status.render(self.0);
        Cow::Owned(status)
    }
}

/// The state that is shared by the request handlers.
pub(crate) struct ApiState {
    pub(crate) published: watch::Receiver<Arc<Published>>,
    pub(crate) requests: mpsc::Sender<Request>,
    pub(crate) bus: Arc<Bus>,
    pub(crate) history: HistoryReader,
    pub(crate) streams: Arc<Semaphore>,
    progress: Arc<Progress>,
}

impl ApiState {
    pub(crate) fn new(
        published: watch::Receiver<Arc<Published>>,
        requests: mpsc::Sender<Request>,
        bus: Arc<Bus>,
        history: PathBuf,
        served: Arc<AtomicU64>,
        progress: Arc<Progress>,
    ) -> Self {
        let history = HistoryReader { folder: history, reader: Arc::new(Semaphore::new(1)), served };
        Self { published, requests, bus, history, streams: Arc::new(Semaphore::new(MAX_STREAMS)), progress }
    }

    /// What is published, told as what it is if the engine stands still.
    fn current(&self) -> Arc<Published> {
        let published = Arc::clone(&self.published.borrow());
        match self.progress.stall() {
            Some(stall) => Arc::new(published.as_of(stall)),
            None => published,
        }
    }
}

/// Reads the history for clients: one at a time, only as long as the client waits, and accounted
/// separately from monitoring.
pub(crate) struct HistoryReader {
    folder: PathBuf,
    reader: Arc<Semaphore>,
    /// CPU time spent on answers, nanoseconds; it is no cost of monitoring.
    served: Arc<AtomicU64>,
}

/// CPU time that the calling thread has used. Time spent waiting for a disk is not in it, as it is
/// not in the CPU time of the process from which answers are subtracted.
fn thread_cpu() -> Duration {
    let used = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(used).unwrap_or_default()
}

/// Dropped as soon as no client waits for the answer any more.
struct Waiting(Arc<AtomicBool>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl HistoryReader {
    /// Runs `read`, which is given a function that says whether its client still waits.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Archive, &dyn Fn() -> bool) -> Result<T, Message> + Send + 'static,
    ) -> Result<T, Message> {
        let waiting = Waiting(Arc::default());
        let left = Arc::clone(&waiting.0);
        let turn = tokio::time::timeout(HISTORY_TIMEOUT, Arc::clone(&self.reader).acquire_owned()).await;
        let Ok(Ok(turn)) = turn else { return Err(Message::AnswerHistoryTaken) };
        let (folder, served) = (self.folder.clone(), Arc::clone(&self.served));
        let job = tokio::task::spawn_blocking(move || {
            let before = thread_cpu();
            let outcome = read(&Archive::open(&folder), &|| !left.load(Ordering::Relaxed));
            served.fetch_add(nanos(thread_cpu().saturating_sub(before)), Ordering::Relaxed);
            drop(turn);
            outcome
        });
        job.await.unwrap_or(Err(Message::AnswerHistoryFailed))
    }
}

/// Serves connections until accepting fails for good.
pub(crate) async fn serve(listener: UnixListener, state: Arc<ApiState>) -> std::io::Result<Infallible> {
    let router = router(state);
    let mut open: VecDeque<Connection> = VecDeque::new();
    let mut failures = 0;
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Too few descriptors: open connections may release some. Waiting helps against no
                // other error.
                failures += 1;
                open.retain(|c| !c.task.is_finished());
                if failures > 10 {
                    return Err(error);
                }
                drop_idle_connection(&mut open);
                tokio::time::sleep(Duration::from_millis(100 * failures)).await;
                continue;
            }
        };
        failures = 0;
        if !socket::is_ours(&stream) {
            continue;
        }
        open.retain(|c| !c.task.is_finished());
        if open.len() >= MAX_CONNECTIONS && !drop_idle_connection(&mut open) {
            // All of them have sent a request already, so the new connection is dropped instead.
            continue;
        }
        open.push_back(connection(stream, router.clone()));
    }
}

struct Connection {
    task: tokio::task::JoinHandle<()>,
    has_requested: Arc<AtomicBool>,
}

/// Drops the oldest connection that has not requested anything yet.
fn drop_idle_connection(open: &mut VecDeque<Connection>) -> bool {
    let silent = open.iter().position(|c| !c.has_requested.load(Ordering::Relaxed));
    let freed = silent.and_then(|i| open.remove(i));
    freed.inspect(|c| c.task.abort()).is_some()
}

fn connection(stream: UnixStream, router: Router) -> Connection {
    let asked = Arc::new(AtomicBool::new(false));
    let mark = Arc::clone(&asked);
    let service = tower_service(router, mark);
    let task = tokio::spawn(async move {
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(READ_TIMEOUT));
        let mut stream = Box::pin(stream);
        // hyper has already answered a client that broke the protocol; no one else needs to know.
        let _ = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIMEOUT)
            .max_buf_size(MAX_HEADER_BYTES)
            .keep_alive(false)
            // It panics for a clock before 1970 or after 9999, and tells nobody anything here.
            .auto_date_header(false)
            .serve_connection(TokioIo::new(Pin::new(&mut stream)), service)
            .await;
    });
    Connection { task, has_requested: asked }
}

fn tower_service(router: Router, asked: Arc<AtomicBool>) -> TowerToHyperService<Router> {
    let router = router.layer(axum::middleware::from_fn(move |request, next: axum::middleware::Next| {
        asked.store(true, Ordering::Relaxed);
        next.run(request)
    }));
    TowerToHyperService::new(router)
}

fn router(state: Arc<ApiState>) -> Router {
    Router::new()
        .route("/v1/status", get(status))
        .route("/v1/incidents", get(incidents))
        .route("/v1/incidents/{id}", get(incident))
        .route("/v1/series", get(series))
        .route("/v1/history", get(history))
        .route("/v1/events", get(events))
        .route("/v1/metrics", get(metrics_text))
        .route("/v1/intents", post(user_commands))
        .route("/v1/openapi.json", get(|| async { json_text(StatusCode::OK, DOCUMENT) }))
        .fallback(|words: RequestLanguage| async move {
            words.refuse(StatusCode::NOT_FOUND, &Message::AnswerNothingHere { path: address("/v1/openapi.json") })
        })
        .method_not_allowed_fallback(|words: RequestLanguage| async move {
            words.refuse(StatusCode::METHOD_NOT_ALLOWED, &Message::AnswerNotSo { path: address("/v1/openapi.json") })
        })
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(state)
}

fn json_text(status: StatusCode, text: impl IntoResponse) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], text).into_response()
}

fn json<T: Serialize>(status: StatusCode, value: &T) -> Response {
    json_bytes(status, json::to_vec(value))
}

fn json_bytes(status: StatusCode, json: serde_json::Result<Vec<u8>>) -> Response {
    match json {
        Ok(bytes) => json_text(status, bytes),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// Says how old an answer is, if it is not the present (RFC 9111, section 5.1).
fn aged(published: &Published, mut answer: Response) -> Response {
    if !published.age.is_zero() {
        answer.headers_mut().insert(header::AGE, published.age.as_secs().into());
    }
    answer
}

async fn status(Shared(state): Shared<Arc<ApiState>>, words: RequestLanguage) -> Response {
    let published = state.current();
    aged(&published, json_bytes(StatusCode::OK, words.of(&published).to_json()))
}

async fn incidents(Shared(state): Shared<Arc<ApiState>>, words: RequestLanguage) -> Response {
    let published = state.current();
    let incidents = Incidents { incidents: words.of(&published).into_owned().snapshot.incidents };
    aged(&published, json(StatusCode::OK, &incidents))
}

async fn incident(
    Shared(state): Shared<Arc<ApiState>>,
    words: RequestLanguage,
    id: Result<Path<String>, PathRejection>,
) -> Response {
    let Ok(Path(id)) = id else { return words.refuse(StatusCode::BAD_REQUEST, &Message::AnswerNoIncidentName) };
    let published = state.current();
    match words.of(&published).snapshot.incidents.iter().find(|view| view.id == id) {
        Some(view) => aged(&published, json(StatusCode::OK, view)),
        None => {
            let none = Message::AnswerNoIncident { incident: Verbatim(id), path: address("/v1/history") };
            words.refuse(StatusCode::NOT_FOUND, &none)
        }
    }
}

/// Requested from the engine, since it is too much to be published with every change.
async fn series(Shared(state): Shared<Arc<ApiState>>, words: RequestLanguage) -> Response {
    match answer(&state, Request::Series).await {
        Some(lineages) => json(StatusCode::OK, &DaySeries { lineages }),
        None => words.refuse(StatusCode::SERVICE_UNAVAILABLE, &busy()),
    }
}

/// The engine's reply to a request; `None` if it misses the deadline.
async fn answer<T>(state: &ApiState, request: impl FnOnce(oneshot::Sender<T>) -> Request) -> Option<T> {
    let (reply, answer) = oneshot::channel();
    state.requests.send_timeout(request(reply), ANSWER_TIMEOUT).await.ok()?;
    tokio::time::timeout(ANSWER_TIMEOUT, answer).await.ok()?.ok()
}

async fn metrics_text(Shared(state): Shared<Arc<ApiState>>, words: RequestLanguage) -> Response {
    let published = state.current();
    match metrics::text(&published) {
        Ok(text) => ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response(),
        Err(error) => words.refuse(StatusCode::INTERNAL_SERVER_ERROR, &Message::reported(error.to_string())),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stretch {
    since: Option<String>,
    until: Option<String>,
    after: Option<u64>,
    limit: Option<usize>,
}

async fn history(
    Shared(state): Shared<Arc<ApiState>>,
    words: RequestLanguage,
    stretch: Result<Query<Stretch>, QueryRejection>,
) -> Response {
    let Query(stretch) = match stretch {
        Ok(stretch) => stretch,
        Err(rejection) => {
            let why = Message::AnswerSentence { text: Verbatim(rejection.body_text()) };
            return words.refuse(StatusCode::BAD_REQUEST, &why);
        }
    };
    let moment = |text: &Option<String>, name: &str| match text {
        None => Ok(None),
        Some(text) => match text.parse::<jiff::Timestamp>() {
            Ok(moment) => Ok(Some(moment.as_millisecond())),
            Err(_) => {
                Err(Message::AnswerNoMoment { name: Verbatim(name.to_owned()), example: Verbatim(MOMENT.to_owned()) })
            }
        },
    };
    let (since, until) = match (moment(&stretch.since, "since"), moment(&stretch.until, "until")) {
        (Ok(since), Ok(until)) => (since, until),
        (Err(why), _) | (_, Err(why)) => return words.refuse(StatusCode::BAD_REQUEST, &why),
    };
    let limit = stretch.limit.unwrap_or(page::MAX_PAGE_EVENTS);
    if !(1..=page::MAX_PAGE_EVENTS).contains(&limit) {
        let (least, most) = (Count::new(1), Count::new(page::MAX_PAGE_EVENTS as u64));
        let why = Message::AnswerNoNumber { name: Verbatim("limit".to_owned()), least, most };
        return words.refuse(StatusCode::BAD_REQUEST, &why);
    }
    let wanted = page::PageQuery { since, until, after: stretch.after.map(Seq), limit };
    match state.history.read(move |archive, waits| page::read(archive, words.0, wanted, waits)).await {
        Ok(page) => json::<HistoryPage>(StatusCode::OK, &page),
        Err(error) => words.refuse(StatusCode::SERVICE_UNAVAILABLE, &error),
    }
}

async fn user_commands(
    Shared(state): Shared<Arc<ApiState>>,
    words: RequestLanguage,
    body: axum::body::Body,
) -> Response {
    let read = axum::body::to_bytes(body, MAX_BODY_BYTES);
    let body = match tokio::time::timeout(ANSWER_TIMEOUT, read).await {
        Ok(Ok(body)) => body,
        Ok(Err(error)) if error.to_string().contains("length limit") => {
            let why = Message::AnswerTooLong { most: Count::new(MAX_BODY_BYTES as u64) };
            return words.refuse(StatusCode::PAYLOAD_TOO_LARGE, &why);
        }
        Ok(Err(error)) => {
            let why = Message::AnswerUnreadable { error: Verbatim(error.to_string()) };
            return words.refuse(StatusCode::BAD_REQUEST, &why);
        }
        Err(_) => return words.refuse(StatusCode::REQUEST_TIMEOUT, &Message::AnswerTooLate),
    };
    let user_command = match UserCommand::from_json(&body) {
        Ok(user_command) => user_command,
        Err(error) => {
            let why = Message::AnswerNoIntent { error: Verbatim(error.to_string()) };
            return words.refuse(StatusCode::BAD_REQUEST, &why);
        }
    };
    match answer(&state, |reply| Request::UserCommand(user_command, reply)).await {
        Some(Ok(followed)) => json(StatusCode::OK, &followed.said(words.0)),
        Some(Err(why)) => words.refuse(StatusCode::CONFLICT, &why),
        None => words.refuse(StatusCode::SERVICE_UNAVAILABLE, &busy()),
    }
}

async fn events(Shared(state): Shared<Arc<ApiState>>, words: RequestLanguage, headers: HeaderMap) -> Response {
    let after = match headers.get("last-event-id").map(|value| value.to_str().unwrap_or_default()) {
        None | Some("") => None,
        Some(text) => match text.parse::<EventId>() {
            Ok(id) => Some(id),
            Err(_) => {
                let why = Message::AnswerNoEvent { id: Verbatim(text.to_owned()) };
                return words.refuse(StatusCode::BAD_REQUEST, &why);
            }
        },
    };
    let Ok(place) = Arc::clone(&state.streams).try_acquire_owned() else {
        let why = Message::AnswerTooMany { most: Count::new(MAX_STREAMS as u64) };
        return words.refuse(StatusCode::SERVICE_UNAVAILABLE, &why);
    };
    let mut listener = state.bus.listen(after);
    let mut missed = std::mem::take(&mut listener.missed);
    let mut left_out = Vec::new();
    if let (Some(after), false) = (after, listener.complete) {
        // What it missed before that is in the history.
        let first = missed.first().map(|numbered| numbered.id);
        match state.history.read(move |archive, waits| page::older_events(archive, after, first, waits)).await {
            Ok(older) => {
                left_out = older.left_out;
                missed.splice(0..0, older.events);
            }
            Err(why) => left_out = vec![why],
        }
    }
    let left_out: Vec<String> = left_out.iter().map(|why| words.text(why)).collect();
    let left_out =
        (!left_out.is_empty()).then(|| words.0.phrase(&Phrase::EventsMissing { why: Text(left_out.join(" ")) }));
    let begin = EventStreamState {
        from: listener.from,
        missed: missed.into(),
        left_out,
        words: words.0,
        live: listener.live,
        last: None,
        n: 0,
        _place: place,
    };
    let stream = stream(begin);
    Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE_INTERVAL)).into_response()
}

/// The state of a stream of events.
struct EventStreamState {
    from: Option<EventId>,
    missed: VecDeque<NumberedEvent>,
    /// A remark about events that are missing.
    left_out: Option<String>,
    words: &'static Catalogue,
    live: broadcast::Receiver<NumberedEvent>,
    last: Option<EventId>,
    n: u64,
    _place: OwnedSemaphorePermit,
}

/// Where the stream begins, the missed events, then new ones. A stream ends if its subscriber falls
/// too far behind: the client knows its last event and continues from there.
fn stream(begin: EventStreamState) -> impl futures_util::Stream<Item = Result<sse::Event, Infallible>> {
    futures_util::stream::unfold(begin, |mut sending| async move {
        if let Some(from) = sending.from.take() {
            // An id without data is no event, but a position from which a client without any event
            // can continue.
            return Some((Ok(sse::Event::default().id(from.to_string())), sending));
        }
        if let Some(why) = sending.left_out.take() {
            return Some((Ok(sse::Event::default().comment(why)), sending));
        }
        loop {
            let numbered = match sending.missed.pop_front() {
                Some(numbered) => numbered,
                None => sending.live.recv().await.ok()?,
            };
            if sending.last.is_some_and(|last| numbered.id <= last) {
                continue;
            }
            sending.last = Some(numbered.id);
            sending.n += 1;
            let mut event = (*numbered.event).clone();
            sending.words.render_event(&mut event);
            let line = Line::new(sending.n, event);
            let event = sse::Event::default().id(numbered.id.to_string()).event(line.event.word());
            let data = String::from_utf8(line.to_json().ok()?).ok()?;
            return Some((Ok(event.data(data)), sending));
        }
    })
}

#[cfg(test)]
mod tests {
    use goplswatch_core::event::{EventName, Subject, SuppressionView};
    use goplswatch_core::{Event, Moment};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;
    use crate::options::{Options, Paths};
    use crate::published::nothing_yet;

    fn event(seq: u64) -> Event {
        let view = SuppressionView { muted: vec!["x".repeat(1_000)], ..SuppressionView::default() };
        let subject = Subject::Alerts(Box::new(view));
        Event { seq: Seq(seq), at: Moment::default(), name: EventName::AlertsChanged, subject }
    }

    /// A server on a socket in a folder of its own.
    fn start() -> (tempfile::TempDir, Vec<PathBuf>, Arc<Bus>) {
        let folder = tempfile::tempdir().unwrap();
        let folders = vec![folder.path().join("run")];
        let (listener, _) = socket::open(&folders).unwrap();
        let bus = Arc::new(Bus::default());
        let places = Paths {
            home: None,
            state: folder.path().into(),
            history: folder.path().join("history"),
            receipts: folder.path().join("receipts"),
            log: folder.path().into(),
            config: folder.path().join("config.toml"),
            sockets: folders.clone(),
        };
        let options = Options {
            paths: places,
            version: "0".into(),
            os: "linux".into(),
            echo: false,
            words: Catalogue::english(),
        };
        let (_, published) = watch::channel(Arc::new(nothing_yet(&options)));
        let (requests, _) = mpsc::channel(1);
        let history = folder.path().join("history");
        let api_state = ApiState::new(published, requests, Arc::clone(&bus), history, Arc::default(), Arc::default());
        tokio::spawn(serve(listener, Arc::new(api_state)));
        (folder, folders, bus)
    }

    fn tasks() -> usize {
        tokio::runtime::Handle::current().metrics().num_alive_tasks()
    }

    fn room() -> (tempfile::TempDir, HistoryReader) {
        let folder = tempfile::tempdir().unwrap();
        let room =
            HistoryReader { folder: folder.path().into(), reader: Arc::new(Semaphore::new(1)), served: Arc::default() };
        (folder, room)
    }

    /// Reading is work. Clients that ask often, or disconnect, must not cause more of it than one
    /// reader does.
    #[tokio::test]
    async fn the_history_is_read_for_one_at_a_time_and_only_as_long_as_it_waits() {
        let (_folder, room) = room();
        let room = Arc::new(room);
        let (ended, end) = std::sync::mpsc::channel();
        let first = Arc::clone(&room);
        let first = tokio::spawn(async move {
            let read = move |_: &Archive, waits: &dyn Fn() -> bool| {
                while waits() {
                    std::hint::spin_loop();
                }
                let _ = ended.send(());
                Ok(())
            };
            first.read(read).await
        });
        while room.reader.available_permits() == 1 {
            tokio::task::yield_now().await;
        }
        let second = tokio::time::timeout(Duration::from_millis(50), room.read(|_, _| Ok(()))).await;
        assert!(second.is_err(), "it waits for its turn");
        first.abort();
        let over = async {
            while end.try_recv().is_err() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let over = tokio::time::timeout(Duration::from_secs(10), over).await;
        assert!(over.is_ok(), "nobody waits for the first any more");
        assert_eq!(room.read(|_, _| Ok(7)).await, Ok(7));
        let spent = room.served.load(Ordering::Relaxed);
        assert!(spent > 0);
        // Waiting, for a disk say, is no CPU time.
        let waiting = Duration::from_millis(200);
        let (nothing_comes, rx) = std::sync::mpsc::channel::<()>();
        let waits = move |_: &Archive, _: &dyn Fn() -> bool| Ok(rx.recv_timeout(waiting).is_err());
        assert_eq!(room.read(waits).await, Ok(true));
        drop(nothing_comes);
        let waited = room.served.load(Ordering::Relaxed) - spent;
        assert!(u128::from(waited) < waiting.as_nanos() / 2, "{waited}");
    }

    /// The clock only moves while every task waits, so ten seconds pass at once.
    #[tokio::test(start_paused = true)]
    async fn a_listener_that_takes_nothing_is_dropped() {
        let (_folder, folders, bus) = start();
        let mut stream = socket::connect(&folders).await.unwrap();
        stream.write_all(b"GET /v1/events HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        let mut first = [0; 12];
        stream.read_exact(&mut first).await.unwrap();
        assert_eq!(&first, b"HTTP/1.1 200");
        let serving = tasks();
        // More than a socket's buffers hold, slowly enough that the subscriber does not fall
        // behind.
        for seq in 0..4_000 {
            bus.publish(event(seq));
            tokio::task::yield_now().await;
        }
        tokio::time::sleep(READ_TIMEOUT + Duration::from_secs(1)).await;
        assert_eq!(tasks(), serving - 1, "its connection is gone");
    }

    #[tokio::test(start_paused = true)]
    async fn a_listener_that_reads_is_not_dropped_by_silence() {
        let (_folder, folders, bus) = start();
        let mut stream = socket::connect(&folders).await.unwrap();
        stream.write_all(b"GET /v1/events HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(3_600)).await;
            bus.publish(event(7));
        });
        let mut seen = String::new();
        while !seen.contains("id: 7-0") {
            let mut buffer = [0; 4_096];
            let n = stream.read(&mut buffer).await.unwrap();
            assert!(n > 0, "closed after {seen}");
            seen.push_str(&String::from_utf8_lossy(&buffer[..n]));
        }
        assert!(seen.matches("\n:\n").count() > 60, "signs of life: {seen}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_silent_make_room_for_those_who_ask() {
        let (_folder, folders, _bus) = start();
        let mut silent = Vec::new();
        for _ in 0..MAX_CONNECTIONS + 20 {
            silent.push(socket::connect(&folders).await.unwrap());
        }
        let mut stream = socket::connect(&folders).await.unwrap();
        stream.write_all(b"GET /v1/status HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
        assert!(tasks() <= MAX_CONNECTIONS + 2, "{}", tasks());
        // The remaining ones are dropped because they send nothing.
        tokio::time::sleep(HEADER_TIMEOUT + Duration::from_secs(1)).await;
        assert_eq!(tasks(), 1, "the server alone");
    }
}
