//! Where blobs live: a folder, memory, or anything that speaks S3.

use std::{sync::Arc, time::Duration};

use object_store::{BackoffConfig, ObjectStore, RetryConfig, aws::AmazonS3Builder, prefix::PrefixStore};
use secrecy::ExposeSecret as _;
use store::blobs::Blobs;

use crate::{config::Config, error::StartError};

pub fn open(config: &Config) -> Result<Arc<dyn ObjectStore>, StartError> {
    let url = config.blobs_url();
    let Some(place) = url.strip_prefix("s3://") else { return Ok(Blobs::open_local(&url)?) };
    let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
    let settings = &config.blobs;
    // One file is removed at a time; the request for many is one that not everything that speaks S3 knows.
    let mut builder = AmazonS3Builder::from_env()
        .with_bucket_name(bucket)
        .with_disable_bulk_delete(true)
        .with_retry(retries());
    if let Some(endpoint) = &settings.s3_endpoint {
        builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
    }
    if let Some(region) = &settings.s3_region {
        builder = builder.with_region(region);
    }
    if let Some(key) = &settings.s3_access_key_id {
        builder = builder.with_access_key_id(key);
    }
    if let Some(secret) = &settings.s3_secret_access_key {
        builder = builder.with_secret_access_key(secret.expose_secret());
    }
    let s3 = builder.build().map_err(|e| StartError::Config(format!("blobs.url {url}: {e}")))?;
    Ok(if prefix.is_empty() { Arc::new(s3) } else { Arc::new(PrefixStore::new(s3, prefix)) })
}

/// A hiccup is passed over. Longer trouble is told within seconds: jobs come back by themselves, and an agent who sends
/// a file has not minutes.
fn retries() -> RetryConfig {
    RetryConfig { backoff: BackoffConfig::default(), max_retries: 4, retry_timeout: Duration::from_secs(15) }
}
