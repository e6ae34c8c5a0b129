import { KerbsideError, UnsupportedError, type JsonObject } from '@kerbside/bytes';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { Readable } from 'node:stream';
import { readSafeJson } from '../protocol/safe-json.ts';
import { APP_ROOT } from './app-files.ts';
import { ESCAPE_PROBES, startOf, type WorldOutside } from './escape-probes.ts';
import { SANDBOX_ENVIRONMENT, startSandboxed, type SandboxProfile } from './launch.ts';
import { MAX_DATA_BYTES, MAX_OPEN_FILES, MAX_PROCESSES } from './limits.ts';
import { PROGRAM_PROBES, runProgramProbe } from './program-probes.ts';

const PROBE_MAIN = `${APP_ROOT}/packages/decode/src/sandbox/probe-main.ts`;
const PROBE_TIMEOUT_MS = 20_000;
const MAX_ANSWER_BYTES = 16 * 1024;
/** Told in place of a probe's name when the probes could not be run to their end. */
const DID_NOT_RUN = 'the probes did not run to their end';

const passed = new Map<SandboxProfile, Promise<readonly string[]>>();

/**
 * Makes sure, once for each profile in this thread, that the sandbox holds.
 * @throws UnsupportedError `sandbox-unsound` with what got out, `program-not-installed`
 */
export async function requireSoundSandbox(profile: SandboxProfile): Promise<void> {
  const test = passed.get(profile) ?? selfTestSandbox(profile);
  passed.set(profile, test);
  let escaped: readonly string[];
  try {
    escaped = await test;
  } catch (error) {
    passed.delete(profile);
    throw error;
  }
  if (escaped.length > 0) {
    throw new UnsupportedError('sandbox-unsound', `the decode sandbox failed its self-test (${escaped.join('; ')}), so nothing is decoded: check that bubblewrap works on this machine (kerbside doctor)`);
  }
}

/**
 * Runs all escape probes together in sandboxes like the workers' own.
 * @returns names of those that got out, or that they did not run; empty means sound
 */
export async function selfTestSandbox(profile: SandboxProfile): Promise<readonly string[]> {
  const server = createServer((socket) => socket.destroy());
  try {
    const outside = await describeOutside(server);
    const results = await Promise.all([
      runNodeProbes(profile, outside),
      ...PROGRAM_PROBES.map(async (probe) => ((await runProgramProbe(profile, probe)) ? [probe.name] : [])),
    ]);
    return results.flat();
  } finally {
    server.close();
  }
}

/** @internal also for the test that runs the probes in the open */
export async function describeOutside(server: Server): Promise<WorldOutside> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    parentPid: process.pid,
    parentStart: startOf(process.pid),
    environment: Object.keys(SANDBOX_ENVIRONMENT),
    maxDataBytes: MAX_DATA_BYTES,
    maxOpenFiles: MAX_OPEN_FILES,
    maxProcesses: MAX_PROCESSES,
    appFolder: `${APP_ROOT}/packages/decode`,
  };
}

async function runNodeProbes(profile: SandboxProfile, outside: WorldOutside): Promise<readonly string[]> {
  const child = startSandboxed(profile, PROBE_MAIN, [JSON.stringify(outside)]);
  const timeout = setTimeout(() => child.kill('SIGKILL'), PROBE_TIMEOUT_MS);
  try {
    const talk = child.stdio[3];
    const parts: Buffer[] = [];
    let size = 0;
    let words = '';
    if (talk instanceof Readable) talk.on('error', () => {}).on('data', (part: Buffer) => (size += part.length) <= MAX_ANSWER_BYTES && parts.push(part));
    child.stderr?.setEncoding('latin1').on('data', (text: string) => (words = (words + text).slice(0, 200)));
    const failure = await new Promise<string | null>((resolve) => {
      child.once('error', (error) => resolve(error.message)).once('close', () => resolve(null));
    });
    return readAnswer(readSafeJson(Buffer.concat(parts)), failure ?? words);
  } finally {
    clearTimeout(timeout);
  }
}

/** Every probe must have been tried: one that is missing counts as one that got out. */
function readAnswer(answer: JsonObject | null, words: string): readonly string[] {
  const { tried, escaped } = answer ?? {};
  if (!Array.isArray(tried) || !Array.isArray(escaped)) return [words === '' ? DID_NOT_RUN : `${DID_NOT_RUN}: ${words.trim().split('\n')[0] ?? ''}`];
  return Object.keys(ESCAPE_PROBES).filter((name) => escaped.includes(name) || !tried.includes(name));
}

/** One sentence for `kerbside doctor`: null when the sandbox holds, else why nothing is decoded. */
export async function whyUnsound(profile: SandboxProfile): Promise<string | null> {
  try {
    await requireSoundSandbox(profile);
    return null;
  } catch (error) {
    if (error instanceof KerbsideError) return error.message;
    throw error;
  }
}
