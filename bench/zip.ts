/**
 * A ZIP of 40,000 members, half stored and half deflated: listing, and SHA-1 of every member, against yauzl. Each run
 * is a process of its own and gives its digest of all that it saw, which must be the same.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeZip, makeRandom, generatedBytes } from '@kerbside/corpus';
import { pairsOf, type Bench, type Figure } from './figure.ts';
import { median } from './measure.ts';

const MEMBERS = 40_000;
const QUICK_MEMBERS = 2_000;
const ONE = join(import.meta.dirname, 'zip-one.ts');

interface One {
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly seen: string;
}

export const zipBench: Bench = {
  name: 'zip',
  about: 'a ZIP of 40,000 members: listing and digests, against yauzl',
  run: async (options) => {
    const folder = mkdtempSync(join(tmpdir(), 'kerbside-zip-bench-'));
    try {
      const path = join(folder, 'many.zip');
      writeFileSync(path, makeArchive(options.quick ? QUICK_MEMBERS : MEMBERS));
      return (['list', 'digest'] as const).map((task) => compare(path, task, pairsOf(options, 5)));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function compare(path: string, task: 'list' | 'digest', pairs: number): Figure {
  const [ours, peers]: [One[], One[]] = [[], []];
  for (let pair = 0; pair < pairs; pair++) {
    ours.push(runOne('ours', task, path));
    peers.push(runOne('yauzl', task, path));
    if (ours.at(-1)!.seen !== peers.at(-1)!.seen) throw new Error(`ours and yauzl saw different members in the ${task} run`);
  }
  const ratio = median(ours.map(({ cpuMs }, i) => peers[i]!.cpuMs / cpuMs));
  const wall = median(ours.map(({ wallMs }, i) => peers[i]!.wallMs / wallMs));
  const least = task === 'list' ? 10 : 3;
  const text = (all: readonly One[]): string => `${median(all.map(({ cpuMs }) => cpuMs)).toFixed(0)} ms CPU, ${median(all.map(({ wallMs }) => wallMs)).toFixed(0)} ms wall`;
  return {
    figure: task === 'list' ? 'ZIP: list all members' : 'ZIP: SHA-1 of all members',
    ours: text(ours),
    peer: `yauzl ${text(peers)}`,
    ratio: `${ratio.toFixed(1)} × CPU, ${wall.toFixed(1)} × wall`,
    mustReach: `≥ ${least} × CPU`,
    reached: ratio >= least,
  };
}

function runOne(who: string, task: string, path: string): One {
  return JSON.parse(execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', ONE, who, task, path], { encoding: 'utf8' })) as One;
}

/** Half of the members are noise, stored, as photographs are; half are text, deflated. */
function makeArchive(members: number): Buffer {
  const random = makeRandom(40);
  const words = ['goal ', 'match ', 'ball ', 'team ', 'pitch ', 'season ', 'keeper ', 'corner '];
  const entries = Array.from({ length: members }, (_, i) => {
    const isStored = i % 2 === 0;
    const content = isStored
      ? Buffer.concat([...generatedBytes(i, 2_000 + random.below(6_000)).chunks()])
      : Buffer.from(Array.from({ length: 100 + random.below(900) }, () => random.pick(words)).join(''));
    return { name: `DCIM/folder-${Math.floor(i / 500)}/picture-number-${i}.${isStored ? 'jpg' : 'txt'}`, content, method: isStored ? 0 : 8 };
  });
  return writeZip(entries);
}
