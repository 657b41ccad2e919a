//! Throttles scenes: the first is shown at once, then at most one a second, always the latest.

use std::time::{Duration, Instant};

use goplswatch_view::Scene;

/// The minimum time between two updates.
pub const MIN_INTERVAL: Duration = Duration::from_secs(1);

/// Holds a scene back until it may be shown.
#[derive(Debug, Default)]
pub struct Throttle {
    shown: Option<(Box<Scene>, Instant)>,
    waiting: Option<(Box<Scene>, Instant)>,
}

impl Throttle {
    /// Takes a new scene. It replaces a waiting one; a scene equal to the shown one is dropped.
    pub fn offer(&mut self, scene: Box<Scene>, now: Instant) {
        let due = match &self.shown {
            Some((shown, _)) if *shown == scene => {
                self.waiting = None;
                return;
            }
            Some((_, since)) => now.max(*since + MIN_INTERVAL),
            None => now,
        };
        self.waiting = Some((scene, due));
    }

    /// The scene to show now, if there is one. It counts as shown from then on.
    pub fn take(&mut self, now: Instant) -> Option<&Scene> {
        let (scene, _) = self.waiting.take_if(|(_, due)| *due <= now)?;
        let (scene, _) = self.shown.insert((scene, now));
        Some(scene)
    }

    /// When [`Throttle::take`] will have a scene; `None` if nothing waits.
    #[must_use]
    pub fn due(&self) -> Option<Instant> {
        self.waiting.as_ref().map(|(_, due)| *due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scene(label: &str) -> Box<Scene> {
        let mut scene = Scene::default();
        scene.icon.label = label.to_owned();
        Box::new(scene)
    }

    fn taken(pace: &mut Throttle, now: Instant) -> Option<String> {
        pace.take(now).map(|scene| scene.icon.label.clone())
    }

    #[test]
    fn the_first_comes_at_once_and_then_the_latest_once_a_second() {
        let (mut pace, start) = (Throttle::default(), Instant::now());
        let at = |ms| start + Duration::from_millis(ms);
        assert_eq!(pace.due(), None);
        pace.offer(scene("1"), start);
        assert_eq!(taken(&mut pace, start), Some("1".into()));
        pace.offer(scene("2"), at(100));
        pace.offer(scene("3"), at(200));
        assert_eq!(taken(&mut pace, at(999)), None);
        assert_eq!(pace.due(), Some(at(1000)));
        assert_eq!(taken(&mut pace, at(1000)), Some("3".into()));
        assert_eq!(taken(&mut pace, at(1001)), None);
        pace.offer(scene("4"), at(5000));
        assert_eq!(taken(&mut pace, at(5000)), Some("4".into()), "after a pause at once");
    }

    #[test]
    fn what_is_shown_already_is_no_news_and_takes_the_place_of_what_waits() {
        let (mut pace, start) = (Throttle::default(), Instant::now());
        pace.offer(scene("1"), start);
        assert!(pace.take(start).is_some());
        pace.offer(scene("2"), start);
        pace.offer(scene("1"), start);
        assert_eq!(pace.due(), None);
        assert_eq!(taken(&mut pace, start + MIN_INTERVAL), None);
    }
}
