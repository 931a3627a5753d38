//! What readers do: when they come, what they like, how long they keep it.

use lienthu_domain::times::LocalDate;

use crate::dice::Dice;

/// How often someone who brings a book back takes another, of 1.
pub(super) const BORROWS_AGAIN: f64 = 0.45;
/// Visitors by weekday, from Monday, against an ordinary day.
const BY_WEEKDAY: [f64; 7] = [0.0, 0.8, 0.9, 0.9, 1.0, 1.6, 1.5];
/// Visitors by month, from January: Tết is quiet, school holidays and the beginning of the school year
/// are not.
const BY_MONTH: [f64; 12] = [0.9, 0.65, 1.0, 1.0, 1.05, 1.3, 1.35, 1.2, 1.15, 1.1, 1.05, 0.95];
/// No day is like another: by so much more or less of 1.
const CHANCE_OF_THE_DAY: f64 = 0.3;
/// Opening hours in minutes after midnight; on Sundays the doors close earlier.
const OPENS_MIN: i32 = 8 * 60;
const CLOSES_MIN: i32 = 19 * 60;
const CLOSES_ON_SUNDAY_MIN: i32 = 17 * 60;
/// Of a hundred books, how many are brought back in time, and how many up to [`LATE_DAYS`] late; the
/// others are kept for [`VERY_LATE_DAYS`].
const IN_TIME_PERCENT: f64 = 83.0;
const LATE_PERCENT: f64 = 13.0;
const LATE_DAYS: (i32, i32) = (1, 12);
const VERY_LATE_DAYS: (i32, i32) = (20, 80);
/// Of a hundred books that are kept to the end, how many are renewed.
const RENEWED_PERCENT: f64 = 17.0;
/// How many days before the due date people think of it.
const RENEWED_BEFORE_DAYS: (i32, i32) = (0, 3);
/// Nobody reads a book in less.
const READING_DAYS_MIN: i32 = 3;
/// How fast interest falls with the rank of popularity: the larger, the slower.
const POPULARITY_OFFSET: f64 = 14.0;

/// When someone means to bring a book back, and when they would renew it first.
pub(super) struct Plan {
    pub(super) returns_on: LocalDate,
    pub(super) renews_on: Option<LocalDate>,
}

pub(super) fn plan(dice: &mut Dice, today: LocalDate, due: LocalDate) -> Plan {
    let Plan { returns_on, renews_on } = wish(dice, today, due);
    // Everyone knows the weekly closing day, and comes the day before.
    let is_known_closed = BY_WEEKDAY[weekday(returns_on)] == 0.0;
    Plan { returns_on: returns_on.plus_days(-i32::from(is_known_closed)), renews_on }
}

fn wish(dice: &mut Dice, today: LocalDate, due: LocalDate) -> Plan {
    if dice.chance(RENEWED_PERCENT / 100.0) {
        let before = dice.between(RENEWED_BEFORE_DAYS.0, RENEWED_BEFORE_DAYS.1);
        // Should the renewal be refused, the book comes back a few days late.
        let returns_on = due.plus_days(dice.between(LATE_DAYS.0, LATE_DAYS.1));
        return Plan { returns_on, renews_on: Some(due.plus_days(-before)) };
    }
    let percent = dice.fraction() * 100.0;
    let returns_on = if percent < IN_TIME_PERCENT {
        let days = i32::try_from(due.days_since(today)).unwrap_or(READING_DAYS_MIN);
        // The later of two guesses: most people come in the last days.
        let guess = |dice: &mut Dice| dice.between(READING_DAYS_MIN.min(days), days);
        today.plus_days(guess(dice).max(guess(dice)))
    } else if percent < IN_TIME_PERCENT + LATE_PERCENT {
        due.plus_days(dice.between(LATE_DAYS.0, LATE_DAYS.1))
    } else {
        due.plus_days(dice.between(VERY_LATE_DAYS.0, VERY_LATE_DAYS.1))
    };
    Plan { returns_on, renews_on: None }
}

/// How many people come in to borrow on a day.
pub(super) fn visits(dice: &mut Dice, ordinary: f64, date: LocalDate) -> usize {
    let month = usize::from(u8::from(date.date().month())) - 1;
    let luck = 1.0 + CHANCE_OF_THE_DAY * (2.0 * dice.fraction() - 1.0);
    let expected = ordinary * BY_WEEKDAY[weekday(date)] * BY_MONTH[month] * luck;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a small number that is not negative"
    )]
    let visits = expected.round() as usize;
    visits
}

fn weekday(date: LocalDate) -> usize {
    usize::from(date.date().weekday().number_days_from_monday())
}

/// When on that day, in milliseconds after midnight.
pub(super) fn time_of_day_ms(dice: &mut Dice, date: LocalDate) -> i64 {
    let is_sunday = weekday(date) == 6;
    let closes = if is_sunday { CLOSES_ON_SUNDAY_MIN } else { CLOSES_MIN };
    // The last half hour is for those who are in the house already.
    let minute = dice.between(OPENS_MIN, closes - 30);
    i64::from(minute) * 60_000 + i64::from(dice.between(0, 59_999))
}

/// How many books someone looks for.
pub(super) fn books(dice: &mut Dice) -> usize {
    match dice.below(10) {
        0..=4 => 1,
        5..=7 => 2,
        _ => 3,
    }
}

/// How often a reader comes, against others: a few come every week, many twice a year.
pub(super) fn activity(dice: &mut Dice) -> f64 {
    dice.fraction().powi(3) + 0.02
}

/// How much a title of this rank is asked for: Zipf's law, with a flattened top, for even the most
/// popular title has only so many copies.
pub(super) fn popularity(rank: usize) -> f64 {
    1.0 / (f64::from(u32::try_from(rank).unwrap_or(u32::MAX)) + POPULARITY_OFFSET)
}
