//! What a workflow is to whoever writes one, and to the engine.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures_util::{FutureExt as _, future::BoxFuture};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    context::Context,
    error::{MAX_VALUE_BYTES, Parked, WorkflowError},
};
use crate::{
    failure::panic_text,
    payload::{self, UnreadablePayload},
};

/// A durable function: what it awaits from its [`Context`] is remembered, the rest is done again in each execution. So
/// between steps it only computes, from its input and from what its steps returned.
pub trait Workflow: Send + Sync + 'static {
    /// Its name in the database: never changed.
    const KIND: &'static str;
    /// Of the type of its input: raised when that changes shape.
    const VERSION: u16 = 1;
    /// What a run is started with.
    type Input: Serialize + DeserializeOwned + Send;
    /// What a run ends with.
    type Output: Serialize + Send;

    /// One execution: from the beginning, over steps that are known already, to the first that is not.
    fn run(
        &self,
        context: &Context,
        input: Self::Input,
    ) -> impl Future<Output = Result<Self::Output, WorkflowError>> + Send;

    /// Makes today's input of one with an older version. The default knows none.
    ///
    /// # Errors
    /// [`UnreadablePayload`]: the run is parked.
    fn upgrade(version: u16, input: Value) -> Result<Self::Input, UnreadablePayload> {
        drop(input);
        Err(UnreadablePayload::unknown(version, Self::VERSION))
    }
}

/// How a function came to its end.
pub(super) enum Returned {
    /// Its output as JSON.
    Output(String),
    /// Why it failed.
    Failed(String),
    /// Why it cannot go on.
    Parked(Parked),
}

/// A workflow whose types are forgotten.
pub(super) trait Kind: Send + Sync {
    /// The version of input it writes.
    fn version(&self) -> u16;

    /// An execution that ends when the function does; the function itself begins when this is first polled.
    fn execute(self: Arc<Self>, context: Context, version: i64, input: String) -> BoxFuture<'static, Returned>;
}

impl<W: Workflow> Kind for W {
    fn version(&self) -> u16 {
        W::VERSION
    }

    fn execute(self: Arc<Self>, context: Context, version: i64, input: String) -> BoxFuture<'static, Returned> {
        Box::pin(async move {
            let read = payload::read(&input, version, W::VERSION, W::upgrade);
            drop(input);
            let input = match read {
                Ok(input) => input,
                Err(error) => return Returned::Parked(Parked::unreadable(&error)),
            };
            match AssertUnwindSafe(self.run(&context, input)).catch_unwind().await {
                Ok(Ok(output)) => match to_json(&output, None) {
                    Ok(output) => Returned::Output(output),
                    Err(parked) => Returned::Parked(parked),
                },
                Ok(Err(error)) => Returned::Failed(error.stored()),
                Err(panic) => Returned::Parked(Parked::Panicked { message: panic_text(&*panic).to_owned() }),
            }
        })
    }
}

/// The JSON of an output: of a step, or without one of the run.
pub(super) fn to_json<T: Serialize>(output: &T, step: Option<&str>) -> Result<String, Parked> {
    let step = || step.map(str::to_owned);
    match serde_json::to_string(output) {
        Ok(text) if text.len() <= MAX_VALUE_BYTES => Ok(text),
        Ok(text) => Err(Parked::OutputTooLarge { step: step(), bytes: text.len() }),
        Err(error) => Err(Parked::UnwritableOutput { step: step(), reason: error.to_string() }),
    }
}
