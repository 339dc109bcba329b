//! What a request needs, and on which objects it may be done.
//!
//! The table of routes says for each the right that it needs; a route that says none lets nobody in. What hangs on a
//! ticket is named by [`Reached`] in a handler's arguments: who does not see the ticket is told that it does not exist.

use axum::{
    Extension,
    extract::{FromRequestParts, Path},
    http::{StatusCode, request::Parts},
    middleware,
    routing::MethodRouter,
};
use model::{
    access::{Reach, Right},
    ids::{AttachmentId, ContactId, MessageId, ReturnId, TicketId, UserId, VisitId},
};
use store::{Db, attachments, messages, returns, visits};

use super::{
    Web,
    auth::Caller,
    error::{ApiError, ApiResult},
};

/// What a route needs of its caller.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Need {
    /// That somebody is signed in.
    SignedIn,
    /// That a person is signed in, and not a program in their name.
    OwnSession,
    Right(Right),
}

/// A route for those who have what it needs: nobody else comes as far as its handler.
pub fn guard(web: &Web, need: Need, route: MethodRouter<Web>) -> MethodRouter<Web> {
    let known: MethodRouter<Web> =
        route.layer(middleware::from_extractor_with_state::<Caller, Web>(web.clone()));
    known.layer(Extension(need))
}

/// Whether a caller has what the route asks for.
pub fn check(caller: &Caller, need: Option<Need>) -> ApiResult<()> {
    match need {
        Some(Need::SignedIn) => Ok(()),
        Some(Need::OwnSession) => caller.own_session().map(drop),
        Some(Need::Right(right)) => caller.must(right),
        None => {
            tracing::error!("a route says no right that it needs; it lets nobody in");
            Err(ApiError::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "this address cannot be used; tell who runs the desk",
            ))
        }
    }
}

/// An object of the path that its caller may see: what `Path` is elsewhere.
pub struct Reached<T>(pub T);

impl<T: Owned> FromRequestParts<Web> for Reached<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> ApiResult<Self> {
        let caller = Caller::from_request_parts(parts, web).await?;
        let Path(id) =
            Path::<String>::from_request_parts(parts, web).await.map_err(|_| ApiError::not_found(T::WHAT))?;
        let id = T::from(id);
        reach(&web.app.db, &caller, &id).await?;
        Ok(Self(id))
    }
}

/// Refuses what its caller does not see, as if it did not exist.
pub async fn reach<T: Owned>(db: &Db, caller: &Caller, id: &T) -> ApiResult<()> {
    let is_reached = match (caller.reach, caller.user_id()) {
        (Reach::Everything, _) => true,
        (Reach::OwnVisits, Some(user)) => id.is_visited_by(db, user).await?,
        (Reach::OwnVisits, None) => false,
    };
    if is_reached { Ok(()) } else { Err(ApiError::not_found(T::WHAT)) }
}

/// What belongs to a ticket.
pub trait Owned: From<String> + Send + Sync {
    const WHAT: &'static str;

    /// Whether it belongs to a visit of this technician.
    fn is_visited_by(&self, db: &Db, user: &UserId) -> impl Future<Output = store::Result<bool>> + Send;
}

async fn of_ticket(db: &Db, user: &UserId, ticket: Option<TicketId>) -> store::Result<bool> {
    match ticket {
        Some(ticket) => visits::visits_ticket(db, user, &ticket).await,
        None => Ok(false),
    }
}

impl Owned for TicketId {
    const WHAT: &'static str = "ticket";

    async fn is_visited_by(&self, db: &Db, user: &UserId) -> store::Result<bool> {
        visits::visits_ticket(db, user, self).await
    }
}

impl Owned for MessageId {
    const WHAT: &'static str = "message";

    async fn is_visited_by(&self, db: &Db, user: &UserId) -> store::Result<bool> {
        of_ticket(db, user, messages::get(db, self).await?.map(|message| message.ticket_id)).await
    }
}

impl Owned for AttachmentId {
    const WHAT: &'static str = "attachment";

    async fn is_visited_by(&self, db: &Db, user: &UserId) -> store::Result<bool> {
        of_ticket(db, user, attachments::get(db, self).await?.and_then(|file| file.ticket_id)).await
    }
}

impl Owned for ContactId {
    const WHAT: &'static str = "contact";

    async fn is_visited_by(&self, db: &Db, user: &UserId) -> store::Result<bool> {
        attachments::listing::is_known(db, self, Some(user)).await
    }
}

impl Owned for ReturnId {
    const WHAT: &'static str = "return";

    async fn is_visited_by(&self, db: &Db, user: &UserId) -> store::Result<bool> {
        of_ticket(db, user, returns::get(db, self).await?.map(|row| row.ticket_id)).await
    }
}

impl Owned for VisitId {
    const WHAT: &'static str = "visit";

    /// A colleague's visit to the same customer is the colleague's.
    async fn is_visited_by(&self, db: &Db, user: &UserId) -> store::Result<bool> {
        let own = visits::technician_of(db, user).await?;
        let visit = visits::get(db, self).await?;
        Ok(own.is_some_and(|own| visit.is_some_and(|visit| visit.technician_id == own)))
    }
}
