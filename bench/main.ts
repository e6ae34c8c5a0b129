/**
 * `./kerbside bench [NAME…] [--quick] [--pairs N] [--list] [--clean]`: runs the benches named, or all,
 * and prints one table row for each figure. Ends with 0 when every figure was reached, 1 when one was missed.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { blockSetBench } from './block-set.ts';
import { carvingBench } from './carving.ts';
import { catalogueBench } from './catalogue.ts';
import { contentLaneBench } from './content-lane.ts';
import { digestsBench } from './digests.ts';
import { certificateBench } from './certificate.ts';
import { e01Bench } from './e01.ts';
import { tableHead, tableRow, type Bench } from './figure.ts';
import { firstHitBench } from './first-hit.ts';
import { gateBench } from './gate.ts';
import { deleteCache } from './image-cache.ts';
import { md5LanesBench } from './md5-lanes.ts';
import { memoryBench } from './memory.ts';
import { nearIndexBench } from './near-index.ts';
import { pdqEditsBench } from './pdq-edits.ts';
import { pdqExactBench } from './pdq-exact.ts';
import { pdqFastBench } from './pdq-fast.ts';
import { pdqThumbnailsBench } from './pdq-thumbnails.ts';
import { rematchBench } from './rematch.ts';
import { sandboxBench } from './sandbox.ts';
import { setBuildBench, setLookupBench } from './set-benches.ts';
import { surveyBench } from './survey.ts';
import { surveyModelBench } from './survey-model.ts';
import { surveyRecallBench } from './survey-recall.ts';
import { thermometerBench } from './thermometer.ts';
import { triageSha1Bench } from './triage-sha1.ts';
import { vicsBench } from './vics.ts';
import { videoBench } from './video.ts';
import { zipBench } from './zip.ts';

const BENCHES: readonly Bench[] = [
  catalogueBench,
  triageSha1Bench,
  digestsBench,
  e01Bench,
  gateBench,
  firstHitBench,
  setBuildBench,
  setLookupBench,
  vicsBench,
  memoryBench,
  md5LanesBench,
  blockSetBench,
  surveyBench,
  surveyRecallBench,
  certificateBench,
  surveyModelBench,
  thermometerBench,
  carvingBench,
  rematchBench,
  pdqExactBench,
  pdqFastBench,
  pdqThumbnailsBench,
  pdqEditsBench,
  nearIndexBench,
  videoBench,
  zipBench,
  sandboxBench,
  contentLaneBench,
];

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { quick: { type: 'boolean', default: false }, pairs: { type: 'string' }, list: { type: 'boolean', default: false }, clean: { type: 'boolean', default: false } },
  });
  const unknown = positionals.find((name) => !BENCHES.some((bench) => bench.name === name));
  if (values.list || unknown !== undefined) {
    if (unknown !== undefined) console.error(`There is no bench "${unknown}".`);
    for (const { name, about } of BENCHES) console.log(`${name.padEnd(12)} ${about}`);
    return unknown === undefined ? 0 : 2;
  }
  if (values.clean) {
    deleteCache();
    if (positionals.length === 0) return 0;
  }
  const chosen = positionals.length === 0 ? BENCHES : BENCHES.filter(({ name }) => positionals.includes(name));
  console.log(`${machineLine()}${values.quick ? '\nQuick run: small inputs, one pair. The figures prove nothing.' : ''}\n\n${tableHead()}`);
  let missed = 0;
  for (const bench of chosen) {
    const command = `./kerbside bench ${bench.name}${values.quick ? ' --quick' : ''}`;
    try {
      for (const figure of await bench.run({ quick: values.quick, pairs: values.pairs === undefined ? null : Number(values.pairs) })) {
        console.log(tableRow(values.quick ? { ...figure, reached: null } : figure, command));
        if (figure.reached === false && !values.quick) missed += 1;
      }
    } catch (error) {
      missed += 1;
      const reason = error instanceof Error ? error.message : String(error);
      console.log(tableRow({ figure: bench.name, ours: `failed: ${reason.replaceAll(/[\n|]/g, ' ').slice(0, 300)}`, peer: '', ratio: '', mustReach: '', reached: false }, command));
    }
  }
  if (!values.quick || missed > 0) console.log(missed === 0 ? '\nEvery figure was reached.' : `\n${missed} missed.`);
  return missed === 0 ? 0 : 1;
}

/** What the figures were measured on. Absolute times mean nothing without it. */
function machineLine(): string {
  const system = /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'unknown system';
  return [
    `${new Date().toISOString().slice(0, 16)}Z`,
    `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, ${Math.round(totalmem() / 1e9)} GB`,
    system,
    `Node ${process.version}`,
    `load at the start ${loadavg()[0]!.toFixed(1)}`,
    peerVersions(),
    'page cache warm',
  ].join('; ');
}

function peerVersions(): string {
  const version = (program: string, ...words: string[]): string => {
    try {
      return execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim().split('\n')[0]!.trim();
    } catch {
      return 'missing';
    }
  };
  return `${version('fls', '-V')}, hashdeep ${version('hashdeep', '-V')}`;
}

process.exitCode = await main();
