/**
 * One measured side of md5-lanes.ts, in a process of its own: `node md5-lanes-one.ts ours|node blocks|codes|files PASSES`.
 * Prints CPU and wall time of the hashing alone (making the lanes included, making the data not), and
 * a digest over all results, by which both sides are held against each other.
 */
import { createHash, hash } from 'node:crypto';
import { CODE_BYTES, CODE_PURPOSE, createLaneHasher, keyedCode, md5Many } from '@kerbside/bytes';

const BLOCK_BYTES = 4096;

/** Larger than any processor's cache, so that neither side hashes what lies at hand. */
const BLOCKS_BYTES = 64 * 1024 * 1024;
/** What a survey reads at a time. */
const CHUNK_BYTES = 256 * 1024;
const FILES = 100;
const SMALLEST_FILE_BYTES = 64 * 1024;
const LARGEST_FILE_BYTES = 1024 * 1024;
const CODE_KEY = Buffer.from('a key of thirty-two bytes, fixed');

const [side = '', work = '', passes = '1'] = process.argv.slice(2);

/** xorshift32: the same bytes in each process. */
function fillRandom(bytes: Uint8Array, seed: number): void {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2);
  let value = seed;
  for (let i = 0; i < words.length; i++) {
    value ^= value << 13;
    value ^= value >>> 17;
    value ^= value << 5;
    words[i] = value;
  }
}

/** Makes the data and gives back what hashes it once into `results`. */
function prepare(): { bytes: number; results: Uint8Array; once: () => void } {
  if (work === 'files') {
    const files = Array.from({ length: FILES }, (_, i) => new Uint8Array(SMALLEST_FILE_BYTES + (((i * 37) % FILES) * (LARGEST_FILE_BYTES - SMALLEST_FILE_BYTES)) / (FILES - 1) & ~3));
    files.forEach((file, i) => fillRandom(file, i + 1));
    const bytes = files.reduce((sum, file) => sum + file.byteLength, 0);
    const results = new Uint8Array(FILES * 16);
    if (side === 'ours') return { bytes, results, once: () => results.set(md5Many(files)) };
    return { bytes, results, once: () => files.forEach((file, i) => results.set(hash('md5', file, 'buffer'), i * 16)) };
  }
  const withCodes = work === 'codes';
  const resultBytes = withCodes ? CODE_BYTES : 16;
  const results = new Uint8Array((BLOCKS_BYTES / BLOCK_BYTES) * resultBytes);
  if (side === 'ours') {
    const makeLanes = performance.now();
    const cpuOfLanes = process.cpuUsage();
    const hasher = createLaneHasher(BLOCKS_BYTES);
    setup.cpuMs = cpuMs(cpuOfLanes);
    setup.wallMs = performance.now() - makeLanes;
    fillRandom(hasher.input, 1);
    const count = CHUNK_BYTES / BLOCK_BYTES;
    return {
      bytes: BLOCKS_BYTES,
      results,
      once: () => {
        for (let at = 0; at < BLOCKS_BYTES; at += CHUNK_BYTES) {
          const digests = hasher.md5Blocks(at, BLOCK_BYTES, BLOCK_BYTES, count);
          results.set(withCodes ? hasher.codesOfBlocks(CODE_KEY, count) : digests, (at / BLOCK_BYTES) * resultBytes);
        }
      },
    };
  }
  const data = new Uint8Array(BLOCKS_BYTES);
  fillRandom(data, 1);
  return {
    bytes: BLOCKS_BYTES,
    results,
    once: () => {
      for (let at = 0; at < BLOCKS_BYTES; at += BLOCK_BYTES) {
        const digest = hash('md5', data.subarray(at, at + BLOCK_BYTES), 'buffer');
        results.set(withCodes ? keyedCode(CODE_KEY, CODE_PURPOSE.blockMd5, digest) : digest, (at / BLOCK_BYTES) * resultBytes);
      }
    },
  };
}

function cpuMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

const setup = { cpuMs: 0, wallMs: 0 };
const { bytes, results, once } = prepare();
const started = performance.now();
const cpu = process.cpuUsage();
for (let pass = 0; pass < Number(passes); pass++) once();
const spent = { cpuMs: setup.cpuMs + cpuMs(cpu), wallMs: setup.wallMs + performance.now() - started };
console.log(JSON.stringify({ ...spent, bytes: bytes * Number(passes), results: createHash('sha256').update(results).digest('hex') }));
