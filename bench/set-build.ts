/**
 * Set build against `hfind -i md5sum` (The Sleuth Kit) on the same list of random MD5.
 * Goal: at least 4 times the rate per CPU-second, at most 400 MB of memory.
 *
 *     node bench/set-build.ts [--rows 15000000] [--pairs 3]
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeDigestList } from './make-digest-list.ts';
import { measureCommand, measurePairs, median } from './measure.ts';

const { values } = parseArgs({ options: { rows: { type: 'string', default: '15000000' }, pairs: { type: 'string', default: '3' } } });
const rows = Number(values.rows);
const folder = mkdtempSync(join(tmpdir(), 'kerbside-bench-'));
try {
  const list = join(folder, 'list.md5');
  makeDigestList(list, rows, rows);
  const result = measurePairs(
    () => measureCommand([process.execPath, '--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'set-build-one.ts'), list, join(folder, 'out.kset')]),
    () => measureCommand(['hfind', '-i', 'md5sum', list]),
    Number(values.pairs),
    () => {
      for (const name of readdirSync(folder)) if (name !== 'list.md5') rmSync(join(folder, name));
    },
  );
  const rate = (cpuMs: number): string => `${(rows / cpuMs / 1000).toFixed(2)} M/s`;
  const ours = median(result.ours.map(({ cpuMs }) => cpuMs));
  const peer = median(result.peer.map(({ cpuMs }) => cpuMs));
  const mb = (of: typeof result.ours): string => `${Math.round(Math.max(...of.map(({ maxRssBytes }) => maxRssBytes)) / 1e6)} MB`;
  console.log(`set build, ${rows} MD5: kerbside ${rate(ours)} per CPU-second, ${mb(result.ours)}; hfind ${rate(peer)}, ${mb(result.peer)}`);
  console.log(`ratio: ${result.cpuRatio.toFixed(1)} x by CPU, ${result.wallRatio.toFixed(1)} x by wall (goal 4)`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
