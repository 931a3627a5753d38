//! Opening SQLite: encryption, schema steps, one thread per connection
