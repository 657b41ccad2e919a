//! A client of a running agent: sends requests, and subscribes to events, even across restarts of
//! the agent.
//!
//! Only [`EventSubscription`] restores a lost connection. It continues after the last event that it
//! knows of, and reports when the agent went away and when it is back, so that the subscriber can
//! ask for what is not an event.

use std::io;
use std::path::PathBuf;
use std::pin::Pin;

use bytes::{Buf as _, Bytes, BytesMut};
use goplswatch_core::UserCommand;
use goplswatch_core::json::ToJson as _;
use goplswatch_core::message::{Count, Message, SharedMessage};
use goplswatch_view::Catalogue;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use tokio::time::{Duration, timeout};

use crate::api::{DaySeries, Done, Refusal, Status, VerdictInput};
use crate::socket::{self, NotConnected};

/// Deadline of a request. A running agent answers in a thousandth of this.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest answer that is accepted, bytes.
const MAX_ANSWER_BYTES: usize = 64 << 20;
/// Pause between two attempts to reach an agent that went away.
const RECONNECT_EVERY: Duration = Duration::from_secs(1);

/// Why there is no answer.
#[derive(Debug)]
pub enum RequestError {
    /// No process listens on the socket.
    NoAgent,
    /// A process listens but accepts no more connections: an agent that is stopped, or gets more
    /// requests than it can answer.
    Busy(Message),
    /// Something prevents the connection, so it is not known whether an agent runs: a socket or a
    /// folder that belongs to another user, or too few descriptors.
    Obstructed(Message),
    /// The agent refused; the reason is in the language of the request.
    Refused(String),
    /// An agent is there, but its answer did not come or could not be understood.
    NoAnswer(Message),
}

impl RequestError {
    /// What happened, as a fragment.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::NoAgent => Message::AskNobody,
            Self::Busy(error) => Message::AskBusy { error: SharedMessage::new(error.clone()) },
            Self::Obstructed(error) => Message::AskBarred { error: SharedMessage::new(error.clone()) },
            Self::Refused(why) => Message::reported(why.clone()),
            Self::NoAnswer(why) => Message::AskUnanswered { why: SharedMessage::new(why.clone()) },
        }
    }
}

fn no_answer(error: impl std::fmt::Display) -> RequestError {
    RequestError::NoAnswer(Message::reported(error.to_string()))
}

fn too_late(_: tokio::time::error::Elapsed) -> RequestError {
    RequestError::NoAnswer(Message::AskTooLate { seconds: Count::new(REQUEST_TIMEOUT.as_secs()) })
}

fn not_connected(error: NotConnected) -> RequestError {
    match error.kind {
        kind if socket::nobody_listens(kind) => RequestError::NoAgent,
        io::ErrorKind::WouldBlock => RequestError::Busy(error.why),
        _ => RequestError::Obstructed(error.why),
    }
}

/// Sends requests to an agent.
#[derive(Clone, Debug)]
pub struct Client {
    sockets: Vec<PathBuf>,
    words: &'static Catalogue,
}

impl Client {
    /// A client of the agent that has its socket in one of these folders. It answers in this
    /// language.
    #[must_use]
    pub fn new(sockets: Vec<PathBuf>, words: &'static Catalogue) -> Self {
        Self { sockets, words }
    }

    /// What runs and what is wrong.
    ///
    /// # Errors
    /// See [`RequestError`].
    pub async fn status(&self) -> Result<Status, RequestError> {
        Status::read(&self.ask(Method::GET, "/v1/status", Bytes::new()).await?).map_err(no_answer)
    }

    /// The status as the JSON text that the agent wrote, together with the parts from which a
    /// verdict follows. The text is passed on as it is because an agent of another version may know
    /// more or less than [`Status`] does, and because parsing hundreds of servers only to write
    /// them again costs more than everything else.
    ///
    /// # Errors
    /// See [`RequestError`].
    pub async fn status_json(&self) -> Result<(String, VerdictInput), RequestError> {
        let json = self.text("/v1/status").await?;
        let judged = serde_json::from_str(&json).map_err(no_answer)?;
        Ok((json, judged))
    }

    /// The series measured over the last day. An agent of an older version refuses this.
    ///
    /// # Errors
    /// See [`RequestError`].
    pub async fn series(&self) -> Result<DaySeries, RequestError> {
        self.json(Method::GET, "/v1/series", Bytes::new()).await
    }

    /// The metrics as OpenMetrics text.
    ///
    /// # Errors
    /// See [`RequestError`].
    pub async fn metrics(&self) -> Result<String, RequestError> {
        self.text("/v1/metrics").await
    }

    /// Submits a user command.
    ///
    /// # Errors
    /// See [`RequestError`].
    pub async fn submit(&self, user_command: &UserCommand) -> Result<Done, RequestError> {
        let body = user_command.to_json().map_err(no_answer)?;
        self.json(Method::POST, "/v1/intents", body.into()).await
    }

    /// Subscribes to events from now on, or from after the given one, as blocks of server-sent
    /// events.
    ///
    /// # Errors
    /// See [`RequestError`].
    pub async fn events(&self, after: Option<&str>) -> Result<Events, RequestError> {
        let response = timeout(REQUEST_TIMEOUT, self.send(Method::GET, "/v1/events", Bytes::new(), after));
        let response = response.await.map_err(too_late)??;
        if response.status() != StatusCode::OK {
            return Err(refusal(response).await);
        }
        Ok(Events {
            body: response.into_body(),
            blocks: Blocks { last: after.map(str::to_owned), ..Blocks::default() },
        })
    }

    /// Subscribes to events from now on, across restarts of the agent.
    ///
    /// # Errors
    /// See [`RequestError`]: if the first connection cannot be made.
    pub async fn listen(&self) -> Result<EventSubscription, RequestError> {
        let events = self.events(None).await?;
        Ok(EventSubscription { client: self.clone(), link: Link::Open(Box::new(events)) })
    }

    async fn text(&self, path: &str) -> Result<String, RequestError> {
        String::from_utf8(self.ask(Method::GET, path, Bytes::new()).await?.into()).map_err(no_answer)
    }

    async fn json<T: DeserializeOwned>(&self, method: Method, path: &str, body: Bytes) -> Result<T, RequestError> {
        serde_json::from_slice(&self.ask(method, path, body).await?).map_err(no_answer)
    }

    async fn ask(&self, method: Method, path: &str, body: Bytes) -> Result<Bytes, RequestError> {
        let answer = async {
            let response = self.send(method, path, body, None).await?;
            if response.status() != StatusCode::OK {
                return Err(refusal(response).await);
            }
            let body = http_body_util::Limited::new(response.into_body(), MAX_ANSWER_BYTES).collect().await;
            Ok(body.map_err(no_answer)?.to_bytes())
        };
        timeout(REQUEST_TIMEOUT, answer).await.map_err(too_late)?
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Bytes,
        after: Option<&str>,
    ) -> Result<Response<Incoming>, RequestError> {
        let stream = socket::connect(&self.sockets).await.map_err(not_connected)?;
        let (mut sender, connection) =
            http1::handshake::<_, Full<Bytes>>(TokioIo::new(stream)).await.map_err(no_answer)?;
        tokio::spawn(connection);
        let mut request = Request::builder().method(method).uri(path).header("host", "goplswatch");
        request = request.header("accept-language", self.words.tag());
        if let Some(after) = after {
            request = request.header("last-event-id", after);
        }
        let request = request.body(Full::new(body)).map_err(no_answer)?;
        sender.send_request(request).await.map_err(no_answer)
    }
}

async fn refusal(response: Response<Incoming>) -> RequestError {
    let status = response.status();
    let body = http_body_util::Limited::new(response.into_body(), MAX_ANSWER_BYTES).collect().await;
    let refusal = body.ok().and_then(|body| serde_json::from_slice::<Refusal>(&body.to_bytes()).ok());
    RequestError::Refused(refusal.map_or_else(|| status.to_string(), |refusal| refusal.error))
}

/// A stream of events over one connection.
pub struct Events {
    body: Incoming,
    blocks: Blocks,
}

impl Events {
    /// The id of the last event, for [`Client::events`].
    #[must_use]
    pub fn last(&self) -> Option<&str> {
        self.blocks.last.as_deref()
    }

    /// The data of the next event, or a comment (what the agent says about the stream itself);
    /// `None` at the end of the stream. Dropping the future loses nothing.
    ///
    /// # Errors
    /// If the connection broke.
    pub async fn next(&mut self) -> Result<Option<Block>, RequestError> {
        loop {
            if let Some(block) = self.blocks.take_block() {
                return Ok(Some(block));
            }
            match self.body.frame().await {
                None => return Ok(None),
                Some(frame) => {
                    if let Ok(data) = frame.map_err(no_answer)?.into_data() {
                        self.blocks.read.extend_from_slice(&data);
                    }
                }
            }
        }
    }
}

/// What was read from a stream, to be cut into blocks.
#[derive(Debug, Default)]
struct Blocks {
    read: BytesMut,
    /// The id of the last event, after which the stream can be continued.
    last: Option<String>,
}

impl Blocks {
    /// A block ends with an empty line (the format:
    /// <https://html.spec.whatwg.org/multipage/server-sent-events.html>; our server writes one data
    /// line for each event). A block with only an id says where the stream begins.
    fn take_block(&mut self) -> Option<Block> {
        loop {
            let end = self.read.windows(2).position(|pair| pair == b"\n\n")?;
            let block = self.read.split_to(end);
            self.read.advance(2);
            let text = String::from_utf8_lossy(&block);
            let mut data = None;
            let mut comment = None;
            for line in text.lines() {
                if let Some(id) = line.strip_prefix("id:") {
                    self.last = Some(id.trim().to_owned());
                } else if let Some(more) = line.strip_prefix("data:") {
                    data = Some(more.trim_start().to_owned());
                } else if let Some(said) = line.strip_prefix(':') {
                    comment = Some(said.trim().to_owned()).filter(|said| !said.is_empty());
                }
            }
            match (data, comment) {
                (Some(data), _) => return Some(Block::Event(data)),
                (None, Some(comment)) => return Some(Block::Comment(comment)),
                // A keep-alive, or the block that says where the stream begins.
                (None, None) => {}
            }
        }
    }
}

/// A block of an event stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// An event: one line of JSON.
    Event(String),
    /// A remark about the stream.
    Comment(String),
}

/// A subscription to events that outlasts restarts of the agent.
pub struct EventSubscription {
    client: Client,
    link: Link,
}

enum Link {
    Open(Box<Events>),
    /// The attempts to reconnect. They outlast calls of [`EventSubscription::next`], so that a
    /// caller that never waits long gets connected as well.
    Reconnecting(Pin<Box<dyn Future<Output = Result<Events, ReconnectError>> + Send>>),
}

/// Why a stream could not be reopened, and the event after which it would have continued.
struct ReconnectError {
    error: RequestError,
    after: Option<String>,
}

impl EventSubscription {
    /// What happens next; waits while the agent is away. Dropping the future loses nothing.
    ///
    /// # Errors
    /// If the agent refuses. The next call tries again.
    pub async fn next(&mut self) -> Result<StreamUpdate, RequestError> {
        match &mut self.link {
            Link::Open(events) => {
                let why = match events.next().await {
                    Ok(Some(block)) => return Ok(StreamUpdate::Block(block)),
                    Ok(None) => Message::AskEnded,
                    Err(error) => error.message(),
                };
                let after = events.last().map(str::to_owned);
                self.link = self.away(after);
                Ok(StreamUpdate::Lost(why))
            }
            Link::Reconnecting(found) => match found.await {
                Ok(events) => {
                    self.link = Link::Open(Box::new(events));
                    Ok(StreamUpdate::Back)
                }
                Err(ReconnectError { error, after }) => {
                    self.link = self.away(after);
                    Err(error)
                }
            },
        }
    }

    fn away(&self, after: Option<String>) -> Link {
        let client = self.client.clone();
        Link::Reconnecting(Box::pin(async move {
            loop {
                tokio::time::sleep(RECONNECT_EVERY).await;
                match client.events(after.as_deref()).await {
                    Ok(events) => return Ok(events),
                    Err(error @ RequestError::Refused(_)) => return Err(ReconnectError { error, after }),
                    // All of these pass once an agent starts, resumes, or has fewer clients.
                    Err(
                        RequestError::NoAgent
                        | RequestError::Busy(_)
                        | RequestError::Obstructed(_)
                        | RequestError::NoAnswer(_),
                    ) => {}
                }
            }
        }))
    }
}

/// What a subscriber receives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamUpdate {
    /// A block of the stream.
    Block(Block),
    /// The connection was lost, for this reason. It is restored as soon as there is an agent.
    Lost(Message),
    /// The connection is restored. The next events follow the previous ones.
    Back,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stream that is cut in two at any position, and one that arrives byte by byte.
    #[test]
    fn blocks_are_the_same_wherever_they_are_cut() {
        let stream = "id: 6-2\n\n: events are missing here\n\n:\n\nid: 7-0\nevent: server-started\n\
                      data: {\"name\":\"gr\u{fc}n\"}\n\nid:7-1\ndata:{}\n\nid: 8-0\ndata: half";
        let expected = [
            Block::Comment("events are missing here".into()),
            Block::Event("{\"name\":\"gr\u{fc}n\"}".into()),
            Block::Event("{}".into()),
        ];
        let bytes = stream.as_bytes();
        let read = |pieces: &[&[u8]]| {
            let (mut blocks, mut read) = (Blocks::default(), Vec::new());
            for piece in pieces {
                blocks.read.extend_from_slice(piece);
                read.extend(std::iter::from_fn(|| blocks.take_block()));
            }
            assert_eq!(blocks.last.as_deref(), Some("7-1"), "{pieces:?}");
            read
        };
        for cut in 0..=bytes.len() {
            let (one, other) = bytes.split_at(cut);
            assert_eq!(read(&[one, other]), expected, "cut at {cut}");
        }
        assert_eq!(read(&bytes.chunks(1).collect::<Vec<_>>()), expected);
    }

    #[test]
    fn a_stream_that_has_said_nothing_but_where_it_is_can_be_gone_on_with() {
        let mut blocks = Blocks::default();
        blocks.read.extend_from_slice(b"id: 41-7\n");
        assert_eq!((blocks.take_block(), blocks.last.as_deref()), (None, None), "the block is not over");
        blocks.read.extend_from_slice(b"\n");
        assert_eq!((blocks.take_block(), blocks.last.as_deref()), (None, Some("41-7")));
    }

    /// A caller that waits for less time than connecting takes gets connected as well.
    #[tokio::test(flavor = "current_thread")]
    async fn a_lost_connection_is_made_again_however_short_the_waits() {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

        let base = tempfile::tempdir().unwrap();
        let folders = vec![base.path().join("run")];
        let client = Client::new(folders.clone(), Catalogue::english());
        assert!(matches!(client.listen().await, Err(RequestError::NoAgent)));
        let (listener, _) = socket::open(&folders).unwrap();
        let server = tokio::spawn(async move {
            let mut heads = Vec::new();
            for said in ["id: 5-0\n\n", "id: 6-0\ndata: {}\n\n"] {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    stream.read_buf(&mut head).await.unwrap();
                }
                heads.push(String::from_utf8(head).unwrap());
                stream.write_all(format!("HTTP/1.1 200 OK\r\n\r\n{said}").as_bytes()).await.unwrap();
            }
            heads
        });
        let mut listening = client.listen().await.unwrap();
        let mut updates = Vec::new();
        while updates.len() < 3 {
            if let Ok(one) = timeout(Duration::from_millis(20), listening.next()).await {
                updates.push(one.unwrap());
            }
        }
        assert!(
            matches!(&updates[..], [StreamUpdate::Lost(_), StreamUpdate::Back, StreamUpdate::Block(Block::Event(_))]),
            "{updates:?}"
        );
        let heads = server.await.unwrap();
        assert!(!heads[0].contains("last-event-id"), "{heads:?}");
        assert!(heads[1].contains("last-event-id: 5-0\r\n"), "{heads:?}");
    }
}
