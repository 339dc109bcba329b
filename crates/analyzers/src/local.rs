//! The analyzers that come with Sportello and need no other service.
