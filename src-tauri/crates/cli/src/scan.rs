//! The scan loop: a scan a line in, an acknowledgement a line out.
//!
//! A line is acknowledged once, after the desk has answered: what is said to be done the site has, what
//! is said to be queued has reached this desk's disk. A program that dies in between has acknowledged
//! nothing that is lost.

mod acknowledgement;
mod tally;

use std::io::{BufRead, Write};
use std::sync::Arc;

use lienthu_api::commands::{GetView, ScanCode};
use lienthu_api::recovering;
use lienthu_desk::answer::ScanAnswer;
use lienthu_desk::scan::{ScanMode, ScanRequest};
use lienthu_desk::site_state::SiteState;
use lienthu_desk::tending::tend;
use lienthu_domain::text::SCAN_CHARS_MAX;

use crate::arguments::ScanArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::lines::{Line, next_line};
use crate::opened::Opened;
use acknowledgement::Acknowledgement;
pub use tally::Tally;

/// What `desk scan --help` ends with.
pub const INPUT_HELP: &str = "\
The input is UTF-8, one scan a line: a patron's card or a book's barcode. The
next books are lent to the patron whose card came last. Four lines are no scans:
  mode:lend     lend from here on, to the patron whose card comes next
  mode:return   take back from here on
  mode:renew    renew from here on
  patron:none   the patron goes
With --password-stdin the first line is the password.

Each line is acknowledged by one line, as soon as what it asked for is durable.
Its outcome is one of
  done            the site has it
  queued          this desk has it, and sends it when the site can be reached
  refused         it did not happen, by a rule, or because a card must come first
  not_understood  it is no code, or one that this desk does not know
  failed          it did not happen, for want of disk or of files
  card, mode      a card was read, or a control line
The program ends with 0 if every scan was done or queued, otherwise as the worst
of them.";

/// A line that says more than this is no scan. One byte more than the desk would look at, so that it is
/// the desk that says so.
const LINE_BYTES_MAX: usize = 4 * (4 * SCAN_CHARS_MAX + 1);

/// Takes scans until the input ends.
///
/// # Errors
/// `Input`, `Output`; `not_signed_in` or `forbidden` as soon as nobody may scan any more.
pub async fn scan(
    opened: &Opened<'_>,
    arguments: ScanArguments,
    input: &mut impl BufRead,
    out: &mut impl Write,
) -> Result<Tally, Failure> {
    if opened.terms.login.is_none() {
        opened.contact().await?;
    }
    // The line is tended meanwhile: what is queued leaves by itself when the site is back.
    let jitter = std::process::id().to_le_bytes()[0];
    let tending = tokio::spawn(tend(Arc::downgrade(opened.app.desk()), jitter));
    let recovering = tokio::spawn(recovering::tend(Arc::downgrade(&opened.app), jitter));
    let taken = take(opened, arguments, input, out).await;
    tending.abort();
    recovering.abort();
    let tally = taken?;
    let view = opened.execute(GetView {}).await?;
    if view.desk.queue.waiting > 0 && !matches!(view.desk.site, SiteState::Unreachable { .. }) {
        opened.contact().await?;
    }
    Ok(tally)
}

/// The loop itself. Reading blocks its thread, which has nothing else to do: the line is tended by the
/// runtime's own threads.
async fn take(
    opened: &Opened<'_>,
    arguments: ScanArguments,
    input: &mut impl BufRead,
    out: &mut impl Write,
) -> Result<Tally, Failure> {
    let mut request = ScanRequest {
        text: String::new(),
        mode: arguments.mode.into(),
        patron: arguments.patron,
        go_on: arguments.go_on.go_on,
        returned_on: None,
    };
    let mut tally = Tally::new(opened.terms.require_site);
    while let Some(line) = next_line(input, LINE_BYTES_MAX).map_err(Failure::Input)? {
        let answered = match control(&line, &mut request) {
            true => Ok(None),
            false => {
                request.text = line.text.clone();
                opened.execute(ScanCode { request: request.clone() }).await.map(Some)
            }
        };
        if let Ok(Some(ScanAnswer::Patron { patron })) = &answered {
            request.patron = Some(patron.code.clone());
        }
        let number = tally.next();
        let acknowledgement = Acknowledgement::of(number, &line, answered.as_ref());
        tally.count(&acknowledgement);
        acknowledgement.print(opened.terms, out).map_err(Failure::Output)?;
        if let Err(failure) = answered
            && failure.exit() == Exit::NotAllowed
        {
            return Err(failure);
        }
    }
    Ok(tally)
}

/// Whether a line says how the next ones are meant.
fn control(line: &Line, request: &mut ScanRequest) -> bool {
    let mode = match line.text.trim() {
        "mode:lend" => ScanMode::Lend,
        "mode:return" => ScanMode::Return,
        "mode:renew" => ScanMode::Renew,
        "patron:none" => request.mode,
        _ => return false,
    };
    request.mode = mode;
    request.patron = None;
    true
}
