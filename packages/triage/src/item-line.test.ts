import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { displayPath } from '@kerbside/evidence';
import { lineFrame, openItemLine, timeText } from './item-line.ts';
import { dataAt, fileItem } from './test-fakes.ts';
import { measureTimeLeft } from './time-left.ts';
import { TOOL_VERSION } from './tool-version.ts';

test('a line is valid JSON whatever the name holds', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 0, maxLength: 40 }), fc.constantFrom('utf-8', 'utf-16le', 'cp437', 'latin1'), (bytes, encoding) => {
      const item = fileItem('x', 5, dataAt([0, 5]), { name: { bytes, encoding }, id: '5-"1\\' });
      const line = JSON.parse(`${openItemLine(lineFrame('p1', 'FAT"32'), item)}}`) as Record<string, unknown>;
      assert.equal(line['path'], displayPath('p1', item));
      assert.deepEqual([line['id'], line['fileSystem'], line['size'], line['kind'], line['allocated'], line['volume']], ['5-"1\\', 'FAT"32', 5, 'file', true, 'p1']);
    }),
    { numRuns: 500, seed: 4 },
  );
});

test('a line says how an item was found: live, deleted, without a folder, carved', () => {
  const stateOf = (change: Parameters<typeof fileItem>[3]): unknown[] => {
    const line = JSON.parse(`${openItemLine(lineFrame('p1', 'FAT32'), fileItem('x', 5, dataAt([0, 5]), change))}}`) as Record<string, unknown>;
    return [line['allocated'], line['state'], line['recovery']];
  };
  assert.deepEqual(stateOf({}), [true, undefined, undefined]);
  assert.deepEqual(stateOf({ state: 'deleted', recovery: { basis: 'no-runs' } }), [false, 'deleted', { basis: 'no-runs' }]);
  assert.deepEqual(stateOf({ state: 'orphan', recovery: { basis: 'clusters-reused', reusedShare: 0.5 } }), [false, 'orphan', { basis: 'clusters-reused', reusedShare: 0.5 }]);
  assert.deepEqual(stateOf({ state: 'carved', recovery: { basis: 'carved' } }), [false, 'carved', { basis: 'carved' }]);
});

test('times are ISO 8601, with a zone only where it is known, for any number of seconds', () => {
  fc.assert(
    fc.property(fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }), (seconds) => {
      assert.equal(timeText({ seconds, nanoseconds: 0, zone: 'utc' }), `"${new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')}"`);
    }),
    { numRuns: 1000, seed: 5 },
  );
  assert.equal(timeText({ seconds: 1, nanoseconds: 250_000_000, zone: 'local' }), '"1970-01-01T00:00:01.25"');
  for (const seconds of [Number.NaN, 1e18, -1e18]) assert.equal(timeText({ seconds, nanoseconds: 0, zone: 'utc' }), 'null');
  assert.equal(timeText(null), 'null');
});

test('the time left is a range around the rate, and unknown at first', () => {
  const timeLeft = measureTimeLeft(0, 0);
  assert.equal(timeLeft.estimate(500, 100, 10_000), null);
  const steady = timeLeft.estimate(2000, 2000, 10_000)!;
  assert.equal(steady.low, 8000);
  assert.ok(steady.high >= steady.low && steady.high <= 12_000);
});

test('the version told in reports is that of the package', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  assert.equal(manifest.version, TOOL_VERSION);
});
