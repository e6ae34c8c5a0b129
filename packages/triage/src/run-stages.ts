import { openLocator, type FileSystem, type Layout, type OpenedSource, type OpenImage, type SourceLocator } from '@kerbside/evidence';
import { existsSync } from 'node:fs';
import { STATUS } from './catalogue.ts';
import { runWalks, type Walk } from './catalogue-stage.ts';
import { describeVolume, volumeProblem } from './describe-volume.ts';
import { carvingWalks } from './carving-walks.ts';
import { makePlan, type PlanPart } from './plan.ts';
import type { StageName } from './events.ts';
import type { Profile } from './profile.ts';
import { readPlan, type Done } from './read-stage.ts';
import type { ReportVolume } from './report-types.ts';
import { addWalkProblem, enterStage, tellProgress, type RunContext } from './run-context.ts';
import { findGone, goneProblem } from './require-medium.ts';
import { sniffMedia } from './sniff-media.ts';
import { prepareSurvey, type Survey } from './survey/survey.ts';
import type { SurveyOptions } from './survey/survey-options.ts';
import type { TriageDoors } from './triage-doors.ts';

/** Numbers of the reading plans in the journal. */
const PLAN_NUMBER = { first: 0, rest: 1, orphans: 2, carved: 3, owners: 4 } as const;

/** Names of the reading plans in a certificate, by their number. */
export const PLAN_NAMES = ['content-likely', 'content-rest', 'orphan-content', 'carved-content', 'content-of-block-hits'] as const;

/** The sample of what the device holds begins after this long even while files are still read: 30 s is the promise. */
const SAMPLE_AFTER_MS = 8000;

/** What the stages leave for the report. */
export interface StagesOutcome {
  /** Null for a folder source. */
  readonly layout: Layout | null;
  readonly volumes: readonly ReportVolume[];
  /** Null where there is nothing to survey. */
  readonly survey: Survey | null;
}

/** Carries out the stages of the profile, in order, until one does not come to its end. */
export async function runStages(context: RunContext, doors: TriageDoors, opened: OpenedSource, profile: Profile, inside: InsideOptions, surveyOptions: SurveyOptions): Promise<StagesOutcome> {
  for (const problem of opened.problems) addWalkProblem(context, problem);
  if (opened.form === 'folder') {
    const from = context.catalogue.length;
    const isRead = (await list(context, null, 'catalogue', [{ volumeId: '', events: () => opened.walk() }])) && (await readItems(context, 'content', from, LIVE_PARTS, null));
    if (isRead) await lookInside(context, doors, null, profile, inside);
    return { layout: null, volumes: [], survey: null };
  }
  const layout = await doors.findLayout(opened);
  for (const problem of layout.problems) addWalkProblem(context, problem);
  tellReadProblems(context, opened);
  const volumes = layout.volumes.map(describeVolume);
  for (const volume of volumes) {
    context.emit({ type: 'volume', volume });
    const problem = volumeProblem(volume);
    if (problem !== null) addWalkProblem(context, problem);
  }
  const { survey, isWhole } = await runImageStages(context, opened, layout, profile, surveyOptions);
  if (isWhole && profile !== 'screen') await lookInside(context, doors, opened.locator, profile, inside);
  tellReadProblems(context, opened);
  return { layout, volumes, survey };
}

async function runImageStages(context: RunContext, opened: OpenImage, layout: Layout, profile: Profile, options: SurveyOptions): Promise<ImageStages> {
  const { catalogue } = context;
  const systems = layout.volumes.flatMap(({ volume, content }) => (content.state === 'file-system' ? [{ volumeId: volume.id, fileSystem: content.fileSystem }] : []));
  const walksBy = (walk: (fileSystem: FileSystem) => ReturnType<FileSystem['walk']>): Walk[] => systems.map(({ volumeId, fileSystem }) => ({ volumeId, events: () => walk(fileSystem) }));
  if (!(await list(context, opened, 'catalogue', walksBy((fileSystem) => fileSystem.walk())))) return { survey: null, isWhole: false };
  const survey = await prepareSurvey(context, opened, layout, options);
  if (profile === 'screen') {
    await screen(context, survey, opened.locator);
    return { survey, isWhole: true };
  }
  const sample = startSample(survey, context);
  let isRead = false;
  try {
    isRead = await readItems(context, 'content', 0, LIVE_PARTS, opened.locator, sample.begin);
  } catch (error) {
    await sample.drop();
    throw error;
  }
  await sample.end(isRead);
  const stopped = { survey, isWhole: false };
  if (!isRead) return stopped;
  const orphansFrom = catalogue.length;
  if (!(await list(context, opened, 'orphans', walksBy((fileSystem) => fileSystem.walkOrphans()), true))) return stopped;
  if (!(await readItems(context, 'orphan-content', orphansFrom, [{ part: 'rest', number: PLAN_NUMBER.orphans }], opened.locator))) return stopped;
  if (!(await survey.runStage())) return stopped;
  if (profile !== 'everything') return { survey, isWhole: true };
  const carvedFrom = catalogue.length;
  const isCarved = await list(context, opened, 'carving', await carvingWalks(catalogue, opened.source, layout, (summary) => context.carved.push(summary)));
  const isWhole = isCarved && (await readItems(context, 'carved-content', carvedFrom, [{ part: 'rest', number: PLAN_NUMBER.carved }], opened.locator));
  return { survey, isWhole };
}

/** What the stages over an image came to; not whole where one of them did not come to its end. */
interface ImageStages {
  readonly survey: Survey | null;
  readonly isWhole: boolean;
}

/** What the caller says of looking inside. */
export interface InsideOptions {
  readonly passwords: readonly string[];
  readonly mayDecode: boolean;
  readonly mayDecodeVideo: boolean;
  /** Null where no model was given. */
  readonly modelFolder: string | null;
  readonly countsFaces: boolean;
}

/** The content lane over all that was listed; what it needs loads only for a run that has one. */
async function lookInside(context: RunContext, doors: TriageDoors, locator: SourceLocator | null, profile: Profile, inside: InsideOptions): Promise<void> {
  const { replay } = context;
  if (replay?.stopped === true && replay.stoppedIn !== 'content-lane') return;
  const [{ prepareContentLane }, { NO_NEAR_SETS }, { runContentLane }] = await Promise.all([import('./content/prepare-content-lane.ts'), import('./content/near-rows.ts'), import('./content/content-stage.ts')]);
  const paths = context.sets.filter((_, index) => !context.blockSets.has(index)).map(({ facts }) => facts.path);
  const near = (await doors.openNearSets?.(paths)) ?? NO_NEAR_SETS;
  try {
    await runContentLane(context, prepareContentLane({ locator, profile, questions: context.questions, near, ...inside }));
  } finally {
    near.close();
  }
}

/** The survey first; of the files only those are read that hold what it found. */
async function screen(context: RunContext, survey: Survey, locator: SourceLocator): Promise<void> {
  // A plan for no item: it tells the items of a length that no set holds, which need no reading.
  plan(context, 0, { part: 'rest', only: new Set() });
  if (!(await survey.runStage())) return;
  const owners = new Set(survey.owners());
  await readItems(context, 'content', 0, [{ part: 'rest', number: PLAN_NUMBER.owners, only: owners }], locator);
}

/** The survey's first passes beside the reading of files, so that a long one does not hide what the device is. */
function startSample(survey: Survey, { signal, replay, pool }: RunContext): { readonly begin: () => void; readonly end: (whole: boolean) => Promise<void>; readonly drop: () => Promise<void> } {
  let running: Promise<boolean> | null = null;
  const begin = (): void => {
    running ??= survey.runSample();
    // Awaited at the end; until then a refusal must not count as unhandled.
    running.catch(() => undefined);
  };
  const timer = setTimeout(begin, SAMPLE_AFTER_MS);
  return {
    begin,
    async end(whole) {
      clearTimeout(timer);
      // A replay cannot know when the sample of its run began: it makes those of its reads that were made.
      if ((whole || replay !== null) && !signal.aborted) begin();
      await running;
    },
    /** The run is over: what still goes on is stopped, and what it says of it is not wanted. */
    async drop() {
      clearTimeout(timer);
      pool.stop();
      await running?.catch(() => undefined);
    },
  };
}

/** Why reads of the main thread failed: partition tables and metadata. */
function tellReadProblems(context: RunContext, opened: OpenImage): void {
  for (const problem of opened.takeReadProblems()) addWalkProblem(context, problem);
}

/** A listing stage; true when it came to its end, which it does not when the source went away: the listing would be short, and a plan made of it. */
async function list(context: RunContext, opened: OpenImage | null, stage: 'catalogue' | 'orphans' | 'carving', walks: readonly Walk[], inOrphanStage = false): Promise<boolean> {
  const from = context.catalogue.length;
  const listing = enterStage(context, stage);
  // A replay of a run that was stopped here lists as much and goes no further.
  const mostItems = context.replay?.stoppedIn === stage ? context.replay.listedItems : Infinity;
  const isListed = (await runWalks(context, walks, inOrphanStage, mostItems)) && mostItems === Infinity;
  const readProblems = opened?.takeReadProblems() ?? [];
  for (const problem of readProblems) addWalkProblem(context, problem);
  const isThere = existsSync(context.sourcePath);
  if (!isThere) addWalkProblem(context, goneProblem(context.sourcePath));
  listing.finished = isListed && isThere && findGone(readProblems) === null;
  listing.items = context.catalogue.length - from;
  tellProgress(context, true);
  return listing.finished;
}

/** A part of a reading stage and its number in the journal. */
interface ReadingPart extends PlanPart {
  readonly number: number;
}

const LIVE_PARTS: readonly ReadingPart[] = [
  { part: 'first', number: PLAN_NUMBER.first },
  { part: 'rest', number: PLAN_NUMBER.rest },
];

/**
 * A reading stage over the items from `from` on; true when it came to its end.
 * @param afterFirst called when a first part is done and more follows
 */
async function readItems(context: RunContext, stage: 'content' | 'orphan-content' | 'carved-content', from: number, parts: readonly ReadingPart[], locator: SourceLocator | null, afterFirst?: () => void): Promise<boolean> {
  const reading = enterStage(context, stage);
  let before: Done = { items: 0, bytes: 0 };
  for (const part of parts) {
    if (!wasPlanned(context, stage, part.number)) return false;
    const media = part.part === 'first' || part.only !== undefined ? new Set<number>() : await mediaByContent(context, from, part.number, locator);
    if (media === null) return false;
    const made = plan(context, from, { ...part, mediaByContent: media });
    context.plans.set(part.number, made);
    reading.items += made.ordinals.length;
    if (!(await readPlan(context, part.number, made, before))) return false;
    before = { items: before.items + made.ordinals.length, bytes: before.bytes + made.plannedBytes };
    if (part.part === 'first') afterFirst?.();
  }
  reading.finished = true;
  return true;
}

/** False in a replay where its run was stopped before it made this plan: it read nothing of it, and had decided on no more items than here. */
function wasPlanned({ replay, catalogue }: RunContext, stage: StageName, number: number): boolean {
  if (replay === null || replay.stoppedIn !== stage || (replay.planBatches.get(number)?.size ?? 0) > 0) return true;
  let decided = 0;
  for (let ordinal = 0; ordinal < catalogue.length; ordinal++) {
    const status = catalogue.status(ordinal);
    if (status === STATUS.gated || status === STATUS.problem) decided += 1;
  }
  return decided < replay.decidedItems;
}

function plan(context: RunContext, from: number, part: PlanPart): ReturnType<typeof makePlan> {
  const made = makePlan(context.catalogue, from, context.questions, context.sourceBytes, part);
  for (const { ordinal, problem } of made.problems) addWalkProblem(context, { ...problem, where: { ...problem.where, path: context.catalogue.path(ordinal) } });
  return made;
}

/**
 * Items left after the first part that hold media under another name; none in a folder, where a look
 * costs as much as a read. Kept in the journal: a failing medium may answer otherwise the next time,
 * and the plan must be the same. The look has a reader of its own: what it cannot read is told when the
 * items are read, and not twice. Null when stopped on the way.
 */
async function mediaByContent(context: RunContext, from: number, number: number, locator: SourceLocator | null): Promise<ReadonlySet<number> | null> {
  if (locator === null) return new Set();
  const factName = `media by content ${number}`;
  const known = context.journal.fact(factName);
  if (known !== null) return new Set(JSON.parse(known) as number[]);
  const { catalogue, questions, signal } = context;
  const source = openLocator(locator);
  let found: ReadonlySet<number>;
  try {
    found = await sniffMedia(catalogue, from, source, (ordinal) => questions.maskForSize(catalogue.sizeBytes(ordinal)) !== 0, signal);
  } finally {
    source.close();
  }
  if (signal.aborted) return null;
  context.journal.setFact(factName, JSON.stringify([...found]));
  return found;
}
