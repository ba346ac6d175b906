//! Why a message was not handled.

use data_ops::database::DatabaseError;

/// Why a message has no reply.
#[derive(Debug, thiserror::Error)]
pub enum SendError<E: std::error::Error + 'static> {
    /// The object refused it. Nothing changed.
    #[error("the object refused the message")]
    Refused(#[source] E),
    /// The object could not handle it.
    #[error(transparent)]
    Object(#[from] ObjectError),
}

/// Why an object could not do what it was asked. Unless it says otherwise nothing changed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ObjectError {
    /// Nobody has told this node about the class.
    #[error("this node knows no objects of the class {class}: name it when objects are started")]
    UnknownClass {
        /// The class.
        class: &'static str,
    },
    /// A name is 1 to 256 bytes.
    #[error("an object's name has 1 to {limit} bytes, not {bytes}")]
    Name {
        /// How many it has.
        bytes: usize,
        /// How many it may have.
        limit: usize,
    },
    /// Too many messages wait for this object on this node.
    #[error("{waiting} messages wait for {class} {name} already: try again later")]
    Overloaded {
        /// The class.
        class: &'static str,
        /// The object.
        name: String,
        /// How many wait.
        waiting: usize,
    },
    /// The handler panicked.
    #[error("{class} panicked: {panic}")]
    Panicked {
        /// The class.
        class: &'static str,
        /// What it said.
        panic: String,
    },
    /// Another node has written a state this version of the program does not know.
    #[error(
        "the state of {class} {name} is of version {found}, and this program knows them up to {known}: upgrade this node. \
         The state is untouched"
    )]
    NewerState {
        /// The class.
        class: &'static str,
        /// The object.
        name: String,
        /// The stored version.
        found: i64,
        /// The version of this program.
        known: u16,
    },
    /// The stored state cannot be read. The object is parked with it.
    #[error(
        "the state of {class} {name} cannot be read ({reason}), so it is parked as it is: install a version that can read \
         it, or restore it, then resume the object"
    )]
    UnreadableState {
        /// The class.
        class: &'static str,
        /// The object.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// What the message would make of the state cannot be stored. The object is parked with the state it had.
    #[error(
        "the new state of {class} {name} {reason}, so it is parked with the state it had: install a version that keeps \
         less, or resume the object and send less"
    )]
    UnwritableState {
        /// The class.
        class: &'static str,
        /// The object.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// The object is parked.
    #[error("{class} {name} is parked and takes no messages until it is resumed: {reason}")]
    Parked {
        /// The class.
        class: &'static str,
        /// The object.
        name: String,
        /// Why.
        reason: String,
    },
    /// The service is stopping, or the work was given up. Whether the message was handled is not known.
    #[error("the message was given up, because the service is stopping")]
    Stopped,
    /// The database failed. If the connection was lost during the commit, the message may have been handled.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}
