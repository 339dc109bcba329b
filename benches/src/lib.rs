//! What measuring (`bench`) and destroying (`chaos`) share: a product to start, webhooks to send at it,
//! and the counting of what came of them.
//!
//! Nothing here knows the server's code. It uses what scripts from outside may rely on: the command line,
//! the line of JSON, the webhook and the REST API.

pub mod chaos;
pub mod guidance;
pub mod http;
pub mod idle;
pub mod ingest;
pub mod load;
pub mod looks;
pub mod media;
pub mod process;
pub mod product;
pub mod search;
pub mod survivors;
pub mod timing;
pub mod vision;
pub mod webhooks;
