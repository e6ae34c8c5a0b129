/**
 * `kerbside set build` from a VICS 2.0 file of 1 M invented media records: MB of JSON a second (wall),
 * and peak memory. There is no stock peer that reads VICS.
 *
 *     ./kerbside bench vics
 */
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { demoCategoryMap, inventedRecords, vics2Media, writeTextFile } from '@kerbside/corpus';
import { measureKerbside, warm } from './commands.ts';
import { costText, megabytesText, pairsOf, type Bench, type BenchOptions, type Figure } from './figure.ts';
import { cachedFolder, scratchFolder } from './image-cache.ts';
import { median } from './measure.ts';

const RATE_MUST_REACH = 50;
const MEMORY_MOST_BYTES = 400e6;

async function run(options: BenchOptions): Promise<Figure[]> {
  const records = options.quick ? 50_000 : 1_000_000;
  const inputs = await cachedFolder({ name: 'vics', records, seed: 41 }, records * 450, (into) => {
    writeTextFile(join(into, 'set.json'), vics2Media(inventedRecords(41, records)));
    writeTextFile(join(into, 'map.json'), [demoCategoryMap()]);
  });
  const list = join(inputs, 'set.json');
  const folder = scratchFolder(records * 200);
  try {
    warm(list);
    const out = join(folder, 'out.kset');
    const costs = Array.from({ length: pairsOf(options, 3) }, () => {
      rmSync(out, { force: true });
      return measureKerbside(['set', 'build', out, '--from', list, '--meaning', 'alert', '--category-map', join(inputs, 'map.json'), '--json']);
    });
    const megabytes = statSync(list).size / 1e6;
    const rate = median(costs.map(({ wallMs }) => megabytes / (wallMs / 1000)));
    const memory = Math.max(...costs.map(({ maxRssBytes }) => maxRssBytes));
    return [
      {
        figure: `set build from VICS 2.0, ${records} records, ${Math.round(megabytes)} MB of JSON`,
        ours: `${rate.toFixed(0)} MB/s wall; ${costText(costs)}`,
        peer: 'none',
        ratio: '',
        mustReach: `≥ ${RATE_MUST_REACH} MB/s, ≤ ${megabytesText(MEMORY_MOST_BYTES)}`,
        reached: rate >= RATE_MUST_REACH && memory <= MEMORY_MOST_BYTES,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const vicsBench: Bench = { name: 'vics', about: 'set build from VICS 2.0 JSON', run };
