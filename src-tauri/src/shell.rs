//! What stands behind the window: the app, or the reason why it could not be opened, which the window
//! then shows. A network file that cannot be used is no such reason: the window is where it is mended.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use lienthu_across::transfers::progress::TransferProgress;
use lienthu_api::app::{App, AppView, Options};
use lienthu_api::catalogue;
use lienthu_api::command::Command;
use lienthu_api::commands::GetView;
use lienthu_api::recovering;
use lienthu_desk::tending::tend;
use lienthu_port::message::Message;

/// The window is told of changes at most this often.
const TELL_MS_MIN: u64 = 40;

/// See the module.
pub struct Shell {
    app: RwLock<Result<Arc<App>, Message>>,
}

impl Shell {
    /// Opens the app and starts tending its line.
    pub async fn open(options: &Options) -> Self {
        let app = App::open_to_mend(options).await.map_err(|error| {
            tracing::error!(%error, "the app does not open");
            error.message()
        });
        if let Ok(app) = &app {
            let mut jitter = [0_u8];
            // Without randomness desks are merely not spread.
            getrandom::fill(&mut jitter).ok();
            tokio::spawn(tend(Arc::downgrade(app.desk()), jitter[0]));
            tokio::spawn(recovering::tend(Arc::downgrade(app), jitter[0]));
            tokio::spawn(catalogue::tend(Arc::downgrade(app)));
        }
        Self { app: RwLock::new(app) }
    }

    fn app(&self) -> Result<Arc<App>, Message> {
        self.app.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lets go of the app: it closes when nobody is in the middle of something any more.
    pub fn close(&self) {
        let mut app = self.app.write().unwrap_or_else(PoisonError::into_inner);
        *app = Err(Message::new("closing", ("Ứng dụng đang đóng.", "The app is closing.")));
    }

    /// Does what a command asks for.
    ///
    /// # Errors
    /// Code and sentences; of every command, when the app could not be opened.
    pub async fn execute<C: Command>(&self, command: C) -> Result<C::Reply, Message> {
        self.app()?.execute(command).await
    }

    /// Tells `window` how far a transfer is whenever it has come a step further; its last step always.
    pub fn tell_transfers(&self, window: impl Fn(TransferProgress) + Send + 'static) {
        let Ok(app) = self.app() else { return };
        let mut progress = app.transfer_progress();
        drop(app);
        tokio::spawn(async move {
            while progress.changed().await.is_ok() {
                let now = progress.borrow_and_update().clone();
                if let Some(now) = now {
                    window(now);
                }
                // Thousands of copies go in seconds: nobody reads faster.
                tokio::time::sleep(Duration::from_millis(TELL_MS_MIN)).await;
            }
        });
    }

    /// Tells `window` the state of everything whenever it has changed.
    pub fn tell(&self, window: impl Fn(AppView) + Send + 'static) {
        let Ok(app) = self.app() else { return };
        tokio::spawn(async move {
            let mut changes = app.desk().changes();
            while changes.changed().await.is_ok() {
                changes.mark_unchanged();
                if let Ok(view) = app.execute(GetView {}).await {
                    window(view);
                }
                // Draining ten thousand events changes the view thousands of times: nobody reads faster.
                tokio::time::sleep(Duration::from_millis(TELL_MS_MIN)).await;
            }
        });
    }
}
