//! The subject of dead letters.

use async_nats::jetstream::message::PublishMessage;

use super::{Stream, StreamDeadLetter, StreamError, refused};

/// How much of an error goes into a header.
const ERROR_BYTES: usize = 1_024;

impl Stream {
    /// Publishes dead letters and waits until they are stored.
    pub(super) async fn publish_dead(&self, dead: &[StreamDeadLetter]) -> Result<(), StreamError> {
        self.prepare().await?;
        let options = self.options();
        for StreamDeadLetter { record, error } in dead {
            let place = format!("{}-{}", record.log, record.position);
            let message = PublishMessage::build()
                .payload(record.payload.clone())
                .message_id(format!("{}-{place}", options.consumer))
                .header("Hashroute-Consumer", options.consumer.as_str())
                .header("Hashroute-Place", place.as_str())
                .header("Hashroute-Error", one_line(error).as_str());
            let sent = self.0.context.send_publish(options.dead_subject(), message).await;
            let failed = || refused("take a dead letter into", &options.dead_name());
            sent.map_err(failed())?.await.map_err(failed())?;
        }
        Ok(())
    }
}

/// A header is one line.
fn one_line(error: &str) -> String {
    let cut = &error[..error.floor_char_boundary(ERROR_BYTES)];
    cut.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn an_error_is_one_line_of_a_header() {
        assert_eq!(one_line("no\r\nX: y\0z"), "no  X: y z");
        assert_eq!(one_line(&"ä".repeat(2_000)).len(), 1_024);
    }
}
