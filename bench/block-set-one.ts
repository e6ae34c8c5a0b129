/** The measured side of block-set.ts. `node block-set-one.ts build|open PATH FINGERPRINTS` */
import { attachBlockSet, openBlockSet } from '@kerbside/match';
import { BENCH_SET_DATE, BENCH_SIGNER, buildBenchSet, CODE_BATCH as BATCH, codeStream } from './block-set-recipe.ts';

const [mode = '', path = '', count = '0'] = process.argv.slice(2);
const codeCount = Number(count);

/** Look-ups measured after opening. */
const LOOKUPS = 20_000_000;
const KNOWN_LOOKUPS = 1_000_000;

if (mode === 'build') await build();
else if (mode === 'open') open();
else throw new Error(`there is no mode ${mode}`);

async function build(): Promise<void> {
  const started = performance.now();
  const cpuBefore = process.cpuUsage();
  const { facts, sizeBytes } = await buildBenchSet(path, codeCount);
  const cpu = process.cpuUsage(cpuBefore);
  console.log(JSON.stringify({ blocks: facts.blocks, files: facts.files, sizeBytes, wallMs: performance.now() - started, cpuMs: (cpu.user + cpu.system) / 1000 }));
}

function open(): void {
  const rssBefore = process.memoryUsage.rss();
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  const set = openBlockSet(path, [BENCH_SIGNER], BENCH_SET_DATE);
  const openMs = performance.now() - started;
  const openCpu = process.cpuUsage(cpuBefore);
  const rssBytes = process.memoryUsage.rss() - rssBefore;
  const lookup = attachBlockSet(set.shared);
  const numbers = new Uint32Array(BATCH);
  const entries = new Uint32Array(BATCH);

  const next = codeStream(3);
  let found = 0;
  let spent = 0;
  let spentCpu = 0;
  for (let done = 0; done < LOOKUPS; done += BATCH) {
    const codes = next();
    const cpu = process.cpuUsage();
    const from = performance.now();
    found += lookup.find(codes, BATCH, numbers, entries);
    spent += performance.now() - from;
    const used = process.cpuUsage(cpu);
    spentCpu += used.user + used.system;
  }
  const known = codeStream(1);
  const knownAsked = Math.min(codeCount, KNOWN_LOOKUPS);
  let knownFound = 0;
  for (let done = 0; done < knownAsked; done += BATCH) knownFound += lookup.find(known(), Math.min(BATCH, knownAsked - done), numbers, entries);
  console.log(JSON.stringify({
    openMs, openCpuMs: (openCpu.user + openCpu.system) / 1000, rssBytes, falseHits: found, lookupNs: (spent * 1e6) / LOOKUPS, lookupCpuNs: (spentCpu * 1000) / LOOKUPS, knownFound, knownAsked,
  }));
}
