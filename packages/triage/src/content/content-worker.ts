import { parentPort, workerData } from 'node:worker_threads';
import { openItemSource, openLocator, type ItemContent } from '@kerbside/evidence';
import { decodeExtents } from '../extent-code.ts';
import type { HashJob } from '../hash-job.ts';
import type { FromThread, ToThread } from '../thread-pool.ts';
import { SIZE_TABLE_BYTES, type BackupFiles, type ContentJob, type ContentResult, type ContentStart, type UnitResult } from './content-job.ts';
import { createContentTools } from './create-content-tools.ts';
import { Stopped } from './examination.ts';
import { examineItem, type BackupFolder, type ExamineOptions } from './examine-item.ts';

/** Entry of a content thread: opens the source and the sandbox for itself, answers jobs one by one until told null. */
function main(): void {
  const port = parentPort;
  if (port === null) return;
  const { locator, stop, setup } = workerData as ContentStart;
  const source = locator === null ? null : openLocator(locator);
  const stopWord = new Int32Array(stop);
  const masks = new Uint8Array(setup.sizeMasks);
  const tools = createContentTools(setup);
  const options: ExamineOptions = {
    tools,
    decodesMedia: setup.decodesMedia,
    decodesVideo: setup.decodesVideo,
    maskOf: (sizeBytes) => (sizeBytes < SIZE_TABLE_BYTES ? masks[sizeBytes]! : setup.largeMask),
    isStopped: () => Atomics.load(stopWord, 0) !== 0,
  };
  const send = (message: FromThread<ContentResult>): void => port.postMessage(message);

  const folderOf = ({ items, names }: BackupFiles): BackupFolder => {
    const entries = new Map(names.map((name, entry) => [name, entry]));
    return (path) => {
      const entry = entries.get(path.join('/'));
      return entry === undefined ? null : openItemSource(source, { content: contentOf(items, entry), sizeBytes: items.sizes[entry]! });
    };
  };

  const answer = async ({ id, items, backups }: ContentJob): Promise<ContentResult> => {
    const units: UnitResult[] = [];
    try {
      for (let entry = 0; entry < items.sizes.length; entry++) {
        const item = { content: contentOf(items, entry), sizeBytes: items.sizes[entry]! };
        const backup = backups.get(entry);
        units.push(await examineItem(entry, () => openItemSource(source, item), options, backup === undefined ? null : folderOf(backup)));
      }
    } catch (error) {
      if (error instanceof Stopped) return { id, units: null };
      throw error;
    }
    return { id, units };
  };
  let turn = Promise.resolve();
  port.on('message', (message: ToThread<ContentJob, never>) => {
    if (message === null) {
      void turn.then(async () => {
        await tools.close();
        source?.close();
        port.close();
      });
    } else if (message.type === 'job') {
      // A fault ends the thread, as one outside a promise would; the pool tries the job's parts again.
      turn = turn.then(async () => send({ type: 'result', sequence: message.sequence, result: await answer(message.job) }));
    }
  });
  send({ type: 'ready' });
}

function contentOf(job: HashJob, entry: number): ItemContent {
  const hostPath = job.hostPaths?.[entry];
  if (hostPath !== undefined) return { form: 'host-file', hostPath };
  return { form: 'extents', extents: decodeExtents(job.pairs, job.extentStarts[entry]!, job.extentStarts[entry + 1]!) };
}

main();
