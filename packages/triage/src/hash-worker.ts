import { parentPort, workerData } from 'node:worker_threads';
import { openLocator } from '@kerbside/evidence';
import { hashItems, makeReadBuffers } from './hash-items.ts';
import { SHARED_HASHED, SHARED_STOP, type FromWorker, type HashJob, type WorkerStart } from './hash-job.ts';

/** Entry of a reading thread: opens the source for itself, answers jobs one by one until told null. */
function main(): void {
  const port = parentPort;
  if (port === null) return;
  const { locator, shared } = workerData as WorkerStart;
  const source = locator === null ? null : openLocator(locator);
  const buffers = makeReadBuffers();
  const words = new BigInt64Array(shared);
  const monitor = {
    isStopped: () => Atomics.load(words, SHARED_STOP) !== 0n,
    addHashed: (bytes: number) => void Atomics.add(words, SHARED_HASHED, BigInt(bytes)),
  };
  const send = (message: FromWorker, transfer: ArrayBuffer[]): void => port.postMessage(message, transfer);
  port.on('message', (job: HashJob | null) => {
    if (job === null) {
      source?.close();
      port.close();
      return;
    }
    const result = hashItems(source, job, buffers, monitor);
    send({ type: 'result', result }, [result.digests.buffer as ArrayBuffer, result.outcomes.buffer as ArrayBuffer]);
  });
  send({ type: 'ready' }, []);
}

main();
