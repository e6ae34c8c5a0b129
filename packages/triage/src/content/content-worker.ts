import { parentPort, workerData } from 'node:worker_threads';
import { openItemSource, openLocator, type ItemContent } from '@kerbside/evidence';
import { decodeExtents } from '../extent-code.ts';
import type { HashJob } from '../hash-job.ts';
import { findGone } from '../require-medium.ts';
import type { FromThread, ToThread } from '../thread-pool.ts';
import { NOTHING_NEAR, SIZE_TABLE_BYTES, type NamedEntry, type ContentJob, type ContentResult, type ContentStart, type GlanceJob, type GlanceResult, type UnitResult } from './content-job.ts';
import { createContentTools } from './create-content-tools.ts';
import { Stopped } from './examination.ts';
import { glanceAtItem } from './glance-at-item.ts';
import { examineItem, type ExamineOptions, type FolderOfFiles } from './examine-item.ts';

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
  const send = (message: FromThread<ContentResult | GlanceResult>): void => port.postMessage(message);

  const folderOf = ({ items, names }: NonNullable<NamedEntry['beside']>): FolderOfFiles => {
    const entries = new Map(names.map((name, entry) => [name, entry]));
    return (path) => {
      const entry = entries.get(path.join('/'));
      return entry === undefined ? null : openItemSource(source, { content: contentOf(items, entry), sizeBytes: items.sizes[entry]! });
    };
  };

  const answer = async ({ id, items, named }: ContentJob): Promise<ContentResult> => {
    const units: UnitResult[] = [];
    try {
      for (let entry = 0; entry < items.sizes.length; entry++) {
        const item = { content: contentOf(items, entry), sizeBytes: items.sizes[entry]! };
        const name = named.get(entry);
        const byName = name === undefined ? null : { kind: name.kind, folder: name.beside === null ? null : folderOf(name.beside) };
        units.push(await examineItem(entry, () => openItemSource(source, item), options, byName));
      }
    } catch (error) {
      if (error instanceof Stopped) return { id, units: null, gone: null };
      throw error;
    }
    const gone = findGone(source?.takeProblems() ?? []);
    return { id, units: gone === null ? units : null, gone };
  };
  const glance = async ({ id, glance: items, untilMs }: GlanceJob): Promise<GlanceResult> => {
    const nearest = new Uint8Array(items.sizes.length).fill(NOTHING_NEAR);
    for (let entry = 0; entry < nearest.length && Date.now() < untilMs && !options.isStopped(); entry++) {
      nearest[entry] = (await glanceAtItem(() => openItemSource(source, { content: contentOf(items, entry), sizeBytes: items.sizes[entry]! }), tools)) ?? NOTHING_NEAR;
    }
    return { id, nearest };
  };
  let turn = Promise.resolve();
  port.on('message', (message: ToThread<ContentJob | GlanceJob, never>) => {
    if (message === null) {
      void turn.then(async () => {
        await tools.close();
        source?.close();
        port.close();
      });
    } else if (message.type === 'job') {
      // A fault ends the thread, as one outside a promise would; the pool tries the job's parts again.
      const { job, sequence } = message;
      turn = turn.then(async () => send({ type: 'result', sequence, result: 'glance' in job ? await glance(job) : await answer(job) }));
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
