import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashWhole, maskOf, packedLength } from '../digests.ts';
import { ENTRY } from '../hash-job.ts';
import { recordsOfBatch } from './batch-records.ts';
import { createItemEncoder } from './item-record.ts';
import { digestOf, UNIT } from './test-manifests.ts';

test('records of a batch are those of the entries that were read whole, whatever digests each has', () => {
  const masks = [['sha1'], ['md5', 'sha1', 'sha256', 'ed2k'], ['md5'], ['md5'], ['sha256']] as const;
  const bits = Uint8Array.from(masks, (of) => maskOf(of));
  const digests = new Uint8Array(bits.reduce((sum, mask) => sum + packedLength(mask), 0));
  let at = 0;
  for (const [n, mask] of bits.entries()) {
    hashWhole(Buffer.from(`content ${n}`), mask, digests, at);
    at += packedLength(mask);
  }
  const outcomes = Uint8Array.from([ENTRY.hashed, ENTRY.hashed, ENTRY.failed, ENTRY.hashed, ENTRY.hashed]);
  const encoder = createItemEncoder([UNIT.codeKey!]);
  const records = recordsOfBatch(encoder, { sizes: Float64Array.from([10, 11, 12, 13, 14]), masks: bits }, { outcomes, digests }, (entry) => entry !== 3);
  assert.deepEqual(records, encoder.encode([
    { sizeBytes: 10, state: 'read', sha1: digestOf('sha1', 0) },
    { sizeBytes: 11, state: 'read', md5: digestOf('md5', 1), sha1: digestOf('sha1', 1), sha256: digestOf('sha256', 1) },
    { sizeBytes: 14, state: 'read', sha256: digestOf('sha256', 4) },
  ]));
});
