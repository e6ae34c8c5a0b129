import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { RefusedError } from '@kerbside/bytes';
import { openJournal } from './journal.ts';
import { makeBlockSet, noise } from './test-block-sets.ts';
import { fakeSet, rowOf } from './test-fakes.ts';
import { makeDevice, runOnce, testPlace } from './test-run.ts';
import { createWorkerPool } from './worker-pool.ts';

test('a run that fails while its sample is being read leaves no thread and no timer behind', async (context) => {
  const device = makeDevice(Array.from({ length: 600 }, (_, index) => 40_000 + index));
  // Likely by name are the first few; the sample begins when they are read.
  const items = device.items.map((item, index) => (index < 5 ? item : { ...item, name: { ...item.name, bytes: Buffer.from(`f${index}.xyz`) } }));
  const place = testPlace(context, device.bytes);
  let isSampling = false;
  let surveyAfterClose = 0;
  let isClosed = false;
  const failing: typeof openJournal = (path, identity) => {
    const journal = openJournal(path, identity);
    return {
      ...journal,
      commit(batches, facts) {
        if (isSampling && batches.length > 0) throw new RefusedError('out-folder-full', 'No room');
        journal.commit(batches, facts);
      },
    };
  };
  const createPool: typeof createWorkerPool = (options) => {
    const pool = createWorkerPool(options);
    return {
      ...pool,
      survey(job) {
        isSampling = true;
        if (isClosed) surveyAfterClose += 1;
        return pool.survey(job);
      },
      close() {
        isClosed = true;
        return pool.close();
      },
    };
  };
  const before = process.getActiveResourcesInfo().filter((name) => name !== 'TTYWrap').length;
  await assert.rejects(runOnce(place, { items, sets: [fakeSet('list', 'alert', [rowOf(Buffer.from('x'), ['sha1'])], false)] }, {}, { openJournal: failing, createPool }), { code: 'out-folder-full' });
  assert.ok(isSampling);
  assert.equal(surveyAfterClose, 0);
  await wait(100);
  assert.ok(process.getActiveResourcesInfo().length <= before + 1, process.getActiveResourcesInfo().join(' '));
});

test('a screen answers "nothing known found" only where no file is left that its blocks could not tell', async (context) => {
  const [withBlocks, withoutBlocks] = [noise('long', 40_000), noise('short', 3000)];
  const device = makeDevice([9000, 3000, 8000]);
  // Small files of a volume stand on sectors here; a device must be longer than its target to leave anything out.
  const bytes = Buffer.concat([device.bytes, Buffer.alloc(4 * 1024 * 1024)]);
  const place = testPlace(context, bytes);
  const verdictOf = async (name: string, contents: readonly Buffer[]): Promise<readonly [string, readonly string[]]> => {
    const blockSet = await makeBlockSet(name, contents);
    const until = { unbrokenBytes: 1024 * 1024, scatteredBytes: 1024 * 1024, probability: 0.5 };
    const setup = { items: device.items, sets: [blockSet.wholeFiles] };
    const { report } = await runOnce({ ...place, outFolder: join(place.folder, name) }, setup, { profile: 'screen', until }, { openBlockSet: () => blockSet });
    return [report.verdict, report.reasons.map(({ code }) => code)];
  };
  assert.deepEqual(await verdictOf('blocks', [withBlocks]), ['nothing-known-found', ['nothing-known-found']]);
  assert.deepEqual(await verdictOf('both', [withBlocks, withoutBlocks]), ['needs-examination', ['items-left-by-profile']], 'a live file has the length of the short one');
  assert.deepEqual(await verdictOf('other-length', [withBlocks, noise('short', 2999)]), ['nothing-known-found', ['nothing-known-found']]);
  assert.deepEqual(await verdictOf('no-blocks', [noise('short', 2999)]), ['needs-examination', ['screen-without-blocks']], 'every live file is of another length, and nothing else was looked at');
});
