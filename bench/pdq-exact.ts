/**
 * PDQ exact mode: every bit of the reference implementation on its own test photographs, and the hash
 * core (luma to bits, both dialects, from the same pixels) against the plain transcription of the
 * published algorithm.
 *
 *     ./kerbside bench pdq-exact
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DIALECTS, hammingDistance, hashFromText, hashRaster } from '@kerbside/decode';
import { decodeRaster } from '../packages/decode/src/pdq/decode-raster.ts';
import { measureScript } from './commands.ts';
import { pairsOf, type Bench, type BenchOptions, type Figure } from './figure.ts';
import { median } from './measure.ts';
import type { Told } from './pdq-one.ts';

const MUST_REACH = 2;
const SHARED = join(import.meta.dirname, '..', '..', 'shared', 'testdata', 'pdq');

async function run(options: BenchOptions): Promise<Figure[]> {
  return [await conformance(), ...core(options)];
}

async function conformance(): Promise<Figure> {
  const figure = 'PDQ exact mode against the reference implementation, both dialects, quality ≥ 50';
  const list = join(SHARED, 'expected.csv');
  if (!existsSync(list)) return { figure, ours: 'not measured: the test photographs are not on this machine', peer: '', ratio: '', mustReach: '0 bits', reached: null };
  let files = 0;
  let bits = 0;
  for (const row of readFileSync(list, 'utf8').trim().split('\n').slice(1)) {
    const [file = '', , , quality = '', nearest = '', full = ''] = row.trim().split(',');
    if (Number(quality) < 50) continue;
    files += 1;
    const { dialects } = hashRaster((await decodeRaster(readFileSync(join(SHARED, file)))).raster);
    const expected = { '512nn': nearest, full };
    for (const dialect of DIALECTS) bits += hammingDistance(dialects[dialect].hash, hashFromText(expected[dialect])!);
  }
  return { figure, ours: `${bits} bits on ${files} files`, peer: 'its published results', ratio: '', mustReach: '0 bits on every file', reached: bits === 0 && files > 0 };
}

function core(options: BenchOptions): Figure[] {
  const told: { core: Told[]; yardstick: Told[] } = { core: [], yardstick: [] };
  for (let pair = 0; pair < pairsOf(options, 5); pair++) {
    const order = pair % 2 === 0 ? (['core', 'yardstick'] as const) : (['yardstick', 'core'] as const);
    for (const side of order) told[side].push(JSON.parse(measureScript('pdq-one.ts', [side, options.quick ? '1' : '10'], { keepOutput: true }).output) as Told);
  }
  return told.core[0]!.files.map(({ path, hashes }, i) => {
    const [mine, theirs] = [told.core, told.yardstick].map((side) => side.map(({ files }) => files[i]!.cpuMs));
    const ratio = median(mine!.map((cpuMs, pair) => theirs![pair]! / cpuMs));
    const same = told.yardstick.every(({ files }) => files[i]!.hashes.full === hashes.full && files[i]!.hashes['512nn'] === hashes['512nn']);
    return {
      figure: `PDQ hash core, ${path} in colour, both dialects, against the plain transcription`,
      ours: `${median(mine!).toFixed(2)} ms CPU`,
      peer: `${median(theirs!).toFixed(2)} ms CPU`,
      ratio: `${ratio.toFixed(1)} × CPU, hashes ${same ? 'identical' : 'NOT identical'}`,
      mustReach: `≥ ${MUST_REACH} × CPU, identical`,
      reached: ratio >= MUST_REACH && same,
    };
  });
}

export const pdqExactBench: Bench = { name: 'pdq-exact', about: 'PDQ bit for bit, and its hash core against a plain transcription', run };
