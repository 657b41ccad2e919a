//! Asks a running agent.

use std::path::PathBuf;

use bytes::{Buf as _, Bytes, BytesMut};
use goplswatch_core::Intent;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use tokio::time::{Duration, timeout};

use crate::api::{Done, Refusal, Status};
use crate::socket;

/// An agent that runs answers in a thousandth of this.
const WITHIN: Duration = Duration::from_secs(5);
/// The longest answer, bytes.
const MOST: usize = 64 << 20;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// Nobody listens.
    #[error("no agent is running")]
    NoAgent,
    /// The agent says why not.
    #[error("{0}")]
    Refused(String),
    /// An agent is there, and its answer is not to be had or not to be understood.
    #[error("the agent's answer did not come or cannot be read ({0})")]
    NoAnswer(String),
}

fn no_answer(error: impl std::fmt::Display) -> AskError {
    AskError::NoAnswer(error.to_string())
}

/// Where to ask.
#[derive(Clone, Debug)]
pub struct Client {
    sockets: Vec<PathBuf>,
}

impl Client {
    /// A client for an agent that has its socket in one of these folders.
    #[must_use]
    pub fn new(sockets: Vec<PathBuf>) -> Self {
        Self { sockets }
    }

    /// What runs and what is wrong.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn status(&self) -> Result<Status, AskError> {
        self.json(Method::GET, "/v1/status", Bytes::new()).await
    }

    /// The metrics as text.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn metrics(&self) -> Result<String, AskError> {
        let body = self.ask(Method::GET, "/v1/metrics", Bytes::new()).await?;
        String::from_utf8(body.into()).map_err(no_answer)
    }

    /// Tells what the user wants.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn intend(&self, intent: &Intent) -> Result<Done, AskError> {
        let body = serde_json::to_vec(intent).map_err(no_answer)?;
        self.json(Method::POST, "/v1/intents", body.into()).await
    }

    /// What happens from now on, or from behind an event: one block of server-sent events after the other.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn events(&self, after: Option<&str>) -> Result<Events, AskError> {
        let response = timeout(WITHIN, self.send(Method::GET, "/v1/events", Bytes::new(), after));
        let response = response.await.map_err(no_answer)??;
        if response.status() != StatusCode::OK {
            return Err(refusal(response).await);
        }
        Ok(Events { body: response.into_body(), read: BytesMut::new(), last: after.map(str::to_owned) })
    }

    async fn json<T: DeserializeOwned>(&self, method: Method, path: &str, body: Bytes) -> Result<T, AskError> {
        serde_json::from_slice(&self.ask(method, path, body).await?).map_err(no_answer)
    }

    async fn ask(&self, method: Method, path: &str, body: Bytes) -> Result<Bytes, AskError> {
        let answer = async {
            let response = self.send(method, path, body, None).await?;
            if response.status() != StatusCode::OK {
                return Err(refusal(response).await);
            }
            let body = http_body_util::Limited::new(response.into_body(), MOST).collect().await;
            Ok(body.map_err(no_answer)?.to_bytes())
        };
        timeout(WITHIN, answer).await.map_err(no_answer)?
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Bytes,
        after: Option<&str>,
    ) -> Result<Response<Incoming>, AskError> {
        let stream = socket::connect(&self.sockets).await.map_err(|_| AskError::NoAgent)?;
        let (mut sender, connection) =
            http1::handshake::<_, Full<Bytes>>(TokioIo::new(stream)).await.map_err(no_answer)?;
        tokio::spawn(connection);
        let mut request = Request::builder().method(method).uri(path).header("host", "goplswatch");
        if let Some(after) = after {
            request = request.header("last-event-id", after);
        }
        let request = request.body(Full::new(body)).map_err(no_answer)?;
        sender.send_request(request).await.map_err(no_answer)
    }
}

async fn refusal(response: Response<Incoming>) -> AskError {
    let status = response.status();
    let body = http_body_util::Limited::new(response.into_body(), MOST).collect().await;
    let refusal = body.ok().and_then(|body| serde_json::from_slice::<Refusal>(&body.to_bytes()).ok());
    AskError::Refused(refusal.map_or_else(|| status.to_string(), |refusal| refusal.error))
}

/// A stream of events.
pub struct Events {
    body: Incoming,
    read: BytesMut,
    /// Where to go on from.
    last: Option<String>,
}

impl Events {
    /// The id of the last event, for [`Client::events`].
    #[must_use]
    pub fn last(&self) -> Option<&str> {
        self.last.as_deref()
    }

    /// The data of the next event, or a comment (what the agent says about the stream itself); `None` at its end.
    ///
    /// # Errors
    /// If the connection broke.
    pub async fn next(&mut self) -> Result<Option<Block>, AskError> {
        loop {
            if let Some(block) = self.take_block() {
                return Ok(Some(block));
            }
            match self.body.frame().await {
                None => return Ok(None),
                Some(frame) => {
                    if let Ok(data) = frame.map_err(no_answer)?.into_data() {
                        self.read.extend_from_slice(&data);
                    }
                }
            }
        }
    }

    /// A block ends with an empty line (the format: <https://html.spec.whatwg.org/multipage/server-sent-events.html>;
    /// our server writes one data line for each event).
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
                // A sign of life.
                (None, None) => {}
            }
        }
    }
}

/// What comes in a stream of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// An event: a line as JSON.
    Event(String),
    /// Something about the stream.
    Comment(String),
}
