//! Changes of what every site holds, over embedded sites.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use common::{BRANCHES, Network, TITLE, branch, title};
use lienthu_across::beginning::BeginError;
use lienthu_across::catalogue::change;
use lienthu_across::driving::Driving;
use lienthu_across::sites::Sites;
use lienthu_across::transfers::transfer;
use lienthu_domain::action::{CatalogueChange, Resource};
use lienthu_domain::hindrance::Hindrance;
use lienthu_domain::replicated::{
    Branch, BranchStanding, ClosedDay, LoanPolicy, ReplicatedRow, Title,
};
use lienthu_protocol::decision::Outcome;
use lienthu_protocol::driving::Ending;

fn put(title: &Title, seen: Option<&Title>) -> CatalogueChange {
    CatalogueChange::PutTitle { title: title.clone(), seen: seen.cloned() }
}

fn outcome(driving: &Driving) -> Outcome {
    let Ending::Decided { outcome, untold } = &driving.ending else { panic!("{driving:?}") };
    assert!(untold.is_empty(), "{driving:?}");
    *outcome
}

/// Does it, and that it was done.
async fn done(network: &Network, sites: &Sites, changes: Vec<CatalogueChange>) {
    let driving = change(sites, network.next_txn(), changes, |_, _| {}).await.unwrap();
    assert_eq!(outcome(&driving), Outcome::Commit, "{driving:?}");
}

/// Tries it in vain; what stands against it at the site that said so first.
async fn refused(network: &Network, sites: &Sites, changes: Vec<CatalogueChange>) -> Hindrance {
    let driving = change(sites, network.next_txn(), changes, |_, _| {}).await.unwrap();
    assert_eq!(outcome(&driving), Outcome::Abort);
    assert_eq!(network.open().await, 0);
    driving.hindered.values().flatten().next().unwrap().why
}

async fn is_everywhere(network: &Network, row: &ReplicatedRow) {
    for code in BRANCHES {
        let stands = network.row(code, &Resource::from(row)).await;
        assert_eq!(stands.as_ref(), Some(row), "at {code}");
    }
}

#[tokio::test]
async fn a_title_is_added_changed_and_removed_at_all_sites() {
    let network = Network::new().await;
    let sites = network.sites("manager");
    let first = title("LT-1", "Số đỏ");
    done(&network, &sites, vec![put(&first, None)]).await;
    is_everywhere(&network, &ReplicatedRow::Title(first.clone())).await;
    let second = Title { year: Some(1936), ..first.clone() };
    done(&network, &sites, vec![put(&second, Some(&first))]).await;
    is_everywhere(&network, &ReplicatedRow::Title(second.clone())).await;
    done(&network, &sites, vec![CatalogueChange::RemoveTitle { seen: second.clone() }]).await;
    for code in BRANCHES {
        assert_eq!(network.row(code, &Resource::Title(second.key.clone())).await, None);
    }
    // What was removed can be added again.
    done(&network, &sites, vec![put(&first, None)]).await;
    is_everywhere(&network, &ReplicatedRow::Title(first)).await;
    assert_eq!(network.open().await, 0);
}

#[tokio::test]
async fn of_several_changes_all_are_done_or_none() {
    let network = Network::new().await;
    let sites = network.sites("manager");
    let (one, other) = (title("LT-1", "Một"), title("LT-2", "Hai"));
    done(&network, &sites, vec![put(&other, None)]).await;
    let why = refused(&network, &sites, vec![put(&one, None), put(&other, None)]).await;
    assert_eq!(why, Hindrance::AlreadyExists);
    for code in BRANCHES {
        assert_eq!(network.row(code, &Resource::Title(one.key.clone())).await, None);
    }
}

#[tokio::test]
async fn nobodys_edit_is_overwritten_unseen() {
    let network = Network::new().await;
    let sites = network.sites("manager");
    let first = title("LT-1", "Số đỏ");
    done(&network, &sites, vec![put(&first, None)]).await;
    let mine = Title { author: "Vũ Trọng Phụng".to_owned(), ..first.clone() };
    let theirs = Title { year: Some(1936), ..first.clone() };
    done(&network, &sites, vec![put(&theirs, Some(&first))]).await;
    let why = refused(&network, &sites, vec![put(&mine, Some(&first))]).await;
    assert_eq!(why, Hindrance::ChangedMeanwhile);
    is_everywhere(&network, &ReplicatedRow::Title(theirs)).await;
}

#[tokio::test]
async fn of_two_managers_at_once_at_most_one_gets_a_row_and_it_is_the_same_everywhere() {
    let network = Network::new().await;
    let mut first = title("LT-1", "Số đỏ");
    done(&network, &network.sites("manager"), vec![put(&first, None)]).await;
    for round in 0..20 {
        let (one, other) = (network.sites("manager"), network.sites("manager"));
        let mine = Title { author: format!("Một {round}"), ..first.clone() };
        let theirs = Title { author: format!("Hai {round}"), ..first.clone() };
        let (mine_txn, their_txn) = (network.next_txn(), network.next_txn());
        let (a, b) = tokio::join!(
            change(&one, mine_txn, vec![put(&mine, Some(&first))], |_, _| {}),
            change(&other, their_txn, vec![put(&theirs, Some(&first))], |_, _| {}),
        );
        let stands = match (outcome(&a.unwrap()), outcome(&b.unwrap())) {
            (Outcome::Commit, Outcome::Abort) => mine,
            (Outcome::Abort, Outcome::Commit) => theirs,
            (Outcome::Abort, Outcome::Abort) => first.clone(),
            (Outcome::Commit, Outcome::Commit) => panic!("both overwrote the same row"),
        };
        is_everywhere(&network, &ReplicatedRow::Title(stands.clone())).await;
        first = stands;
        assert_eq!(network.open().await, 0);
    }
}

#[tokio::test]
async fn a_title_stays_while_a_copy_of_it_is_anywhere_or_arriving() {
    let network = Network::new().await;
    let sites = network.sites("manager");
    let seen = network.title_row(TITLE).await;
    let removal = || vec![CatalogueChange::RemoveTitle { seen: seen.clone() }];
    assert_eq!(refused(&network, &sites, removal()).await, Hindrance::TitleHasCopies);
    for copy in ["C1", "C2", "C3", "C4"] {
        network.remove_copy("Q1", copy).await;
    }
    let moved = network.moving("Q1", "Q3", &["C5"]).await;
    transfer(&sites, network.next_txn(), moved, |_, _| {}).await.unwrap();
    // It has left, and nobody has received it.
    assert_eq!(refused(&network, &sites, removal()).await, Hindrance::TitleHasCopies);
    network.receive("Q3", &["C5"]).await;
    network.remove_copy("Q3", "C5").await;
    done(&network, &sites, removal()).await;
}

#[tokio::test]
async fn a_row_that_its_column_cannot_hold_is_refused_by_the_site() {
    let network = Network::new().await;
    let sites = network.sites("manager");
    for wrong in [title("LT-1", ""), title("LT-1", &"x".repeat(256))] {
        assert_eq!(refused(&network, &sites, vec![put(&wrong, None)]).await, Hindrance::FieldWrong);
    }
}

#[tokio::test]
async fn policies_and_closed_days_come_change_and_go() {
    let network = Network::new().await;
    let sites = network.sites("manager");
    let policy = |branch: &str, loan_days| LoanPolicy {
        branch: Some(branch.parse().unwrap()),
        category: Some("CHILD".parse().unwrap()),
        loan_days,
        loans_max: 2,
        renewals_max: 1,
        renewal_days: 7,
        may_override: false,
    };
    let put = |policy: &LoanPolicy, seen: Option<&LoanPolicy>| {
        vec![CatalogueChange::PutPolicy { policy: policy.clone(), seen: seen.cloned() }]
    };
    let (first, second) = (policy("Q3", 7), policy("Q3", 14));
    done(&network, &sites, put(&first, None)).await;
    done(&network, &sites, put(&second, Some(&first))).await;
    is_everywhere(&network, &ReplicatedRow::Policy(second.clone())).await;
    let why = refused(&network, &sites, put(&first, Some(&first))).await;
    assert_eq!(why, Hindrance::ChangedMeanwhile);
    let nowhere = refused(&network, &sites, put(&policy("Q9", 7), None)).await;
    assert_eq!(nowhere, Hindrance::BranchNotActive);
    done(&network, &sites, vec![CatalogueChange::RemovePolicy { seen: second.clone() }]).await;
    let gone =
        refused(&network, &sites, vec![CatalogueChange::RemovePolicy { seen: second }]).await;
    assert_eq!(gone, Hindrance::Unknown);

    let closed = |note: &str| ClosedDay {
        branch: None,
        date: "2026-09-02".parse().unwrap(),
        note: note.to_owned(),
    };
    let (first, second) = (closed("Nghỉ lễ"), closed("Quốc khánh"));
    let put = CatalogueChange::PutClosedDay { closed: first.clone(), seen: None };
    done(&network, &sites, vec![put]).await;
    let put = CatalogueChange::PutClosedDay { closed: second.clone(), seen: Some(first) };
    done(&network, &sites, vec![put]).await;
    is_everywhere(&network, &ReplicatedRow::ClosedDay(second.clone())).await;
    done(&network, &sites, vec![CatalogueChange::RemoveClosedDay { seen: second.clone() }]).await;
    for code in BRANCHES {
        assert_eq!(network.row(code, &Resource::ClosedDay(None, second.date)).await, None);
    }
}

fn put_branch(becomes: &Branch, seen: Option<&Branch>) -> Vec<CatalogueChange> {
    vec![CatalogueChange::PutBranch { branch: becomes.clone(), seen: seen.cloned() }]
}

#[tokio::test]
async fn a_branch_is_added_away_renamed_and_closed_and_the_membership_grows() {
    let network = Network::new().await;
    let sites = network.sites("manager");
    let mut membership = network.membership("Q1").await;
    let new = |standing| Branch {
        code: branch("Q9"),
        name: "Thư viện Quận 9".to_owned(),
        address: String::new(),
        standing,
    };
    let early = refused(&network, &sites, put_branch(&new(BranchStanding::Active), None)).await;
    assert_eq!(early, Hindrance::NotAudited);
    assert_eq!(network.membership("Q1").await, membership);

    let away = new(BranchStanding::Away);
    let renamed = Branch { name: "Thư viện Thủ Đức".to_owned(), ..away.clone() };
    for (becomes, seen) in [(&away, None), (&renamed, Some(&away))] {
        done(&network, &sites, put_branch(becomes, seen)).await;
        is_everywhere(&network, &ReplicatedRow::Branch(becomes.clone())).await;
        let grown = network.membership("Q1").await;
        assert!(grown > membership);
        assert_eq!([network.membership("Q3").await, network.membership("Q5").await], [grown; 2]);
        membership = grown;
    }
    let active = Branch { standing: BranchStanding::Active, ..renamed.clone() };
    let why = refused(&network, &sites, put_branch(&active, Some(&renamed))).await;
    assert_eq!(why, Hindrance::NotAudited);
    let closed = Branch { standing: BranchStanding::Closed, ..renamed.clone() };
    done(&network, &sites, put_branch(&closed, Some(&renamed))).await;
}

#[tokio::test]
async fn a_branch_closes_only_once_nothing_is_left_there_and_never_as_the_last() {
    let network = Network::new().await;
    let sites = network.sites("manager");
    let stands = |code: &str, standing| Branch {
        code: branch(code),
        name: format!("Thư viện {code}"),
        address: String::new(),
        standing,
    };
    let close = |code: &str| {
        let seen = stands(code, BranchStanding::Active);
        put_branch(&stands(code, BranchStanding::Closed), Some(&seen))
    };
    assert_eq!(refused(&network, &sites, close("Q1")).await, Hindrance::BranchHasCopies);
    done(&network, &sites, close("Q3")).await;
    done(&network, &sites, close("Q5")).await;
    for copy in ["C1", "C2", "C3", "C4", "C5"] {
        network.remove_copy("Q1", copy).await;
    }
    assert_eq!(refused(&network, &sites, close("Q1")).await, Hindrance::LastActiveBranch);
    // The others have no part in it any more.
    let row = title("LT-1", "Số đỏ");
    done(&network, &sites, vec![put(&row, None)]).await;
    assert_eq!(network.row("Q3", &Resource::Title(row.key.clone())).await, None);
}

#[tokio::test]
async fn without_an_active_site_nothing_begins_and_away_it_is_left_out_but_not_from_removals() {
    let network = Network::new().await;
    let sites = network.sites("manager");
    let row = title("LT-1", "Số đỏ");
    network.cut("Q5", true);
    let begun = change(&sites, network.next_txn(), vec![put(&row, None)], |_, _| {}).await;
    let Err(BeginError::Site { branch: unheard, .. }) = begun else { panic!("{begun:?}") };
    assert_eq!(unheard, branch("Q5"));

    let active = network.branch("Q1", "Q5").await;
    let away = Branch { standing: BranchStanding::Away, ..active.clone() };
    let driving =
        change(&sites, network.next_txn(), put_branch(&away, Some(&active)), |_, _| {}).await;
    assert_eq!(outcome(&driving.unwrap()), Outcome::Commit);
    let driving = change(&sites, network.next_txn(), vec![put(&row, None)], |_, _| {}).await;
    assert_eq!(outcome(&driving.unwrap()), Outcome::Commit);
    let removal = vec![CatalogueChange::RemoveTitle { seen: row.clone() }];
    let begun = change(&sites, network.next_txn(), removal, |_, _| {}).await;
    assert!(matches!(begun, Err(BeginError::Away(ref away)) if *away == branch("Q5")), "{begun:?}");

    // Back on the line, but not filled: it believes that it is active, and nobody does.
    network.cut("Q5", false);
    let next = title("LT-2", "Tắt đèn");
    done(&network, &sites, vec![put(&next, None)]).await;
    for title in [&row, &next] {
        assert_eq!(network.row("Q5", &Resource::Title(title.key.clone())).await, None);
        assert!(network.row("Q3", &Resource::Title(title.key.clone())).await.is_some());
    }
}

#[tokio::test]
async fn sites_that_joined_and_list_other_branches_change_nothing_before_they_are_alike() {
    for (at, unlisted) in [("Q1", "Q5"), ("Q3", "Q5"), ("Q5", "Q3")] {
        let network = Network::new().await;
        network.by_hand(at, &format!("DELETE FROM CHINHANH WHERE MaCN = '{unlisted}'")).await;
        let sites = network.sites("manager");
        let changes = vec![put(&title("LT-1", "Số đỏ"), None)];
        let begun = change(&sites, network.next_txn(), changes, |_, _| {}).await;
        assert!(
            matches!(begun, Err(BeginError::Membership(_))),
            "{at} without {unlisted}: {begun:?}"
        );
        assert_eq!(network.open().await, 0);
    }
}

#[tokio::test]
async fn no_copy_of_a_title_comes_while_its_removal_is_undecided() {
    let network = Network::new().await;
    let seen = title("LT-1", "Số đỏ");
    done(&network, &network.sites("manager"), vec![put(&seen, None)]).await;
    let added = network.add_copy_between(&seen).await;
    assert!(added, "the copy was to be refused while the removal was undecided");
}
