//! The readers of a branch, put together from common names. None of them is a real person.

use lienthu_domain::ids::{BranchCode, PatronCode};
use lienthu_domain::patron::{Patron, PatronCard};
use lienthu_domain::text::fold_vi;
use lienthu_domain::times::LocalDate;

use crate::data;
use crate::dice::{Dice, Odds};
use crate::error::DemoError;
use crate::policy::{self, CATEGORIES, Category};

/// Of a hundred cards, how many have run out during the last months.
const EXPIRED_PERCENT: f64 = 6.0;
/// How long ago they ran out, in days.
const EXPIRED_DAYS: (i32, i32) = (5, 150);
/// How long the others are still good, in days: a card is made for two years.
const GOOD_DAYS: (i32, i32) = (20, 700);
/// Of a hundred patrons, how many are blocked today.
const BLOCKED_PERCENT: f64 = 2.0;
/// Why.
const BLOCKS: [&str; 3] =
    ["Làm mất sách chưa bồi thường", "Nợ phí quá hạn", "Thẻ báo mất, chờ cấp lại"];
/// No operator has numbers that begin so: they look like mobile numbers and ring nobody.
const PHONE_PREFIX: &str = "075";
/// Names of the e-mail addresses end so: RFC 2606 keeps the domain free of mailboxes.
const MAIL_DOMAIN: &str = "example.com";

/// A patron as they are made, and why they are blocked since, if they are: a block that is known when
/// the year is told would make every loan of that year look wrong.
#[derive(Debug, Clone)]
pub(crate) struct Reader {
    pub(crate) patron: Patron,
    pub(crate) blocked_since: Option<&'static str>,
}

pub(crate) fn readers(
    seed: u64,
    branch: &BranchCode,
    count: usize,
    today: LocalDate,
) -> Result<Vec<Reader>, DemoError> {
    let mut dice = Dice::of(seed, &format!("patrons of {branch}"));
    let surnames = data::surnames()?;
    let surname_odds = Odds::new(surnames.iter().map(|row| row.weight));
    let given = data::given_names()?;
    let category_odds = Odds::new(CATEGORIES.iter().map(|category| category.share));
    (1..=count)
        .map(|no| {
            let surname = &surnames[surname_odds.draw(&mut dice)].surname;
            let given = &given[dice.below(given.len())].middle_and_given;
            let category = &CATEGORIES[category_odds.draw(&mut dice)];
            let name = format!("{surname} {given}");
            reader(&mut dice, branch, no, &name, category, today)
        })
        .collect()
}

fn reader(
    dice: &mut Dice,
    branch: &BranchCode,
    no: usize,
    name: &str,
    category: &Category,
    today: LocalDate,
) -> Result<Reader, DemoError> {
    let code = PatronCode::parse(&format!("DG-{branch}-{no:04}")).map_err(DemoError::own_key)?;
    let (youngest, oldest) = category.ages;
    let age_days = dice.between(youngest * 365 + 10, oldest * 365 + 364);
    let expires = if dice.chance(EXPIRED_PERCENT / 100.0) {
        today.plus_days(-dice.between(EXPIRED_DAYS.0, EXPIRED_DAYS.1))
    } else {
        today.plus_days(dice.between(GOOD_DAYS.0, GOOD_DAYS.1))
    };
    let deposit_k = category.deposits_k[dice.below(category.deposits_k.len())];
    // Children leave a parent's number, and have no mail.
    let is_child = category.ages.1 < 15;
    let email = if is_child || dice.chance(0.3) { String::new() } else { email(name, no) };
    let blocked_since =
        dice.chance(BLOCKED_PERCENT / 100.0).then(|| BLOCKS[dice.below(BLOCKS.len())]);
    let patron = Patron {
        card: PatronCard {
            code,
            name: name.to_owned(),
            branch: branch.clone(),
            category: policy::code(category.code)?,
            card_expires: Some(expires),
            block: None,
            home_branch: None,
            home_code: None,
        },
        birth_date: Some(today.plus_days(-age_days)),
        phone: format!("{PHONE_PREFIX}{:07}", dice.below(10_000_000)),
        email,
        deposit_vnd: deposit_k * 1_000,
        note: if is_child {
            "Số điện thoại của phụ huynh".to_owned()
        } else {
            String::new()
        },
    };
    Ok(Reader { patron, blocked_since })
}

/// `ha.nguyen12@…` for the twelfth patron, Nguyễn Thị Thu Hà.
fn email(name: &str, no: usize) -> String {
    let plain = fold_vi(name);
    let mut words = plain.split(' ');
    let surname = words.next().unwrap_or_default();
    let given = words.next_back().unwrap_or(surname);
    format!("{given}.{surname}{no}@{MAIL_DOMAIN}")
}
