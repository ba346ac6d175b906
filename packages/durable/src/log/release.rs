//! Deleting segments that every consumer is done with.

use std::{fs, io, sync::PoisonError};

use super::{Position, directory::segment_path, state::Shared};

impl Shared {
    /// Keeps every segment until the consumer says how far it is. One that ran before keeps its place.
    pub fn register(&self, consumer: &str) {
        let mut consumers = self.consumers.lock().unwrap_or_else(PoisonError::into_inner);
        consumers.entry(consumer.to_owned()).or_default();
    }

    /// Notes that everything before `position` was applied by the consumer.
    pub fn applied(&self, consumer: &str, position: Option<Position>) {
        let mut consumers = self.consumers.lock().unwrap_or_else(PoisonError::into_inner);
        consumers.insert(consumer.to_owned(), position);
    }

    /// Deletes the segments that lie wholly below `upto` and below every consumer, never the one being written.
    pub fn release(&self, upto: Position) -> io::Result<u64> {
        let slowest = {
            let consumers = self.consumers.lock().unwrap_or_else(PoisonError::into_inner);
            consumers.values().map(|position| position.unwrap_or_default()).min()
        };
        let done: Vec<(u64, u64)> = {
            let state = self.state();
            let readable = self.readable.borrow().segment;
            let bound = slowest.map_or(upto.segment, |slowest| slowest.segment.min(upto.segment));
            let done = state.segments.range(..bound.min(readable));
            done.map(|(number, length)| (*number, length.unwrap_or_default())).collect()
        };
        let mut history: u64 = done.iter().map(|(_, length)| length).sum();
        let mut released = 0;
        for (number, length) in done {
            // An empty one is no history, and would stay for ever.
            if history <= self.options.history_bytes && length > 0 {
                break;
            }
            history -= length;
            match fs::remove_file(segment_path(&self.options.directory, number)) {
                Ok(()) => released += 1,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
            let mut state = self.state();
            if state.segments.remove(&number).is_some() {
                state.kept_bytes = state.kept_bytes.saturating_sub(length);
            }
        }
        let (left, bytes) = {
            let state = self.state();
            (state.segments.len(), state.kept_bytes)
        };
        #[expect(clippy::cast_precision_loss, reason = "gauges")]
        {
            self.metrics.segments.set(left as f64);
            self.metrics.kept_bytes.set(bytes as f64);
        }
        Ok(released)
    }

    /// How many bytes of records lie between `position` and the readable end, at most: torn ends and zeros count too.
    pub fn lag_bytes(&self, position: Position) -> u64 {
        let limit = *self.readable.borrow();
        if position.segment == limit.segment {
            return limit.offset.saturating_sub(position.offset);
        }
        let state = self.state();
        let between = state.segments.range(position.segment..limit.segment.max(position.segment));
        let bytes: u64 = between.map(|(_, length)| length.unwrap_or(self.options.segment_bytes)).sum();
        (bytes + limit.offset).saturating_sub(position.offset)
    }
}
