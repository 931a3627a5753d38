//! End to end in the real window: the app as it is installed, driven through WebDriver as a person would,
//! by keyboard alone.
//!
//! - [`driver`]: WebKit's own driver as a process that never outlives its test.
//! - [`window`]: the window, seen by `data-testid`.
//! - [`steps`]: what every story does.
//! - [`desk_story`]: lend, cut the line, go on lending, restore it, watch the queue drain.
//! - [`across_story`]: ask all sites, change a title everywhere, move books, die in the middle, be finished by
//!   another desk.

pub mod across_story;
pub mod desk_story;
pub mod driver;
pub mod steps;
pub mod window;
