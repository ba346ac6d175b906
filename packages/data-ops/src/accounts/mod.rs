//! People: users, their sessions, sign-up, the one-time setup token, and the brake on guessing.

mod entity;
mod sessions;
mod setup_token;
mod sign_up;
mod throttle;
mod users;

pub use sessions::{
    NewSession, Session, create_session, delete_expired_sessions, delete_session, delete_sessions_of_user,
    find_session, look_at_session,
};
pub use setup_token::{consume_setup_token, set_setup_token};
pub use sign_up::{SignUp, SignUpError, sign_up};
pub use throttle::{Rate, ThrottleError, throttle};
pub use users::{
    CreateUserError, NewUser, User, UserWithPassword, count_users, create_user, find_user, find_user_by_email,
};
