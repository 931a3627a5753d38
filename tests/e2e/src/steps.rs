//! What every story does in the window, by keyboard alone.

use crate::window::{DOWN, ENTER, LEFT, RIGHT, TAB, Window};

/// Enrols the desk for the branch with this place in the list, from 1, under this name.
///
/// # Errors
/// When the window does not come to the sign-in.
pub async fn enrol(window: &Window, place: usize, name: &str) -> anyhow::Result<()> {
    window.focus("enrol-branch").await?;
    // The line above the first branch says to choose one.
    let down = String::from(DOWN).repeat(place);
    window.type_slowly(&format!("{down}{TAB}{name}{ENTER}")).await?;
    window.await_shown("sign-in-screen").await
}

/// Signs someone in.
///
/// # Errors
/// When the window does not come to the desk.
pub async fn sign_in(window: &Window, login: &str, password: &str) -> anyhow::Result<()> {
    window.focus("sign-in-login").await?;
    window.type_slowly(login).await?;
    window.focus("sign-in-password").await?;
    window.type_slowly(&format!("{password}{ENTER}")).await?;
    window.await_shown("desk-screen").await
}

/// Signs out.
///
/// # Errors
/// When the window does not come back to the sign-in.
pub async fn sign_out(window: &Window) -> anyhow::Result<()> {
    press(window, "sign-out").await?;
    window.await_shown("sign-in-screen").await
}

/// Presses a button.
///
/// # Errors
/// When there is none.
pub async fn press(window: &Window, id: &str) -> anyhow::Result<()> {
    window.focus(id).await?;
    window.type_slowly(&String::from(ENTER)).await
}

/// In a demo: cuts the line of a branch, or restores it.
///
/// # Errors
/// When there is no such line.
pub async fn turn_line(window: &Window, branch: &str) -> anyhow::Result<()> {
    window.focus(&format!("demo-line-{branch}")).await?;
    window.type_slowly(" ").await
}

/// Takes a picture in Vietnamese, and the same in English.
///
/// # Errors
/// When the driver or the disk fails.
pub async fn pictures(window: &Window, name: &str) -> anyhow::Result<()> {
    window.picture(&format!("{name}-vi")).await?;
    window.focus_chosen("language").await?;
    window.type_slowly(&String::from(RIGHT)).await?;
    window.picture(&format!("{name}-en")).await?;
    window.focus_chosen("language").await?;
    window.type_slowly(&String::from(LEFT)).await
}
