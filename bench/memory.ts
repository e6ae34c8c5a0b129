/**
 * Peak resident memory of `kerbside triage`, everything read: a volume of 1,000,000 files, and a
 * 64 GiB source that is mostly unwritten with some very large files of zeros.
 *
 *     ./kerbside bench memory
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createImageFile, generatedBytes, writeExtVolume, writeNtfsVolume, type CorpusFile } from '@kerbside/corpus';
import { measureKerbside } from './commands.ts';
import { costText, megabytesText, type Bench, type BenchOptions, type Figure } from './figure.ts';
import { cachedFolder, scratchFolder } from './image-cache.ts';
import { buildSetWithoutSizes } from './known-lists.ts';
import { readReport } from './read-report.ts';

const MOST_BYTES = 512e6;
const GIB = 1024 ** 3;

async function run(options: BenchOptions): Promise<Figure[]> {
  const folder = scratchFolder(300 << 20);
  try {
    const set = await buildSetWithoutSizes(folder, []);
    const measure = (figure: string, image: string): Figure => {
      const out = join(folder, 'out');
      rmSync(out, { recursive: true, force: true });
      const cost = measureKerbside(['triage', image, '--set', set, '--out', out, '--json']);
      const { items } = readReport(out).coverage;
      return {
        figure: `${figure}: ${items.seen} items seen, ${items.read} read`,
        ours: costText([cost]),
        peer: 'none',
        ratio: '',
        mustReach: `≤ ${megabytesText(MOST_BYTES)}`,
        reached: cost.maxRssBytes <= MOST_BYTES,
      };
    };
    return [measure('memory, many files on ext4', await manyFiles(options.quick)), measure('memory, 64 GiB sparse source', await sparseSource(options.quick))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function manyFiles(quick: boolean): Promise<string> {
  const files = quick ? 20_000 : 1_000_000;
  const sizeBytes = files * 6144 + 256 * 1024 * 1024;
  const folder = await cachedFolder({ name: 'many-files', files, seed: 61 }, sizeBytes, (into) => {
    const sink = createImageFile(join(into, 'volume.img'), sizeBytes);
    const tree: CorpusFile[] = [];
    for (let number = 0; number < files; number++) {
      tree.push({ path: `cache/${number % 900}/${(number % 37) + 10}/thumbnail of match ${number}.jpg`, content: generatedBytes(number, 300 + ((number * 7919) % 3600)) });
    }
    writeExtVolume({ variant: 'ext4', blockSizeBytes: 4096, sizeBytes, label: 'MANY', seed: 61, tree, sink });
    sink.close();
  });
  return join(folder, 'volume.img');
}

async function sparseSource(quick: boolean): Promise<string> {
  const sizeBytes = (quick ? 4 : 64) * GIB;
  const largeFiles = quick ? 2 : 12;
  const folder = await cachedFolder({ name: 'sparse-source', sizeBytes, largeFiles, seed: 62 }, 2 * GIB, (into) => {
    const image = createImageFile(join(into, 'volume.img'), sizeBytes);
    // A chunk of zeros is left out, so that the file takes little room on this computer's disk.
    const sink = { write: (bytes: Uint8Array, offset: number) => (bytes.buffer === ZEROS.buffer ? undefined : image.write(bytes, offset)) };
    const tree: CorpusFile[] = [];
    for (let number = 0; number < largeFiles; number++) tree.push({ path: `Videos/season ${number}.mp4`, content: zeros(GIB + number * 4096) });
    for (let number = 0; number < 2000; number++) tree.push({ path: `Pictures/${number % 20}/stadium ${number}.jpg`, content: generatedBytes(number, 2000 + number * 100) });
    writeNtfsVolume({ sizeBytes, label: 'SPARSE', seed: 62, tree, sink });
    image.close();
  });
  return join(folder, 'volume.img');
}

const ZEROS = Buffer.alloc(1 << 20);

function zeros(sizeBytes: number): CorpusFile['content'] {
  return {
    sizeBytes,
    *chunks() {
      for (let left = sizeBytes; left > 0; left -= ZEROS.length) yield ZEROS.subarray(0, Math.min(left, ZEROS.length));
    },
  };
}

export const memoryBench: Bench = { name: 'memory', about: 'peak memory at a million files and at 64 GiB', run };
