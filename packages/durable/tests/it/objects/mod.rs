//! Objects: messages, alarms, states that cannot be read, several nodes.

mod alarms;
mod fan_out;
mod looking;
mod messages;
mod nodes;
mod parking;
mod tally;
