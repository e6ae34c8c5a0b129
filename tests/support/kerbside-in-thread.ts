import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import { kerbside, type Finished } from './run-kerbside.ts';

/** One command for the thread. */
export interface CommandRequest {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What it left. */
export type CommandAnswer = Pick<Finished, 'stdout' | 'stderr'> & { readonly status: number };

export interface CommandThreadStart {
  readonly answers: MessagePort;
  /** Its one word becomes 1 when an answer is there. */
  readonly done: Int32Array;
}

/** No command of a test takes this long; a hang fails instead of blocking. */
const TIMEOUT_MS = 120_000;

let thread: { readonly worker: Worker; readonly answers: MessagePort; readonly done: Int32Array } | null = null;

/**
 * Runs a command as `kerbside` does, but for the start of a process: in a thread of this one that stays, so that a
 * test of many runs pays for one start. Everything else is the command's own: arguments, controls, keys, threads,
 * sandbox, texts, exit code. Where the process matters (signals, users,
 * terminals, kills) a test takes one of its own.
 *
 * @throws Error when the command does not end
 */
export function kerbsideInThread(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Finished {
  const { worker, answers, done } = (thread ??= startThread());
  const request: CommandRequest = { argv, env: { ...definedOf(process.env), ...env } };
  Atomics.store(done, 0, 0);
  worker.postMessage(request);
  if (Atomics.wait(done, 0, 0, TIMEOUT_MS) === 'timed-out') throw new Error(`kerbside ${argv.join(' ')} has not ended after ${TIMEOUT_MS} ms`);
  const answer = receiveMessageOnPort(answers) as { readonly message: CommandAnswer };
  return { ...answer.message, signal: null };
}

const begun = new Set<string>();

/** The first command of each kind (`triage`, `set`, …) as a process of its own, what follows in the thread. */
export function kerbsideOften(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Finished {
  const kind = argv[0] ?? '';
  if (begun.has(kind)) return kerbsideInThread(argv, env);
  begun.add(kind);
  return kerbside(argv, env);
}

function startThread(): NonNullable<typeof thread> {
  const { port1, port2 } = new MessageChannel();
  const done = new Int32Array(new SharedArrayBuffer(4));
  const start: CommandThreadStart = { answers: port2, done };
  const worker = new Worker(new URL('./command-thread.ts', import.meta.url), { workerData: start, transferList: [port2] });
  worker.unref();
  return { worker, answers: port1, done };
}

function definedOf(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
