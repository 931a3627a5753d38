//! The desk's own two files: the cache, which may be thrown away, and the outbox, which may not
