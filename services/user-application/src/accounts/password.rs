//! Hashing and checking passwords.
//!
//! A hash costs 19 MiB and about 50 ms of processor time on purpose, so it runs on a blocking thread, and no more of them at
//! once than there are processors: a burst of sign-ins must neither stall redirects nor exhaust the memory.

use std::{sync::Arc, thread};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use tokio::sync::Semaphore;

use crate::settings::PasswordCost;

/// Hashes and checks passwords, a few at a time.
#[derive(Clone)]
pub(crate) struct Passwords {
    argon2: Argon2<'static>,
    turns: Arc<Semaphore>,
}

/// A password could not be hashed or checked.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// The configured cost is outside what Argon2 takes.
    #[error("the password cost is not possible: {0}")]
    Cost(argon2::Error),
    /// The hashing itself failed.
    #[error("a password could not be hashed: {0}")]
    Hash(argon2::password_hash::Error),
    /// The server is shutting down.
    #[error("hashing was interrupted")]
    Interrupted,
}

impl Passwords {
    pub(crate) fn new(cost: PasswordCost) -> Result<Self, PasswordError> {
        let params =
            Params::new(cost.memory_kib, cost.iterations, cost.parallelism, None).map_err(PasswordError::Cost)?;
        let at_once = thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            turns: Arc::new(Semaphore::new(at_once)),
        })
    }

    /// The hash to store, in PHC form.
    pub(crate) async fn hash(&self, password: &str) -> Result<String, PasswordError> {
        let password = password.to_owned();
        self.in_turn(move |argon2| hash(argon2, &password)).await?
    }

    /// Whether the password belongs to the stored hash. Without a hash (no such account, or one that has no password) the
    /// answer is no, after the same amount of work, so that the time taken does not tell which addresses have accounts.
    pub(crate) async fn verify(&self, password: &str, stored: Option<String>) -> Result<bool, PasswordError> {
        let password = password.to_owned();
        self.in_turn(move |argon2| match stored {
            Some(stored) => PasswordHash::new(&stored)
                .is_ok_and(|stored| argon2.verify_password(password.as_bytes(), &stored).is_ok()),
            None => {
                let _same_work = hash(argon2, &password);
                false
            }
        })
        .await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'static>) -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| PasswordError::Interrupted)?;
        let argon2 = self.argon2.clone();
        let task = tokio::task::spawn_blocking(move || {
            let result = work(&argon2);
            drop(turn);
            result
        });
        task.await.map_err(|_| PasswordError::Interrupted)
    }
}

fn hash(argon2: &Argon2<'static>, password: &str) -> Result<String, PasswordError> {
    let hash = argon2.hash_password(password.as_bytes()).map_err(PasswordError::Hash)?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::Passwords;
    use crate::settings::PasswordCost;

    #[tokio::test]
    async fn only_the_password_that_was_hashed_is_accepted() {
        let passwords = Passwords::new(PasswordCost::cheap()).expect("a possible cost");
        let stored = passwords.hash("correct horse").await.expect("hashing works");
        assert!(stored.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{stored}");
        assert!(passwords.verify("correct horse", Some(stored.clone())).await.expect("checking works"));
        assert!(!passwords.verify("correct hors", Some(stored)).await.expect("checking works"));
        assert!(!passwords.verify("correct horse", None).await.expect("checking works"));
        assert!(!passwords.verify("x", Some("not a hash".into())).await.expect("checking works"));
    }
}
