//! The durable object of a workspace's live clicks.

use std::{collections::VecDeque, convert::Infallible, time::Duration};

use data_ops::types::{DestinationId, HealthState, Timestamp, WorkspaceId};
use durable::objects::{Alarm, Effects, Object, ObjectContext};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::LiveClick;

/// Clicks listed in one frame, and kept for those who come later, at most.
pub(super) const LISTED: usize = 50;
/// The least time between two frames.
const PACE: Duration = Duration::from_millis(250);
/// How long a click is live.
pub(super) const LIVE: Duration = Duration::from_secs(60);

/// One for each workspace, by its id.
pub struct LinkClickTracker;

/// Clicks that were just taken in.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewClicks {
    /// Some of them.
    pub clicks: Vec<LiveClick>,
    /// How many more there are.
    pub more: u64,
}

/// A destination's health changed: shown as it is, once.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename = "health", rename_all = "camelCase")]
pub struct HealthFrame {
    /// Which destination.
    pub destination: DestinationId,
    /// Its URL.
    pub url: String,
    /// How it is now.
    pub state: HealthState,
    /// Whether its links lead to their backups now.
    pub down: bool,
    /// How many links lead elsewhere since.
    pub links: u64,
}

/// What a tracker is told.
#[derive(Debug, Clone, PartialEq)]
pub enum LiveNews {
    /// Clicks were taken in.
    Clicks(NewClicks),
    /// A destination's health changed.
    Health(HealthFrame),
}

impl From<NewClicks> for LiveNews {
    fn from(new: NewClicks) -> Self {
        Self::Clicks(new)
    }
}

impl From<HealthFrame> for LiveNews {
    fn from(frame: HealthFrame) -> Self {
        Self::Health(frame)
    }
}

/// What a tracker remembers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TrackerState {
    /// Clicks that were listed in frames, oldest first.
    recent: VecDeque<LiveClick>,
    /// What the next frame lists.
    waiting: Vec<LiveClick>,
    /// How many clicks it stands for besides.
    more: u64,
    /// When the last frame was published.
    framed_at: Option<Timestamp>,
    /// How many clicks the frames of each second stood for, by second, oldest first.
    seconds: VecDeque<(i64, u64)>,
}

impl LinkClickTracker {
    /// The name of a workspace's tracker.
    #[must_use]
    pub fn name(workspace: WorkspaceId) -> String {
        workspace.to_string()
    }
}

impl TrackerState {
    /// What somebody who comes now is shown first: the clicks of the last minute.
    #[must_use]
    pub fn snapshot(&self, now: Timestamp) -> Value {
        let since = now.minus(LIVE);
        let clicks: Vec<_> = self.recent.iter().filter(|click| click.at >= since).collect();
        let first_second = since.as_millis().div_euclid(1_000);
        let counted: u64 =
            self.seconds.iter().filter(|(second, _)| *second >= first_second).map(|(_, count)| count).sum();
        let total = counted.max(clicks.len() as u64);
        json!({ "type": "snapshot", "omitted": total - clicks.len() as u64, "total": total, "clicks": clicks })
    }

    /// Takes what waits as one frame, unless nothing does.
    fn frame(&mut self, now: Timestamp) -> Option<Value> {
        let total = self.waiting.len() as u64 + self.more;
        if total == 0 {
            return None;
        }
        let frame = json!({ "type": "clicks", "omitted": self.more, "total": total, "clicks": self.waiting });
        let since = now.minus(LIVE);
        self.recent.extend(self.waiting.drain(..));
        let too_many = self.recent.len().saturating_sub(LISTED);
        self.recent.drain(..too_many);
        self.recent.retain(|click| click.at >= since);
        let second = now.as_millis().div_euclid(1_000);
        match self.seconds.back_mut() {
            Some((last, count)) if *last == second => *count += total,
            _ => self.seconds.push_back((second, total)),
        }
        let first_second = since.as_millis().div_euclid(1_000);
        // Also what lies ahead: the clock may have been put back.
        self.seconds.retain(|(kept, _)| (first_second..=second).contains(kept));
        self.more = 0;
        self.framed_at = Some(now);
        Some(frame)
    }
}

impl Object for LinkClickTracker {
    const CLASS: &'static str = "link_click_tracker";
    const VERSION: u16 = 1;
    type State = TrackerState;
    type Message = LiveNews;
    type Reply = ();
    type Error = Infallible;

    fn handle(
        mut state: TrackerState,
        news: LiveNews,
        context: &ObjectContext<'_>,
    ) -> Result<(TrackerState, Effects, ()), Infallible> {
        let new = match news {
            LiveNews::Clicks(new) => new,
            LiveNews::Health(frame) => {
                // Plain data, which can always be written.
                let publish = serde_json::to_value(frame).into_iter().collect();
                return Ok((state, Effects { publish, ..Effects::default() }, ()));
            }
        };
        let room = LISTED.saturating_sub(state.waiting.len());
        state.more += new.more + new.clicks.len().saturating_sub(room) as u64;
        state.waiting.extend(new.clicks.into_iter().take(room));
        let mut effects = Effects::default();
        // A frame that lies ahead was published under a clock that has been put back since.
        let next =
            state.framed_at.filter(|framed| *framed <= context.now).map_or(context.now, |framed| framed.plus(PACE));
        if next <= context.now {
            effects.publish.extend(state.frame(context.now));
            effects.alarm = Alarm::Clear;
        } else if context.alarm.is_none() {
            effects.alarm = Alarm::Set(next);
        }
        Ok((state, effects, ()))
    }

    fn alarm(mut state: TrackerState, context: &ObjectContext<'_>) -> Result<(TrackerState, Effects), Infallible> {
        let publish = state.frame(context.now).into_iter().collect();
        Ok((state, Effects { publish, ..Effects::default() }))
    }
}

#[cfg(test)]
mod tests {
    use data_ops::{
        clicks::Click,
        types::{ClickId, LinkId},
    };
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    fn stored(number: u128, at: Timestamp) -> Click {
        Click {
            id: ClickId::from_uuid(Uuid::from_u128(number)),
            workspace_id: WorkspaceId::from_uuid(Uuid::from_u128(1)),
            link_id: LinkId::from_uuid(Uuid::from_u128(2)),
            at,
            country: None,
            device: "Desktop".into(),
            browser: "Chrome".into(),
            os: "Windows".into(),
            referer: "(direct)".into(),
            destination: "https://shop.example/".into(),
            decided_by: "default".into(),
            served_backup: None,
            served_reason: None,
            bot: false,
        }
    }

    fn click(number: u128, at: Timestamp) -> LiveClick {
        LiveClick::new(&stored(number, at), Some(("go.example.com".to_owned(), "sale".to_owned())))
    }

    fn clicks(count: u64, more: u64) -> NewClicks {
        NewClicks { clicks: (0..count).map(|number| click(number.into(), NOW)).collect(), more }
    }

    /// A tracker with its alarm, at a time.
    #[derive(Default)]
    struct Tracker {
        state: TrackerState,
        alarm: Option<Timestamp>,
        frames: Vec<(Timestamp, Value)>,
    }

    impl Tracker {
        fn took(&mut self, now: Timestamp, state: TrackerState, effects: Effects) {
            self.state = state;
            match effects.alarm {
                Alarm::Keep => {}
                Alarm::Clear => self.alarm = None,
                Alarm::Set(at) => self.alarm = Some(at),
            }
            self.frames.extend(effects.publish.into_iter().map(|frame| (now, frame)));
        }

        fn record(&mut self, now: Timestamp, new: impl Into<LiveNews>) {
            let context = ObjectContext { name: "ws", now, version: 1, alarm: self.alarm };
            let Ok((state, effects, ())) = LinkClickTracker::handle(self.state.clone(), new.into(), &context);
            self.took(now, state, effects);
        }

        fn ring(&mut self) -> Option<Timestamp> {
            let now = self.alarm.take()?;
            let context = ObjectContext { name: "ws", now, version: 1, alarm: None };
            let Ok((state, effects)) = LinkClickTracker::alarm(self.state.clone(), &context);
            self.took(now, state, effects);
            Some(now)
        }
    }

    #[test]
    fn the_first_clicks_are_shown_at_once_and_the_next_at_the_alarm() {
        let mut tracker = Tracker::default();
        tracker.record(NOW, clicks(2, 0));
        assert_eq!(tracker.frames.len(), 1);
        assert_eq!(tracker.alarm, None);
        let (_, frame) = &tracker.frames[0];
        assert_eq!((&frame["type"], &frame["total"], &frame["omitted"]), (&json!("clicks"), &json!(2), &json!(0)));
        assert_eq!(
            frame["clicks"][1],
            json!({
                "id": "evt_00000000000000000000000001", "linkId": "link_00000000000000000000000002",
                "domain": "go.example.com", "key": "sale", "country": null, "city": null, "latitude": null,
                "longitude": null, "device": "Desktop", "browser": "Chrome", "os": "Windows", "referer": "(direct)",
                "destination": "https://shop.example/", "servedBackup": false, "bot": false,
                "at": "2026-09-21T14:13:20.000Z",
            })
        );

        tracker.record(NOW.plus(Duration::from_millis(100)), clicks(1, 0));
        tracker.record(NOW.plus(Duration::from_millis(200)), clicks(1, 3));
        assert_eq!((tracker.frames.len(), tracker.alarm), (1, Some(NOW.plus(PACE))));
        tracker.ring();
        assert_eq!((&tracker.frames[1].1["total"], &tracker.frames[1].1["omitted"]), (&json!(5), &json!(3)));
        assert_eq!(tracker.alarm, None);
    }

    #[test]
    fn a_change_of_health_is_shown_at_once_and_leaves_clicks_alone() {
        let mut tracker = Tracker::default();
        tracker.record(NOW, clicks(1, 0));
        let soon = NOW.plus(Duration::from_millis(100));
        tracker.record(soon, clicks(1, 0));
        let (state, alarm) = (tracker.state.clone(), tracker.alarm);
        let frame = HealthFrame {
            destination: DestinationId::from_uuid(Uuid::from_u128(9)),
            url: "https://shop.example/".to_owned(),
            state: HealthState::Broken,
            down: true,
            links: 3,
        };
        tracker.record(soon, frame);
        assert_eq!((&tracker.state, tracker.alarm), (&state, alarm));
        let shown = json!({
            "type": "health", "destination": "dest_00000000000000000000000009", "url": "https://shop.example/",
            "state": "broken", "down": true, "links": 3,
        });
        assert_eq!(tracker.frames.last().unwrap(), &(soon, shown));
    }

    #[test]
    fn a_burst_is_thinned_out_and_says_so() {
        let mut tracker = Tracker::default();
        tracker.record(NOW, clicks(80, 1_000));
        let (_, frame) = &tracker.frames[0];
        assert_eq!(frame["clicks"].as_array().unwrap().len(), LISTED);
        assert_eq!((&frame["total"], &frame["omitted"]), (&json!(1_080), &json!(1_030)));
    }

    #[test]
    fn who_comes_later_is_shown_the_last_minute() {
        let mut tracker = Tracker::default();
        tracker.record(NOW, NewClicks { clicks: vec![click(1, NOW)], more: 4 });
        let later = NOW.plus(Duration::from_secs(30));
        tracker.record(later, NewClicks { clicks: vec![click(2, later)], more: 0 });
        let shown = tracker.state.snapshot(later);
        assert_eq!((&shown["type"], &shown["total"], &shown["omitted"]), (&json!("snapshot"), &json!(6), &json!(4)));
        assert_eq!(shown["clicks"][0]["id"], "evt_00000000000000000000000001");
        let shown = tracker.state.snapshot(NOW.plus(Duration::from_secs(80)));
        assert_eq!((&shown["total"], shown["clicks"].as_array().unwrap().len()), (&json!(1), 1));
        assert_eq!(tracker.state.snapshot(NOW.plus(Duration::from_secs(200)))["total"], 0);
        assert_eq!(TrackerState::default().snapshot(NOW)["clicks"], json!([]));
    }

    #[test]
    fn a_clock_that_is_put_back_does_not_stop_the_frames() {
        let mut tracker = Tracker::default();
        tracker.record(NOW.plus(Duration::from_secs(3_600)), clicks(1, 0));
        tracker.record(NOW, clicks(1, 0));
        assert_eq!(tracker.frames.len(), 2);
        assert_eq!(tracker.state.snapshot(NOW)["total"], 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn every_click_is_told_once_in_frames_that_keep_their_distance(
            batches in prop::collection::vec((0_u64..400, 0_u64..70, 0_u64..50), 1..60)
        ) {
            let mut tracker = Tracker::default();
            let (mut now, mut all) = (NOW, 0);
            for (wait, count, more) in batches {
                let next = now.plus(Duration::from_millis(wait));
                // The alarm rings when it is due, or not before the next message.
                if wait % 2 == 0 && tracker.alarm.is_some_and(|at| at <= next) {
                    tracker.ring();
                }
                now = next;
                all += count + more;
                tracker.record(now, clicks(count, more));
            }
            tracker.ring();
            prop_assert_eq!(tracker.alarm, None);
            let told: u64 = tracker.frames.iter().map(|(_, frame)| frame["total"].as_u64().unwrap()).sum();
            prop_assert_eq!(told, all);
            for (_, frame) in &tracker.frames {
                let listed = frame["clicks"].as_array().unwrap().len() as u64;
                prop_assert!(listed <= LISTED as u64);
                prop_assert_eq!(listed + frame["omitted"].as_u64().unwrap(), frame["total"].as_u64().unwrap());
            }
            for pair in tracker.frames.windows(2) {
                prop_assert!(pair[1].0.since(pair[0].0) >= PACE, "{:?}", pair);
            }
        }
    }

    #[test]
    fn the_largest_state_is_within_the_limit() {
        let long = "\u{1}".repeat(2_000);
        let mut worst = stored(1, NOW);
        for text in [&mut worst.device, &mut worst.browser, &mut worst.os, &mut worst.referer] {
            *text = long.clone().into();
        }
        worst.destination = long.into();
        let worst = LiveClick::new(&worst, Some(("go.example.com".to_owned(), "sale".to_owned())));
        let mut tracker = Tracker::default();
        tracker.record(NOW, NewClicks { clicks: vec![worst.clone(); LISTED], more: 0 });
        tracker.record(NOW, NewClicks { clicks: vec![worst; LISTED], more: 0 });
        assert!(serde_json::to_string(&tracker.state).unwrap().len() < durable::objects::STATE_LIMIT);
    }
}
