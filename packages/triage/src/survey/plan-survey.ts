import { RefusedError, type RandomAccessSource } from '@kerbside/bytes';
import type { OpenImage } from '@kerbside/evidence';
import type { Journal } from '../journal.ts';
import { chooseChunk, SURVEY_CHUNKS } from './choose-chunk.ts';
import { indexWindowBytes } from './index-window.ts';
import { measureRates } from './measure-rates.ts';
import type { LongFiles } from './meter-facts.ts';
import { DEFAULT_TARGET, type SurveyTarget } from './parse-until.ts';
import type { SurveyOptions, SurveyPlanFacts } from './survey-options.ts';
import { makeSurveyPlan, type SurveyPlan } from './survey-plan.ts';

/**
 * Reads that tell what a device holds: a share of one half is then known to ± 2.2 points (95 %), and a spinning
 * disk takes about 15 s for them.
 */
export const SAMPLE_READS = 2048;

/** A plan, what it was made from, and how many of its passes are the sample. */
export interface PlannedSurvey {
  readonly facts: SurveyPlanFacts;
  readonly plan: SurveyPlan;
  readonly samplePasses: number;
}

/**
 * Takes the plan's facts from the options, the journal, or draws and measures them.
 * @param drawSeed 32 secret bytes, hex
 */
export function planSurvey(journal: Pick<Journal, 'fact'>, { source, facts: { kind } }: Pick<OpenImage, 'source' | 'facts'>, options: SurveyOptions, drawSeed: () => string): PlannedSurvey {
  const known = journal.fact('survey plan');
  refuseOtherSeed(known, options);
  const facts = options.fixedPlan ?? (known === null ? kind === 'block-device' ? measuredFacts(source, drawSeed()) : { seed: drawSeed(), ...IMAGE_FACTS } : factsOf(JSON.parse(known) as SurveyPlanFacts));
  const hasBlocks = options.blockSets.length > 0;
  const target = options.until ?? DEFAULT_TARGET;
  const plan = makeSurveyPlan({
    sizeBytes: source.sizeBytes,
    chunkBytes: facts.chunkBytes,
    seed: Buffer.from(facts.seed, 'hex'),
    target: hasBlocks ? target : sampleTarget(source.sizeBytes, facts.chunkBytes),
    indexedShare: hasBlocks ? indexedShareOf(options) : 0,
    // Of a source shorter than the target nothing could be promised, and all of it is read in a moment.
    toTheEnd: hasBlocks && (options.until === null || source.sizeBytes < Math.max(target.unbrokenBytes, target.scatteredBytes)),
    windowBytes: windowBytesOf(options),
    seekCostBytes: facts.seekCostBytes,
  });
  return { facts, plan, samplePasses: hasBlocks ? passesOfSample(plan) : plan.passes.length };
}

/** A seed given for a run that has another would be a wish that nobody keeps. */
function refuseOtherSeed(known: string | null, { seed }: SurveyOptions): void {
  if (known === null || seed === null || (JSON.parse(known) as SurveyPlanFacts).seed === seed) return;
  throw new RefusedError('out-folder-of-other-run', 'The run in this folder reads by another seed. Leave --seed out to go on with it, or give --out another folder.');
}

/** Smallest bytes between two reads of the sample. */
function sampleTarget(sizeBytes: number, chunkBytes: number): SurveyTarget {
  const spacingBytes = Math.max(chunkBytes, Math.ceil(sizeBytes / SAMPLE_READS));
  return { unbrokenBytes: spacingBytes + 2 * indexWindowBytes(2), scatteredBytes: spacingBytes, probability: 0.5 };
}

/** An image lies on this machine's own disk: the shortest chunk, and nothing to be measured. */
const IMAGE_FACTS = { chunkBytes: SURVEY_CHUNKS.at(-1)!, seekCostBytes: 0 } as const;

function measuredFacts(source: RandomAccessSource, seed: string): SurveyPlanFacts {
  const rates = measureRates(source);
  return { seed, chunkBytes: chooseChunk(rates), seekCostBytes: Math.round((rates.moveMs / 1000) * rates.bytesPerSecond) };
}

function factsOf({ seed, chunkBytes, seekCostBytes }: SurveyPlanFacts): SurveyPlanFacts {
  return { seed, chunkBytes, seekCostBytes };
}

/** The least number of passes that hold the sample's reads. */
function passesOfSample({ passes }: SurveyPlan): number {
  let reads = 0;
  for (const [index, pass] of passes.entries()) {
    // The rest is read in order of place: its beginning says nothing of the whole.
    if (pass.kind === 'rest') return index;
    reads += pass.reads;
    if (reads >= SAMPLE_READS) return index + 1;
  }
  return passes.length;
}

/** Bytes of known material that surely hold an indexed block: the worst of the sets. */
export function windowBytesOf({ blockSets }: Pick<SurveyOptions, 'blockSets'>): number {
  const step = Math.max(1, ...blockSets.map(({ facts }) => (facts.sparseIndexedShare > 0 ? facts.sparseStep : 1)));
  // One block more than the index leaves out: files laid end to end have short last blocks, which are never indexed.
  return indexWindowBytes(step + 1);
}

/** Share of known blocks that are indexed: the worst of the sets. What a set indexes sparsely is told apart (`longFilesOf`). */
export function indexedShareOf({ blockSets }: Pick<SurveyOptions, 'blockSets'>): number {
  const shares = blockSets.map(({ facts }) => (facts.indexedShare > 0 ? facts.indexedShare : facts.sparseIndexedShare));
  return shares.length === 0 ? 0 : Math.min(...shares);
}

/** How much more of long files the scattered figure needs: the worst of the sets. Null where they are indexed no less than others. */
export function longFilesOf(options: Pick<SurveyOptions, 'blockSets'>): LongFiles | null {
  const share = indexedShareOf(options);
  const sparse = options.blockSets.map(({ facts }) => facts).filter(({ sparseIndexedShare }) => sparseIndexedShare > 0 && sparseIndexedShare < share);
  if (sparse.length === 0) return null;
  const worst = Math.min(...sparse.map(({ sparseIndexedShare }) => sparseIndexedShare));
  // Up to the next tenth, so that it is never said smaller than it is.
  return { aboveBytes: Math.min(...sparse.map(({ sparseAboveBytes }) => sparseAboveBytes)), timesAsMuch: Math.ceil((share / worst) * 10) / 10 };
}
