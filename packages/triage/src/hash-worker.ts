import { parentPort, workerData } from 'node:worker_threads';
import { openLocator } from '@kerbside/evidence';
import { hashItems, makeReadBuffers } from './hash-items.ts';
import { SHARED_HASHED, SHARED_STOP, type ReadJob, type ReadResult, type WorkerStart } from './hash-job.ts';
import type { SurveyReader } from './survey/survey-reader.ts';
import type { SurveySetup } from './survey/survey-job.ts';
import type { FromThread, ToThread } from './thread-pool.ts';

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
  // What the survey needs loads in a thread that has one: the others start in half the time.
  let reader: Promise<SurveyReader> | null = null;
  const send = (message: FromThread<ReadResult>, transfer: ArrayBuffer[]): void => port.postMessage(message, transfer);

  const answer = async (sequence: number, job: ReadJob): Promise<void> => {
    if ('reads' in job) {
      const result = (await reader!).read(job, monitor.isStopped);
      send({ type: 'result', sequence, result }, [result.leaves.buffer as ArrayBuffer]);
      return;
    }
    const result = hashItems(source, job, buffers, monitor);
    send({ type: 'result', sequence, result }, [result.digests.buffer as ArrayBuffer, result.outcomes.buffer as ArrayBuffer]);
  };
  // One after another: a job must not overtake the one that waits for the survey's modules.
  let turn = Promise.resolve();
  port.on('message', (message: ToThread<ReadJob, SurveySetup>) => {
    if (message === null) {
      void turn.then(() => {
        source?.close();
        port.close();
      });
    } else if (message.type === 'setup') {
      reader = import('./survey/survey-reader.ts').then(({ createSurveyReader }) => createSurveyReader(source!, message.setup));
    } else {
      // A fault ends the thread, as one outside a promise would; the pool tries the job's parts again.
      turn = turn.then(() => answer(message.sequence, message.job));
    }
  });
  send({ type: 'ready' }, []);
}

main();
