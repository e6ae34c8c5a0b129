/** The measured side of set-lookup.ts: opens a set and looks up every line of a list. `node --expose-gc set-lookup-one.ts SET LIST` */
import { closeSync, openSync, readSync } from 'node:fs';
import { openSet, type BulkKnownSet } from '@kerbside/match';

const [setPath = '', list = ''] = process.argv.slice(2);
const LINE_BYTES = 33;

const memory = (): number => {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};
const before = memory();
const started = performance.now();
const set = openSet(setPath);
const openMs = performance.now() - started;
const bytesPerDigest = (memory() - before) / Math.max(1, set.facts.rowsWith.md5);

const hits = countHits(set, list);
set.close();
console.log(JSON.stringify({ hits, openMs, bytesPerDigest }));

function countHits(known: BulkKnownSet, path: string): number {
  const nibble = new Uint8Array(256);
  for (let value = 0; value < 16; value++) nibble[value.toString(16).charCodeAt(0)] = value;
  const buffer = new Uint8Array(LINE_BYTES * 8192);
  const digests = new Uint8Array(16 * 8192);
  const fd = openSync(path, 'r');
  let found = 0;
  for (let got = readSync(fd, buffer); got > 0; got = readSync(fd, buffer)) {
    let to = 0;
    for (let at = 0; at < got; at += LINE_BYTES) {
      for (let i = at; i < at + 32; i += 2) digests[to++] = (nibble[buffer[i]!]! << 4) | nibble[buffer[i + 1]!]!;
    }
    known.lookupMany('md5', digests.subarray(0, to), () => found++);
  }
  closeSync(fd);
  return found;
}
