import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { RefusedError, type RandomAccessSource } from '@kerbside/bytes';
import { openLocator, type FileSystem, type Layout, type OpenedSource, type SourceLocator } from '@kerbside/evidence';
import type { KnownSet } from '@kerbside/match';
import { Catalogue } from './catalogue.ts';
import { runWalks, type Walk } from './catalogue-stage.ts';
import type { OnRunEvent, StageName } from './events.ts';
import { askSets } from './known-sets.ts';
import type { Journal } from './journal.ts';
import { JOURNAL_NAME, prepareOutFolder } from './out-folder.ts';
import { makePlan } from './plan.ts';
import { createProblemLog } from './problem-log.ts';
import { readPlan } from './read-stage.ts';
import { buildReport } from './report.ts';
import type { Report, ReportVolume } from './report-types.ts';
import { sniffMedia } from './sniff-media.ts';
import { addHits, addWalkProblem, enterStage, startProgress, tellProgress, type RunContext } from './run-context.ts';
import { describeVolume, volumeProblem } from './describe-volume.ts';
import { TOOL_VERSION } from './tool-version.ts';
import { VERDICT_EXIT_CODES } from './verdict-exit-codes.ts';
import type { TriageDoors } from './triage-doors.ts';
import type { WorkerPoolOptions } from './worker-pool.ts';
import { writeReport } from './write-report.ts';

export interface TriageOptions {
  /** Device, image, first segment, or folder. */
  readonly sourcePath: string;
  /** Compiled sets. */
  readonly setPaths: readonly string[];
  /** Made when missing; a folder of the same run is taken up again. */
  readonly outFolder: string;
  readonly onEvent?: OnRunEvent;
  /** Aborting stops soon and gives a truthful partial report. */
  readonly signal?: AbortSignal;
  /** Wall clock for the report's times, for tests. */
  readonly now?: () => Date;
  readonly workers?: number;
  /** Why a writable block device may be read all the same: a hardware write blocker, in words. Goes into the report. */
  readonly declaredWriteBlocker?: string;
}

export interface RunResult {
  readonly exitCode: 0 | 10 | 20 | 30;
  readonly report: Report;
  readonly reportPath: string;
  readonly journalPath: string;
  readonly resumed: boolean;
}

/** Raised when a change makes another plan or another reading of the same bytes. */
const PLAN_VERSION = 2;

/** First and last part of a source whose digest tells it from another: enough for partition tables and their copies. */
const EDGE_BYTES = 1024 * 1024;

/** Stages of a run over an image; a folder has no free space to search. */
const IMAGE_STAGES: readonly StageName[] = ['catalogue', 'content', 'orphans', 'orphan-content'];
const FOLDER_STAGES: readonly StageName[] = ['catalogue', 'content'];

/**
 * One triage run over one source: metadata first, then content in the order of the plan, then orphans.
 * Ends with report.json and a journal in the out folder; the same call again takes the run up where it stopped.
 *
 * @throws RefusedError when the source, a set or the out folder is refused; anything found on the
 *   evidence is a problem in the report instead
 */
export async function runTriageWith(doors: TriageDoors, options: TriageOptions): Promise<RunResult> {
  const sets: KnownSet[] = [];
  let opened: OpenedSource | null = null;
  let journal: Journal | null = null;
  try {
    for (const path of options.setPaths) sets.push(doors.openSet(path));
    refuseTwice(sets);
    opened = await doors.openSource(options.sourcePath, options.declaredWriteBlocker === undefined ? {} : { declaredWriteBlocker: options.declaredWriteBlocker });
    const outFolder = prepareOutFolder(options.outFolder, options.sourcePath);
    const edgeDigest = opened.form === 'image' ? digestEdges(opened.source) : '';
    const journalPath = join(outFolder, JOURNAL_NAME);
    journal = doors.openJournal(journalPath, identityOf(opened, edgeDigest, sets));
    const { report, reportPath } = await runOn(options, doors, { opened, sets, journal, edgeDigest, outFolder });
    const exitCode = VERDICT_EXIT_CODES[report.verdict];
    options.onEvent?.({ type: 'finished', report, exitCode });
    return { exitCode, report, reportPath, journalPath, resumed: journal.resumed };
  } finally {
    journal?.close();
    for (const set of sets) set.close();
    await opened?.close();
  }
}

interface RunParts {
  readonly opened: OpenedSource;
  readonly sets: readonly KnownSet[];
  readonly journal: Journal;
  readonly edgeDigest: string;
  readonly outFolder: string;
}

async function runOn(options: TriageOptions, doors: TriageDoors, parts: RunParts): Promise<{ report: Report; reportPath: string }> {
  const { opened, journal, sets } = parts;
  const now = options.now ?? (() => new Date());
  const clock = startClock(journal, now);
  const poolOptions: WorkerPoolOptions = { locator: opened.form === 'image' ? opened.locator : null };
  const pool = doors.createPool(options.workers === undefined ? poolOptions : { ...poolOptions, workers: options.workers });
  const signal = options.signal ?? new AbortController().signal;
  const stopPool = (): void => pool.stop();
  signal.addEventListener('abort', stopPool);
  const context: RunContext = {
    catalogue: new Catalogue(),
    sets,
    questions: askSets(sets),
    journal,
    pool,
    signal,
    sourceBytes: opened.form === 'image' ? opened.facts.sizeBytes : Number.MAX_SAFE_INTEGER,
    walkProblems: createProblemLog(),
    hits: new Map(),
    unlistedHits: journal.unlistedHits(),
    unreadable: [],
    stages: [],
    elapsedMs: clock.elapsedMs,
    emit: options.onEvent ?? (() => undefined),
    firstHitMs: clock.firstHitMs,
    progress: startProgress('catalogue'),
  };
  try {
    context.emit({ type: 'source', source: opened.facts, resumed: journal.resumed });
    addHits(context, journal.hits());
    const { layout, volumes } = await runStages(context, doors, opened);
    const finishedAt = now();
    const totalMs = Math.round(context.elapsedMs());
    journal.commit([], { elapsedMs: String(totalMs), firstHitMs: JSON.stringify(context.firstHitMs), state: signal.aborted ? 'stopped' : 'finished' });
    const report = buildReport(context, {
      facts: opened.facts,
      edgeDigest: parts.edgeDigest,
      layout,
      volumes,
      sourceUnreadable: opened.form === 'image' ? opened.unreadableRanges() : [],
      plannedStages: opened.form === 'image' ? IMAGE_STAGES : FOLDER_STAGES,
      toolVersion: TOOL_VERSION,
      stopped: signal.aborted,
      timings: { startedAt: clock.startedAt, finishedAt: finishedAt.toISOString(), firstHitMs: context.firstHitMs, totalMs, resumed: clock.resumed },
    });
    return { report, reportPath: writeReport(parts.outFolder, report) };
  } catch (error) {
    pool.stop();
    throw error;
  } finally {
    signal.removeEventListener('abort', stopPool);
    await pool.close();
  }
}

async function runStages(context: RunContext, doors: TriageDoors, opened: OpenedSource): Promise<{ layout: Layout | null; volumes: ReportVolume[] }> {
  for (const problem of opened.problems) addWalkProblem(context, problem);
  if (opened.form === 'folder') {
    await listAndRead(context, [{ volumeId: '', events: () => opened.walk() }], false, null);
    return { layout: null, volumes: [] };
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
  const systems: { readonly volumeId: string; readonly fileSystem: FileSystem }[] = layout.volumes.flatMap(({ volume, content }) =>
    content.state === 'file-system' ? [{ volumeId: volume.id, fileSystem: content.fileSystem }] : [],
  );
  const walks = systems.map(({ volumeId, fileSystem }): Walk => ({ volumeId, events: () => fileSystem.walk() }));
  const orphanWalks = systems.map(({ volumeId, fileSystem }): Walk => ({ volumeId, events: () => fileSystem.walkOrphans() }));
  if (await listAndRead(context, walks, false, opened.locator)) await listAndRead(context, orphanWalks, true, opened.locator);
  tellReadProblems(context, opened);
  return { layout, volumes };
}

/** Why reads of the main thread failed: partition tables and metadata. */
function tellReadProblems(context: RunContext, opened: Extract<OpenedSource, { form: 'image' }>): void {
  for (const problem of opened.takeReadProblems()) addWalkProblem(context, problem);
}

/** A listing stage and the reading stage of what it listed. True when both came to their end. */
async function listAndRead(context: RunContext, walks: readonly Walk[], orphans: boolean, locator: SourceLocator | null): Promise<boolean> {
  const from = context.catalogue.length;
  const listing = enterStage(context, orphans ? 'orphans' : 'catalogue');
  listing.finished = await runWalks(context, walks, orphans);
  listing.items = context.catalogue.length - from;
  tellProgress(context, true);
  if (!listing.finished) return false;
  const reading = enterStage(context, orphans ? 'orphan-content' : 'content');
  const parts = orphans ? [ORPHAN_PART] : LIVE_PARTS;
  let before = { items: 0, bytes: 0 };
  for (const { part, stage } of parts) {
    const media = part === 'first' ? new Set<number>() : await mediaByContent(context, from, stage, locator);
    if (media === null) return false;
    const plan = makePlan(context.catalogue, from, context.questions, context.sourceBytes, { part, mediaByContent: media });
    for (const { ordinal, problem } of plan.problems) {
      addWalkProblem(context, { ...problem, where: { ...problem.where, path: context.catalogue.path(ordinal) } });
    }
    reading.items += plan.ordinals.length;
    if (!(await readPlan(context, stage, plan, before))) return false;
    before = { items: before.items + plan.ordinals.length, bytes: before.bytes + plan.plannedBytes };
  }
  reading.finished = true;
  return true;
}

/** Parts of the reading stages and their numbers in the journal. */
const LIVE_PARTS = [
  { part: 'first', stage: 0 },
  { part: 'rest', stage: 1 },
] as const;
const ORPHAN_PART = { part: 'rest', stage: 2 } as const;

/**
 * Items left after the first part that hold media under another name; none in a folder, where a look
 * costs as much as a read. Kept in the journal: a failing medium may answer otherwise the next time,
 * and the plan must be the same. The look has a reader of its own: what it cannot read is told when the
 * items are read, and not twice. Null when stopped on the way.
 */
async function mediaByContent(context: RunContext, from: number, stage: number, locator: SourceLocator | null): Promise<ReadonlySet<number> | null> {
  if (locator === null) return new Set();
  const factName = `media by content ${stage}`;
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

/** One set given twice would list each of its hits twice. */
function refuseTwice(sets: readonly KnownSet[]): void {
  for (const [index, { facts }] of sets.entries()) {
    const earlier = sets.slice(0, index).find((set) => set.facts.digest === facts.digest && set.facts.name === facts.name && set.facts.meaning === facts.meaning);
    if (earlier !== undefined) throw new RefusedError('set-given-twice', `${facts.path} is the same set as ${earlier.facts.path}: give it once.`);
  }
}

/** What makes two calls the same run. */
function identityOf(opened: OpenedSource, edgeDigest: string, sets: readonly KnownSet[]): string {
  return JSON.stringify({
    tool: TOOL_VERSION,
    plan: PLAN_VERSION,
    source: { kind: opened.facts.kind, sizeBytes: opened.form === 'image' ? opened.facts.sizeBytes : 0, edgeDigest, path: opened.form === 'folder' ? opened.facts.path : '' },
    sets: sets.map(({ facts }) => ({ name: facts.name, meaning: facts.meaning, digest: facts.digest })),
  });
}

function digestEdges(source: RandomAccessSource): string {
  const digest = createHash('sha256');
  const length = Math.min(EDGE_BYTES, source.sizeBytes);
  const bytes = Buffer.alloc(length);
  for (const offset of [0, source.sizeBytes - length]) {
    source.readInto(bytes, offset);
    digest.update(bytes);
  }
  return digest.digest('hex');
}

/** The run's own clock: it goes on where an earlier session's commit left it. */
function startClock(journal: Journal, now: () => Date): { startedAt: string; resumed: number; firstHitMs: number | null; elapsedMs: () => number } {
  const before = Number(journal.fact('elapsedMs') ?? '0');
  const startedAt = journal.fact('startedAt') ?? now().toISOString();
  const resumed = journal.resumed ? Number(journal.fact('resumed') ?? '0') + 1 : 0;
  const firstHit = JSON.parse(journal.fact('firstHitMs') ?? 'null') as unknown;
  journal.commit([], { startedAt, resumed: String(resumed) });
  const zero = performance.now();
  return { startedAt, resumed, firstHitMs: typeof firstHit === 'number' ? firstHit : null, elapsedMs: () => before + performance.now() - zero };
}

