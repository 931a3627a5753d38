//! Whoever hears the parts of an answer as they come.

use std::fmt;
use std::sync::Arc;

/// See the module. It is called from whatever thread the part comes on, and must not block.
pub struct Listener<T>(Arc<dyn Fn(T) + Send + Sync>);

impl<T: 'static> Listener<T> {
    /// Calls this with each part.
    #[must_use]
    pub fn new(hear: impl Fn(T) + Send + Sync + 'static) -> Self {
        Self(Arc::new(hear))
    }

    /// Hears nothing: the whole is enough.
    #[must_use]
    pub fn deaf() -> Self {
        Self::new(drop)
    }

    pub(crate) fn tell(&self, part: T) {
        (self.0)(part);
    }
}

impl<T> Clone for Listener<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> fmt::Debug for Listener<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}
