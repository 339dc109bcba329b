//! The work that follows from what arrived: claimed from the queue, run with bounds, ended in a transaction.
//!
//! A job's author decides how it ends: `Done` (its transaction ended the job already), `Snooze`, `Retry` or `Fail`.
//! A job that panics or loses its process comes back when its lease runs out.

mod analysis_again;
mod bot_pause;
mod bot_turn;
mod event_post;
mod flow_call;
mod flow_timer;
mod housekeeping;
mod media_advise;
mod media_analyze;
mod media_fetch;
mod media_render;
mod message_send;
mod read_mark;
mod search_fill;
mod sla_due;
mod team_assign;
mod ticket_wake;
mod turn_close;
mod visit_remind;
mod work_review;

use std::{sync::Arc, time::Duration};

use model::Timestamp;
use store::{
    Notice,
    jobs::{self, Job},
};
use tokio::{
    sync::{
        broadcast::{self, error::RecvError},
        watch,
    },
    task::JoinSet,
    time,
};

pub use self::{
    analysis_again::AnalysisAgain,
    bot_pause::BotPause,
    bot_turn::BotTurn,
    event_post::{Announced, EventPost, NOT_CONFIGURED, Untold},
    flow_call::FlowCall,
    flow_timer::FlowTimer,
    housekeeping::run as housekeeping,
    media_advise::MediaAdvise,
    media_analyze::MediaAnalyze,
    media_fetch::{MediaFetch, enqueue_render},
    media_render::MediaRender,
    message_send::MessageSend,
    read_mark::ReadMark,
    search_fill::SearchFill,
    sla_due::SlaDue,
    team_assign::TeamAssign,
    ticket_wake::TicketWake,
    turn_close::TurnClose,
    visit_remind::VisitRemind,
    work_review::WorkReview,
};
use crate::{
    app::{App, SHUTDOWN_GRACE},
    error::AppError,
};

/// Jobs of this process under way at once; the heavy kinds have bounds of their own.
const RUNNING_MAX: usize = 32;
/// A job that needs longer keeps its lease alive.
///
/// It is also how long the work of a process that was killed lies idle while others run.
const LEASE: Duration = Duration::from_secs(30);
const LEASE_RENEWAL: Duration = Duration::from_secs(10);
/// How long an idle worker sleeps before it looks by itself: the bound on what a lost wake-up costs.
const IDLE: Duration = Duration::from_millis(1_000);
/// Tries of a job whose failures look passing, before it is a dead letter.
const ATTEMPTS_MAX: i64 = 20;
const TROUBLE_PAUSE: Duration = Duration::from_secs(1);

/// How a job ended.
#[derive(Debug)]
pub enum End {
    /// Its effects and its end were committed together.
    Done,
    /// Not its time yet; not a failure.
    Snooze(Timestamp),
    /// It failed and may work later.
    Retry { at: Timestamp, why: String },
    /// It will never work as it is: a dead letter.
    Fail(String),
}

/// Runs jobs until told to stop, then lets those under way end.
pub async fn run(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut notices = app.db.notices();
    let mut running: JoinSet<()> = JoinSet::new();
    while !*stop.borrow() {
        let room = RUNNING_MAX.saturating_sub(running.len());
        let taken = if room == 0 { Ok(0) } else { take(&app, &mut running, room).await };
        let pause = match taken {
            Ok(count) if count == room && room > 0 => continue,
            Ok(_) => sleep_span(&app).await,
            Err(error) => {
                tracing::error!(%error, "jobs cannot be claimed for the moment");
                TROUBLE_PAUSE
            }
        };
        tokio::select! {
            () = time::sleep(pause) => {}
            _ = running.join_next(), if !running.is_empty() => {}
            () = noticed(&mut notices, &Notice::Job) => {}
            _ = stop.changed() => {}
        }
    }
    let _ = time::timeout(SHUTDOWN_GRACE, async { while running.join_next().await.is_some() {} }).await;
}

/// Waits for a notice, or for so many that it may have been among them.
pub(crate) async fn noticed(notices: &mut broadcast::Receiver<Notice>, wanted: &Notice) {
    loop {
        match notices.recv().await {
            Ok(notice) if notice != *wanted => {}
            Ok(_) | Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => return std::future::pending().await,
        }
    }
}

/// Until the next job is due, at most `IDLE`.
async fn sleep_span(app: &App) -> Duration {
    match jobs::next_run_at(&app.db).await {
        Ok(Some(at)) => at.since(app.clock.now()).clamp(Duration::from_millis(5), IDLE),
        _ => IDLE,
    }
}

async fn take(app: &Arc<App>, running: &mut JoinSet<()>, room: usize) -> Result<usize, AppError> {
    let now = app.clock.now();
    // A look costs an idle desk nothing; a claim is a writing transaction.
    if jobs::next_run_at(&app.db).await?.is_none_or(|at| at > now) {
        return Ok(0);
    }
    let jobs = jobs::claim(&app.db, &app.ids, now, LEASE, i64::try_from(room).unwrap_or(1)).await?;
    let count = jobs.len();
    for job in jobs {
        running.spawn(run_one(app.clone(), job));
    }
    Ok(count)
}

/// Runs one claimed job and records how it ended.
async fn run_one(app: Arc<App>, job: Job) {
    let renewal = tokio::spawn(renew(app.clone(), job.clone()));
    let task = tokio::spawn({
        let (app, job) = (app.clone(), job.clone());
        async move { dispatch(&app, &job).await }
    });
    let end = match task.await {
        Ok(Ok(end)) => end,
        Ok(Err(error)) if error.is_transient() => {
            if let AppError::Store(error) = &error {
                app.health.files_failed(error);
            }
            End::Retry { at: backoff(&app, &job), why: error.to_string() }
        }
        Ok(Err(error)) => End::Fail(error.to_string()),
        Err(panic) => End::Retry { at: backoff(&app, &job), why: format!("panicked: {panic}") },
    };
    renewal.abort();
    metrics::counter!("sportello_jobs_total", "kind" => known_kind(&job.kind), "end" => end.name())
        .increment(1);
    if let Err(error) = record(&app, &job, end).await {
        tracing::error!(%error, job = job.id.as_str(), kind = job.kind, "a job's end could not be recorded; its lease will run out");
    }
}

async fn dispatch(app: &Arc<App>, job: &Job) -> Result<End, AppError> {
    store::fault("jobs.run")?;
    match job.kind.as_str() {
        MediaFetch::KIND => media_fetch::run(app, job).await,
        MediaRender::KIND => media_render::run(app, job).await,
        MediaAdvise::KIND => media_advise::run(app, job).await,
        MediaAnalyze::KIND => media_analyze::run(app, job).await,
        AnalysisAgain::KIND => analysis_again::run(app, job).await,
        MessageSend::KIND => message_send::run(app, job).await,
        BotTurn::KIND => bot_turn::run(app, job).await,
        BotPause::KIND => bot_pause::run(app, job).await,
        EventPost::KIND => event_post::run(app, job).await,
        FlowTimer::KIND => flow_timer::run(app, job).await,
        FlowCall::KIND => flow_call::run(app, job).await,
        ReadMark::KIND => read_mark::run(app, job).await,
        SearchFill::KIND => search_fill::run(app, job).await,
        SlaDue::KIND => sla_due::run(app, job).await,
        TeamAssign::KIND => team_assign::run(app, job).await,
        TicketWake::KIND => ticket_wake::run(app, job).await,
        TurnClose::KIND => turn_close::run(app, job).await,
        VisitRemind::KIND => visit_remind::run(app, job).await,
        WorkReview::KIND => work_review::run(app, job).await,
        kind => Ok(End::Fail(format!("this version knows no job `{kind}`"))),
    }
}

fn known_kind(kind: &str) -> &'static str {
    [
        AnalysisAgain::KIND,
        BotPause::KIND,
        BotTurn::KIND,
        EventPost::KIND,
        FlowCall::KIND,
        FlowTimer::KIND,
        MediaAdvise::KIND,
        MediaAnalyze::KIND,
        MediaFetch::KIND,
        MediaRender::KIND,
        MessageSend::KIND,
        ReadMark::KIND,
        SearchFill::KIND,
        SlaDue::KIND,
        TeamAssign::KIND,
        TicketWake::KIND,
        TurnClose::KIND,
        VisitRemind::KIND,
        WorkReview::KIND,
    ]
    .into_iter()
    .find(|known| *known == kind)
    .unwrap_or("other")
}

impl End {
    const fn name(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Snooze(_) => "snooze",
            Self::Retry { .. } => "retry",
            Self::Fail(_) => "fail",
        }
    }
}

async fn record(app: &App, job: &Job, end: End) -> Result<(), AppError> {
    let mut tx = match &end {
        End::Done => return Ok(()),
        _ => app.db.begin().await?,
    };
    match end {
        End::Done => {}
        End::Snooze(at) => jobs::again(&mut tx, job, at, None).await?,
        End::Retry { why, .. } if job.attempts >= ATTEMPTS_MAX => {
            bury(&mut tx, app, job, &format!("gave up after {} tries: {why}", job.attempts)).await?;
        }
        End::Retry { at, why } => jobs::again(&mut tx, job, at, Some(&why)).await?,
        End::Fail(why) => {
            tracing::warn!(
                job = job.id.as_str(),
                kind = job.kind,
                why,
                "a job failed for good; it is among the dead letters"
            );
            bury(&mut tx, app, job, &why).await?;
        }
    }
    Ok(tx.commit().await?)
}

/// Buries a job, and what waited for it says so in the same transaction.
async fn bury(tx: &mut store::Tx, app: &App, job: &Job, why: &str) -> Result<(), AppError> {
    if !jobs::bury(tx, job, why).await? {
        return Ok(());
    }
    match job.kind.as_str() {
        MediaFetch::KIND => media_fetch::buried(tx, app, job).await,
        MediaRender::KIND => media_render::buried(tx, app, job).await,
        MediaAnalyze::KIND => media_analyze::buried(tx, app, job).await,
        BotTurn::KIND => bot_turn::buried(tx, app, job).await,
        EventPost::KIND => event_post::buried(tx, app, job, why).await,
        FlowCall::KIND => flow_call::buried(tx, app, job).await,
        MessageSend::KIND => message_send::buried(tx, job).await,
        _ => Ok(()),
    }
}

/// 1 s, 2 s, 4 s … at most ten minutes, spread so that many do not come back at once.
fn backoff(app: &App, job: &Job) -> Timestamp {
    let exponent = u32::try_from(job.attempts.clamp(1, 12) - 1).unwrap_or(0);
    let span = Duration::from_secs(2u64.saturating_pow(exponent).min(600));
    app.clock.now().plus(span.mul_f64(1.0 - spread(app) / 2.0))
}

/// A random share in 0.0..1.0.
pub(crate) fn spread(app: &App) -> f64 {
    f64::from(u16::from_le_bytes(app.ids.bytes())) / 65_536.0
}

async fn renew(app: Arc<App>, job: Job) {
    loop {
        time::sleep(LEASE_RENEWAL).await;
        let until = app.clock.now().plus(LEASE);
        if let Err(error) = jobs::extend(&app.db, &job, until).await {
            tracing::warn!(%error, job = job.id.as_str(), "a job's lease could not be renewed");
        }
    }
}
