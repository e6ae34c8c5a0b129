/**
 * The measured side of near-index.ts: writes a list of hashes, compiles it, loads the index, and asks it and a linear scan
 * in turn. Prints one line of JSON.
 *
 *     node bench/near-index-one.ts --hashes 1000000 --shape random|clustered [--queries 8000] [--scans 60] [--turns 3]
 */
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { attachNearIndex, buildSet, loadNearIndex, MAX_NEAR_RADIUS, type SharedNearIndex } from '@kerbside/match';
import { makeLinear } from './linear-scan.ts';

const { values } = parseArgs({
  options: {
    hashes: { type: 'string', default: '1000000' }, shape: { type: 'string', default: 'random' }, queries: { type: 'string', default: '8000' },
    scans: { type: 'string', default: '60' }, turns: { type: 'string', default: '3' },
  },
});
const count = Number(values.hashes);
const queryCount = Number(values.queries);
const scanCount = Number(values.scans);
const turns = Number(values.turns);
/** Near-duplicates that stand together in the clustered list, and how far from the first they may lie. */
const CLUSTER = 100;
const SPREAD = 12;
const WORDS = 8;

let state = 0x2545_f491;
/** xorshift (Marsaglia 2003): the same list every time. */
function random(): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return state >>> 0;
}

function flip(words: Uint32Array, bits: number): void {
  for (const flipped = new Set<number>(); flipped.size < bits; ) {
    const bit = random() % 256;
    if (flipped.has(bit)) continue;
    flipped.add(bit);
    words[bit >>> 5]! ^= 1 << (bit & 31);
  }
}

function writeList(path: string): void {
  const fd = openSync(path, 'w');
  const hex = '0123456789abcdef';
  const lines = Buffer.alloc(4096 * 68);
  const base = new Uint32Array(WORDS);
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (values.shape === 'random' || i % CLUSTER === 0) for (let word = 0; word < WORDS; word++) base[word] = random();
    const hash = Uint32Array.from(base);
    if (values.shape !== 'random' && i % CLUSTER !== 0) flip(hash, 1 + (random() % SPREAD));
    for (const word of hash) for (let shift = 28; shift >= 0; shift -= 4) lines[at++] = hex.charCodeAt((word >>> shift) & 15);
    at += lines.write(',80\n', at, 'latin1');
    if (at + 68 > lines.length) {
      writeSync(fd, lines, 0, at);
      at = 0;
    }
  }
  writeSync(fd, lines, 0, at);
  closeSync(fd);
}

/** CPU seconds that a piece of work takes. */
function cpuSeconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function hashesOf(shared: SharedNearIndex): Uint32Array {
  const set = shared.sets[0]!;
  const { hashesAt, hashes } = set.parts[0]!;
  return new Uint32Array(set.memory.buffer, hashesAt, hashes * WORDS);
}

const folder = mkdtempSync(join(tmpdir(), 'kerbside-near-'));
try {
  const list = join(folder, 'list');
  writeList(list);
  const out = join(folder, 'near.kset');
  const buildBefore = process.cpuUsage();
  await buildSet({ out, inputs: [list], meaning: 'alert', formatOptions: { format: 'pdq-list' } });
  const built = process.cpuUsage(buildBefore);
  rmSync(list);

  const started = performance.now();
  let shared: SharedNearIndex | null = null;
  const loadCpuSeconds = cpuSeconds(() => {
    shared = loadNearIndex([out]);
  });
  const loadSeconds = (performance.now() - started) / 1000;
  const index: SharedNearIndex = shared!;
  const near = attachNearIndex(index);
  // A copy of its own: the peer's memory must not be the one that our queries have just read.
  const hashes = Uint32Array.from(hashesOf(index));
  const distinct = hashes.length / WORDS;
  const linear = makeLinear(hashes);

  // Half of the queries lie 0 to 31 bits from a hash of the list, half lie anywhere.
  const queries = Array.from({ length: queryCount }, (_, i) => {
    const row = random() % distinct;
    const words = hashes.slice(row * WORDS, (row + 1) * WORDS);
    if (i % 2 === 0) flip(words, (i / 2) % (MAX_NEAR_RADIUS + 1));
    else for (let word = 0; word < WORDS; word++) words[word] = random();
    return { words, row: i % 2 === 0 ? row : -1 };
  });
  for (const { words } of queries.slice(0, 200)) near.query(words, MAX_NEAR_RADIUS);
  linear.search(queries[0]!.words, MAX_NEAR_RADIUS);

  const perTurn = Math.floor(queryCount / turns);
  const scansPerTurn = Math.floor(scanCount / turns);
  const ours: number[] = [];
  const peer: number[] = [];
  let plantedMissed = 0;
  let wrong = 0;
  let matches = 0;
  for (let turn = 0; turn < turns; turn++) {
    const mine = queries.slice(turn * perTurn, (turn + 1) * perTurn);
    const answers: { row: number; distance: number }[][] = [];
    ours.push(perTurn / cpuSeconds(() => {
      for (const { words } of mine) answers.push(near.query(words, MAX_NEAR_RADIUS).matches.map(({ row, distance }) => ({ row, distance })));
    }));
    for (const [i, { row }] of mine.entries()) {
      matches += answers[i]!.length;
      // Rows and hashes have the same numbers here: the list has no hash twice, or the shape is told by its rows.
      if (row >= 0 && index.sets[0]!.parts[0]!.firstAt < 0 && !answers[i]!.some((match) => match.row === row)) plantedMissed++;
    }
    const scanned: number[][] = [];
    peer.push(scansPerTurn / cpuSeconds(() => {
      for (const { words } of mine.slice(0, scansPerTurn)) scanned.push(linear.search(words, MAX_NEAR_RADIUS));
    }));
    for (const [i, found] of scanned.entries()) {
      const expected = new Set(Array.from({ length: found.length / 2 }, (_, k) => `${found[k * 2]!} ${found[k * 2 + 1]!}`));
      if (expected.size !== answers[i]!.length || answers[i]!.some(({ row, distance }) => !expected.has(`${row} ${distance}`))) wrong++;
    }
  }
  console.log(JSON.stringify({
    hashes: distinct, chunks: index.sets[0]!.parts[0]!.chunks, bytesPerHash: index.sizeBytes / distinct, fileBytes: statSync(out).size,
    buildCpuSeconds: (built.user + built.system) / 1e6, loadSeconds, loadCpuSeconds, ours, peer, compared: scansPerTurn * turns, planted: Math.floor(perTurn / 2) * turns, plantedMissed, wrong, matches,
  }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
