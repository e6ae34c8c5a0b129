import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { makeRandom } from '@kerbside/corpus';
import { readPicture, startDecoders, type Decoders } from '@kerbside/decode';
import { damagedCopy, fuzzMedia, type SeedMedium } from './support/fuzz-media.ts';

const MUTANTS = process.env['KERBSIDE_LONG'] === undefined ? 20_000 : 1_000_000;
const SEED = 20_261_124;
const WIDTH = 48;
const HEIGHT = 32;
/** What the sandboxed encoder makes; BMP, the eighth, is written here. */
const FORMATS = ['jpeg', 'progressive-jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const;

const hasTools = ['bwrap', 'prlimit'].every((tool) => spawnSync('which', [tool]).status === 0);
if (!hasTools && process.env['KERBSIDE_REQUIRE_TOOLS'] === '1') throw new Error('tools missing: bwrap, prlimit');
const skip = hasTools ? false : 'not installed: bwrap or prlimit (bubblewrap, util-linux)';

test(`${MUTANTS} damaged media in ${FORMATS.length + 1} formats: each is answered or is a problem with a reason`, { skip }, async () => {
  const decoders = await startDecoders({ workers: 2, profile: 'picture' });
  try {
    const seeds = await makeSeeds(decoders);
    for (const { format, bytes } of seeds) {
      const { width, height } = await readPicture(decoders, bytes, { mode: 'fast' });
      assert.deepEqual([width, height], [WIDTH, HEIGHT], `the sound ${format} is not decoded`);
    }
    const { answered, reasons, faults } = await fuzzMedia({ decoders, kind: 'picture', request: { mode: 'fast', orientations: false }, seeds, count: MUTANTS, seed: SEED, atOnce: 4 });
    assert.deepEqual(faults, []);
    const refused = [...reasons.values()].reduce((sum, count) => sum + count, 0);
    assert.equal(answered + refused, MUTANTS);
    assert.ok(answered > MUTANTS / 50, `only ${answered} were answered: the damage is too great to reach deep code`);
    assert.ok(refused > MUTANTS / 50, `only ${refused} were refused: the damage is too small`);
    console.log(`answered ${answered}; ${[...reasons].map(([reason, count]) => `${reason} ${count}`).join(', ')}`);
  } finally {
    await decoders.close();
  }
});

test('the same seed makes the same damaged copy; other seeds make others', () => {
  const bytes = Uint8Array.from({ length: 2_000 }, (_, index) => index);
  const copies = Array.from({ length: 200 }, (_, seed) => Buffer.from(damagedCopy(bytes, seed)).toString('latin1'));
  assert.deepEqual(copies, Array.from({ length: 200 }, (_, seed) => Buffer.from(damagedCopy(bytes, seed)).toString('latin1')));
  assert.ok(new Set(copies).size > 150);
});

/** Small pictures, so that 20,000 of them fit into an everyday run. Encoded where decoders run: in the sandbox. */
async function makeSeeds(decoders: Decoders): Promise<SeedMedium[]> {
  const pixels = scenePixels();
  const seeds: SeedMedium[] = [{ format: 'bmp', bytes: bitmap(pixels) }];
  for (const format of FORMATS) {
    const { bytes } = await decoders.run({ kind: 'encode-sample', request: { format, width: WIDTH, height: HEIGHT }, content: { bytes: pixels } });
    seeds.push({ format, bytes });
  }
  return seeds;
}

/** A gradient sky over a pitch, with a little grain. */
function scenePixels(): Uint8Array {
  const random = makeRandom(7);
  const pixels = new Uint8Array(WIDTH * HEIGHT * 3);
  for (let y = 0; y < HEIGHT; y += 1) {
    for (let x = 0; x < WIDTH; x += 1) {
      const grain = random.below(12);
      pixels.set(y < HEIGHT / 2 ? [90 + x, 140 + 2 * y, 230 - grain] : [40 + grain, 120 + x + grain, 50], (y * WIDTH + x) * 3);
    }
  }
  return pixels;
}

/** BITMAPFILEHEADER (14 bytes), BITMAPINFOHEADER (40), then rows from the bottom, blue first; rows here need no padding. */
function bitmap(pixels: Uint8Array): Uint8Array {
  const head = Buffer.alloc(54);
  head.write('BM', 0, 'latin1');
  head.writeUInt32LE(head.length + pixels.length, 2);
  head.writeUInt32LE(head.length, 10);
  head.writeUInt32LE(40, 14);
  head.writeInt32LE(WIDTH, 18);
  head.writeInt32LE(HEIGHT, 22);
  head.writeUInt16LE(1, 26);
  head.writeUInt16LE(24, 28);
  return Buffer.concat([head, pixels]);
}
