//! What can happen, and what follows.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use lienthu_protocol::coordinator::Coordinator;
use lienthu_protocol::decision::Outcome;
use lienthu_protocol::driving::{Ending, Event, Machine as _};
use lienthu_protocol::message::{Message, Reply, Request};
use lienthu_protocol::recoverer::Recoverer;
use lienthu_protocol::site::Caller;
use lienthu_protocol::terms::Terms;
use stateright::Property;

use crate::places::{TXN, branch, party, site_of, terms};
use crate::properties;
use crate::site::Site;
use crate::variant::Variant;

/// How large a world is explored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setup {
    /// Sites that take part.
    pub sites: usize,
    /// Who recovers, at the same time or one after the other.
    pub recoverers: usize,
    /// How often each of them begins.
    pub runs: u8,
    /// Sites that may be put back to a backup.
    pub restores: u8,
    /// Whether managers force outcomes.
    pub forces: bool,
    /// The rule that is broken, if one is.
    pub variant: Variant,
}

/// A setup, ready to be explored.
#[derive(Debug, Clone)]
pub struct Model {
    pub(crate) setup: Setup,
    pub(crate) terms: Arc<Terms>,
}

/// Who drives.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Driver {
    Coordinator(Coordinator),
    Recoverer(Recoverer),
}

/// A driver's place, and which of its runs it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Seat {
    pub(crate) driver: Option<Driver>,
    pub(crate) run: u8,
}

/// A request or a reply on its way. It may arrive at any time from now on, any number of times, or never.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Envelope {
    /// To a site.
    Request {
        /// Whose.
        seat: usize,
        /// In which run.
        run: u8,
        /// In whose name.
        is_manager: bool,
        /// What.
        message: Message,
    },
    /// From a site.
    Reply {
        /// To whom.
        seat: usize,
        /// In which run.
        run: u8,
        /// From which site.
        from: usize,
        /// What.
        reply: Reply,
    },
}

/// Everything there is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    pub(crate) sites: Vec<Site>,
    /// The coordinator, then those who recover.
    pub(crate) seats: Vec<Seat>,
    wire: BTreeSet<Arc<Envelope>>,
    /// What the coordinator knew to be decided, and could tell people.
    pub(crate) told: Option<Outcome>,
    restores_left: u8,
}

/// Something that can happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Move {
    /// The coordinator begins.
    Begin,
    /// Someone who recovers looks at a site and finds a promise that nobody ended.
    Recover {
        /// Who.
        seat: usize,
    },
    /// Someone begins to tell a restored site what it promised and decided.
    Reconcile {
        /// Who.
        seat: usize,
        /// To which.
        site: usize,
    },
    /// Something arrives.
    Arrive {
        /// What.
        envelope: Arc<Envelope>,
        /// Whether the action can be done, where the site looks at it.
        can: bool,
    },
    /// Someone gives up waiting for a site.
    GiveUp {
        /// Who.
        seat: usize,
        /// On which.
        site: usize,
    },
    /// Someone dies, with all that they remember.
    Crash {
        /// Who.
        seat: usize,
    },
    /// A site is put back to an earlier state.
    Restore {
        /// Which.
        site: usize,
        /// To which of its earlier states.
        time: usize,
    },
    /// A manager forces an outcome at a site.
    Force {
        /// At which.
        site: usize,
        /// What they choose.
        outcome: Outcome,
    },
    /// A restored site knows everything again.
    Readmit {
        /// Who told it.
        seat: usize,
        /// Which.
        site: usize,
    },
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Begin => f.write_str("the coordinator begins"),
            Self::Recover { seat } => write!(f, "recoverer {seat} begins"),
            Self::Reconcile { seat, site } => {
                write!(f, "recoverer {seat} begins for the restored site {}", branch(*site))
            }
            Self::Arrive { envelope, can } => match &**envelope {
                Envelope::Request { seat, message, .. } => {
                    let (to, request) = (&message.to.branch, &message.request);
                    let cannot = if *can { "" } else { ", which cannot" };
                    write!(f, "from driver {seat} at site {to}{cannot}: {request:?}")
                }
                Envelope::Reply { seat, from, reply, .. } => {
                    write!(f, "from site {} at driver {seat}: {reply:?}", branch(*from))
                }
            },
            Self::GiveUp { seat, site } => {
                write!(f, "driver {seat} gives up on site {}", branch(*site))
            }
            Self::Crash { seat } => write!(f, "driver {seat} dies"),
            Self::Restore { site, time } => {
                write!(f, "site {} is put back to its state {time}", branch(*site))
            }
            Self::Force { site, outcome } => {
                write!(f, "a manager forces {} at site {}", outcome.code(), branch(*site))
            }
            Self::Readmit { seat, site } => {
                write!(f, "driver {seat} lets site {} take part again", branch(*site))
            }
        }
    }
}

impl Setup {
    /// Makes it ready.
    #[must_use]
    pub fn model(self) -> Model {
        Model { setup: self, terms: terms(self.sites) }
    }
}

impl stateright::Model for Model {
    type State = State;
    type Action = Move;

    fn init_states(&self) -> Vec<State> {
        let Setup { sites, recoverers, restores, .. } = self.setup;
        vec![State {
            sites: vec![Site::new(sites); sites],
            seats: vec![Seat { driver: None, run: 0 }; recoverers + 1],
            wire: BTreeSet::new(),
            told: None,
            restores_left: restores,
        }]
    }

    fn actions(&self, state: &State, moves: &mut Vec<Move>) {
        if state.seats[0].run == 0 {
            moves.push(Move::Begin);
        }
        for (seat, at) in state.seats.iter().enumerate() {
            match &at.driver {
                Some(driver) => {
                    moves.push(Move::Crash { seat });
                    if driver.ending().is_none() {
                        moves.extend(self.sites().map(|site| Move::GiveUp { seat, site }));
                    } else if let Some(site) = at.reconciled() {
                        moves.push(Move::Readmit { seat, site });
                    }
                }
                None if seat > 0 && at.run < self.setup.runs => {
                    moves.push(Move::Recover { seat });
                    moves.extend(self.sites().map(|site| Move::Reconcile { seat, site }));
                }
                None => {}
            }
        }
        if self.setup.forces {
            for (site, at) in state.sites.iter().enumerate() {
                if at.rows.entry.is_prepared() {
                    let outcomes = [Outcome::Commit, Outcome::Abort];
                    moves.extend(outcomes.map(|outcome| Move::Force { site, outcome }));
                }
            }
        }
        for envelope in &state.wire {
            let is_looked_at = matches!(
                &**envelope,
                Envelope::Request { message: Message { request: Request::Prepare { .. }, .. }, .. }
            );
            moves.push(Move::Arrive { envelope: Arc::clone(envelope), can: true });
            if is_looked_at {
                moves.push(Move::Arrive { envelope: Arc::clone(envelope), can: false });
            }
        }
        if state.restores_left > 0 {
            for (site, at) in state.sites.iter().enumerate() {
                moves.extend((0..at.past.len()).map(|time| Move::Restore { site, time }));
            }
        }
    }

    fn next_state(&self, before: &State, what: Move) -> Option<State> {
        let mut state = before.clone();
        match what {
            Move::Begin => {
                let coordinator = Coordinator::new(TXN, Arc::clone(&self.terms));
                state.seats[0] = Seat { driver: Some(Driver::Coordinator(coordinator)), run: 1 };
                self.drive(&mut state, 0, &Event::Started);
            }
            Move::Recover { seat } => {
                state.sites.iter().find(|site| site.rows.entry.is_open())?;
                self.recover(&mut state, seat, Recoverer::new(TXN, Arc::clone(&self.terms)));
            }
            Move::Reconcile { seat, site } => {
                let at = state.sites.get(site).filter(|site| site.is_quarantined)?;
                let now = party(site, at.restored);
                let recoverer = Recoverer::of_restored(TXN, Arc::clone(&self.terms), now);
                self.recover(&mut state, seat, recoverer);
            }
            Move::Arrive { envelope, can } => self.arrive(&mut state, &envelope, can),
            Move::GiveUp { seat, site } => {
                self.drive(&mut state, seat, &Event::Unanswered { from: branch(site) });
            }
            Move::Crash { seat } => state.leave(seat),
            Move::Restore { site, time } => {
                state.sites[site].restore(time);
                state.restores_left -= 1;
            }
            Move::Force { site, outcome } => {
                let to = party(site, state.sites[site].restored);
                let message = Message { txn: TXN, to, request: Request::Force { outcome } };
                let variant = self.setup.variant;
                state.sites[site].take(site, &message, Caller::Manager, true, variant);
            }
            Move::Readmit { seat, site } => {
                state.sites[site].is_quarantined = false;
                state.leave(seat);
            }
        }
        (state != *before).then_some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all(&self.setup)
    }
}

impl Model {
    pub(crate) fn sites(&self) -> std::ops::Range<usize> {
        0..self.setup.sites
    }

    fn recover(&self, state: &mut State, seat: usize, recoverer: Recoverer) {
        let run = state.seats[seat].run + 1;
        state.seats[seat] = Seat { driver: Some(Driver::Recoverer(recoverer)), run };
        self.drive(state, seat, &Event::Started);
    }

    fn arrive(&self, state: &mut State, envelope: &Envelope, can: bool) {
        match envelope {
            Envelope::Request { seat, run, is_manager, message } => {
                let to = site_of(&message.to.branch);
                let site = &mut state.sites[to];
                let rows = site.rows.clone();
                let caller = if *is_manager { Caller::Manager } else { Caller::Agent };
                let reply = site.take(to, message, caller, can, self.setup.variant);
                if state.restores_left > 0 {
                    site.back_up(&rows);
                }
                if state.seats[*seat].is_waiting(*run) {
                    let reply = Envelope::Reply { seat: *seat, run: *run, from: to, reply };
                    state.wire.insert(Arc::new(reply));
                }
            }
            Envelope::Reply { seat, from, reply, .. } => {
                let event = Event::Answered { from: branch(*from), reply: reply.clone() };
                self.drive(state, *seat, &event);
            }
        }
    }

    fn drive(&self, state: &mut State, seat: usize, event: &Event) {
        let Setup { sites, variant, .. } = self.setup;
        let Seat { driver, run } = state.seats[seat].clone();
        let Some(driver) = driver else { return };
        let is_manager = driver.is_manager();
        let (driver, messages) = match driver {
            Driver::Coordinator(coordinator) => {
                let driven = variant.at_coordinator(&coordinator, sites, event);
                state.told = state.told.or(driven.next.outcome());
                (Driver::Coordinator(driven.next), driven.messages)
            }
            Driver::Recoverer(recoverer) => {
                let driven = variant.at_recoverer(&recoverer, sites, event);
                (Driver::Recoverer(driven.next), driven.messages)
            }
        };
        for message in messages {
            state.wire.insert(Arc::new(Envelope::Request { seat, run, is_manager, message }));
        }
        state.seats[seat].driver = Some(driver);
        if !state.seats[seat].is_waiting(run) {
            state.forget_replies(seat);
        }
    }
}

impl Driver {
    fn ending(&self) -> Option<&Ending> {
        match self {
            Self::Coordinator(coordinator) => coordinator.ending(),
            Self::Recoverer(recoverer) => recoverer.ending(),
        }
    }

    fn is_manager(&self) -> bool {
        match self {
            Self::Coordinator(_) => true,
            Self::Recoverer(recoverer) => recoverer.restored().is_some(),
        }
    }
}

impl Seat {
    fn is_waiting(&self, run: u8) -> bool {
        self.run == run && self.driver.as_ref().is_some_and(|driver| driver.ending().is_none())
    }

    /// The site that knows everything again by this run.
    fn reconciled(&self) -> Option<usize> {
        let Some(Driver::Recoverer(recoverer)) = &self.driver else { return None };
        match recoverer.ending() {
            Some(Ending::Decided { untold, .. }) if untold.is_empty() => {
                recoverer.restored().map(|party| site_of(&party.branch))
            }
            _ => None,
        }
    }
}

impl State {
    fn leave(&mut self, seat: usize) {
        self.seats[seat].driver = None;
        self.forget_replies(seat);
    }

    /// Nobody waits for them any more.
    fn forget_replies(&mut self, whose: usize) {
        self.wire.retain(
            |envelope| !matches!(&**envelope, Envelope::Reply { seat, .. } if *seat == whose),
        );
    }
}
