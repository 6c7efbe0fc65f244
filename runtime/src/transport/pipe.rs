//! What a process says on its output: the last of it.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt as _};

/// The last bytes that came, so many and no more. Clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct Tail(Arc<Mutex<Vec<u8>>>, usize);

impl Tail {
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self(Arc::default(), bytes_max)
    }

    /// As text; what is none is shown as such.
    pub(crate) fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn add(&self, came: &[u8]) {
        let mut bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        bytes.extend_from_slice(came);
        let over = bytes.len().saturating_sub(self.1);
        bytes.drain(..over);
    }
}

/// Reads to the end, and keeps the last of it.
pub(crate) async fn keep(mut pipe: impl AsyncRead + Unpin, tail: Tail) {
    let mut chunk = [0; 4_096];
    loop {
        match pipe.read(&mut chunk).await {
            Ok(0) | Err(_) => return,
            Ok(bytes) => tail.add(chunk.get(..bytes).unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_last_is_kept() {
        let tail = Tail::new(10);
        keep(&b"twelve bytes"[..], tail.clone()).await;
        assert_eq!(tail.text(), "elve bytes");
        keep(&b"."[..], tail.clone()).await;
        assert_eq!(tail.text(), "lve bytes.");
    }
}
