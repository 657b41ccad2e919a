//! The engine and what surrounds it: each observation is numbered, recorded, judged and shown, in
//! this order. Used both by the agent and by `watch` in a terminal.

use std::collections::BTreeSet;

use goplswatch_core::time::Uptime;
use goplswatch_core::{Effect, Event, Input, Moment, Observation, ProbeRequest, Seq, State, step_into};
use goplswatch_probe::{Platform, Watcher};

/// Where inputs go before the engine processes them, and where events go afterwards.
pub trait EngineIo {
    /// Why no more events can be shown, which ends the monitoring.
    type Error;

    /// Takes an input before the engine does. `state` is the state before it.
    fn record(&mut self, input: &Input, state: &State);

    /// Shows an event that followed.
    ///
    /// # Errors
    /// If no more events can be shown.
    fn show(&mut self, event: Event) -> Result<(), Self::Error>;
}

/// The engine with its surroundings.
pub struct EngineLoop<S> {
    /// The state of the engine.
    pub state: State,
    /// Where inputs and events go.
    pub outputs: S,
    last: Seq,
    wake: Option<Uptime>,
    /// Probe requests of the engine that were not passed on yet, each once.
    probe_requests: BTreeSet<ProbeRequest>,
    /// A buffer that is reused; empty between two observations.
    effects: Vec<Effect>,
}

/// The result of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// An observation or a wake-up was processed.
    Taken,
    /// The given time has come.
    Reached,
}

impl<S: EngineIo> EngineLoop<S> {
    /// Continues from a state. Numbers continue after `last`, which no earlier input may exceed.
    pub fn new(state: State, last: Seq, outputs: S) -> Self {
        let last = last.max(state.last());
        Self { state, outputs, last, wake: None, probe_requests: BTreeSet::new(), effects: Vec::new() }
    }

    /// The number of the last input.
    pub const fn last(&self) -> Seq {
        self.last
    }

    /// Processes one observation: records it first, then gives it to the engine.
    ///
    /// # Errors
    /// Those of [`EngineIo::show`].
    pub fn take(&mut self, at: Moment, observation: Observation) -> Result<Seq, S::Error> {
        self.last = Seq(self.last.0 + 1);
        let input = Input { seq: self.last, at, observation };
        self.outputs.record(&input, &self.state);
        let mut effects = std::mem::take(&mut self.effects);
        step_into(&mut self.state, input, &mut effects);
        for effect in effects.drain(..) {
            match effect {
                Effect::WakeAt(at) => self.wake = Some(at),
                Effect::Event(event) => self.outputs.show(event)?,
                Effect::Ask(ask) => {
                    // It is passed on before the next wait, wherever this observation came from.
                    self.probe_requests.insert(ask);
                }
            }
        }
        self.effects = effects;
        Ok(self.last)
    }

    /// Processes what the watcher has observed already. Never more than the result of one scan,
    /// however much happens meanwhile.
    ///
    /// # Errors
    /// Those of [`EngineIo::show`].
    pub fn take_ready<W: Platform>(&mut self, watcher: &mut Watcher<W>) -> Result<(), S::Error> {
        while let Some(observed) = watcher.ready() {
            self.take(observed.at, observed.observation)?;
        }
        self.ask(watcher);
        Ok(())
    }

    /// Passes on the probe requests. The readings become observations of a later step.
    fn ask<W: Platform>(&mut self, watcher: &mut Watcher<W>) {
        while let Some(ask) = self.probe_requests.pop_first() {
            watcher.request(ask);
        }
    }

    /// Waits for the next observation, or for the wake-up time that the engine asked for, and
    /// processes it; returns by `end` at the latest. Cancel-safe.
    ///
    /// # Errors
    /// Those of [`EngineIo::show`].
    pub async fn step<W: Platform>(&mut self, watcher: &mut Watcher<W>, end: Uptime) -> Result<Step, S::Error> {
        self.ask(watcher);
        let until = self.wake.unwrap_or(Uptime::MAX).min(end);
        if let Some(observed) = watcher.next(until).await {
            self.take(observed.at, observed.observation)?;
            return Ok(Step::Taken);
        }
        let now = watcher.platform().now();
        if self.wake.is_some_and(|at| at <= now.uptime) {
            self.wake = None;
            self.take(now, Observation::Wake)?;
        }
        Ok(if now.uptime >= end { Step::Reached } else { Step::Taken })
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use goplswatch_core::time::SECOND;
    use goplswatch_core::{Gauge, ProcessKey};
    use goplswatch_probe::Options;
    use goplswatch_probe::scripted::ScriptedPlatform;

    use super::*;

    /// What was recorded, each with the last input that the engine had processed by then.
    #[derive(Default)]
    struct Notes(Vec<(Input, Seq)>);

    impl EngineIo for Notes {
        type Error = Infallible;

        fn record(&mut self, input: &Input, state: &State) {
            self.0.push((input.clone(), state.last()));
        }

        fn show(&mut self, _: Event) -> Result<(), Infallible> {
            Ok(())
        }
    }

    fn gauges(live: &EngineLoop<Notes>) -> Vec<(Gauge, Option<ProcessKey>)> {
        let gauges = live.outputs.0.iter().filter_map(|(input, before)| {
            assert!(*before < input.seq, "it acted before it was recorded");
            match &input.observation {
                Observation::Gauge { gauge, process, .. } => Some((*gauge, *process)),
                _ => None,
            }
        });
        gauges.collect()
    }

    #[tokio::test]
    async fn what_the_engine_asks_is_read_recorded_and_only_then_acts() {
        let mut watcher = Watcher::new(ScriptedPlatform::new(Uptime::BOOT + SECOND, []), Options::default());
        watcher.begin();
        let mut live = EngineLoop::new(State::default(), Seq(0), Notes::default());
        let Ok(()) = live.take_ready(&mut watcher);
        let process = ProcessKey::new(7, 1);
        // As if an observation outside of a step, such as a user command, had made the engine
        // request them.
        live.probe_requests.extend([
            ProbeRequest::Watches(process),
            ProbeRequest::Descriptors(process),
            ProbeRequest::Watches(process),
        ]);
        let mut steps = 0;
        while live.step(&mut watcher, Uptime::BOOT + 10 * SECOND).await == Ok(Step::Taken) {
            steps += 1;
            assert!(steps < 100, "the end never comes");
        }
        let mut reported = gauges(&live);
        reported.retain(|(_, of)| *of == Some(process));
        assert_eq!(reported, [(Gauge::Descriptors, Some(process)), (Gauge::Watches, Some(process))], "each once");
        assert_eq!(live.last(), Seq(live.outputs.0.len() as u64));
        assert_eq!(live.state.last(), live.last());
    }
}
