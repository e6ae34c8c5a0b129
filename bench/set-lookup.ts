/**
 * Look-ups against `hfind -f` (The Sleuth Kit): the same look-up list, one digest a line, in a set
 * of random MD5. Both start from their finished index and read the list from disk.
 * Goal: at least 60 times the rate, at most 12 bytes of memory a digest, ready in 0.2 s at 1 M digests.
 *
 *     node bench/set-lookup.ts [--rows 15000000] [--lookups 10000000] [--pairs 3]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildSet } from '@kerbside/match';
import { makeDigestList, makeLookupList } from './make-digest-list.ts';
import { measureCommand, median } from './measure.ts';

/** Share of look-ups that hit: a device holds far more unknown than known files. */
const KNOWN_SHARE = 0.001;
/** The peer takes minutes for 10 M; it looks up a tenth of the list and is scaled. */
const PEER_SHARE = 0.1;

const { values } = parseArgs({
  options: { rows: { type: 'string', default: '15000000' }, lookups: { type: 'string', default: '10000000' }, pairs: { type: 'string', default: '3' } },
});
const rows = Number(values.rows);
const lookups = Number(values.lookups);
const folder = mkdtempSync(join(tmpdir(), 'kerbside-bench-'));

interface Told {
  readonly hits: number;
  readonly openMs: number;
  readonly bytesPerDigest: number;
}

try {
  const list = join(folder, 'list.md5');
  const set = join(folder, 'out.kset');
  const sample = makeDigestList(list, rows, Math.max(1, Math.floor(rows / (lookups * KNOWN_SHARE))));
  const all = join(folder, 'lookups');
  const part = join(folder, 'lookups-peer');
  const peerLookups = Math.floor(lookups * PEER_SHARE);
  makeLookupList(all, lookups, sample.slice(0, lookups * KNOWN_SHARE));
  makeLookupList(part, peerLookups, sample.slice(0, peerLookups * KNOWN_SHARE));
  await buildSet({ out: set, inputs: [list], meaning: 'alert' });
  measureCommand(['hfind', '-i', 'md5sum', list]);

  // The launcher keeps compiled code between starts, so it is kept here too; this run fills the cache.
  measureCommand([process.execPath, '--disable-warning=ExperimentalWarning', '--expose-gc', join(import.meta.dirname, 'set-lookup-one.ts'), set, part], {
    env: { NODE_COMPILE_CACHE: join(folder, 'compile-cache') },
  });

  const cpuRatios: number[] = [];
  const wallRatios: number[] = [];
  const told: Told[] = [];
  for (let pair = 0; pair < Number(values.pairs); pair++) {
    const ours = measureCommand(
      [process.execPath, '--disable-warning=ExperimentalWarning', '--expose-gc', join(import.meta.dirname, 'set-lookup-one.ts'), set, all],
      { keepOutput: true, env: { NODE_COMPILE_CACHE: join(folder, 'compile-cache') } },
    );
    const peer = measureCommand(['hfind', '-f', part, list]);
    told.push(JSON.parse(ours.output) as Told);
    cpuRatios.push(peer.cpuMs / peerLookups / (ours.cpuMs / lookups));
    wallRatios.push(peer.wallMs / peerLookups / (ours.wallMs / lookups));
    console.log(`  kerbside ${((ours.cpuMs / lookups) * 1000).toFixed(2)} us, hfind ${((peer.cpuMs / peerLookups) * 1000).toFixed(2)} us of CPU a look-up`);
  }
  console.log(`look-ups, ${lookups} in ${rows} MD5, program start and opening included: hits ${told[0]?.hits ?? 0}`);
  console.log(`open ${median(told.map(({ openMs }) => openMs)).toFixed(0)} ms, memory ${median(told.map(({ bytesPerDigest }) => bytesPerDigest)).toFixed(1)} bytes a digest (goal 12)`);
  console.log(`ratio: ${median(cpuRatios).toFixed(0)} x by CPU, ${median(wallRatios).toFixed(0)} x by wall (goal 60)`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
