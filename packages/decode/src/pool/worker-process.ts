import { endProcessTree, InternalError, type JsonObject, KerbsideError } from '@kerbside/bytes';
import type { ChildProcess } from 'node:child_process';
import { Duplex } from 'node:stream';
import { readFailure, showable } from '../protocol/failure.ts';
import { FrameReader, type Frame } from '../protocol/frame-reader.ts';
import { CONTENT, FAILED, frameHead, NEED_RANGE, NEED_RANGE_BODY_BYTES, PIECE, PIECE_TAKEN, RANGE_DATA, RANGE_FAILED, READY, REPLY, REPLY_HEAD_BYTES, REQUEST } from '../protocol/frames.ts';
import { MAX_RANGE_BYTES, MAX_REPLY_BYTES, MAX_REPLY_JSON_BYTES } from '../protocol/limits.ts';
import { readSafeJson, writeJson } from '../protocol/safe-json.ts';
import { MAX_PROCESSES, WATCH_INTERVAL_MS } from '../sandbox/limits.ts';
import { listTree, readTreeUsage, sumUsage, type TreeUsage } from '../sandbox/process-usage.ts';
import type { DecodeReply, DecodeRequest } from './decoders.ts';
import { defaultTimeoutMs, RequestBudget } from './request-budget.ts';
import type { WorkerFault } from './worker-fault.ts';

/** A third of a second on an idle machine; a van's may be busy with two dozen devices. */
const START_TIMEOUT_MS = 60_000;
/** What is kept of a worker's last words. */
const MAX_LAST_WORDS_CHARACTERS = 300;
const MAX_KEPT_CHARACTERS = 8 * 1024;
/** The line of a fault's report that says what it was. */
const TELLING_LINE = /^(?:\w*Error\b|FATAL|terminate|\w+: symbol|bwrap:)/i;

/** How a request ended: an answer, a fault of the content or of our own reading, or the end of the worker. */
export type Outcome = { readonly reply: DecodeReply } | { readonly error: unknown } | { readonly fault: WorkerFault };

interface Running {
  readonly request: DecodeRequest;
  readonly sizeBytes: number;
  readonly budget: RequestBudget;
  /** CPU time of the worker when the watch first looked, a moment after the start; most requests end before. */
  cpuBeforeMs: number | null;
  readonly settle: (outcome: Outcome) => void;
  rangeError: unknown;
}

/** The parent's side of one sandboxed worker: one request at a time; whatever is out of turn ends it. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #talk: Duplex;
  readonly #reader = new FrameReader();
  readonly #memoryLimitBytes: number;
  readonly #canStartProcesses: boolean;
  #fixedTree: readonly number[] | null = null;
  readonly #ended: Promise<void>;
  readonly #ready: Promise<void>;
  #tellReady: () => void = () => {};
  #watch: NodeJS.Timeout | null = null;
  #isReady = false;
  #isOver = false;
  #running: Running | null = null;
  #outcome: Outcome | null = null;
  #fault: WorkerFault | null = null;
  #lastWords = '';
  #served = 0;
  #hasTakenPieces = false;

  /** @param canStartProcesses false where the filter lets it start none: its processes are then looked for once */
  constructor(child: ChildProcess, memoryLimitBytes: number, canStartProcesses: boolean) {
    this.#child = child;
    this.#canStartProcesses = canStartProcesses;
    this.#memoryLimitBytes = memoryLimitBytes;
    const talk = child.stdio[3];
    if (!(talk instanceof Duplex)) throw new InternalError('internal-fault', 'a worker was started without a way to talk to it');
    this.#talk = talk;
    talk.on('data', (chunk: Buffer) => this.#take(chunk));
    // The end of the process tells what happened; a broken pipe says less.
    talk.on('error', () => {});
    child.stderr?.setEncoding('latin1').on('data', (text: string) => (this.#lastWords = (this.#lastWords + text).slice(-MAX_KEPT_CHARACTERS)));
    child.on('error', (error) => (this.#lastWords = error.message));
    this.#ready = new Promise((resolve) => (this.#tellReady = resolve));
    this.#ended = new Promise((resolve) => {
      const over = (): void => {
        this.#isOver = true;
        this.#tellReady();
        this.#settle({ fault: this.#fault ?? { what: 'died', known: this.#describeEnd() } });
        resolve();
      };
      child.once('close', over);
      if (child.pid === undefined) child.once('error', over);
    });
  }

  /** True when it can take another request. */
  get isAlive(): boolean {
    return !this.#isOver && this.#fault === null;
  }

  /** Requests it has answered. */
  get served(): number {
    return this.#served;
  }

  /** True when pieces of the last request went to the caller, so that it cannot be begun again unseen. */
  get hasTakenPieces(): boolean {
    return this.#hasTakenPieces;
  }

  /**
   * Never rejects. A worker that does not start is told as a fault of its own, so that its content is not blamed.
   */
  async run(request: DecodeRequest): Promise<Outcome> {
    await this.#started();
    if (!this.#isReady) return { fault: { what: 'not-started', known: this.#describeEnd() } };
    if (!this.isAlive || this.#running !== null) return { fault: this.#fault ?? { what: 'died', known: this.#describeEnd() } };
    const { content } = request;
    const sizeBytes = 'bytes' in content ? content.bytes.length : content.sizeBytes;
    this.#hasTakenPieces = false;
    const outcome = new Promise<Outcome>((settle) => {
      this.#running = {
        request,
        sizeBytes,
        budget: new RequestBudget(request.timeoutMs ?? defaultTimeoutMs(sizeBytes)),
        cpuBeforeMs: null,
        settle,
        rangeError: null,
      };
    });
    this.#watch = setInterval(() => this.#lookAtUsage(), WATCH_INTERVAL_MS);
    // Written at once: each write of its own would wake the worker for a few bytes.
    this.#talk.cork();
    this.#send(REQUEST, writeJson({ kind: request.kind, request: request.request, sizeBytes, isWhole: 'bytes' in content }));
    if ('bytes' in content) this.#send(CONTENT, content.bytes);
    this.#talk.uncork();
    return outcome;
  }

  /** Ends it at once, and waits until it is gone. */
  async end(): Promise<void> {
    if (!this.#isOver) endProcessTree(this.#child);
    this.setIdle(false);
    await this.#ended;
  }

  /** Keeps this process alive, or not, while the worker has nothing to do. */
  setIdle(isIdle: boolean): void {
    for (const handle of [this.#child, this.#talk, this.#child.stderr]) setHeld(handle, !isIdle);
  }

  /** The start is not the content's: it has its own time, and its CPU time is not counted. */
  async #started(): Promise<void> {
    if (this.#isReady) return;
    const timeout = setTimeout(() => endProcessTree(this.#child), START_TIMEOUT_MS);
    await this.#ready;
    clearTimeout(timeout);
  }

  #take(chunk: Buffer): void {
    if (this.#fault !== null) return;
    try {
      for (const frame of this.#reader.take(chunk)) {
        this.#answer(frame);
        if (this.#fault !== null) return;
      }
      // An answer counts once nothing more has come with it.
      const outcome = this.#outcome;
      this.#outcome = null;
      if (outcome === null) return;
      if (this.#reader.isBroken) return this.#lie('more came after its answer');
      this.#served += 1;
      this.#settle(outcome);
    } catch (error) {
      this.#lie(error instanceof Error ? error.message : 'a broken frame');
    }
  }

  #answer({ type, body }: Frame): void {
    if (type === READY && !this.#isReady) {
      this.#isReady = true;
      if (!this.#canStartProcesses) this.#fixedTree = listTree(this.#child.pid ?? 0);
      this.#tellReady();
      return;
    }
    const running = this.#running;
    if (running === null || !this.#isReady || this.#outcome !== null) return this.#lie('it spoke without being asked');
    switch (type) {
      case NEED_RANGE:
        return this.#giveRange(running, body);
      case PIECE:
        return void this.#takePiece(running, body);
      case REPLY:
        return this.#takeReply(body);
      case FAILED:
        return this.#takeFailure(running, body);
      default:
        return this.#lie(`a frame of type ${type} out of turn`);
    }
  }

  #giveRange(running: Running, body: Uint8Array): void {
    const { content } = running.request;
    if (body.length !== NEED_RANGE_BODY_BYTES || 'bytes' in content) return this.#lie('it asked for a range out of turn');
    const view = new DataView(body.buffer);
    const offset = Number(view.getBigUint64(0, true));
    const length = view.getUint32(8, true);
    if (offset > running.sizeBytes || length > MAX_RANGE_BYTES) return this.#lie('it asked for a range out of bounds');
    running.budget.pause();
    try {
      const wanted = Math.min(length, running.sizeBytes - offset);
      this.#send(RANGE_DATA, wanted === 0 ? new Uint8Array(0) : content.readAt(offset, wanted).subarray(0, wanted));
    } catch (error) {
      running.rangeError = error;
      const code = error instanceof KerbsideError ? error.code : 'unreadable-bytes';
      this.#send(RANGE_FAILED, writeJson({ code, message: 'the range could not be read' }));
    }
    running.budget.resume();
  }

  async #takePiece(running: Running, piece: Uint8Array): Promise<void> {
    const { onPiece } = running.request;
    if (onPiece === undefined) return this.#lie('it sent a piece that nobody asked for');
    this.#hasTakenPieces = true;
    running.budget.pause();
    this.#talk.pause();
    try {
      await onPiece(piece);
    } catch (error) {
      // The worker is in the middle of its answer: it cannot be used again.
      this.#settle({ error });
      return void this.end();
    }
    running.budget.resume();
    this.#talk.resume();
    if (this.isAlive) this.#send(PIECE_TAKEN, new Uint8Array(0));
  }

  #takeReply(body: Uint8Array): void {
    const jsonBytes = body.length < REPLY_HEAD_BYTES ? -1 : new DataView(body.buffer).getUint32(0, true);
    const end = REPLY_HEAD_BYTES + jsonBytes;
    if (jsonBytes < 0 || jsonBytes > MAX_REPLY_JSON_BYTES || end > body.length || body.length - end > MAX_REPLY_BYTES) return this.#lie('an answer whose lengths do not fit');
    const json = readSafeJson(body.subarray(REPLY_HEAD_BYTES, end));
    if (json === null) return this.#lie('an answer that is not a plain JSON object');
    this.#outcome = { reply: { json, bytes: body.subarray(end) } };
  }

  #takeFailure(running: Running, body: Uint8Array): void {
    const json: JsonObject | null = readSafeJson(body);
    const error = json === null ? null : readFailure(json);
    if (error === null) return this.#lie('a failure out of shape');
    if (error.kind !== 'medium') {
      this.#outcome = { error };
      return;
    }
    // What our own reader said is better than how it comes back.
    if (running.rangeError === null) return this.#lie('it blamed a medium that had not failed');
    this.#outcome = { error: running.rangeError };
  }

  #lie(known: string): void {
    this.#endFor({ what: 'lied', known });
  }

  #endFor(fault: WorkerFault): void {
    if (this.#fault !== null || this.#isOver) return;
    this.#fault = fault;
    this.#talk.pause();
    endProcessTree(this.#child);
  }

  #settle(outcome: Outcome): void {
    if (this.#watch !== null) clearInterval(this.#watch);
    this.#watch = null;
    const running = this.#running;
    this.#running = null;
    running?.settle(outcome);
  }

  #lookAtUsage(): void {
    const running = this.#running;
    if (running === null) return;
    const usage = this.#usage();
    running.cpuBeforeMs ??= usage.cpuMs;
    const overrun = running.budget.overrun(usage.cpuMs - running.cpuBeforeMs);
    if (usage.residentBytes > this.#memoryLimitBytes) this.#endFor({ what: 'memory', residentBytes: usage.residentBytes, limitBytes: this.#memoryLimitBytes });
    else if (usage.processes > MAX_PROCESSES) this.#endFor({ what: 'died', known: `it started more than ${MAX_PROCESSES} processes` });
    else if (overrun !== null) this.#endFor({ what: 'overran', known: overrun });
  }

  #usage(): TreeUsage {
    return this.#fixedTree === null ? readTreeUsage(this.#child.pid ?? 0) : sumUsage(this.#fixedTree);
  }

  #describeEnd(): string {
    const { exitCode, signalCode } = this.#child;
    const lines = this.#lastWords.split('\n');
    const telling = lines.find((line) => TELLING_LINE.test(line)) ?? lines.slice(-3).join(' ');
    const words = showable(telling).replaceAll(/ +/g, ' ').trim().slice(0, MAX_LAST_WORDS_CHARACTERS);
    return `${signalCode === null ? `exit code ${exitCode ?? 'unknown'}` : `signal ${signalCode}`}${words === '' ? '' : `, last words: ${words}`}`;
  }

  #send(type: number, body: Uint8Array): void {
    this.#talk.cork();
    this.#talk.write(frameHead(type, body.length));
    if (body.length > 0) this.#talk.write(body);
    this.#talk.uncork();
  }
}

/** Sockets and child processes can be held or let go of, though not every type says so. */
function setHeld(handle: object | null, isHeld: boolean): void {
  const name = isHeld ? 'ref' : 'unref';
  if (handle === null) return;
  const method: unknown = Reflect.get(handle, name);
  if (typeof method === 'function') method.call(handle);
}
