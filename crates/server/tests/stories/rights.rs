//! Who may do what: every address of the API, in the hands of everybody, on their own and on others' objects.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    access::Role,
    finding::{Analysis, Finding, Verdict},
    ids::{AttachmentId, UserId},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    ZOE, on_each_engine,
    support::{Desk, picture},
};

/// Who may come in: a(gent), s(upervisor), m (administrator), u (auditor), t(echnician);
/// `own` is for everybody who signed in themselves, and for no token (`accounts.rs` goes there).
const MAY: &str = "
    GET    /session                          asmut
    DELETE /session                          asmut
    GET    /search                           asmut
    GET    /tickets                          asmut
    GET    /tickets/{id}                     asmut
    PATCH  /tickets/{id}                     asm
    POST   /tickets/{id}/snooze              asm
    DELETE /tickets/{id}/snooze              asm
    GET    /tickets/{id}/timeline            asmut
    GET    /tickets/{id}/messages            asmut
    POST   /tickets/{id}/messages            asm
    POST   /tickets/{id}/notes               asm
    POST   /tickets/{id}/read                asm
    POST   /tickets/{id}/typing              asm
    GET    /tickets/{id}/flow                asmut
    POST   /tickets/{id}/flow                asm
    POST   /tickets/{id}/articles            asm
    GET    /tickets/{id}/attachments         asmut
    GET    /contacts/{id}/attachments        asmut
    POST   /messages/{id}/retry              asm
    POST   /uploads                          asm
    GET    /attachments/{id}                 asmut
    GET    /attachments/{id}/content         asmut
    POST   /attachments/{id}/retry           asm
    POST   /attachments/{id}/redactions      asm
    GET    /attachments/{id}/findings        asmut
    GET    /analysis/runs                    asmu
    POST   /analysis/runs                    m
    GET    /articles                         asmut
    GET    /articles/{id}                    asmut
    GET    /articles/{id}/messages           asmut
    GET    /technicians                      asmut
    POST   /technicians                      sm
    PATCH  /technicians/{id}                 sm
    DELETE /technicians/{id}                 sm
    GET    /visits                           asmut
    POST   /visits                           asm
    GET    /visits/times                     asm
    PATCH  /visits/{id}                      asmt
    POST   /visits/{id}/move                 asm
    GET    /returns                          asmu
    POST   /returns                          asm
    GET    /returns/{id}                     asmu
    PATCH  /returns/{id}                     asm
    GET    /flows                            asmu
    POST   /flows                            sm
    POST   /flows/check                      asmu
    POST   /flows/try                        asmu
    GET    /flows/{name}/{version}           asmu
    PATCH  /flows/{name}/{version}           sm
    GET    /users                            asmu
    PATCH  /users/{id}                       m
    DELETE /users/{id}/sessions              m
    DELETE /users/{id}/second-factor         m
    GET    /accounts                         m
    GET    /invitations                      m
    POST   /invitations                      m
    DELETE /invitations/{id}                 m
    GET    /tokens                           m
    POST   /tokens                           m
    DELETE /tokens/{id}                      m
    GET    /account                          own
    GET    /account/sessions                 own
    DELETE /account/sessions                 own
    DELETE /account/sessions/{id}            own
    POST   /account/password                 own
    POST   /account/second-factor            own
    POST   /account/second-factor/confirm    own
    POST   /account/second-factor/off        own
    POST   /account/recovery-codes           own
    GET    /teams                            asmu
    POST   /teams                            sm
    PATCH  /teams/{id}                       sm
    DELETE /teams/{id}                       sm
    GET    /promises                         asmu
    PATCH  /promises                         sm
    POST   /presence                         asm
    GET    /templates                        asm
    GET    /audit                            mu
    GET    /system                           asmu
    GET    /inbox/stats                      asmu
    GET    /inbox/quarantine                 mu
    POST   /inbox/{id}/replay                m
    GET    /jobs                             mu
    POST   /jobs/{id}/retry                  m
    GET    /events                           asmut
";

/// A customer with a photo, and what hangs on them.
struct Customer {
    ticket: String,
    contact: String,
    message: String,
    attachment: String,
    visit: String,
    back: String,
}

impl Customer {
    async fn new(desk: &Desk, phone: &str, name: &str, technician: &Value) -> Self {
        let customer = desk.customer(phone, name).await;
        desk.send(&customer, &[("as", "photo")], &[("a.png", picture(320, 240))]).await;
        desk.settle().await;
        let tickets = desk.tickets().await;
        let ticket = tickets.iter().find(|ticket| ticket["contact"]["name"] == name).unwrap();
        let message = desk.messages(ticket).await.remove(0);
        let time =
            desk.get(&format!("/visits/times?technician={}", text(technician))).await["items"][0].clone();
        let visit = json!({ "ticket_id": ticket["id"], "technician_id": technician, "starts_at": time["starts_at"], "what": "washer", "place": "Milano" });
        let back = json!({ "ticket_id": ticket["id"], "order_number": "1", "item": "lamp" });
        Self {
            visit: text(&desk.post("/visits", visit).await["id"]),
            back: text(&desk.post("/returns", back).await["id"]),
            ticket: text(&ticket["id"]),
            contact: text(&ticket["contact"]["id"]),
            message: text(&message["id"]),
            attachment: text(&message["attachments"][0]["id"]),
        }
    }

    /// The address of what is theirs; what belongs to no customer does not exist.
    fn path(&self, template: &str) -> String {
        let id = match template.split('/').nth(1).unwrap() {
            "tickets" => &self.ticket,
            "contacts" => &self.contact,
            "messages" => &self.message,
            "attachments" => &self.attachment,
            "visits" => &self.visit,
            "returns" => &self.back,
            "inbox" => "999999",
            _ => "01NONE",
        };
        template.replace("{id}", id).replace("{name}", "none").replace("{version}", "1")
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

async fn technician(desk: &Desk, name: &str, user: Option<&UserId>) -> Value {
    let spec = json!({ "name": name, "hours": ["mon-fri 09:00-18:00"], "user_id": user });
    desk.post("/technicians", spec).await["id"].clone()
}

/// The status and the code of what `token` is told; of a stream only that it began.
async fn asked(desk: &Desk, token: Option<&str>, method: &Method, path: &str) -> (u16, Value) {
    let url = format!("{}/api/v1{path}", desk.server.url());
    let mut request = desk.http.request(method.clone(), url);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if *method != Method::GET {
        request = request.json(&json!({}));
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    if status == 200 {
        return (status, Value::Null);
    }
    let body: Value = response.json().await.unwrap_or_default();
    (status, body["error"]["code"].clone())
}

#[tokio::test]
async fn every_address_lets_in_those_who_may_and_nobody_else() {
    let document: Value = serde_json::from_str(&server::http::openapi_document()).unwrap();
    let described: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            let path = path.strip_prefix("/api/v1").unwrap_or(path);
            item.as_object().unwrap().keys().map(|method| (method.to_uppercase(), path.to_owned()))
        })
        .collect();
    let rows: BTreeMap<(String, String), String> = MAY
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|row| !row.is_empty())
        .map(|row| ((row[0].to_owned(), row[1].to_owned()), row[2].to_owned()))
        .collect();
    let mut listed: BTreeSet<_> = rows.keys().cloned().collect();
    // Signing in and joining are for everybody.
    for path in ["/session", "/invitations/open", "/invitations/accept"] {
        listed.insert(("POST".to_owned(), path.to_owned()));
    }
    assert_eq!(listed, described, "each address has its row, and each row its address");

    on_each_engine(async |desk| {
        let mut tokens = BTreeMap::new();
        for (letter, role) in [
            ('a', Role::Agent),
            ('s', Role::Supervisor),
            ('m', Role::Administrator),
            ('u', Role::Auditor),
            ('t', Role::Technician),
        ] {
            tokens.insert(letter, desk.person(role.as_str(), role).await);
        }
        let own = technician(desk, "Gino", Some(&tokens[&'t'].0)).await;
        let other = technician(desk, "Lea", None).await;
        let zoe = Customer::new(desk, ZOE, "Zoë", &own).await;
        let max = Customer::new(desk, "393337654321", "Max", &other).await;

        for ((method, template), may) in &rows {
            let method: Method = method.parse().unwrap();
            let (status, code) = asked(desk, None, &method, &zoe.path(template)).await;
            assert_eq!((status, code), (401, json!("unauthorized")), "{method} {template} without a key");
            for (letter, (_, token)) in &tokens {
                let told = async |customer: &Customer| {
                    asked(desk, Some(token), &method, &customer.path(template)).await
                };
                let who = format!("{method} {template} as {letter}");
                let (status, code) = told(&zoe).await;
                if !may.contains(*letter) {
                    let why = if may == "own" { "session_needed" } else { "right_needed" };
                    assert_eq!((status, code), (403, json!(why)), "{who}");
                    continue;
                }
                // A token opens no session; everything else answers as to anybody.
                let is_session = template == "/session" && method == Method::GET;
                assert!(status != 403 && (status != 401 || is_session), "{who}: {status} {code}");
                let is_of_customer = template.contains("{id}") && zoe.path(template) != max.path(template);
                if *letter == 't' && is_of_customer {
                    assert_ne!(status, 404, "{who}: their own");
                    assert_eq!(told(&max).await, (404, json!("not_found")), "{who}: somebody else's");
                }
            }
        }

        // Lists show a technician their own.
        let (_, token) = &tokens[&'t'];
        let list = async |path: &str| {
            let (status, body) = desk.api_as(token, Method::GET, path, None).await;
            assert_eq!(status, 200, "{path}: {body}");
            body["items"].as_array().unwrap().iter().map(|item| text(&item["id"])).collect::<Vec<_>>()
        };
        assert_eq!(list("/tickets").await, [zoe.ticket.as_str()]);
        assert_eq!(list("/visits").await, [zoe.visit.as_str()]);
        assert_eq!(list(&format!("/visits?technician={}", text(&other))).await, [zoe.visit.as_str()]);
        assert!(list(&format!("/visits?ticket={}", max.ticket)).await.is_empty());
        assert_eq!(list("/tickets?q=Max").await, [""; 0]);
        assert_eq!(list("/tickets?q=Zo%C3%AB").await, [zoe.ticket.as_str()]);
        // Whoever has a calendar's address may read it: those who need it are told.
        for (letter, is_told) in [('t', false), ('a', false), ('s', true)] {
            let (_, body) = desk.api_as(&tokens[&letter].1, Method::GET, "/technicians", None).await;
            assert_eq!(body["items"][0]["calendar"].is_string(), is_told, "{letter}: {body}");
        }
    })
    .await;
}

fn finding(kind: &str, value: &str) -> Finding {
    Finding {
        kind: kind.to_owned(),
        value: json!(value),
        confidence: 0.9,
        region: None,
        why: "a test says so".to_owned(),
        analyzer: "test".to_owned(),
        version: "1".to_owned(),
    }
}

/// Has the desk believe this of the file.
async fn said(desk: &Desk, attachment: &str, findings: Vec<Finding>, failed: &[&str], is_complete: bool) {
    let app = &desk.server.app;
    let analysis = Analysis {
        verdict: Verdict::Usable,
        reason: None,
        hint: None,
        text: "MARIO ROSSI".to_owned(),
        language: None,
        ms: BTreeMap::new(),
        failed: failed.iter().map(|part| ((*part).to_owned(), "it failed".to_owned())).collect(),
        findings,
    };
    let mut tx = app.db.begin().await.unwrap();
    let id = AttachmentId::from(attachment);
    store::findings::keep(&mut tx, &app.ids, &id, &analysis, is_complete, app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
}

/// Has the desk believe that the file shows an identity document.
pub(crate) async fn believe_identity_document(desk: &Desk, attachment: &str) {
    said(desk, attachment, vec![finding("picture.kind", "identity_document")], &[], true).await;
}

#[tokio::test]
async fn what_is_behind_a_mask_is_for_those_who_may() {
    on_each_engine(async |desk| {
        let gino = technician(desk, "Gino", None).await;
        let zoe = Customer::new(desk, ZOE, "Zoë", &gino).await;
        let (agent_id, agent) = desk.person("agent", Role::Agent).await;
        let (_, lead) = desk.person("lead", Role::Supervisor).await;
        let (_, auditor) = desk.person("auditor", Role::Auditor).await;
        let content = async |token: &str, rendition: &str| {
            let path = zoe.path("/attachments/{id}/content") + "?rendition=" + rendition;
            let (status, code) = asked(desk, Some(token), &Method::GET, &path).await;
            (status, code.as_str().unwrap_or_default().to_owned())
        };
        let needed = (403, "right_needed".to_owned());
        let seen = (200, String::new());

        // Nothing personal in it: everybody who answers may have it as it came.
        said(desk, &zoe.attachment, vec![finding("text.line", "hello")], &[], true).await;
        assert_eq!(content(&agent, "view").await, seen);
        assert_eq!(content(&agent, "original").await, seen);
        assert_eq!(
            (content(&auditor, "view").await, content(&auditor, "original").await),
            (seen.clone(), needed.clone())
        );

        // A card: as it came only for those who may see what is masked; nor can it be sent on.
        said(desk, &zoe.attachment, vec![finding("pii.card", "•••• 4242")], &[], true).await;
        assert_eq!(content(&agent, "original").await, needed);
        assert_eq!(content(&lead, "original").await, seen);
        let sending = json!({ "attachment_id": zoe.attachment });
        let path = zoe.path("/tickets/{id}/messages");
        let (status, body) = desk.api_as(&agent, Method::POST, &path, Some(sending)).await;
        assert_eq!((status, &body["error"]["code"]), (403, &json!("right_needed")), "{body}");

        // Not read yet: what has to be black is not known.
        said(desk, &zoe.attachment, vec![], &[], false).await;
        let later = (409, "being_read".to_owned());
        assert_eq!(
            (content(&agent, "view").await, content(&agent, "original").await),
            (later.clone(), later)
        );
        assert_eq!(content(&lead, "view").await, seen);

        // The mask could not be made.
        said(desk, &zoe.attachment, vec![finding("pii.card", "•••• 4242")], &["mask"], true).await;
        assert_eq!(
            (content(&agent, "view").await, content(&lead, "view").await),
            (needed.clone(), seen.clone())
        );

        // An identity document: that it is one, and how good a picture.
        let passport = vec![
            finding("picture.kind", "identity_document"),
            finding("quality.blur", "a little"),
            finding("entity.name", "Mario Rossi"),
        ];
        said(desk, &zoe.attachment, passport, &[], true).await;
        for rendition in ["thumb", "view", "original"] {
            assert_eq!(content(&agent, rendition).await, needed, "{rendition}");
            assert_eq!(content(&lead, rendition).await, seen, "{rendition}");
        }
        // Nor does anything lead them to it.
        let path = zoe.path("/tickets/{id}/messages");
        for (token, is_withheld) in [(&agent, true), (&lead, false)] {
            let (_, page) = desk.api_as(token, Method::GET, &path, None).await;
            let file = &page["items"][0]["attachments"][0];
            assert_eq!(
                (&file["is_withheld"], file["renditions"] == json!([])),
                (&json!(is_withheld), is_withheld),
                "{file}"
            );
            let (_, ticket) = desk.api_as(token, Method::GET, &zoe.path("/tickets/{id}"), None).await;
            assert_eq!(ticket["thumbnail_attachment_id"].is_null(), is_withheld, "{ticket}");
        }
        let read = async |token: &str| {
            let path = zoe.path("/attachments/{id}/findings") + "?all=true";
            let (status, body) = desk.api_as(token, Method::GET, &path, None).await;
            assert_eq!(status, 200);
            body
        };
        let hidden = read(&agent).await["current"].clone();
        let kinds: Vec<&str> =
            hidden["findings"].as_array().unwrap().iter().map(|f| f["kind"].as_str().unwrap()).collect();
        assert_eq!((kinds, &hidden["text"]), (vec!["picture.kind", "quality.blur"], &json!("")));
        assert_eq!(read(&lead).await["current"]["text"], "MARIO ROSSI");

        // The right may be given to one agent, from the next request on, and the audit knows it.
        let user = format!("/users/{agent_id}");
        let given = json!({ "granted": ["identity_documents.read"] });
        let (status, body) = desk.api(Method::PATCH, &user, Some(given)).await;
        assert_eq!((status, &body["granted"]), (200, &json!(["identity_documents.read"])), "{body}");
        assert_eq!(content(&agent, "view").await, seen);
        let (_, log) = desk.api_as(&auditor, Method::GET, &format!("/audit?object={agent_id}"), None).await;
        let entry = &log["items"][0];
        assert_eq!(
            (&entry["action"], &entry["detail"]),
            (&json!("user.granted"), &json!("identity_documents.read"))
        );
        // Of a ticket: who took which file as it came.
        let (_, log) =
            desk.api_as(&auditor, Method::GET, &format!("/audit?object={}", zoe.ticket), None).await;
        let looks = log["items"].as_array().unwrap();
        assert!(
            !looks.is_empty() && looks.iter().all(|entry| entry["action"] == "attachment.original"),
            "{log}"
        );
        let by = text(&looks[0]["actor"]);
        let (_, own) = desk.api_as(&auditor, Method::GET, &format!("/audit?actor={by}&limit=1"), None).await;
        assert_eq!(own["items"].as_array().unwrap().len(), 1);
        let next = text(&own["next"]);
        let (_, own) =
            desk.api_as(&auditor, Method::GET, &format!("/audit?actor={by}&cursor={next}"), None).await;
        assert_eq!(
            own["items"].as_array().unwrap().len() + 1,
            looks.iter().filter(|entry| entry["actor"] == by.as_str()).count()
        );
    })
    .await;
}

#[tokio::test]
async fn roles_are_given_by_administrators_and_one_is_always_left() {
    on_each_engine(async |desk| {
        let (id, token) = desk.person("max", Role::Agent).await;
        let path = format!("/users/{id}");
        let change = async |path: &str, body: Value| {
            let (status, body) = desk.api(Method::PATCH, path, Some(body)).await;
            (status, body["error"]["code"].as_str().unwrap_or_default().to_owned())
        };
        let flows = async || desk.api_as(&token, Method::GET, "/audit", None).await.0;
        assert_eq!(flows().await, 403);
        assert_eq!(change(&path, json!({ "role": "auditor" })).await, (200, String::new()));
        assert_eq!(flows().await, 200);

        let invalid = (422, "invalid".to_owned());
        assert_eq!(change(&path, json!({ "role": "king" })).await, invalid);
        assert_eq!(change(&path, json!({ "granted": ["everything"] })).await, invalid);
        assert_eq!(change("/users/01NONE", json!({ "role": "agent" })).await, (404, "not_found".to_owned()));
        let people = desk.get("/users").await["items"].clone();
        let ada = people.as_array().unwrap().iter().find(|person| person["name"] == "Ada").unwrap();
        let own = format!("/users/{}", text(&ada["id"]));
        assert_eq!(change(&own, json!({ "role": "agent" })).await, (409, "last_administrator".to_owned()));
        assert_eq!(change(&path, json!({ "role": "administrator" })).await.0, 200);
        assert_eq!(change(&own, json!({ "role": "agent" })).await.0, 200);
        assert_eq!(change(&path, json!({ "role": "agent" })).await, (403, "right_needed".to_owned()));

        // An account is one technician's.
        let spec = json!({ "name": "Gino", "hours": ["mon 09:00-18:00"], "user_id": id });
        let (status, _) = desk.api_as(&token, Method::POST, "/technicians", Some(spec.clone())).await;
        assert_eq!(status, 201);
        let (status, body) = desk.api_as(&token, Method::POST, "/technicians", Some(spec)).await;
        assert_eq!((status, &body["error"]["code"]), (409, &json!("account_taken")), "{body}");
    })
    .await;
}
