/** The half of survey-recall.ts that counts what is said falsely. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentChunks } from '@kerbside/corpus';
import { loadSurveyParts, type BlockHit } from '@kerbside/triage';
import { megabytesText, type Figure } from './figure.ts';
import { buildJudgedSet, isInKnownHalf, type HitTruth } from './half-set.ts';
import { cachedFolder, scratchFolder } from './image-cache.ts';
import type { KnownMaterial } from './known-blocks.ts';
import { LaidFiles } from './laid-files.ts';
import { listMachineFiles, type MachineFile } from './machine-files.ts';
import { mixedFiles } from './mixed-files.ts';
import { surveyLaidFiles } from './survey-laid-files.ts';

const { ALL_PHASES } = await loadSurveyParts();

const LEAST_BENIGN_BYTES = 20e9;
const ON_CLUSTERS = 1;

export async function falseHitFigures(known: KnownMaterial, quick: boolean): Promise<Figure[]> {
  const machine = listMachineFiles(quick);
  const generated = await generatedFiles(quick ? 10_000_000 : 600_000_000);
  return [foreignSet([...machine, ...generated], known), await halfSet(machine)];
}

/** Generated documents, pictures and media of other seeds than the known ones, as files. */
async function generatedFiles(sizeBytes: number): Promise<MachineFile[]> {
  const folder = await cachedFolder({ name: 'benign-files', sizeBytes, seed: 76 }, sizeBytes * 1.1, (into) => {
    const sizes: number[] = [];
    for (const { content } of mixedFiles(76, sizeBytes)) {
      const bytes = Buffer.concat([...contentChunks(content)]);
      writeFileSync(join(into, String(sizes.length)), bytes);
      sizes.push(bytes.length);
    }
    writeFileSync(join(into, 'sizes.json'), JSON.stringify(sizes));
  });
  const sizes = JSON.parse(readFileSync(join(folder, 'sizes.json'), 'utf8')) as number[];
  return sizes.map((size, number) => ({ path: join(folder, String(number)), sizeBytes: size }));
}

function foreignSet(files: readonly MachineFile[], known: KnownMaterial): Figure {
  const source = new LaidFiles(files);
  const { hits, unreadableBytes } = surveyLaidFiles(source, known.set, ALL_PHASES);
  source.close();
  const present = hits.filter(({ rule }) => rule !== 'lead');
  tellFirst('said to be present', present);
  const { facts } = known.set;
  return {
    figure: `files falsely said to be present: ${megabytesText(source.sizeBytes)} of ${files.length} benign files (this machine's programs, packages and documentation, generated documents, pictures and media), looked up at every 512-byte phase in ${facts.blocks} blocks of ${facts.files} known files`,
    ours: `${present.length}; ${hits.length - present.length} leads${unreadableBytes > 0 ? `; ${unreadableBytes} bytes not readable` : ''}`,
    peer: 'none',
    ratio: '',
    mustReach: `0, on ≥ ${LEAST_BENIGN_BYTES / 1e9} GB`,
    reached: present.length === 0 && source.sizeBytes >= LEAST_BENIGN_BYTES,
  };
}

async function halfSet(machine: readonly MachineFile[]): Promise<Figure> {
  const folder = scratchFolder(2 << 30);
  try {
    const judged = await buildJudgedSet(join(folder, 'half.kblocks'), machine.filter(isInKnownHalf));
    const others = machine.filter((file) => !isInKnownHalf(file));
    const source = new LaidFiles(others);
    const { hits } = surveyLaidFiles(source, judged.set, ON_CLUSTERS);
    const counts: Record<HitTruth, number> = { copy: 0, part: 0, false: 0 };
    const filesOf: Record<HitTruth, Set<string>> = { copy: new Set(), part: new Set(), false: new Set() };
    const wrong: BlockHit[] = [];
    for (const hit of hits) {
      if (hit.rule === 'lead') continue;
      const truth = judged.judge(hit, source);
      counts[truth] += 1;
      filesOf[truth].add(hit.item ?? '');
      if (truth === 'false') wrong.push(hit);
    }
    source.close();
    tellFirst('said to be present and not there', wrong);
    const { facts } = judged.set;
    judged.set.close();
    return {
      figure: `the hard case: a random half of this machine's own files as the set (${facts.blocks} blocks of ${facts.files} files, ${megabytesText(judged.takenBytes)}), the other half (${megabytesText(source.sizeBytes)}, ${others.length} files) as the device: hits that one known file's blocks do not bear out`,
      ours: `${counts.false}; ${counts.copy} hits on ${filesOf.copy.size} files that are copies of known ones; ${counts.part} on ${filesOf.part.size} other files in which a known file's blocks truly stand in its order; ${hits.length - counts.false - counts.copy - counts.part} leads`,
      peer: 'none',
      ratio: '',
      mustReach: '',
      reached: null,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function tellFirst(what: string, hits: readonly BlockHit[]): void {
  for (const { rule, item, blocksMatched, file, ranges } of hits.slice(0, 10)) console.error(`${what}: ${rule}, ${blocksMatched} blocks, known file of ${file?.sizeBytes ?? 'unknown'} bytes, at ${ranges[0]!.offset} in ${item ?? ''}`);
}
