//! Which proofs there are.

use std::path::Path;
use std::pin::Pin;

use crate::kit::findings::Findings;
use crate::{
    adopt, away, bad_input, chaos, conformance, crash_points, dead_site, demo, feed, hostile_text,
    lost_reply, model, nothing_lost, order_free, restored_site, rights, round_trips, scan_time,
    settling, who_may, window_across, window_desk, wire,
};

/// On what terms a proof is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// Where random choices start.
    pub seed: u64,
    /// The time that certainty takes, instead of a minute.
    pub long: bool,
    /// For how many minutes a proof is to go on that can be asked to.
    pub minutes: Option<u64>,
    /// The network file whose servers are to be used, of a proof that can be asked to.
    pub network: Option<&'static Path>,
    /// A script that makes a customer's database.
    pub database: Option<&'static Path>,
}

/// A proof on its way.
pub type Running<'a> = Pin<Box<dyn Future<Output = anyhow::Result<()>> + 'a>>;

/// One proof.
pub struct Proof {
    /// What it is called on the command line.
    pub name: &'static str,
    /// What it shows.
    pub sentence: &'static str,
    /// Whether it drives the real window.
    pub needs_window: bool,
    /// Whether it looks at T-SQL sites too, where there are some.
    pub uses_t_sql: bool,
    /// Carries it through, noting figures and failures. An error means that it could not be.
    pub run: for<'a> fn(Terms, &'a mut Findings) -> Running<'a>,
}

/// All of them.
pub const PROOFS: &[Proof] = &[
    Proof {
        name: "demo",
        sentence: "The demo's story without a window, with a catalogue of which one record is damaged: \
                   lent with and without the line, drained, nothing lost. With --network FILE on T-SQL servers.",
        needs_window: false,
        uses_t_sql: false,
        run: |terms, findings| Box::pin(demo::run(terms, findings)),
    },
    Proof {
        name: "order-free",
        sentence: "In whatever order, batches and repetitions events arrive, the site ends with the \
                   same loans, and with the true ones where the history can have happened.",
        needs_window: false,
        uses_t_sql: true,
        run: |terms, findings| Box::pin(order_free::run(terms, findings)),
    },
    Proof {
        name: "nothing-lost",
        sentence: "The real program, killed at random moments while scanning, loses no scan that it \
                   acknowledged and makes none of them two.",
        needs_window: false,
        uses_t_sql: false,
        run: |terms, findings| Box::pin(nothing_lost::run(terms, findings)),
    },
    Proof {
        name: "lost-reply",
        sentence: "Whatever becomes of a request and its reply, a scan ends as exactly one of done, \
                   refused and queued, and the site comes to agree with what was said.",
        needs_window: false,
        uses_t_sql: false,
        run: |terms, findings| Box::pin(lost_reply::run(terms, findings)),
    },
    Proof {
        name: "scan-time",
        sentence: "From a scan to its durable acknowledgement it takes little longer than a bare \
                   durable commit to the same disk.",
        needs_window: false,
        uses_t_sql: false,
        run: |terms, findings| Box::pin(scan_time::run(terms, findings)),
    },
    Proof {
        name: "restored-site",
        sentence: "A site that is put back to an older copy of its file gets today's loans back from \
                   its desks, and their caches fill anew.",
        needs_window: false,
        uses_t_sql: false,
        run: |terms, findings| Box::pin(restored_site::run(terms, findings)),
    },
    Proof {
        name: "rights",
        sentence: "At a T-SQL site each role may do what the page of rights says and no more, a \
                   librarian's login without the program gets no further than with it, and what is \
                   beyond the page is found by name.",
        needs_window: false,
        uses_t_sql: true,
        run: |terms, findings| Box::pin(rights::run(terms, findings)),
    },
    Proof {
        name: "window-desk",
        sentence: "In the real window, by keyboard: lend, cut the line, go on lending, restore it, watch \
                   the queue drain; and the site has what the window said.",
        needs_window: true,
        uses_t_sql: false,
        run: |terms, findings| Box::pin(window_desk::run(terms, findings)),
    },
    Proof {
        name: "window-across",
        sentence: "In the real windows over three sites: a search with one site cut off, a title changed at all of \
                   them, five books moved by a window that is killed in the middle, finished by another desk, received.",
        needs_window: true,
        uses_t_sql: false,
        run: |terms, findings| Box::pin(window_across::run(terms, findings)),
    },
    Proof {
        name: "bad-input",
        sentence: "Spoiled files, full disks, locks, wrong keys, mistakes and wild scans each end in an \
                   error with a name, lose nothing and bring nothing down.",
        needs_window: false,
        uses_t_sql: false,
        run: |terms, findings| Box::pin(bad_input::run(terms, findings)),
    },
    Proof {
        name: "feed",
        sentence: "While writers write, rows are loaded by hand and the site is put back, every cache that \
                   follows it misses no row and shows no state that the site was not in.",
        needs_window: false,
        uses_t_sql: true,
        run: |terms, findings| Box::pin(feed::run(terms, findings)),
    },
    Proof {
        name: "hostile-text",
        sentence: "Text that means harm, through every text parameter of every procedure, is stored as it \
                   is or refused by name, and changes nothing else.",
        needs_window: false,
        uses_t_sql: true,
        run: |terms, findings| Box::pin(hostile_text::run(terms, findings)),
    },
    Proof {
        name: "conformance",
        sentence: "Every kind of site that this machine can have keeps every promise of the port.",
        needs_window: false,
        uses_t_sql: true,
        run: |terms, findings| Box::pin(conformance::run(terms, findings)),
    },
    Proof {
        name: "wire",
        sentence: "Whatever happens on the line to a T-SQL site, the desk knows within a named time, lends \
                   on meanwhile, and in the end nothing is lost and nothing is there twice.",
        needs_window: false,
        uses_t_sql: true,
        run: |terms, findings| Box::pin(wire::run(terms, findings)),
    },
    Proof {
        name: "round-trips",
        sentence: "A queue goes to a T-SQL site in one round trip for each batch, and two beside.",
        needs_window: false,
        uses_t_sql: true,
        run: |terms, findings| Box::pin(round_trips::run(terms, findings)),
    },
    Proof {
        name: "adopt",
        sentence: "A customer's database becomes a site as it stands: what stands against it is listed \
                   first, nothing changes that is not noted, and old programs go on beside the app.",
        needs_window: false,
        uses_t_sql: true,
        run: |terms, findings| Box::pin(adopt::run(terms, findings)),
    },
    Proof {
        name: "model",
        sentence: "Transactions over several sites end everywhere the same, and end, whatever is lost, \
                   doubled, late, killed or put back; and a checker that shows it sees each broken rule.",
        needs_window: false,
        uses_t_sql: false,
        run: |terms, findings| Box::pin(model::run(terms, findings)),
    },
    Proof {
        name: "crash-points",
        sentence: "Whoever drives a transfer or a change of titles is killed, or a site is cut, at every point \
                   at which they talk: another desk finishes, all sites end the same, and each copy is \
                   live at one branch alone.",
        needs_window: false,
        uses_t_sql: true,
        run: |terms, findings| Box::pin(crash_points::run(terms, findings)),
    },
    Proof {
        name: "who-may",
        sentence: "At the site itself: a librarian can start nothing over several sites but receiving, the \
                   agent finishes what others decided and chooses nothing, and a forged decision is refused.",
        needs_window: false,
        uses_t_sql: true,
        run: |terms, findings| Box::pin(who_may::run(terms, findings)),
    },
    Proof {
        name: "dead-site",
        sentence: "Many sites are asked at once and one of them is dead: it delays nobody once it is known, it \
                   is always named, and it is heard again when it is back.",
        needs_window: false,
        uses_t_sql: true,
        run: |terms, findings| Box::pin(dead_site::run(terms, findings)),
    },
    Proof {
        name: "away",
        sentence: "A site that was away during a hundred changes is filled, audited and active again, with every \
                   row as the others have it; and an audit of many titles moves few keys.",
        needs_window: false,
        uses_t_sql: true,
        run: |terms, findings| Box::pin(away::run(terms, findings)),
    },
    Proof {
        name: "settling",
        sentence: "An outcome that a manager forced against the decision is found and repaired, and a site that was \
                   put back to a backup learns what it promised and decided: each copy is live at one branch alone.",
        needs_window: false,
        uses_t_sql: true,
        run: |terms, findings| Box::pin(settling::run(terms, findings)),
    },
    Proof {
        name: "chaos",
        sentence: "Desks lend, take back, send books to each other, rename and remove over three sites, while lines \
                   are cut, programs are killed and a site is put back: in the end everything is true.",
        needs_window: false,
        uses_t_sql: false,
        run: |terms, findings| Box::pin(chaos::run(terms, findings)),
    },
];
