import { MediumError } from '@kerbside/bytes';
import { Worker } from 'node:worker_threads';
import { RawSource } from '../sources/raw-source.ts';
import type { RangeSet } from '../sources/range-set.ts';
import type { ReadAt } from '../sources/read-carefully.ts';
import type { SourceReader } from '../sources/source-reader.ts';
import { ANSWER_OK, ANSWER_READ_ERROR, ANSWER_WAITING, MAX_REQUEST_BYTES, type NbdRequest, type NbdWorkerData } from './nbd-shared.ts';

/** A server that does not answer for this long is gone: one request is 1 MiB from a local file. */
const ANSWER_TIMEOUT_MS = 60_000;

/** A source behind a network block device server on a local socket. */
export interface NbdSource extends SourceReader {
  readonly unreadable: RangeSet;
}

/**
 * Opens the unnamed export of a server, read-only, with a connection and thread of its own.
 *
 * @param sizeBytes expected size, or -1 to take the server's
 * @throws MediumError `nbd-not-opened` when there is no server, or it has another size
 */
export function openNbdSource(socketPath: string, sizeBytes: number): NbdSource {
  const shared: NbdWorkerData = {
    socketPath,
    state: new SharedArrayBuffer(4),
    size: new SharedArrayBuffer(8),
    data: new SharedArrayBuffer(MAX_REQUEST_BYTES),
  };
  const worker = new Worker(new URL('./nbd-worker.ts', import.meta.url), { workerData: shared, execArgv: ['--disable-warning=ExperimentalWarning'] });
  // An idle connection does not keep the program alive; a fault in the thread shows as an answer that never comes.
  worker.unref();
  worker.on('error', () => {});
  const state = new Int32Array(shared.state);
  const data = new Uint8Array(shared.data);
  let isClosed = false;
  const close = (): void => {
    isClosed = true;
    void worker.terminate();
  };
  const opened = waitForAnswer(state);
  const size = new Float64Array(shared.size)[0]!;
  if (opened !== ANSWER_OK || (sizeBytes >= 0 && size !== sizeBytes)) {
    close();
    throw new MediumError('nbd-not-opened', 'the virtual disk could not be opened again: its reader is gone, or the disk has another size now');
  }
  const readAt: ReadAt = (target, targetOffset, length, position) => {
    if (isClosed) throw systemError('EBADF');
    const wanted = Math.min(length, MAX_REQUEST_BYTES, size - position);
    if (wanted <= 0) return 0;
    Atomics.store(state, 0, ANSWER_WAITING);
    worker.postMessage({ offset: position, length: wanted } satisfies NbdRequest);
    const answer = waitForAnswer(state);
    if (answer === ANSWER_READ_ERROR) throw systemError('EIO');
    if (answer !== ANSWER_OK) {
      close();
      throw systemError('ENODEV');
    }
    target.set(data.subarray(0, wanted), targetOffset);
    return wanted;
  };
  return new RawSource([{ readAt, sizeBytes: size }], 512, close);
}

function waitForAnswer(state: Int32Array): number {
  Atomics.wait(state, 0, ANSWER_WAITING, ANSWER_TIMEOUT_MS);
  return Atomics.load(state, 0);
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

