//! The second step of signing in: a code of an authenticator app, or one of the recovery codes.
//!
//! Wrong codes of the app are counted with the account, so that neither a restart nor a second process gives more tries.
//! Recovery codes have too much chance in them to be guessed, and let somebody in whom another keeps from the app's codes.

use std::time::Duration;

use store::{audit, second_factors, users::User};

use crate::{
    app::App,
    error::AppError,
    totp::{self, Typed},
};

/// What came of asking.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// They have none: the password is enough.
    NotNeeded,
    Right,
    /// No code was given.
    Missing,
    Wrong,
    /// Too many were wrong.
    Wait(Duration),
}

/// Asks somebody whose password was right for their second factor.
pub async fn ask(app: &App, user: &User, typed: Option<&str>) -> Result<Answer, AppError> {
    if second_factors::since(&app.db, &user.id).await?.is_none() {
        return Ok(Answer::NotNeeded);
    }
    match typed.map(str::trim).filter(|text| !text.is_empty()).map(Typed::of) {
        None => Ok(Answer::Missing),
        Some(Typed::Code(code)) => take_code(app, user, &code).await,
        Some(Typed::Recovery(code)) => take_recovery_code(app, user, &code).await,
    }
}

/// Takes a code of the app; the first right one confirms a second factor that was begun.
pub async fn take_code(app: &App, user: &User, code: &str) -> Result<Answer, AppError> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let Some(held) = second_factors::hold(&mut tx, app.blobs.ring(), &app.ids, &user.id, now).await? else {
        return Ok(Answer::NotNeeded);
    };
    if let Some(wait) = held.wait(now) {
        return Ok(Answer::Wait(wait));
    }
    let answer = match totp::step_of(&held.secret, code, now, held.last_step) {
        Some(step) => {
            second_factors::taken(&mut tx, &user.id, step, now).await?;
            Answer::Right
        }
        None => {
            second_factors::failed(&mut tx, &user.id, now).await?;
            Answer::Wrong
        }
    };
    tx.commit().await?;
    Ok(answer)
}

async fn take_recovery_code(app: &App, user: &User, code: &str) -> Result<Answer, AppError> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    if !second_factors::use_recovery_code(&mut tx, &user.id, code, now).await? {
        return Ok(Answer::Wrong);
    }
    let actor = format!("user:{}", user.id);
    audit::add(&mut tx, &app.ids, &actor, "account.recovery_code", user.id.as_str(), "used to sign in", now)
        .await?;
    tx.commit().await?;
    Ok(Answer::Right)
}
