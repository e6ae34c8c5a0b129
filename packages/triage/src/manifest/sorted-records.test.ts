import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareRecords } from './item-record.ts';
import { createRecordSorter } from './sorted-records.ts';
import { makeFolder } from './test-manifests.ts';

const RECORD = 12;

test('records come out in order, whatever order and pieces they came in and however many runs were spilled', () => {
  using folder = makeFolder();
  const record = fc.uint8Array({ minLength: RECORD, maxLength: RECORD, max: 3 });
  fc.assert(
    fc.property(fc.array(fc.array(record, { maxLength: 7 }), { maxLength: 12 }), fc.integer({ min: 1, max: 200 }), (pieces, runBytes) => {
      const sorter = createRecordSorter(RECORD, folder.at('spill'), runBytes);
      for (const piece of pieces) sorter.add(Buffer.concat(piece));
      assert.deepEqual(readdirSync(folder.path), [], 'a spilled run has no name that a kill could leave behind');
      const sorted = Buffer.concat([...sorter.sorted()].map((piece) => Buffer.from(piece)));
      sorter.close();
      const expected = pieces.flat().sort((a, b) => compareRecords(a, 0, b, 0, RECORD));
      assert.deepEqual(sorted, Buffer.concat(expected));
    }),
    { numRuns: 300 },
  );
});
