import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { encodeRuns, mergeRuns, type Run } from './run-list.ts';

/** Reads a run list as the format's description says, independently of the writer. */
function decodeRuns(bytes: Buffer): Run[] {
  const runs: Run[] = [];
  let lcn = 0;
  for (let at = 0; bytes[at] !== 0; ) {
    const lengthBytes = bytes[at]! & 15;
    const offsetBytes = bytes[at]! >> 4;
    const clusters = bytes.readIntLE(at + 1, lengthBytes);
    if (offsetBytes > 0) lcn += bytes.readIntLE(at + 1 + lengthBytes, offsetBytes);
    runs.push({ lcn: offsetBytes === 0 ? null : lcn, clusters });
    at += 1 + lengthBytes + offsetBytes;
  }
  return runs;
}

const run = fc.record({ lcn: fc.option(fc.nat(2 ** 31), { nil: null }), clusters: fc.integer({ min: 1, max: 2 ** 30 }) }, { noNullPrototype: true });

describe('run list', () => {
  it('reads back as it was written', () => {
    fc.assert(fc.property(fc.array(run, { maxLength: 40 }), (runs) => assert.deepEqual(decodeRuns(encodeRuns(runs)), runs)));
  });

  it('keeps a length whose top bit is set from looking negative', () => {
    assert.equal(encodeRuns([{ lcn: 1, clusters: 128 }]).toString('hex'), '12800001' + '00');
  });

  it('joins runs that continue one another, holes too, and drops empty ones', () => {
    const runs = [{ lcn: 5, clusters: 2 }, { lcn: 7, clusters: 1 }, { lcn: null, clusters: 3 }, { lcn: null, clusters: 4 }, { lcn: 7, clusters: 0 }, { lcn: 9, clusters: 1 }];
    assert.deepEqual(mergeRuns(runs), [{ lcn: 5, clusters: 3 }, { lcn: null, clusters: 7 }, { lcn: 9, clusters: 1 }]);
  });
});
