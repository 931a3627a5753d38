//! The one surface that the window and the command line share: commands, each with its right
