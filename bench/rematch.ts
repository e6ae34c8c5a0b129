/**
 * Retro-hunt: writing manifests of a million items, and asking several of them for a set of a million rows.
 * No peer is known that keeps such manifests.
 *
 *     ./kerbside bench rematch
 */
import { randomFillSync } from 'node:crypto';
import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { buildSet } from '@kerbside/match';
import { makeUnitKeys, writeKeyFile } from '@kerbside/ledger';
import { measureKerbside, measureScript } from './commands.ts';
import { costText, megabytesText, secondsText, type Bench, type BenchOptions, type Figure } from './figure.ts';
import { scratchFolder } from './image-cache.ts';

const MOST_BYTES = 512e6;

/** "In seconds": for all the devices together. */
const MOST_WALL_MS = 60_000;

const SHARED = 1000;

async function run(options: BenchOptions): Promise<Figure[]> {
  const items = options.quick ? 20_000 : 1_000_000;
  const rows = options.quick ? 20_000 : 1_000_000;
  const devices = options.quick ? 2 : 10;
  const folder = scratchFolder(1 << 30);
  try {
    writeKeyFile(join(folder, 'unit.key'), makeUnitKeys('Unit A, Exampleshire'));
    const list = join(folder, 'list.csv');
    makeList(list, rows);
    const { path: set } = await buildSet({ out: join(folder, 'new.kset'), inputs: [list], meaning: 'alert' });
    const written = Array.from({ length: devices }, (_, device) => measureScript('rematch-write-one.ts', [join(folder, 'unit.key'), join(folder, `${device}.kman`), String(items), device % 2 === 0 ? list : '', String(SHARED)]));
    const asked = measureKerbside(['rematch', folder, '--set', set, '--key', join(folder, 'unit.key'), '--home', folder, '--json'], { keepOutput: true, acceptExitCodes: [0, 10, 20] });
    const answer = JSON.parse(asked.output) as { manifests: { answers: { hits: number }[] }[] };
    const hits = answer.manifests.map((device) => device.answers[0]?.hits ?? -1);
    const right = hits.length === devices && hits.every((count, device) => count === (device % 2 === 0 ? SHARED : 0));
    return [
      {
        figure: `manifest of ${items} items written: MD5 and SHA-1 codes, ${megabytesText(statSync(join(folder, '0.kman')).size)}`,
        ours: costText(written),
        peer: 'none',
        ratio: '',
        mustReach: `≤ ${megabytesText(MOST_BYTES)}`,
        reached: Math.max(...written.map(({ maxRssBytes }) => maxRssBytes)) <= MOST_BYTES,
      },
      {
        figure: `rematch of ${devices} manifests of ${items} items against a set of ${rows} rows (MD5, SHA-1, length)`,
        ours: `${costText([asked])}; ${secondsText(asked.wallMs / devices)} a device; ${right ? 'hits as planted' : `wrong hits: ${hits.join(' ')}`}`,
        peer: 'none',
        ratio: '',
        mustReach: `hits as planted, ≤ ${MOST_WALL_MS / 1000} s for all, ≤ ${megabytesText(MOST_BYTES)}`,
        reached: right && asked.wallMs <= MOST_WALL_MS && asked.maxRssBytes <= MOST_BYTES,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A list of random digests with lengths. */
function makeList(path: string, rows: number): void {
  const file = openSync(path, 'w');
  const random = Buffer.alloc(36 * 4096);
  writeSync(file, 'size,md5,sha1\n');
  for (let done = 0; done < rows; done += 4096) {
    const hex = randomFillSync(random).toString('hex');
    const lines: string[] = [];
    for (let i = 0; i < Math.min(4096, rows - done); i++) lines.push(`${5_000_000 + ((done + i) % 3_000_000)},${hex.slice(i * 72, i * 72 + 32)},${hex.slice(i * 72 + 32, i * 72 + 72)}`);
    writeSync(file, `${lines.join('\n')}\n`);
  }
  closeSync(file);
}

export const rematchBench: Bench = { name: 'rematch', about: 'writing manifests, and asking past devices for a new set', run };
