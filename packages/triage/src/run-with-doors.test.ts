import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { RefusedError } from '@kerbside/bytes';
import type { FileSystem, Item, Layout } from '@kerbside/evidence';
import type { RunEvent } from './events.ts';
import { dataAt, fakeSet, fileItem, hexOf, rowOf } from './test-fakes.ts';
import { createRandom } from './test-random.ts';
import { makeDevice, runOnce, testDoors, testPlace, timeless, type TestSetup } from './test-run.ts';

function offsetOf(item: Item): number {
  return item.content.form === 'extents' ? item.content.extents[0]!.sourceOffset : -1;
}

const SIZES = Array.from({ length: 60 }, (_, index) => 1000 + index * 37);

test('known files are found with their facts, the rest is gated, and the counts add up', async (context) => {
  const device = makeDevice(SIZES);
  const place = testPlace(context, device.bytes);
  const rows = [rowOf(device.contents[5]!, ['md5', 'sha1']), rowOf(device.contents[40]!, ['sha1'], { category: 'B' })];
  const events: RunEvent[] = [];
  const result = await runOnce(place, { items: device.items, sets: [fakeSet('list', 'alert', rows)] }, { onEvent: (event) => events.push(event) });
  assert.equal(result.exitCode, 10);
  assert.equal(result.report.verdict, 'known-material-found');
  assert.deepEqual(result.report.hits.map((hit) => [hit.path, hit.size, hit.category, hit.algorithm, hit.digest, hit.offset, hit.confirmedBy.join('+')]), [
    ['p1/f40.jpg', SIZES[40], 'B', 'sha1', hexOf('sha1', device.contents[40]!), offsetOf(device.items[40]!), 'sha1'],
    ['p1/f5.jpg', SIZES[5], 'A', 'sha1', hexOf('sha1', device.contents[5]!), offsetOf(device.items[5]!), 'md5+sha1'],
  ]);
  assert.equal(result.report.hits[0]!.digests['sha256'], hexOf('sha256', device.contents[40]!));
  const { items } = result.report.coverage;
  assert.deepEqual({ ...items, skipped: null }, { seen: 60, read: 2, gated: 58, skippedByPlan: 0, problems: 0, skipped: null, directories: 0, others: 0 });
  assert.equal(result.report.coverage.bytesRead, SIZES[5]! + SIZES[40]!);
  assert.equal(result.report.plan.sizeGate, 'on');
  const types = events.map((event) => event.type);
  assert.ok(types.indexOf('source') === 0 && types.at(-1) === 'finished' && types.includes('hit') && types.includes('progress'));
  assert.deepEqual(JSON.parse(readFileSync(result.reportPath, 'utf8')), JSON.parse(JSON.stringify(result.report)));
  assert.match(readFileSync(join(place.outFolder, 'report.html'), 'utf8'), /Known material found/);
});

test('without sizes in the set everything is read, and nothing found is nothing known found', async (context) => {
  const device = makeDevice(SIZES);
  const place = testPlace(context, device.bytes);
  const result = await runOnce(place, { items: device.items, sets: [fakeSet('list', 'alert', [rowOf(Buffer.from('kittens'), ['sha1'])], false)] });
  assert.equal(result.exitCode, 0);
  assert.equal(result.report.coverage.items.read, 60);
  assert.equal(result.report.coverage.bytesRead, SIZES.reduce((sum, size) => sum + size, 0));
  assert.equal(result.report.plan.sizeGate, 'off');
});

test('a hit on MD5 alone says so, and one that a stronger digest contradicts is no hit for the verdict', async (context) => {
  const device = makeDevice([5000, 6000]);
  const weak = rowOf(device.contents[0]!, ['md5']);
  const lying = { ...rowOf(device.contents[1]!, ['md5']), sha256: 'ab'.repeat(32) };
  const first = await runOnce(testPlace(context, device.bytes), { items: device.items, sets: [fakeSet('list', 'alert', [weak])] });
  assert.deepEqual(first.report.hits.map((hit) => [hit.strength, hit.confirmedBy, hit.algorithm]), [['weak-only', ['md5'], 'md5']]);
  assert.deepEqual(first.report.reasons.map((reason) => reason.code), ['known-material-weak-digest']);
  const second = await runOnce(testPlace(context, device.bytes), { items: device.items, sets: [{ ...fakeSet('list', 'alert', [lying]), sufficientDigests: ['md5'] }] });
  assert.equal(second.report.verdict, 'needs-examination');
  assert.deepEqual(second.report.hits.map((hit) => [hit.strength, hit.contradictedBy]), [['contradicted', ['sha256']]]);
});

test('inline, deleted, orphan, sparse, empty, both views and unreadable items each end in their count', async (context) => {
  const device = makeDevice([4096, 4096, 4096, 4096]);
  const inline = Buffer.from('a short football report');
  const raw = device.bytes.subarray(8192, 8192 + 4096);
  const items = [
    fileItem('inline', inline.length, { form: 'inline', bytes: inline, sourceOffset: 77 }),
    fileItem('empty', 0, { form: 'extents', extents: [] }),
    fileItem('gone', 900, { form: 'none', reason: 'no-runs' }, { state: 'deleted', recovery: { basis: 'no-runs' } }),
    fileItem('deleted', 4096, dataAt([4096, 4096]), { state: 'deleted', recovery: { basis: 'clusters-reused', reusedShare: 0.25 } }),
    fileItem('preallocated', 4096, { form: 'extents', extents: [{ kind: 'data', sourceOffset: 8192, length: 512 }, { kind: 'uninitialised', sourceOffset: 8704, length: 3584 }] }),
    fileItem('past-the-end', 4096, dataAt([device.bytes.length - 512, 4096])),
    fileItem('locked', 10, { form: 'none', reason: 'encrypted' }),
    fileItem('folder', 0, { form: 'none', reason: 'not-content' }, { kind: 'directory' }),
    fileItem('link', 0, { form: 'none', reason: 'not-content' }, { kind: 'other' }),
    fileItem('misfit', 4096, dataAt([0, 100])),
  ];
  const orphans = [fileItem('orphan', 4096, dataAt([12_288, 4096]), { state: 'orphan', recovery: { basis: 'runs-survive' } })];
  const rows = [inline, device.contents[1]!, raw, device.contents[3]!].map((content) => rowOf(content, ['sha1']));
  const result = await runOnce(testPlace(context, device.bytes), { items, orphans, sets: [fakeSet('list', 'alert', rows, false)] });
  const { report } = result;
  assert.deepEqual(report.hits.map((hit) => [hit.path, hit.state, hit.view, hit.offset]), [
    ['p1/deleted', 'deleted', 'system', 4096],
    ['p1/inline', 'allocated', 'system', 77],
    ['p1/orphan', 'orphan', 'system', 12_288],
    ['p1/preallocated', 'allocated', 'raw', 8192],
  ]);
  assert.deepEqual(report.hits[0]!.recovery, { basis: 'clusters-reused', reusedShare: 0.25 });
  const { items: counts } = report.coverage;
  assert.deepEqual({ ...counts }, { seen: 9, read: 4, gated: 0, skippedByPlan: 2, problems: 3, skipped: { 'no-runs': 1, empty: 1, 'not-content': 0, 'nothing-stored': 0, 'left-by-profile': 0, 'not-reached': 0 }, directories: 1, others: 1 });
  assert.deepEqual(report.problems.map((problem) => problem.code), ['item-extents-unusable', 'unreadable-bytes']);
  assert.equal(report.coverage.unreadableBytes, 3584);
  assert.deepEqual(report.coverage.stages.map((stage) => [stage.name, stage.finished]), [['catalogue', true], ['content', true], ['orphans', true], ['orphan-content', true], ['survey', true],
      ['content-lane', true]]);
});

test('encrypted volumes and walk problems keep a run without hits from being nothing known found', async (context) => {
  const device = makeDevice([1000]);
  const setup: TestSetup = { items: device.items, sets: [fakeSet('list', 'alert', [rowOf(Buffer.from('x'), ['sha1'])])], others: [{ state: 'encrypted', finding: { name: 'BitLocker', basis: 'signature' } }] };
  const result = await runOnce(testPlace(context, device.bytes), setup);
  assert.equal(result.exitCode, 20);
  assert.match(result.report.reasons[0]!.message, /1 locked volume \(BitLocker\): p2/);
});

test('two runs of the same source give the same report but for times, and the order of reading does not matter', async (context) => {
  const device = makeDevice(Array.from({ length: 400 }, (_, index) => 200 + (index % 50) * 400));
  const place = testPlace(context, device.bytes);
  const rows = device.contents.filter((_, index) => index % 7 === 0).map((content) => rowOf(content, ['md5', 'sha256']));
  const setup = { items: device.items, sets: [fakeSet('list', 'alert', rows, false), fakeSet('more', 'reference', rows.slice(0, 9))] };
  const one = await runOnce({ ...place, outFolder: join(place.folder, 'one') }, setup);
  const two = await runOnce({ ...place, outFolder: join(place.folder, 'two') }, setup, { workers: 1 });
  assert.ok(one.report.hits.length > 50);
  assert.equal(timeless(one.report), timeless(two.report));
});

test('an abort at any moment gives a truthful partial report that the same call completes', async (context) => {
  const device = makeDevice(Array.from({ length: 300 }, (_, index) => 20_000 + index));
  const place = testPlace(context, device.bytes);
  const setup = { items: device.items, sets: [fakeSet('list', 'alert', [rowOf(device.contents[299]!, ['sha1'])], false)] };
  const whole = await runOnce({ ...place, outFolder: join(place.folder, 'whole') }, setup);
  const random = createRandom(5);
  let partial = 0;
  for (let round = 0; round < 8; round++) {
    const outFolder = join(place.folder, `stop-${round}`);
    const stop = new AbortController();
    let countdown = random.below(round + 2);
    const stopped = await runOnce({ ...place, outFolder }, setup, {
      signal: stop.signal,
      onEvent: () => {
        if (countdown-- === 0) stop.abort();
      },
    });
    if (stopped.report.verdict === 'not-finished') {
      partial += 1;
      assert.equal(stopped.exitCode, 30);
      assert.ok(stopped.report.coverage.items.seen <= 300);
    }
    const { seen, read, gated, skippedByPlan, problems } = stopped.report.coverage.items;
    assert.equal(seen, read + gated + skippedByPlan + problems);
    const resumed = await runOnce({ ...place, outFolder }, setup);
    assert.equal(resumed.resumed, true);
    assert.equal(timeless(resumed.report), timeless(whole.report));
  }
  assert.ok(partial >= 3, `${partial} runs were stopped on the way`);
});

test('an abort in a search that finds nothing ends it', { timeout: 20_000 }, async (context) => {
  const device = makeDevice([1000]);
  const place = testPlace(context, device.bytes);
  const setup = { items: device.items, sets: [fakeSet('list', 'alert', [])] };
  let pauses = 0;
  const stop = new AbortController();
  let shares = 0;
  const stopped = await runOnce(place, setup, {
    signal: stop.signal,
    onEvent: (event) => {
      if (event.type !== 'progress' || event.progress.stage !== 'orphans' || event.progress.bytesDone === 0) return;
      shares += 1;
      if (shares === 3) stop.abort();
    },
  }, {
    findLayout: (image) => {
      const layout = testDoors(setup).findLayout(image) as Layout;
      const [first] = layout.volumes;
      assert.ok(first?.content.state === 'file-system');
      const fileSystem: FileSystem = {
        ...first.content.fileSystem,
        *walkOrphans() {
          for (;;) yield { type: 'pause', doneBytes: (pauses += 1), totalBytes: 1e12 };
        },
      };
      return { ...layout, volumes: [{ ...first, content: { ...first.content, fileSystem } }] };
    },
  });
  assert.equal(stopped.report.verdict, 'not-finished');
  assert.equal(stopped.report.coverage.items.seen, 1);
  assert.ok(pauses > 0);
});

test('a set given twice is refused, as each of its hits would be listed twice', async (context) => {
  const device = makeDevice([1000]);
  const set = fakeSet('list', 'alert', [rowOf(device.contents[0]!, ['sha1'])]);
  await assert.rejects(runOnce(testPlace(context, device.bytes), { items: device.items, sets: [set, set] }), (error) => error instanceof RefusedError && error.code === 'set-given-twice');
});

test('a run is not taken up on a source whose files only have other names or dates', async (context) => {
  const device = makeDevice([1000, 2000]);
  const place = testPlace(context, device.bytes);
  const setup = { items: device.items, sets: [fakeSet('list', 'alert', [rowOf(device.contents[0]!, ['sha1'])])] };
  await runOnce(place, setup);
  const [first, second] = device.items;
  for (const changed of [fileItem('g0.jpg', 1000, first!.content), { ...first!, times: { ...first!.times, modified: { seconds: 7, nanoseconds: 0, zone: 'utc' as const } } }]) {
    await assert.rejects(runOnce(place, { ...setup, items: [changed, second!] }), (error) => error instanceof RefusedError && error.code === 'source-changed');
  }
});

test('content is read whatever a reader calls its item, and a file without any is told', async (context) => {
  const device = makeDevice([1000, 2000]);
  const items: Item[] = [
    { ...device.items[0]!, kind: 'other' },
    { ...device.items[1]!, kind: 'directory' },
    fileItem('bare', 50, { form: 'none', reason: 'not-content' }),
  ];
  const { report } = await runOnce(testPlace(context, device.bytes), { items, sets: [fakeSet('list', 'alert', [rowOf(device.contents[0]!, ['sha1'])], false)] });
  assert.equal(report.hits.length, 1);
  const { seen, read, problems, directories, others } = report.coverage.items;
  assert.deepEqual({ seen, read, problems, directories, others }, { seen: 3, read: 2, problems: 1, directories: 0, others: 0 });
});

test('the out folder of another run, with other files, or inside the source is refused', async (context) => {
  const device = makeDevice([1000]);
  const place = testPlace(context, device.bytes);
  const sets = [fakeSet('list', 'alert', [rowOf(device.contents[0]!, ['sha1'])])];
  const refusal = (code: string) => (error: unknown) => error instanceof RefusedError && error.code === code;
  await runOnce(place, { items: device.items, sets });
  await assert.rejects(runOnce(place, { items: device.items, sets: [fakeSet('other', 'alert', [rowOf(Buffer.from('x'), ['sha1'])])] }), refusal('out-folder-of-other-run'));
  const busy = join(place.folder, 'busy');
  mkdirSync(busy);
  writeFileSync(join(busy, 'notes.txt'), 'match report');
  await assert.rejects(runOnce({ ...place, outFolder: busy }, { items: device.items, sets }), refusal('out-folder-not-empty'));
  await assert.rejects(runOnce({ imagePath: place.folder, outFolder: join(place.folder, 'inside', 'deep') }, { items: [], sets }), refusal('out-folder-in-source'));
  await assert.rejects(runOnce({ ...place, outFolder: place.outFolder }, { items: device.items.map((item) => ({ ...item, sizeBytes: 999, content: dataAt([0, 999]) })), sets }), refusal('source-changed'));
});
