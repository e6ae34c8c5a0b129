/**
 * First hit: 20 layouts of a 2 GiB volume, each of the four file systems in turn; 5 % of its files are
 * known. Time from the start of the program to the line of the first hit, and bytes read until then:
 * what the kernel says the process has read (`rchar`) between opening the source and the arrival of
 * that line, so metadata, journal and reading ahead are all counted and the figure is an upper bound.
 *
 *     ./kerbside bench first-hit
 */
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { generatedBytes, makeDocument, makePseudoVideo, makeRandom, type CorpusFile } from '@kerbside/corpus';
import { kerbsideArguments, kerbsideEnvironment, warm } from './commands.ts';
import { megabytesText, secondsText, type Bench, type BenchOptions, type Figure } from './figure.ts';
import { scratchFolder } from './image-cache.ts';
import { buildSetWithoutSizes, buildSetWithSizes, recordsOf } from './known-lists.ts';
import { median } from './measure.ts';
import { normal, shuffled } from './trees.ts';
import { FILE_SYSTEMS, writeVolumeImage } from './volume-images.ts';

const LAYOUTS = 20;
const KNOWN_SHARE = 0.05;
const MOST_SHARE_OF_BYTES = 0.01;
const MOST_MS = 5000;

interface FirstHit {
  readonly elapsedMs: number;
  readonly bytesRead: number;
}

async function run(options: BenchOptions): Promise<Figure[]> {
  const sizeBytes = (options.quick ? 512 : 2048) * 1024 * 1024;
  const folder = scratchFolder(sizeBytes + (200 << 20));
  const found: Record<'sized' | 'unsized', FirstHit[]> = { sized: [], unsized: [] };
  try {
    const tree = makeFirstHitTree(options.quick ? 0.1 : 1);
    for (let layout = 0; layout < (options.quick ? 4 : LAYOUTS); layout++) {
      const random = makeRandom(5100 + layout);
      const files = shuffled(tree, random);
      const known = recordsOf(files.slice(0, Math.round(files.length * KNOWN_SHARE)));
      const image = join(folder, 'volume.img');
      writeVolumeImage(image, FILE_SYSTEMS[layout % FILE_SYSTEMS.length]!, sizeBytes, layout + 1, shuffled(tree, random));
      warm(image);
      found.sized.push(await untilFirstHit(image, await buildSetWithSizes(folder, known), join(folder, 'out')));
      found.unsized.push(await untilFirstHit(image, await buildSetWithoutSizes(folder, known), join(folder, 'out')));
      rmSync(image);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return (['sized', 'unsized'] as const).map((form) => {
    const bytes = median(found[form].map(({ bytesRead }) => bytesRead));
    const elapsed = median(found[form].map(({ elapsedMs }) => elapsedMs));
    return {
      figure: `first hit, ${megabytesText(sizeBytes)} image, 5 % known files, ${found[form].length} layouts, set ${form === 'sized' ? 'with' : 'without'} sizes`,
      ours: `${megabytesText(bytes)} read, ${secondsText(elapsed)} (worst ${megabytesText(Math.max(...found[form].map(({ bytesRead }) => bytesRead)))}, ${secondsText(Math.max(...found[form].map(({ elapsedMs }) => elapsedMs)))})`,
      peer: 'none',
      ratio: `${((bytes / sizeBytes) * 100).toFixed(2)} % of bytes`,
      mustReach: `median ≤ ${MOST_SHARE_OF_BYTES * 100} % of bytes and ≤ ${MOST_MS / 1000} s`,
      reached: bytes <= sizeBytes * MOST_SHARE_OF_BYTES && elapsed <= MOST_MS,
    };
  });
}

/** Pictures, six clips and many small documents: 1.1 GB at full scale. The known files may be any of them. */
function makeFirstHitTree(scale: number): CorpusFile[] {
  const random = makeRandom(51);
  const tree: CorpusFile[] = [];
  for (let number = 0; number < 4000 * scale; number++) {
    tree.push({ path: `DCIM/${100 + (number % 20)}CANON/IMG_${number}.JPG`, content: generatedBytes(number, Math.round(140_000 * Math.exp(0.6 * normal(random)))) });
  }
  for (let number = 0; number < 6; number++) tree.push({ path: `Videos/holiday ${number}.mp4`, content: makePseudoVideo(number, Math.round((50 << 20) * scale)) });
  for (let number = 0; number < 8000 * scale; number++) {
    tree.push({ path: `Documents/${number % 80}/match report ${number}.txt`, content: makeDocument('text', number, 800 + random.below(6000)) });
  }
  return tree;
}

/** Starts a run, waits for its first hit, and ends it there. */
async function untilFirstHit(image: string, set: string, out: string): Promise<FirstHit> {
  rmSync(out, { recursive: true, force: true });
  const started = performance.now();
  const [program = '', ...words] = kerbsideArguments('triage', image, '--set', set, '--out', out, '--json');
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, ...kerbsideEnvironment() } });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let readAtOpening = 0;
  let first: FirstHit | null = null;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('{"type":"source"')) readAtOpening = bytesReadBy(child.pid!);
    if (!line.startsWith('{"type":"hit"')) continue;
    first = { elapsedMs: performance.now() - started, bytesRead: bytesReadBy(child.pid!) - readAtOpening };
    child.kill('SIGKILL');
    break;
  }
  await ended;
  if (first === null) throw new Error('the run ended without a hit');
  return first;
}

/** Bytes the process and its threads have asked of the kernel, from any file. */
function bytesReadBy(pid: number): number {
  return Number(/^rchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]);
}

export const firstHitBench: Bench = { name: 'first-hit', about: 'bytes and time to the first hit', run };
