//! Messages to objects.

use std::{convert::Infallible, time::Instant};

use durable::objects::{Classes, Effects, Object, ObjectContext, ObjectParts, Objects};
use futures_util::{StreamExt as _, stream};

use crate::home::{AT_ONCE, Home};

struct Counter;

impl Object for Counter {
    const CLASS: &'static str = "counter";
    const VERSION: u16 = 1;
    type State = u64;
    type Message = u64;
    type Reply = u64;
    type Error = Infallible;

    fn handle(count: u64, more: u64, _: &ObjectContext<'_>) -> Result<(u64, Effects, u64), Infallible> {
        Ok((count + more, Effects::default(), count + more))
    }
}

/// Seconds until the last of `count` messages to so many objects is answered, of senders that wait for each answer.
pub(crate) async fn messages(home: &Home, count: u32, objects: u32) -> f64 {
    let parts = ObjectParts::new(home.store.clone(), Classes::default().with::<Counter>(), &home.tasks);
    let all = Objects::new(parts);
    let began = Instant::now();
    stream::iter(0..count)
        .for_each_concurrent(AT_ONCE, |number| {
            let object = all.get::<Counter>(format!("counter-{}", number % objects));
            async move {
                object.send(1).await.unwrap();
            }
        })
        .await;
    let seconds = began.elapsed().as_secs_f64();
    let mut sum = 0;
    for object in 0..objects {
        sum += all.get::<Counter>(format!("counter-{object}")).snapshot().await.unwrap().state;
    }
    assert_eq!(sum, u64::from(count), "messages were lost or doubled");
    seconds
}
