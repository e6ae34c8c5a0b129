import { parentPort, workerData } from 'node:worker_threads';
import { openLocator } from '@kerbside/evidence';
import { hashItems, makeReadBuffers } from './hash-items.ts';
import { type HashJob, type WorkerStart } from './hash-job.ts';

/*
 * A reading thread that ends without a word on any item of 666 bytes, for tests of the pool.
 * Not used by the program.
 */
const { locator } = workerData as WorkerStart;
const source = openLocator(locator!);
const buffers = makeReadBuffers();
parentPort!.on('message', (job: HashJob | null) => {
  if (job === null) {
    parentPort!.close();
    return;
  }
  if (job.sizes.includes(666)) process.exit(3);
  parentPort!.postMessage({ type: 'result', result: hashItems(source, job, buffers, { isStopped: () => false, addHashed: () => undefined }) });
});
parentPort!.postMessage({ type: 'ready' });
