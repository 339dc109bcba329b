//! Teams, promises and what is put aside, on both engines.

use model::{
    access::Role,
    assignment::Assigning,
    ids::{TeamId, UserId},
    sla::{Clock, Clocks, Due, Target},
    ticket::TicketStatus,
};
use serde_json::json;
use store::{
    StoreError,
    sla::{self, Policy},
    teams::{self, Holiday, NewMember, NewTeam},
    tickets::{self, Filter, Order, Viewer},
    users,
};

use crate::{NOON, World, later, on_each_engine};

async fn person(world: &World, name: &str) -> UserId {
    let mut tx = world.tx().await;
    let email = format!("{name}@example.org");
    let id = users::insert(&mut tx, &world.ids, &email, name, Role::Agent, "x", NOON).await.unwrap();
    tx.commit().await.unwrap();
    id
}

fn team<'a>(name: &'a str, hours: &'a [String], holidays: &'a [Holiday], takes_new: bool) -> NewTeam<'a> {
    NewTeam { name, time_zone: "Europe/Rome", hours, holidays, assigning: Assigning::RoundRobin, takes_new }
}

#[tokio::test]
async fn a_team_has_members_who_take_turns() {
    on_each_engine(async |world| {
        let (ada, bob) = (person(world, "Ada").await, person(world, "Bob").await);
        let place = world.ticket_of("393331112223").await;
        let hours = vec!["mon-fri 09:00-18:00".to_owned()];
        let holidays = vec![Holiday { day: "2026-12-25".to_owned(), name: "Christmas".to_owned() }];
        let id = TeamId::new(&world.ids, NOON);
        let other = TeamId::new(&world.ids, NOON);
        let mut tx = world.tx().await;
        teams::put(&mut tx, &id, &team("service", &hours, &holidays, true), NOON).await.unwrap();
        let skills = vec!["washer".to_owned()];
        let languages = vec!["it".to_owned()];
        let members = [
            NewMember { user_id: &ada, skills: &skills, languages: &languages, tickets_max: Some(2) },
            NewMember { user_id: &bob, skills: &[], languages: &[], tickets_max: None },
        ];
        teams::set_members(&mut tx, &id, &members).await.unwrap();
        tickets::set_team(&mut tx, &world.ids, &place.ticket, Some("service"), None, NOON).await.unwrap();
        tx.commit().await.unwrap();

        let found = teams::waiting(&world.db, "service", 9).await.unwrap();
        assert_eq!(found, std::slice::from_ref(&place.ticket));
        assert_eq!(teams::waiting_counts(&world.db).await.unwrap(), [("service".to_owned(), 1)]);

        let mut tx = world.tx().await;
        let turn = teams::next_turn(&mut tx).await.unwrap();
        teams::took_turn(&mut tx, &id, &ada, turn).await.unwrap();
        tickets::give(&mut tx, &world.ids, &place.ticket, &ada, json!({ "why": "round_robin" }), NOON)
            .await
            .unwrap();
        let known = teams::members(&mut tx, &id).await.unwrap();
        let shown: Vec<_> =
            known.iter().map(|one| (&one.user, one.in_hand, one.last_turn, one.is_there)).collect();
        assert_eq!(shown, [(&ada, 1, turn, true), (&bob, 0, 0, true)]);
        assert_eq!(
            (&known[0].skills, &known[0].languages, known[0].tickets_max),
            (&skills, &languages, Some(2))
        );
        assert!(teams::next_turn(&mut tx).await.unwrap() > turn, "turns rise");
        assert!(teams::is_given_tickets(&mut tx, &ada).await.unwrap());
        assert!(teams::is_member(&mut tx, &id, &ada).await.unwrap());
        assert!(teams::set_away(&mut tx, &bob, true).await.unwrap());
        assert!(!teams::set_away(&mut tx, &bob, true).await.unwrap(), "they are away already");
        tx.commit().await.unwrap();
        assert!(teams::waiting(&world.db, "service", 9).await.unwrap().is_empty());
        let everybody = teams::everybody(&world.db).await.unwrap();
        let there: Vec<_> = everybody.iter().map(|one| (one.name.as_str(), one.member.is_there)).collect();
        assert_eq!(there, [("Ada", true), ("Bob", false)]);

        // Whoever stays keeps their turn; who goes is gone; a rename takes the active tickets along.
        let mut tx = world.tx().await;
        teams::set_members(&mut tx, &id, &members[..1]).await.unwrap();
        assert_eq!(teams::members(&mut tx, &id).await.unwrap()[0].last_turn, turn);
        teams::put(&mut tx, &id, &team("workshop", &[], &[], false), NOON).await.unwrap();
        assert!(teams::named(&mut tx, "service").await.unwrap().is_none());
        let row = teams::named(&mut tx, "workshop").await.unwrap().unwrap();
        assert_eq!((row.hours().unwrap().len(), row.holidays().unwrap().len(), row.takes_new), (0, 0, false));
        assert_eq!(row.assigning().unwrap(), Assigning::RoundRobin);
        assert_eq!(
            tickets::work(&mut tx, &place.ticket).await.unwrap().unwrap().team.as_deref(),
            Some("workshop")
        );
        // The new tickets are one team's.
        assert!(teams::that_takes_new(&mut tx).await.unwrap().is_none());
        teams::put(&mut tx, &id, &team("workshop", &[], &[], true), NOON).await.unwrap();
        teams::put(&mut tx, &other, &team("returns", &[], &[], true), NOON).await.unwrap();
        assert_eq!(teams::that_takes_new(&mut tx).await.unwrap().unwrap().name, "returns");
        tx.commit().await.unwrap();
        let mut tx = world.tx().await;
        let taken =
            teams::put(&mut tx, &TeamId::new(&world.ids, NOON), &team("returns", &[], &[], false), NOON)
                .await;
        assert!(matches!(taken, Err(StoreError::Duplicate(_))), "{taken:?}");
        drop(tx);
        let mut tx = world.tx().await;
        assert!(teams::remove(&mut tx, &id).await.unwrap() && !teams::remove(&mut tx, &id).await.unwrap());
        tx.commit().await.unwrap();
        let names: Vec<_> = teams::all(&world.db).await.unwrap().into_iter().map(|one| one.name).collect();
        assert_eq!(names, ["returns"]);
    })
    .await;
}

#[tokio::test]
async fn promises_are_kept_an_eye_on() {
    on_each_engine(async |world| {
        let place = world.ticket_of("393331112223").await;
        let late = world.ticket_of("393331112224").await;
        let id = TeamId::new(&world.ids, NOON);
        let policy = |priority: &str, first| Policy {
            team_id: String::new(),
            priority: priority.to_owned(),
            first_answer_min: first,
            next_answer_min: None,
            solution_min: Some(480),
        };
        let mut tx = world.tx().await;
        assert!(!tickets::work(&mut tx, &place.ticket).await.unwrap().unwrap().has_promises);
        sla::set_policies(&mut tx, None, &[policy("", Some(60)), policy("urgent", Some(10))]).await.unwrap();
        sla::set_policies(&mut tx, Some(&id), &[policy("", None)]).await.unwrap();
        let all = sla::policies_in(&mut tx).await.unwrap();
        let first = |team: Option<&TeamId>, priority: &str| {
            sla::promised(&all, team, priority).get(&Target::FirstAnswer).copied()
        };
        assert_eq!(
            (first(None, "low"), first(None, "urgent"), first(Some(&id), "urgent")),
            (Some(60), Some(10), None),
            "the closest counts as a whole"
        );
        let running = Clock { since: Some(NOON), ..Clock::default() };
        let clocks: Clocks = [(Target::FirstAnswer, running), (Target::Solution, running)].into();
        sla::keep_clocks(&mut tx, &place.ticket, &Clocks::new(), &clocks).await.unwrap();
        let mut rung = clocks.clone();
        rung.insert(
            Target::FirstAnswer,
            Clock { spent_us: 7, breached_at: Some(later(9)), ..Clock::default() },
        );
        sla::keep_clocks(&mut tx, &place.ticket, &clocks, &rung).await.unwrap();
        assert_eq!(sla::clocks(&mut tx, &place.ticket).await.unwrap(), rung);
        let due = |at, breached_at| Due { at, target: Target::FirstAnswer, breached_at };
        sla::set_due(&mut tx, &place.ticket, Some(&due(later(60), None))).await.unwrap();
        sla::set_due(&mut tx, &late.ticket, Some(&due(later(9), Some(later(9))))).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(sla::policies(&world.db).await.unwrap().len(), 3);
        assert_eq!(
            sla::active_after(&world.db, "", 9).await.unwrap(),
            [place.ticket.clone(), late.ticket.clone()]
        );
        assert_eq!(
            sla::active_after(&world.db, place.ticket.as_str(), 9).await.unwrap(),
            std::slice::from_ref(&late.ticket)
        );

        // Sorted by what is due, a page at a time; only the broken ones.
        let mut filter = by_due();
        let page = tickets::list(&world.db, &filter).await.unwrap();
        assert_eq!(page.iter().map(|one| &one.id).collect::<Vec<_>>(), [&late.ticket, &place.ticket]);
        assert_eq!(page[0].due_for.as_deref(), Some("first_answer"));
        filter.before = Some((filter.point(&page[0]), page[0].id.clone()));
        assert_eq!(tickets::list(&world.db, &filter).await.unwrap()[0].id, place.ticket);
        let broken = Filter { is_breached: true, order: Order::Activity, ..by_due() };
        assert_eq!(tickets::list(&world.db, &broken).await.unwrap().len(), 1);
        let mut tx = world.tx().await;
        sla::set_due(&mut tx, &late.ticket, None).await.unwrap();
        tx.commit().await.unwrap();
        assert!(tickets::list(&world.db, &broken).await.unwrap().is_empty());
    })
    .await;
}

fn by_due() -> Filter {
    Filter {
        statuses: vec![TicketStatus::New, TicketStatus::Open],
        assignee: tickets::Assignee::Anyone,
        team: None,
        is_snoozed: None,
        is_breached: false,
        order: Order::Due,
        viewer: Viewer::ALL,
        query: None,
        before: None,
        limit: 10,
    }
}

#[tokio::test]
async fn a_ticket_that_is_put_aside_comes_back_once() {
    on_each_engine(async |world| {
        let place = world.ticket_of("393331112223").await;
        let ids = async |is_snoozed| {
            let filter = Filter { is_snoozed: Some(is_snoozed), order: Order::Activity, ..by_due() };
            tickets::list(&world.db, &filter).await.unwrap().len()
        };
        assert_eq!((ids(true).await, ids(false).await), (0, 1));
        let mut tx = world.tx().await;
        tickets::snooze(&mut tx, &world.ids, &place.ticket, Some(later(60)), None, NOON).await.unwrap();
        let work = tickets::work(&mut tx, &place.ticket).await.unwrap().unwrap();
        assert_eq!((work.snoozed_at, work.snoozed_until), (Some(NOON), Some(later(60))));
        tx.commit().await.unwrap();
        assert_eq!((ids(true).await, ids(false).await), (1, 0));
        let mut tx = world.tx().await;
        assert!(tickets::wake(&mut tx, &world.ids, &place.ticket, "time", None, later(60)).await.unwrap());
        assert!(!tickets::wake(&mut tx, &world.ids, &place.ticket, "time", None, later(60)).await.unwrap());
        tickets::mark_unread(&mut tx, &place.ticket).await.unwrap();
        tickets::leave_to_people(&mut tx, &place.ticket, true).await.unwrap();
        assert!(tickets::work(&mut tx, &place.ticket).await.unwrap().unwrap().is_by_hand);
        tx.commit().await.unwrap();
        assert_eq!(tickets::get(&world.db, &place.ticket).await.unwrap().unwrap().unread_count, 1);
    })
    .await;
}
