import { InternalError, LimitError } from '@kerbside/bytes';
import type { ChildProcess } from 'node:child_process';
import { MAX_WHOLE_CONTENT_BYTES } from '../protocol/limits.ts';
import type { DecodeReply, DecodeRequest, Decoders } from './decoders.ts';
import { faultError } from './worker-fault.ts';
import { WorkerProcess } from './worker-process.ts';

/** Decoders leak, and heaps fray: a fresh start costs a third of a second in some ten. */
const ITEMS_PER_WORKER = 500;

export interface PoolParts {
  /** Number of workers. */
  readonly workers: number;
  readonly memoryLimitBytes: number;
  /** False for a profile whose workers cannot start any. */
  readonly canStartProcesses: boolean;
  /** Starts one sandboxed process that speaks as protocol/frames.ts says. */
  readonly start: () => ChildProcess;
  readonly hasKind: (kind: string) => boolean;
}

/** Hands requests to free workers in the order of asking. */
export class DecoderPool implements Decoders {
  readonly #parts: PoolParts;
  readonly #free: (WorkerProcess | null)[];
  readonly #living = new Set<WorkerProcess>();
  readonly #waiting: ((worker: WorkerProcess | null) => void)[] = [];
  #isClosed = false;

  constructor(parts: PoolParts) {
    this.#parts = parts;
    // Null: a place whose worker has yet to be started.
    this.#free = Array.from({ length: parts.workers }, () => null);
  }

  async run(request: DecodeRequest): Promise<DecodeReply> {
    if (!this.#parts.hasKind(request.kind)) throw new InternalError('internal-fault', `there is no decoder for requests of the kind ${request.kind}`);
    if ('bytes' in request.content && request.content.bytes.length > MAX_WHOLE_CONTENT_BYTES) {
      throw new LimitError('decode-content-limit', `content of ${request.content.bytes.length} bytes was not decoded: ${MAX_WHOLE_CONTENT_BYTES} are the most that a decoder is given`);
    }
    let worker = await this.#takePlace();
    try {
      for (let isSecond = false; ; isSecond = true) {
        worker = await this.#freshWorker(worker);
        const outcome = await worker.run(request);
        if ('reply' in outcome) return outcome.reply;
        if ('error' in outcome) throw outcome.error;
        const mayRepeat = (outcome.fault.what === 'died' || outcome.fault.what === 'not-started') && !isSecond && !worker.hasTakenPieces && !this.#isClosed;
        if (this.#isClosed) throw new InternalError('decoders-closed', 'the decoders were closed while this was being decoded');
        if (!mayRepeat) throw faultError(outcome.fault);
      }
    } finally {
      this.#givePlace(worker);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#living].map((worker) => worker.end()));
    this.#living.clear();
  }

  async #freshWorker(worker: WorkerProcess | null): Promise<WorkerProcess> {
    if (this.#isClosed) throw new InternalError('decoders-closed', 'the decoders are closed');
    if (worker !== null && worker.isAlive && worker.served < ITEMS_PER_WORKER) {
      worker.setIdle(false);
      return worker;
    }
    if (worker !== null) {
      await worker.end();
      this.#living.delete(worker);
    }
    const fresh = new WorkerProcess(this.#parts.start(), this.#parts.memoryLimitBytes, this.#parts.canStartProcesses);
    this.#living.add(fresh);
    return fresh;
  }

  #takePlace(): Promise<WorkerProcess | null> {
    const place = this.#free.pop();
    return place === undefined ? new Promise((resolve) => void this.#waiting.push(resolve)) : Promise.resolve(place);
  }

  #givePlace(worker: WorkerProcess | null): void {
    worker?.setIdle(true);
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(worker);
    else next(worker);
  }
}
