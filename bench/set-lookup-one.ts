/** The measured side of set-lookup.ts: opens a set and looks up every line of a list. `node --expose-gc set-lookup-one.ts SET LIST` */
import { closeSync, openSync, readSync } from 'node:fs';
import { openSet } from '@kerbside/match';

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

const nibble = new Uint8Array(256);
for (const [value, character] of [...'0123456789abcdef'].entries()) nibble[character.charCodeAt(0)] = value;
const digest = new Uint8Array(16);
const buffer = Buffer.alloc(LINE_BYTES * 32_768);
const fd = openSync(list, 'r');
let hits = 0;
for (;;) {
  const got = readSync(fd, buffer, 0, buffer.length, null);
  if (got === 0) break;
  for (let at = 0; at < got; at += LINE_BYTES) {
    for (let i = 0; i < 16; i++) digest[i] = (nibble[buffer[at + i * 2]!]! << 4) | nibble[buffer[at + i * 2 + 1]!]!;
    if (set.lookup('md5', digest).length > 0) hits++;
  }
}
closeSync(fd);
set.close();
console.log(JSON.stringify({ hits, openMs, bytesPerDigest }));
