//! Records of several nodes through a real NATS server into one sink.

mod failing;
mod sending;
mod support;
mod taking;
