//! What the services see of the world: the ports Site, Cache, Outbox and Clock
