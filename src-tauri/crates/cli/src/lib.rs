//! The command line over the desk services
