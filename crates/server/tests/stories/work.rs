//! Who works on what, and until when: a ticket goes to the next who is there, a promise is kept or broken, a ticket that
//! was put aside comes back; all of it in rows, so that a restart changes nothing.

use std::time::Duration;

use model::access::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    ZOE, answer, assert_told,
    guided::{says, switch_on},
    on_each_engine,
    support::Desk,
};

const MAX: &str = "393337654321";

fn minutes(n: u64) -> Duration {
    Duration::from_secs(n * 60)
}

/// A customer's first message, and the ticket that it opened once they are quiet.
async fn asks(desk: &Desk, phone: &str, name: &str, text: &str) -> (String, Value) {
    let customer = desk.customer(phone, name).await;
    says(desk, &customer, text).await;
    let ticket = of(desk, name).await;
    (customer, ticket)
}

async fn of(desk: &Desk, name: &str) -> Value {
    desk.tickets().await.into_iter().find(|ticket| ticket["contact"]["name"] == name).unwrap()
}

async fn team(desk: &Desk, name: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut spec = json!({ "name": name, "time_zone": "UTC", "assigning": "round_robin" });
    change(&mut spec);
    let team = desk.post("/teams", spec).await;
    desk.settle().await;
    team
}

fn member(user: &impl serde::Serialize) -> Value {
    json!({ "user_id": user })
}

async fn patch(desk: &Desk, path: &str, body: Value) -> Value {
    let (status, body) = desk.api(Method::PATCH, path, Some(body)).await;
    assert_eq!(status, 200, "{path}: {body}");
    desk.settle().await;
    body
}

fn assignee(ticket: &Value) -> &str {
    ticket["assignee"]["name"].as_str().unwrap_or("nobody")
}

#[tokio::test]
async fn tickets_go_to_the_next_who_is_there_and_has_room() {
    on_each_engine(async |desk| {
        let (bob, as_bob) = desk.person("Bob", Role::Agent).await;
        let (eve, _) = desk.person("Eve", Role::Agent).await;
        team(desk, "service", |spec| {
            spec["takes_new"] = json!(true);
            spec["members"] = json!([
                { "user_id": bob, "tickets_max": 1 },
                { "user_id": eve, "tickets_max": 1, "languages": ["pt"] },
            ]);
        })
        .await;
        let (_, zoe) = asks(desk, ZOE, "Zoë", "The washer leaks").await;
        assert_eq!((assignee(&zoe), &zoe["team"]), ("Bob", &json!("service")));
        let (_, max) = asks(desk, MAX, "Max", "So does mine").await;
        assert_eq!(assignee(&max), "Eve", "each in turn");
        let (_, amy) = asks(desk, "393330001111", "Amy", "And mine").await;
        assert_eq!(assignee(&amy), "nobody", "both have as many as they take");
        assert_told!(desk, amy, "work_waits_for_somebody");

        // Whoever answers has room again: the one who waited longest comes next.
        let shown = desk.get("/teams").await["items"][0].clone();
        let hands: Vec<_> = shown["members"].as_array().unwrap().iter().map(|one| &one["in_hand"]).collect();
        assert_eq!((hands, &shown["waiting"]), (vec![&json!(1), &json!(1)], &json!(1)));
        let path = format!("/tickets/{}/messages", zoe["id"].as_str().unwrap());
        let (status, _) =
            desk.api_as(&as_bob, Method::POST, &path, Some(json!({ "text": "A technician comes" }))).await;
        assert_eq!(status, 201);
        desk.settle().await;
        assert_eq!(assignee(&of(desk, "Amy").await), "Bob");
        assert_told!(desk, amy, "work_is_taken_up");

        // Given back by hand, nobody gets it by itself; given to the team, somebody does.
        let amy = desk.change(&amy, json!({ "assignee_id": null })).await;
        desk.settle().await;
        assert_eq!(assignee(&of(desk, "Amy").await), "nobody");
        desk.change(&amy, json!({ "team": "elsewhere" })).await;
        assert_eq!(assignee(&of(desk, "Amy").await), "nobody", "a name without members");
        desk.change(&amy, json!({ "team": "service" })).await;
        assert_eq!(assignee(&of(desk, "Amy").await), "Bob");
    })
    .await;
}

#[tokio::test]
async fn who_is_away_gets_nothing_until_they_are_back() {
    on_each_engine(async |desk| {
        let (bob, as_bob) = desk.person("Bob", Role::Agent).await;
        let (_, as_eve) = desk.person("Eve", Role::Agent).await;
        let spec = |members: Value| json!({ "name": "service", "time_zone": "UTC", "assigning": "least_load", "takes_new": true, "members": members });
        let made = desk.post("/teams", spec(json!([member(&bob)]))).await;
        let (status, _) = desk.api_as(&as_bob, Method::POST, "/presence", Some(json!({ "is_there": false }))).await;
        assert_eq!(status, 204);
        let (_, zoe) = asks(desk, ZOE, "Zoë", "The washer leaks").await;
        assert_eq!(assignee(&zoe), "nobody");
        // Somebody else's absence is for those who lead.
        let back = json!({ "is_there": true, "user_id": bob });
        let (status, body) = desk.api_as(&as_eve, Method::POST, "/presence", Some(back.clone())).await;
        assert_eq!((status, &body["error"]["code"]), (403, &json!("right_needed")));
        let (status, _) = desk.api(Method::POST, "/presence", Some(back)).await;
        assert_eq!(status, 204);
        desk.settle().await;
        assert_eq!(assignee(&of(desk, "Zoë").await), "Bob", "what waited is taken up");

        // Who is not in a team does not keep what goes to it.
        let (lea, _) = desk.person("Lea", Role::Agent).await;
        team(desk, "returns", |spec| spec["members"] = json!([member(&lea)])).await;
        desk.change(&zoe, json!({ "team": "returns" })).await;
        assert_eq!(assignee(&of(desk, "Zoë").await), "Lea");
        assert_told!(desk, zoe, "work_goes_to_another_team");
        // A person is put there by name and stays, team or not.
        desk.change(&zoe, json!({ "team": "service", "assignee_id": lea })).await;
        assert_eq!(assignee(&of(desk, "Zoë").await), "Lea");

        let path = format!("/teams/{}", made["id"].as_str().unwrap());
        for (wrong, why) in [
            (json!({ "name": " " }), "name"),
            (json!({ "time_zone": "Rome" }), "Europe/Rome"),
            (json!({ "hours": ["always"] }), "mon-fri 09:00-18:00"),
            (json!({ "holidays": [{ "day": "Easter", "name": "" }] }), "2026-12-25"),
            (json!({ "assigning": "lottery" }), "round_robin"),
            (json!({ "members": [member(&bob), member(&bob)] }), "twice"),
            (json!({ "members": [member(&"01NONE")] }), "does not exist"),
            (json!({ "promises": [{ "priority": "top", "first_answer_min": 1 }] }), "urgent"),
            (json!({ "promises": [{ "priority": null, "first_answer_min": 0 }] }), "minutes"),
        ] {
            let mut body = spec(json!([]));
            body.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
            let (status, body) = desk.api(Method::PATCH, &path, Some(body)).await;
            let said = body["error"]["message"].as_str().unwrap();
            assert!(status == 422 && said.contains(why), "{wrong}: {status} {said}");
        }
        let (status, body) = desk.api(Method::PATCH, &path, Some(json!({ "name": "returns", "time_zone": "UTC", "assigning": "by_hand" }))).await;
        assert_eq!((status, &body["error"]["code"]), (409, &json!("name_taken")));
        assert_eq!(desk.api(Method::DELETE, &path, None).await.0, 204);
        assert_eq!(desk.api(Method::DELETE, &path, None).await.0, 404);
        assert_eq!(of(desk, "Zoë").await["team"], "service", "its name stays");
    })
    .await;
}

/// Asks one thing, then hands over to the team that mends.
const MENDS: &str = r#"
flow: mends
version: 1
about: Asks what it is.
rollout: on
triggers: [first_message]
greeting: { en: "{notice}", it: "{notice}", es: "{notice}", pt: "{notice}", hi: "{notice}" }
steps:
  what:
    ask:
      text: { en: What is it?, it: Che cos'è?, es: ¿Qué es?, pt: O que é?, hi: क्या है? }
      for: text
      save: what
  over:
    hand_over: { team: workshop, why: "{what}" }
"#;

#[tokio::test]
async fn a_flow_hands_over_to_a_team_and_the_clock_runs_from_there() {
    on_each_engine(async |desk| {
        let (bob, _) = desk.person("Bob", Role::Agent).await;
        let (eve, _) = desk.person("Eve", Role::Agent).await;
        team(desk, "workshop", |spec| {
            spec["members"] = json!([member(&bob), { "user_id": eve, "skills": ["mends"] }]);
            spec["promises"] = json!([{ "priority": null, "first_answer_min": 60 }]);
        })
        .await;
        desk.post("/flows", json!({ "source": MENDS })).await;
        switch_on(desk, "mends").await;
        let (zoe, ticket) = asks(desk, ZOE, "Zoë", "Hello").await;
        assert_eq!((assignee(&ticket), &ticket["due_at"]), ("nobody", &Value::Null), "the flow has it");
        desk.advance(minutes(120));
        says(desk, &zoe, "A washer").await;
        let ticket = of(desk, "Zoë").await;
        assert_eq!((assignee(&ticket), &ticket["due_for"]), ("Eve", &json!("first_answer")), "who mends");
        assert_eq!(ticket["due_at"], "2026-11-22T15:00:07Z", "an hour after it was handed over");
        assert_told!(desk, ticket, "work_is_handed_over");
    })
    .await;
}

#[tokio::test]
async fn a_promise_warns_and_breaks_once_and_waits_with_the_customer() {
    on_each_engine(async |desk| {
        // 22 November 2026 is a Sunday, and it is noon.
        team(desk, "service", |spec| {
            spec["takes_new"] = json!(true);
            spec["assigning"] = json!("by_hand");
            spec["hours"] = json!(["mon-sun 09:00-18:00"]);
            spec["holidays"] = json!([{ "day": "2026-11-23", "name": "Our day" }]);
        })
        .await;
        let (zoe, ticket) = asks(desk, ZOE, "Zoë", "The washer leaks").await;
        assert_eq!(ticket["due_at"], Value::Null, "nothing is promised");
        let promises = json!({ "items": [
            { "priority": null, "first_answer_min": 60, "next_answer_min": 120, "solution_min": 480 },
            { "priority": "urgent", "first_answer_min": 15 },
        ] });
        patch(desk, "/promises", promises.clone()).await;
        assert_eq!(desk.get("/promises").await["items"].as_array().unwrap().len(), 2);
        let ticket = of(desk, "Zoë").await;
        assert_eq!(
            (&ticket["due_at"], &ticket["due_for"]),
            (&json!("2026-11-22T13:00:10Z"), &json!("first_answer"))
        );

        let breached = async || desk.get("/tickets?breached=true").await["items"].as_array().unwrap().len();
        desk.advance(minutes(48));
        desk.settle().await;
        assert_eq!(breached().await, 0);
        desk.advance(minutes(12));
        desk.settle().await;
        assert_eq!(breached().await, 1);
        let soonest = desk.get("/tickets?sort=due").await["items"].clone();
        assert_eq!((soonest.as_array().unwrap().len(), &soonest[0]["id"]), (1, &ticket["id"]));
        desk.advance(minutes(30));
        desk.settle().await;
        assert_told!(desk, ticket, "work_is_late");

        // Answered: nothing is due while the customer is to write, however long that takes.
        answer(desk, &ticket, "A technician comes").await;
        desk.settle().await;
        assert_eq!((breached().await, &of(desk, "Zoë").await["due_at"]), (0, &Value::Null));
        desk.advance(minutes(60));
        says(desk, &zoe, "When?").await;
        let ticket = of(desk, "Zoë").await;
        // Two hours from when they wrote.
        assert_eq!(
            (&ticket["due_for"], &ticket["due_at"]),
            (&json!("next_answer"), &json!("2026-11-22T16:30:12Z"))
        );
        // Monday is a holiday: what is left of eight hours for the solution ends on Tuesday.
        answer(desk, &ticket, "Tomorrow").await;
        let ticket = desk.change(&ticket, json!({ "status": "open" })).await;
        assert_eq!(
            (&ticket["due_for"], &ticket["due_at"].as_str().unwrap()[..13]),
            (&json!("solution"), "2026-11-24T12")
        );
        let urgent = desk.change(&ticket, json!({ "priority": "urgent" })).await;
        assert_eq!(urgent["due_at"], Value::Null, "no solution is promised to urgent ones here");

        patch(desk, "/promises", json!({ "items": [] })).await;
        assert_eq!(of(desk, "Zoë").await["due_at"], Value::Null);
    })
    .await;
}

#[tokio::test]
async fn a_ticket_that_is_put_aside_comes_back_by_time_and_by_the_customer() {
    on_each_engine(async |desk| {
        let (zoe, ticket) = asks(desk, ZOE, "Zoë", "The washer leaks").await;
        let path = format!("/tickets/{}/snooze", ticket["id"].as_str().unwrap());
        let inbox = async || {
            desk.get("/tickets?status=new,open&snoozed=false").await["items"].as_array().unwrap().len()
        };
        let snoozed = async || desk.get("/tickets?snoozed=true").await["items"].as_array().unwrap().len();
        for wrong in ["2026-11-22T11:00:00Z", "2028-01-01T00:00:00Z"] {
            let (status, _) = desk.api(Method::POST, &path, Some(json!({ "until": wrong }))).await;
            assert_eq!(status, 422, "{wrong}");
        }
        let aside = desk.post(&path, json!({ "until": "2026-11-22T14:00:00Z" })).await;
        assert_eq!(aside["snoozed_until"], "2026-11-22T14:00:00Z");
        assert_eq!((inbox().await, snoozed().await), (0, 1));
        // Put aside for longer: the first time passes and nothing happens.
        desk.post(&path, json!({ "until": "2026-11-22T15:00:00Z" })).await;
        desk.advance(minutes(121));
        desk.settle().await;
        assert_eq!((inbox().await, snoozed().await), (0, 1));
        desk.advance(minutes(60));
        desk.settle().await;
        assert_eq!((inbox().await, snoozed().await), (1, 0));

        desk.post(&path, json!({ "until": null })).await;
        says(desk, &zoe, "Hello?").await;
        assert_eq!((inbox().await, snoozed().await), (1, 0));
        desk.post(&path, json!({})).await;
        let (status, body) = desk.api(Method::DELETE, &path, None).await;
        assert_eq!((status, &body["snoozed_at"]), (200, &Value::Null));
        desk.post(&path, json!({})).await;
        desk.change(&ticket, json!({ "status": "solved" })).await;
        assert_eq!(snoozed().await, 0, "what is solved is not put aside");
        let (status, body) = desk.api(Method::POST, &path, Some(json!({}))).await;
        assert_eq!((status, &body["error"]["code"]), (409, &json!("not_active")));
        assert_told!(desk, ticket, "work_put_aside");
    })
    .await;
}

#[tokio::test]
async fn what_the_clock_does_survives_a_restart() {
    for engine in crate::support::engines() {
        let desk = Desk::start(engine).await;
        patch(&desk, "/promises", json!({ "items": [{ "priority": null, "first_answer_min": 60 }] })).await;
        let (_, zoe) = asks(&desk, ZOE, "Zoë", "The washer leaks").await;
        let (_, max) = asks(&desk, MAX, "Max", "So does mine").await;
        let path = format!("/tickets/{}/snooze", max["id"].as_str().unwrap());
        desk.post(&path, json!({ "until": "2026-11-22T12:30:00Z" })).await;
        let desk = desk.restart().await;
        desk.advance(minutes(61));
        desk.settle().await;
        let (zoe, max) = (of(&desk, zoe["contact"]["name"].as_str().unwrap()).await, of(&desk, "Max").await);
        assert!(zoe["breached_at"].is_string() && max["breached_at"].is_string(), "{zoe}");
        assert_eq!(max["snoozed_at"], Value::Null);
        let told = desk.transcript(&zoe).await;
        assert_eq!(told.matches("sla.breached").count(), 1, "{told}");
        crate::close_without_debts(desk).await;
    }
}
