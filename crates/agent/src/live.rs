//! The engine with its surroundings: what is observed is numbered, recorded, judged and shown, in this order. The same
//! for the agent and for a `watch` in a terminal.

use goplswatch_core::{Ask, Effect, Event, Fact, Input, Moment, Seq, State, step};
use goplswatch_probe::{Watcher, World};

/// The far future, where nothing limits a wait.
pub const NEVER: u64 = u64::MAX;

/// Where inputs go before they act, and events go afterwards.
pub trait Surroundings {
    /// Why events cannot be shown any more, which ends the watch.
    type Error;

    /// Takes an input before the engine does. `state` is the state before it.
    fn record(&mut self, input: &Input, state: &State);

    /// Shows what followed.
    ///
    /// # Errors
    /// If nobody can be shown anything any more.
    fn show(&mut self, event: Event) -> Result<(), Self::Error>;
}

/// The engine with its surroundings.
pub struct Live<S> {
    /// What is known.
    pub state: State,
    /// Where it goes.
    pub around: S,
    last: Seq,
    wake_ns: Option<u64>,
    /// What the engine wants to know and was not asked for yet.
    asks: Vec<Ask>,
}

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Something was seen or judged.
    Taken,
    /// The given moment has come.
    Reached,
}

impl<S: Surroundings> Live<S> {
    /// Goes on from a state; numbers continue after `last`, which no input may have passed.
    pub fn new(state: State, last: Seq, around: S) -> Self {
        let last = last.max(state.last());
        Self { state, around, last, wake_ns: None, asks: Vec::new() }
    }

    /// The number of the last input.
    pub const fn last(&self) -> Seq {
        self.last
    }

    /// Takes one fact: records it first, then acts on it.
    ///
    /// # Errors
    /// Those of [`Surroundings::show`].
    pub fn take(&mut self, at: Moment, fact: Fact) -> Result<Seq, S::Error> {
        self.last = Seq(self.last.0 + 1);
        let input = Input { seq: self.last, at, fact };
        self.around.record(&input, &self.state);
        for effect in step(&mut self.state, input) {
            match effect {
                Effect::WakeAt(ns) => self.wake_ns = Some(ns),
                Effect::Event(event) => self.around.show(event)?,
                Effect::Ask(ask) => self.asks.push(ask),
            }
        }
        Ok(self.last)
    }

    /// Takes what the watcher has found already. Never more than one look's worth, however much happens meanwhile.
    ///
    /// # Errors
    /// Those of [`Surroundings::show`].
    pub fn take_ready<W: World>(&mut self, watcher: &mut Watcher<W>) -> Result<(), S::Error> {
        while let Some(observed) = watcher.ready() {
            self.take(observed.at, observed.fact)?;
        }
        self.ask(watcher);
        Ok(())
    }

    /// Answers become facts of the next step.
    fn ask<W: World>(&mut self, watcher: &mut Watcher<W>) {
        for ask in self.asks.drain(..) {
            watcher.ask(ask);
        }
    }

    /// Waits for the next thing to be seen, or for the moment that the engine asked for, and takes it; at the latest
    /// until `end_ns`. Cancel-safe.
    ///
    /// # Errors
    /// Those of [`Surroundings::show`].
    pub async fn step<W: World>(&mut self, watcher: &mut Watcher<W>, end_ns: u64) -> Result<Step, S::Error> {
        self.ask(watcher);
        let until = self.wake_ns.unwrap_or(NEVER).min(end_ns);
        if let Some(observed) = watcher.next(until).await {
            self.take(observed.at, observed.fact)?;
            return Ok(Step::Taken);
        }
        let now = watcher.world().now();
        if self.wake_ns.is_some_and(|at| at <= now.cont_ns) {
            self.wake_ns = None;
            self.take(now, Fact::Wake)?;
        }
        Ok(if now.cont_ns >= end_ns { Step::Reached } else { Step::Taken })
    }
}
