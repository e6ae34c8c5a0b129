import { parentPort, workerData } from 'node:worker_threads';
import { openLocator } from '@kerbside/evidence';
import { hashItems, makeReadBuffers } from './hash-items.ts';
import type { ReadJob, WorkerStart } from './hash-job.ts';
import { createSurveyReader, type SurveyReader } from './survey/survey-reader.ts';
import type { SurveySetup } from './survey/survey-job.ts';
import type { ToThread } from './thread-pool.ts';

/*
 * A reading thread that ends without a word on any item of 666 bytes, for tests of the pool.
 * Not used by the program.
 */
const { locator } = workerData as WorkerStart;
const source = openLocator(locator!);
const buffers = makeReadBuffers();
let reader: SurveyReader | null = null;
parentPort!.on('message', (message: ToThread<ReadJob, SurveySetup>) => {
  if (message === null) {
    parentPort!.close();
    return;
  }
  if (message.type === 'setup') {
    reader = createSurveyReader(source, message.setup);
    return;
  }
  const { job, sequence } = message;
  if ('reads' in job) {
    parentPort!.postMessage({ type: 'result', sequence, result: reader!.read(job, () => false) });
    return;
  }
  if (job.sizes.includes(666)) process.exit(3);
  parentPort!.postMessage({ type: 'result', sequence, result: hashItems(source, job, buffers, { isStopped: () => false, addHashed: () => undefined }) });
});
parentPort!.postMessage({ type: 'ready' });
