// The real server and sandbox on a fresh folder, as `sportello demo --json` starts them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const BINARY = process.env.SPORTELLO_BIN ?? fileURLToPath(new URL('../../target/debug/sportello', import.meta.url));
/** Without the models nothing on a photo is read, and the story says so: `cargo dev models` fetches them. */
const MODELS = process.env.SPORTELLO_MODELS_DIR ?? fileURLToPath(new URL('../../models', import.meta.url));
const READY_MS = 60_000;

/** What the demo says about itself, and `stop`, which ends it and removes its folder. */
export async function startDemo() {
  const dir = await mkdtemp(join(tmpdir(), 'sportello-e2e-'));
  const args = ['demo', '--dir', dir, '--listen', '127.0.0.1:0', '--sandbox-listen', '127.0.0.1:0', '--json'];
  const server = spawn(BINARY, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, SPORTELLO_MODELS_DIR: MODELS },
  });
  const stop = async () => {
    if (server.exitCode === null && server.signalCode === null) {
      server.kill('SIGTERM');
      await once(server, 'exit');
    }
    await rm(dir, { recursive: true, force: true });
  };
  try {
    return { ...(await readLine(server)), dir, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function readLine(server) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${BINARY} was not ready within ${READY_MS / 1000} s`)), READY_MS);
    createInterface(server.stdout).once('line', (line) => {
      clearTimeout(late);
      resolve(JSON.parse(line));
    });
    server.once('error', (error) => reject(new Error(`${BINARY} cannot be started: ${error.message}`)));
    server.once('exit', (code) => reject(new Error(`${BINARY} ended with ${code} before it was ready`)));
  });
}

/** A call of the sandbox's control API. */
export async function sandbox(demo, path, body, headers = {}) {
  const answer = await fetch(`${demo.phone}/sandbox${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`the sandbox refused ${path}: ${await answer.text()}`);
  return answer.json();
}

/** A call of the server's API with the demo's token. */
export async function api(demo, method, path, body) {
  const answer = await fetch(`${demo.console}/api/v1${path}`, {
    method,
    headers: { Authorization: `Bearer ${demo.api_token}`, 'Content-Type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
  return answer.status === 204 ? null : answer.json();
}
