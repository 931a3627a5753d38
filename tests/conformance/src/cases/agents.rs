//! The agent's login at every site of the network.

use lienthu_domain::rights::Right;
use lienthu_port::agent::{AgentLogin, KeptAgent};
use lienthu_port::error::SiteError;

use super::cases;
use crate::fixture::CannotHere;
use crate::kit::{AGENT, ELSEWHERE, HERE, LIBRARIAN, MANAGER, NOBODY, World, at, key};
use crate::suite::{Bench, Case};

pub(super) fn cases() -> Vec<Case> {
    cases![
        "whoever works here is given the agent's login at every site, and nobody else is" => given,
        "the agent's login opens with its latest secret alone, and is nothing but an agent" => opens,
    ]
}

/// Of this run alone: a server has its logins in common.
fn agent(branch: &str, secret: &str, minute: i64) -> KeptAgent {
    let login = AgentLogin::name_at(&key(branch)).unwrap();
    let secret = format!("Lt-{secret}-5f1c0f7d5c2b4b0e").into();
    KeptAgent { agent: AgentLogin { branch: key(branch), login, secret }, set_at: at(minute) }
}

async fn given(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    assert_eq!(world.site.agents().await.unwrap(), []);
    let (late, early) = (agent(ELSEWHERE, "late", 9), agent(ELSEWHERE, "early", 3));
    for told in [&early, &late, &early] {
        world.hands.put_agents(vec![told.clone()]).await?;
    }
    for login in [LIBRARIAN, MANAGER] {
        let agents = world.sign_in(login).await.agents().await;
        assert_eq!(agents.unwrap(), std::slice::from_ref(&late.agent), "{login}");
    }
    for login in [AGENT, NOBODY] {
        let agents = world.sign_in(login).await.agents().await;
        assert_eq!(agents, Err(SiteError::Forbidden { right: Right::Follow }), "{login}");
    }
    assert_eq!(world.hands.agents().await?, [late]);
    Ok(())
}

async fn opens(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let (first, second) = (agent(HERE, "first", 1), agent(HERE, "second", 2));
    world.hands.set_agent(first.clone()).await?;
    let connector = world.hands.connector();
    connector.connect(&first.agent.credentials()).await.unwrap();
    world.hands.set_agent(second.clone()).await?;
    let refused = connector.connect(&first.agent.credentials()).await.err();
    assert_eq!(refused, Some(SiteError::LoginFailed));
    let site = connector.connect(&second.agent.credentials()).await.unwrap();
    assert_eq!(site.network().await.unwrap().me.branch, key(HERE));
    let sent = site.submit(None, &[]).await;
    assert_eq!(sent.err(), Some(SiteError::Forbidden { right: Right::Circulate }));
    assert_eq!(world.site.agents().await.unwrap(), [second.agent]);
    Ok(())
}
