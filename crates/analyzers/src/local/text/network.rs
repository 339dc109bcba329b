//! One loaded network: tensors in, tensors out, on `rten` or on the library that somebody brought.

use std::sync::Arc;

use rten::{Model, RunOptions, ThreadPool, Value};
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, Tensor};

use super::{ReadError, weights};
use crate::local::onnxruntime::{self, OnnxRuntime};

pub struct Network {
    name: &'static str,
    model: Loaded,
    pool: Arc<ThreadPool>,
}

/// Either reads the same text; what differs is the time.
enum Loaded {
    Rten(Box<Model>),
    OnnxRuntime(onnxruntime::Network),
}

/// Numbers with their shape, rows without gaps.
pub struct Output {
    pub numbers: Vec<f32>,
    pub shape: Vec<usize>,
}

/// The threads that work on one picture at a time, shared by both networks.
pub fn pool(threads: usize) -> Arc<ThreadPool> {
    Arc::new(ThreadPool::with_num_threads(threads.max(1)))
}

impl Network {
    pub fn load(name: &'static str, mut bytes: Vec<u8>, pool: &Arc<ThreadPool>) -> Result<Self, ReadError> {
        weights::without_subnormals(&mut bytes);
        let load = |source: rten::LoadError| ReadError::Load { name, what: source.to_string() };
        let model = pool.run(|| Model::load(bytes)).map_err(load)?;
        Ok(Self { name, model: Loaded::Rten(Box::new(model)), pool: Arc::clone(pool) })
    }

    /// The network's own work is done on the library's threads, as many as `threads`; ours on the pool's.
    pub fn load_on(
        library: &OnnxRuntime,
        name: &'static str,
        mut bytes: Vec<u8>,
        threads: usize,
        pool: &Arc<ThreadPool>,
    ) -> Result<Self, ReadError> {
        weights::without_subnormals(&mut bytes);
        let network = library.network(name, &bytes, threads)?;
        Ok(Self { name, model: Loaded::OnnxRuntime(network), pool: Arc::clone(pool) })
    }

    /// What the file says of itself under this key.
    pub fn metadata(&self, key: &str) -> Option<String> {
        match &self.model {
            Loaded::Rten(model) => model.metadata().get(key).map(str::to_owned),
            Loaded::OnnxRuntime(network) => network.metadata(key),
        }
    }

    /// A batch of pictures `[count, channels, height, width]` through the network.
    pub fn run(&self, numbers: Vec<f32>, shape: [usize; 4]) -> Result<Output, ReadError> {
        match &self.model {
            Loaded::Rten(model) => self.run_on_rten(model, numbers, shape),
            Loaded::OnnxRuntime(network) => {
                let (numbers, shape) = network.run(&numbers, shape).map_err(|what| self.failed(&what))?;
                Ok(Output { numbers, shape })
            }
        }
    }

    fn run_on_rten(&self, model: &Model, numbers: Vec<f32>, shape: [usize; 4]) -> Result<Output, ReadError> {
        let input = NdTensor::try_from_data(shape, numbers).map_err(|e| self.failed(&e))?;
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(&self.pool)));
        let value: Value = model.run_one(input.into(), Some(options)).map_err(|e| self.failed(&e))?;
        let tensor: Tensor<f32> = value.try_into().map_err(|e| self.failed(&e))?;
        let shape = tensor.shape().to_vec();
        Ok(Output { numbers: tensor.into_data(), shape })
    }

    /// Runs work of ours on the same threads.
    pub fn on_threads<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        self.pool.run(work)
    }

    pub fn failed(&self, what: &dyn std::fmt::Debug) -> ReadError {
        ReadError::Network { name: self.name, what: format!("{what:?}") }
    }
}
