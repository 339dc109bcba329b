//! One's own account and the keeping of everybody's: sessions, passwords, second factors, invitations, tokens.
//! What opens, and what somebody tries who should not come in.

use std::time::Duration;

use model::access::Role;
use reqwest::Method;
use serde_json::{Value, json};
use server::totp;

use crate::{on_each_engine, support::Desk};

const EMAIL: &str = "ada@example.org";
const PASSWORD: &str = "correct horse battery";
const OTHER: &str = "two kettles sang badly";
const HALF_MINUTE: Duration = Duration::from_secs(30);

/// Somebody signed in with a cookie.
struct Browser<'a> {
    desk: &'a Desk,
    cookie: String,
    csrf: String,
}

impl<'a> Browser<'a> {
    async fn sign_in(desk: &'a Desk, email: &str, password: &str) -> Self {
        let (status, told, cookie) = try_sign_in(desk, json!({ "email": email, "password": password })).await;
        assert_eq!(status, 200, "{told}");
        Self::of(desk, &told, cookie)
    }

    fn of(desk: &'a Desk, session: &Value, cookie: Option<String>) -> Self {
        Self { desk, cookie: cookie.unwrap(), csrf: session["csrf_token"].as_str().unwrap().to_owned() }
    }

    async fn ask(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}/api/v1{path}", self.desk.server.url());
        let mut request = self.desk.http.request(method.clone(), url).header("cookie", &self.cookie);
        if method != Method::GET {
            request = request.header("x-csrf-token", &self.csrf).json(&body);
        }
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap_or_default())
    }

    async fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask(Method::GET, path, Value::Null).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let (status, body) = self.ask(Method::POST, path, body).await;
        assert!((200..300).contains(&status), "{path}: {status} {body}");
        body
    }

    async fn delete(&self, path: &str) -> u16 {
        self.ask(Method::DELETE, path, json!({})).await.0
    }

    async fn is_in(&self) -> bool {
        self.ask(Method::GET, "/tickets", Value::Null).await.0 == 200
    }

    /// Switches a second factor on; returns its secret and the recovery codes.
    async fn enrol(&self) -> (Vec<u8>, Vec<String>) {
        let told = self.post("/account/second-factor", json!({ "password": PASSWORD })).await;
        let secret = from_base32(told["secret"].as_str().unwrap());
        let body = json!({ "code": code(self.desk, &secret) });
        let told = self.post("/account/second-factor/confirm", body).await;
        let codes = told["recovery_codes"].as_array().unwrap();
        (secret, codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect())
    }
}

async fn try_sign_in(desk: &Desk, body: Value) -> (u16, Value, Option<String>) {
    public(desk, "/session", body).await
}

/// A request without any key: its status, its answer and the cookie that it set.
async fn public(desk: &Desk, path: &str, body: Value) -> (u16, Value, Option<String>) {
    let request = desk.http.post(format!("{}/api/v1{path}", desk.server.url())).json(&body);
    let response = request.header("user-agent", "Firefox of a test").send().await.unwrap();
    let cookie = response.headers().get("set-cookie").map(|set| set.to_str().unwrap().to_owned());
    let cookie = cookie.map(|set| set.split(';').next().unwrap().to_owned());
    (response.status().as_u16(), response.json().await.unwrap_or_default(), cookie)
}

/// What the app on the phone shows now.
fn code(desk: &Desk, secret: &[u8]) -> String {
    totp::code_at(secret, model::Clock::now(&*desk.clock))
}

fn from_base32(text: &str) -> Vec<u8> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: String = text
        .bytes()
        .map(|letter| format!("{:05b}", alphabet.iter().position(|known| *known == letter).unwrap()))
        .collect();
    bits.as_bytes()
        .chunks_exact(8)
        .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap())
        .collect()
}

async fn actions(desk: &Desk) -> Vec<String> {
    let all = desk.get("/audit?limit=200").await;
    all["items"].as_array().unwrap().iter().map(|one| one["action"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_session_is_seen_and_ended_from_another_and_its_live_line_with_it() {
    on_each_engine(async |desk| {
        let laptop = Browser::sign_in(desk, EMAIL, PASSWORD).await;
        let phone = Browser::sign_in(desk, EMAIL, PASSWORD).await;
        desk.advance(Duration::from_secs(6 * 60));
        assert!(phone.is_in().await, "and it is noted that it was used");
        let listed = laptop.get("/account/sessions").await;
        let items = listed["items"].as_array().unwrap();
        assert_eq!(items.len(), 2, "{listed}");
        let (own, other) = match items[0]["is_current"].as_bool().unwrap() {
            true => (&items[0], &items[1]),
            false => (&items[1], &items[0]),
        };
        assert_eq!((&own["is_current"], &other["is_current"]), (&json!(true), &json!(false)));
        assert_eq!(other["user_agent"], "Firefox of a test");
        assert_eq!(
            (&other["address"], &other["seen_at"]),
            (&json!("127.0.0.1"), &json!("2026-11-22T12:06:00Z"))
        );
        // Nothing that opens is in the list.
        for secret in [&laptop, &phone] {
            assert!(!listed.to_string().contains(secret.cookie.split_once('=').unwrap().1));
        }

        let url = format!("{}/api/v1/events", desk.server.url());
        let mut line = desk.http.get(url).header("cookie", &phone.cookie).send().await.unwrap();
        let path = format!("/account/sessions/{}", other["id"].as_str().unwrap());
        let stranger = desk.api(Method::DELETE, &path, None).await;
        assert_eq!(stranger.1["error"]["code"], "session_needed", "not even her own token");
        assert_eq!(laptop.delete("/account/sessions/01NONE").await, 404);
        assert_eq!(laptop.delete(&path).await, 204);
        assert!(!phone.is_in().await && laptop.is_in().await);
        let end = async { while line.chunk().await.unwrap().is_some() {} };
        tokio::time::timeout(Duration::from_secs(30), end).await.expect("the line goes on");
        assert_eq!(laptop.delete(&path).await, 404, "it has ended");

        let third = Browser::sign_in(desk, EMAIL, PASSWORD).await;
        let (status, told) = laptop.ask(Method::DELETE, "/account/sessions", json!({})).await;
        assert_eq!((status, &told["ended"]), (200, &json!(1)));
        assert!(!third.is_in().await && laptop.is_in().await);
        let actions = actions(desk).await;
        assert_eq!(actions[..2], ["account.sessions_ended", "account.session_ended"]);
    })
    .await;
}

#[tokio::test]
async fn somebody_elses_session_does_not_exist() {
    on_each_engine(async |desk| {
        let ada = Browser::sign_in(desk, EMAIL, PASSWORD).await;
        let invited = ada
            .post("/invitations", json!({ "email": "eve@example.org", "name": "Eve", "role": "agent" }))
            .await;
        let eve = join(desk, &invited, OTHER).await;
        let hers = eve.get("/account/sessions").await["items"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(ada.delete(&format!("/account/sessions/{hers}")).await, 404, "an administrator neither");
        assert!(eve.is_in().await);
        // Whoever keeps the accounts ends all of somebody's sessions, and that is written down.
        let people = ada.get("/accounts").await;
        let id =
            people["items"].as_array().unwrap().iter().find(|one| one["name"] == "Eve Adams").unwrap()["id"]
                .clone();
        let path = format!("/users/{}/sessions", id.as_str().unwrap());
        assert_eq!((eve.delete(&path).await, ada.delete(&path).await), (403, 204));
        assert!(!eve.is_in().await && ada.is_in().await);
        assert_eq!(actions(desk).await[0], "user.sessions_ended");
    })
    .await;
}

#[tokio::test]
async fn a_new_password_is_long_is_not_a_common_one_and_ends_every_other_session() {
    on_each_engine(async |desk| {
        let here = Browser::sign_in(desk, EMAIL, PASSWORD).await;
        let there = Browser::sign_in(desk, EMAIL, PASSWORD).await;
        let change = async |old: &str, new: &str| {
            let body = json!({ "password": old, "new_password": new });
            let (status, told) = here.ask(Method::POST, "/account/password", body).await;
            (status, told["error"]["code"].as_str().unwrap_or_default().to_owned(), told)
        };
        for weak in ["too short here", "passwordpassword", "Ada ada@example.org", "123456789012345678"] {
            let (status, code, told) = change(PASSWORD, weak).await;
            assert_eq!((status, code.as_str()), (422, "weak_password"), "{weak}: {told}");
        }
        assert_eq!(change("not this one", OTHER).await.1, "wrong_password");
        assert!(there.is_in().await, "nothing was changed");
        let (status, _, told) = change(PASSWORD, OTHER).await;
        assert_eq!((status, &told["ended"]), (200, &json!(1)));
        assert!(here.is_in().await && !there.is_in().await);
        assert_eq!(try_sign_in(desk, json!({ "email": EMAIL, "password": PASSWORD })).await.0, 401);
        Browser::sign_in(desk, EMAIL, OTHER).await;

        // Somebody at a desk that was left open does not guess for ever.
        let mut tries = 0;
        while change("guess", OTHER).await.0 != 429 {
            tries += 1;
            assert!(tries < 20, "never slowed down");
        }
        assert_eq!((tries, change(OTHER, PASSWORD).await.0), (8, 429), "the right word neither");
        assert_eq!(actions(desk).await, ["account.password"]);
    })
    .await;
}

#[tokio::test]
async fn a_second_factor_is_asked_for_and_each_code_works_once() {
    on_each_engine(async |desk| {
        let here = Browser::sign_in(desk, EMAIL, PASSWORD).await;
        let there = Browser::sign_in(desk, EMAIL, PASSWORD).await;
        let begin = json!({ "password": "not this one" });
        assert_eq!(here.ask(Method::POST, "/account/second-factor", begin).await.0, 403);
        // A second factor that was begun and not confirmed is none.
        let told = here.post("/account/second-factor", json!({ "password": PASSWORD })).await;
        assert!(told["qr_svg"].as_str().unwrap().contains("<svg"), "{told}");
        assert!(told["link"].as_str().unwrap().starts_with("otpauth://totp/Sportello:ada%40"), "{told}");
        let (status, told) =
            here.ask(Method::POST, "/account/second-factor/confirm", json!({ "code": "000000" })).await;
        assert_eq!((status, &told["error"]["code"]), (422, &json!("invalid_code")));
        assert!(there.is_in().await);
        assert_eq!(try_sign_in(desk, json!({ "email": EMAIL, "password": PASSWORD })).await.0, 200);

        let (secret, _) = here.enrol().await;
        assert!(here.is_in().await && !there.is_in().await, "others signed in with less");
        let own = here.get("/account").await;
        assert_eq!(
            (&own["recovery_codes_left"], &own["second_factor_since"]),
            (&json!(10), &json!("2026-11-22T12:00:00Z"))
        );
        let again = here.ask(Method::POST, "/account/second-factor", json!({ "password": PASSWORD })).await;
        assert_eq!(again.1["error"]["code"], "second_factor_is_on");

        let try_code = async |code: &str| {
            let (status, told, cookie) =
                try_sign_in(desk, json!({ "email": EMAIL, "password": PASSWORD, "code": code })).await;
            assert_eq!(cookie.is_some(), status == 200);
            (status, told["error"]["code"].as_str().unwrap_or_default().to_owned())
        };
        let (status, told, cookie) = try_sign_in(desk, json!({ "email": EMAIL, "password": PASSWORD })).await;
        assert_eq!((status, &told["error"]["code"], cookie), (401, &json!("second_factor_needed"), None));
        let wrong =
            try_sign_in(desk, json!({ "email": EMAIL, "password": "x", "code": code(desk, &secret) })).await;
        assert_eq!(
            wrong.1["error"]["code"], "invalid_credentials",
            "a code does not stand in for the password"
        );
        let used = code(desk, &secret);
        assert_eq!(try_code(&used).await, (401, "invalid_code".into()), "it confirmed, so it was used");
        desk.advance(HALF_MINUTE);
        let fresh = code(desk, &secret);
        let spaced = format!("{} {}", &fresh[..3], &fresh[3..]);
        assert_eq!(try_code(&spaced).await.0, 200);
        assert_eq!(try_code(&fresh).await, (401, "invalid_code".into()), "a code works once");
        desk.advance(HALF_MINUTE * 2);
        let old = code(desk, &secret);
        desk.advance(HALF_MINUTE * 2);
        assert_eq!(try_code(&old).await.1, "invalid_code", "a minute old");

        // Off with the password; then it alone is enough again.
        let off = here.ask(Method::POST, "/account/second-factor/off", json!({ "password": "x" })).await;
        assert_eq!(off.0, 403);
        here.post("/account/second-factor/off", json!({ "password": PASSWORD })).await;
        assert_eq!(try_sign_in(desk, json!({ "email": EMAIL, "password": PASSWORD })).await.0, 200);
        assert_eq!(actions(desk).await, ["account.second_factor", "account.second_factor"]);
    })
    .await;
}

#[tokio::test]
async fn guessing_codes_is_slowed_down_for_days_and_a_recovery_code_still_opens_once() {
    on_each_engine(async |desk| {
        let here = Browser::sign_in(desk, EMAIL, PASSWORD).await;
        let (secret, codes) = here.enrol().await;
        let try_code = async |code: &str| {
            let body = json!({ "email": EMAIL, "password": PASSWORD, "code": code });
            let (status, told, _) = try_sign_in(desk, body).await;
            (status, told["error"]["code"].as_str().unwrap_or_default().to_owned())
        };
        // Somebody who knows the password tries a code whenever they are let, for ten days.
        let (mut looked_at, mut days) = (0, 0);
        while days < 10 {
            match try_code("000000").await.0 {
                401 => looked_at += 1,
                429 => {
                    desk.advance(Duration::from_secs(24 * 3_600 / 4));
                    days += u32::from(model::Clock::now(&*desk.clock).secs() % (24 * 3_600) == 12 * 3_600);
                }
                status => panic!("{status}"),
            }
        }
        assert!((5..40).contains(&looked_at), "{looked_at} codes in ten days");
        // Meanwhile the right code is not looked at either, but a recovery code lets its owner in, once.
        while try_code("000000").await.0 != 429 {}
        assert_eq!(try_code(&code(desk, &secret)).await.0, 429);
        desk.advance(Duration::from_secs(301));
        let recovery = codes[3].to_lowercase();
        assert_eq!(try_code(&recovery).await.0, 200);
        assert_eq!(try_code(&recovery).await, (401, "invalid_code".into()), "once");
        assert_eq!(actions(desk).await[0], "account.recovery_code");
        desk.advance(Duration::from_secs(24 * 3_600));
        assert_eq!(try_code(&code(desk, &secret)).await.0, 200, "and the app opens again");

        // New codes end the old ones.
        let again = Browser::sign_in_with(desk, &codes[5]).await;
        assert_eq!(again.get("/account").await["recovery_codes_left"], 8);
        let told = again.post("/account/recovery-codes", json!({ "password": PASSWORD })).await;
        assert_eq!(try_code(&codes[6]).await.1, "invalid_code");
        assert_eq!(try_code(told["recovery_codes"][0].as_str().unwrap()).await.0, 200);
    })
    .await;
}

impl<'a> Browser<'a> {
    async fn sign_in_with(desk: &'a Desk, code: &str) -> Self {
        let body = json!({ "email": EMAIL, "password": PASSWORD, "code": code });
        let (status, told, cookie) = try_sign_in(desk, body).await;
        assert_eq!(status, 200, "{told}");
        Self::of(desk, &told, cookie)
    }
}

#[tokio::test]
async fn who_lost_everything_is_helped_by_an_administrator() {
    on_each_engine(async |desk| {
        let ada = Browser::sign_in(desk, EMAIL, PASSWORD).await;
        ada.enrol().await;
        let (_, token) = desk.person("mia", Role::Administrator).await;
        let (_, people) = desk.api_as(&token, Method::GET, "/accounts", None).await;
        let row =
            people["items"].as_array().unwrap().iter().find(|one| one["email"] == EMAIL).unwrap().clone();
        assert_eq!(row["has_second_factor"], true);
        let path = format!("/users/{}/second-factor", row["id"].as_str().unwrap());
        assert_eq!(desk.api_as(&token, Method::DELETE, &path, None).await.0, 204);
        assert!(!ada.is_in().await, "whoever holds the session signs in again");
        assert_eq!(try_sign_in(desk, json!({ "email": EMAIL, "password": PASSWORD })).await.0, 200);
        assert_eq!(actions(desk).await[0], "user.second_factor_reset");
    })
    .await;
}

/// Follows the link of an invitation.
async fn join<'a>(desk: &'a Desk, invited: &Value, password: &str) -> Browser<'a> {
    let body = json!({ "secret": secret_of(invited), "name": "Eve Adams", "password": password });
    let (status, told, cookie) = public(desk, "/invitations/accept", body).await;
    assert_eq!(status, 200, "{told}");
    Browser::of(desk, &told, cookie)
}

fn secret_of(invited: &Value) -> String {
    let link = invited["link"].as_str().unwrap();
    link.strip_prefix("/#/join/").unwrap().to_owned()
}

#[tokio::test]
async fn an_invitation_makes_one_account_in_its_time() {
    on_each_engine(async |desk| {
        let spec = json!({ "email": "Eve@Example.org", "name": "Eve", "role": "supervisor" });
        let invited = desk.post("/invitations", spec.clone()).await;
        let secret = secret_of(&invited);
        assert!(!desk.get("/invitations").await.to_string().contains(&secret), "the link is told once");
        let (status, told, _) = public(desk, "/invitations/open", json!({ "secret": secret })).await;
        assert_eq!(
            (status, &told["email"], &told["role"]),
            (200, &json!("eve@example.org"), &json!("supervisor"))
        );
        let accept = async |secret: &str, password: &str| {
            let body = json!({ "secret": secret, "name": "Eve Adams", "password": password });
            let (status, told, _) = public(desk, "/invitations/accept", body).await;
            (status, told["error"]["code"].as_str().unwrap_or_default().to_owned())
        };
        assert_eq!(accept(&secret, "eve adams supervisor").await.0, 200, "with a word that is hers alone");
        assert_eq!(accept(&secret, OTHER).await, (404, "invitation_over".into()), "once");
        let eve = Browser::sign_in(desk, "eve@example.org", "eve adams supervisor").await;
        let session = eve.get("/session").await;
        assert_eq!(
            (&session["user"]["name"], &session["user"]["role"]),
            (&json!("Eve Adams"), &json!("supervisor"))
        );
        let (status, told) = desk.api(Method::POST, "/invitations", Some(spec)).await;
        assert_eq!((status, &told["error"]["code"]), (409, &json!("account_exists")));

        let invite = async |email: &str| {
            desk.post("/invitations", json!({ "email": email, "name": "Max", "role": "agent" })).await
        };
        let (first, second) = (invite("max@example.org").await, invite("max@example.org").await);
        assert_eq!(accept(&secret_of(&first), OTHER).await.0, 404, "a newer link took its place");
        assert_eq!(accept(&secret_of(&second), "short").await, (422, "weak_password".into()));
        let path = format!("/invitations/{}", second["invitation"]["id"].as_str().unwrap());
        assert_eq!(desk.api(Method::DELETE, &path, None).await.0, 204);
        assert_eq!(desk.api(Method::DELETE, &path, None).await.0, 404);
        assert_eq!(accept(&secret_of(&second), OTHER).await.0, 404, "taken back");
        let late = invite("late@example.org").await;
        desk.advance(Duration::from_secs(7 * 24 * 3_600 - 1));
        let shown = json!({ "secret": secret_of(&late) });
        assert_eq!(public(desk, "/invitations/open", shown.clone()).await.0, 200);
        desk.advance(Duration::from_secs(1));
        assert_eq!(public(desk, "/invitations/open", shown).await.0, 404);
        assert_eq!(accept(&secret_of(&late), OTHER).await, (404, "invitation_over".into()), "expired");
        for (email, role) in [("nobody", "agent"), ("a b@example.org", "agent"), ("x@example.org", "king")] {
            let body = json!({ "email": email, "name": "X", "role": role });
            assert_eq!(desk.api(Method::POST, "/invitations", Some(body)).await.0, 422, "{email} {role}");
        }
        let actions = actions(desk).await;
        assert_eq!(actions.iter().filter(|action| *action == "invitation.sent").count(), 4);
        assert_eq!(actions.iter().filter(|action| *action == "user.joined").count(), 1);
    })
    .await;
}

#[tokio::test]
async fn people_are_shut_out_and_let_in_and_nobody_shuts_out_themselves() {
    on_each_engine(async |desk| {
        let ada = Browser::sign_in(desk, EMAIL, PASSWORD).await;
        let invited = ada
            .post("/invitations", json!({ "email": "eve@example.org", "name": "Eve", "role": "agent" }))
            .await;
        let eve = join(desk, &invited, OTHER).await;
        let people = ada.get("/accounts").await;
        let id = |name: &str| {
            let all = people["items"].as_array().unwrap();
            all.iter().find(|one| one["name"] == name).unwrap()["id"].as_str().unwrap().to_owned()
        };
        let disable = async |id: String, is_disabled: bool| {
            let path = format!("/users/{id}");
            let (status, told) = ada.ask(Method::PATCH, &path, json!({ "is_disabled": is_disabled })).await;
            (status, told["error"]["code"].as_str().unwrap_or_default().to_owned())
        };
        assert_eq!(disable(id("Ada"), true).await, (409, "own_account".into()));
        assert_eq!(disable(id("Eve Adams"), true).await.0, 200);
        assert!(!eve.is_in().await);
        assert_eq!(try_sign_in(desk, json!({ "email": "eve@example.org", "password": OTHER })).await.0, 401);
        let row = ada.get("/accounts").await;
        let row =
            row["items"].as_array().unwrap().iter().find(|one| one["name"] == "Eve Adams").unwrap().clone();
        assert!(row["disabled_at"].is_string() && row["seen_at"].is_null(), "{row}");
        assert_eq!(
            desk.get("/users").await["items"].as_array().unwrap().len(),
            1,
            "she is given nothing to do"
        );
        assert_eq!(disable(id("Eve Adams"), false).await.0, 200);
        assert!(!eve.is_in().await, "what ended stays ended");
        Browser::sign_in(desk, "eve@example.org", OTHER).await;
        assert_eq!(actions(desk).await[..2], ["user.enabled", "user.disabled"]);
    })
    .await;
}

#[tokio::test]
async fn a_token_is_shown_once_does_what_its_scopes_say_and_ends() {
    on_each_engine(async |desk| {
        let make = async |body: Value| desk.api(Method::POST, "/tokens", Some(body)).await;
        let (status, made) = make(
            json!({ "name": "reports", "scopes": ["tickets.read"], "expires_at": "2026-11-22T13:00:00Z" }),
        )
        .await;
        assert_eq!(status, 201, "{made}");
        let token = made["token"].as_str().unwrap().to_owned();
        let ask = async |path: &str| desk.api_as(&token, Method::GET, path, None).await.0;
        assert_eq!((ask("/tickets").await, ask("/audit").await), (200, 403));
        let listed = desk.get("/tokens").await;
        assert!(!listed.to_string().contains(&token));
        assert_eq!(listed["items"][0]["scopes"], json!(["tickets.read"]));
        assert_eq!(listed["items"][1]["user"]["name"], "Ada", "{listed}");
        desk.advance(Duration::from_secs(3_600));
        assert_eq!(ask("/tickets").await, 401, "expired");

        let me = desk.get("/users").await["items"][0]["id"].clone();
        let (_, own) = make(json!({ "name": "script", "user_id": me })).await;
        let own_token = own["token"].as_str().unwrap();
        assert_eq!(desk.api_as(own_token, Method::GET, "/audit", None).await.0, 200);
        let path = format!("/tokens/{}", own["id"].as_str().unwrap());
        assert_eq!(desk.api(Method::DELETE, &path, None).await.0, 204);
        assert_eq!(desk.api(Method::DELETE, &path, None).await.0, 404);
        assert_eq!(desk.api_as(own_token, Method::GET, "/audit", None).await.0, 401, "revoked");
        for (body, status) in [
            (json!({ "name": "x" }), 422),
            (json!({ "name": "x", "scopes": [] }), 422),
            (json!({ "name": "x", "scopes": ["king"] }), 422),
            (json!({ "name": " ", "scopes": ["tickets.read"] }), 422),
            (json!({ "name": "x", "user_id": "01NONE" }), 404),
            (json!({ "name": "x", "scopes": ["tickets.read"], "expires_at": "2026-11-22T12:00:00Z" }), 422),
        ] {
            let (told, answer) = make(body.clone()).await;
            assert_eq!(told, status, "{body}: {answer}");
        }
        assert_eq!(actions(desk).await, ["token.revoked", "token.made", "token.made"]);
    })
    .await;
}
