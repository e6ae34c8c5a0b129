import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Item } from '@kerbside/evidence';
import { makeUnitKeys } from '@kerbside/ledger';
import type { RunEvent } from '../events.ts';
import { CERTIFICATE_NAME, READS_NAME } from '../out-folder.ts';
import { fakeSet, fileItem, rowOf } from '../test-fakes.ts';
import { makeDevice, runOnce, testPlace, type TestSetup } from '../test-run.ts';
import type { TriageOptions } from '../triage-options.ts';
import { readCertificate } from './certificate-text.ts';
import type { CertificateBody } from './certificate-types.ts';
import { compareReplay, type ReplayComparison } from './compare-replay.ts';
import { openLeavesFile } from './leaves-file.ts';
import { replayedReads, statedSurveyPlan } from './replayed-plan.ts';

const KEYS = makeUnitKeys('Test Unit');
const device = makeDevice(Array.from({ length: 300 }, (_, index) => 2000 + index));
const INLINE = Buffer.from('a known football report');

/** Every third item has a name that promises nothing, and a known text stands in the metadata of the 250th. */
const items: Item[] = device.items.map((item, index) => (index % 3 === 0 ? { ...item, name: { ...item.name, bytes: Buffer.from(`f${index}.xyz`) } } : item));
items[250] = fileItem('known.txt', INLINE.length, { form: 'inline', bytes: INLINE, sourceOffset: 512 });

/** The items, with something done before one of them. */
function withPause(list: readonly Item[], before: number, pause: () => void): readonly Item[] {
  return {
    *[Symbol.iterator]() {
      for (const [index, item] of list.entries()) {
        if (index === before) pause();
        yield item;
      }
    },
  } as unknown as readonly Item[];
}

/** A run that is stopped, its certificate, and what a replay of it comes to. */
async function stopAndReplay(context: TestContext, setupOf: (stop: () => void) => Partial<TestSetup>, onEvent: (event: RunEvent, stop: () => void) => void = () => undefined): Promise<{ original: CertificateBody; comparison: ReplayComparison }> {
  const place = testPlace(context, device.bytes);
  const sets = [fakeSet('list', 'alert', [rowOf(INLINE, ['sha1']), rowOf(device.contents[7]!, ['sha1']), rowOf(device.contents[8]!, ['sha1'])])];
  const setup = { items, sets };
  const run = async (name: string, change: Partial<TestSetup>, options: Partial<TriageOptions>): Promise<{ body: CertificateBody; folder: string }> => {
    const folder = join(place.folder, name);
    await runOnce({ ...place, outFolder: folder }, { ...setup, ...change }, { signer: KEYS, ...options });
    return { body: readCertificate(readFileSync(join(folder, CERTIFICATE_NAME))).certificate, folder };
  };
  const controller = new AbortController();
  const stop = (): void => {
    controller.abort();
    // Longer than the walk goes on before it hears of it.
    for (const until = performance.now() + 60; performance.now() < until; );
  };
  const original = await run('original', setupOf(stop), { signal: controller.signal, onEvent: (event) => onEvent(event, stop) });
  const surveyPlan = statedSurveyPlan(original.body);
  const facts = surveyPlan === null ? {} : { surveyPlan: { seed: surveyPlan.seed.toString('hex'), chunkBytes: surveyPlan.chunkBytes, seekCostBytes: surveyPlan.seekCostBytes } };
  const again = await run('again', setupOf(() => undefined), { ...facts, replay: replayedReads(original.body, surveyPlan) });
  const [before, leaves] = [openLeavesFile(join(original.folder, READS_NAME)), openLeavesFile(join(again.folder, READS_NAME))];
  try {
    return { original: original.body, comparison: compareReplay(original.body, before, { certificate: again.body, leaves, rangesOf: () => [], close: () => undefined }) };
  } finally {
    before.close();
    leaves.close();
  }
}

test('a run that was stopped while it listed live items is replayed as far as it went', async (context) => {
  const { original, comparison } = await stopAndReplay(context, (stop) => ({ items: withPause(items, 100, stop) }));
  assert.equal(original.verdictInput.unfinishedStages[0], 'catalogue');
  assert.ok(original.gaps.items.seen < 300);
  assert.equal(original.result.verdict, 'not-finished', 'the known text comes later');
  assert.deepEqual(comparison.findings, []);
  assert.equal(comparison.agrees, true);
});

test('a run that was stopped while it listed orphans is replayed as far as it went', async (context) => {
  const orphans = device.items.slice(0, 200).map((item) => ({ ...item, state: 'orphan' as const }));
  const { original, comparison } = await stopAndReplay(context, (stop) => ({ orphans: withPause(orphans, 70, stop) }));
  assert.equal(original.verdictInput.unfinishedStages[0], 'orphans');
  assert.ok(original.gaps.items.seen > 300 && original.gaps.items.seen < 500);
  assert.deepEqual(comparison.findings, []);
  assert.equal(comparison.agrees, true);
});

test('a run that was stopped before it made a plan is replayed without that plan', async (context) => {
  const orphans = device.items.slice(0, 20).map((item) => ({ ...item, state: 'orphan' as const }));
  const { original, comparison } = await stopAndReplay(
    context,
    () => ({ orphans }),
    (event, stop) => {
      if (event.type === 'stage' && event.stage === 'orphan-content') stop();
    },
  );
  assert.equal(original.verdictInput.unfinishedStages[0], 'orphan-content');
  assert.equal(original.gaps.items.skipped['not-reached'], 20, 'none of the orphans was decided on');
  assert.deepEqual(comparison.findings, []);
  assert.equal(comparison.agrees, true);
});
