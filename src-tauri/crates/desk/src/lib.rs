//! The desk services: session, circulation, replay, synchronisation
