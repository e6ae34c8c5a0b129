import { join } from 'node:path';
import { RefusedError } from '@kerbside/bytes';
import type { OpenedSource } from '@kerbside/evidence';
import type { BlockSet, KnownSet } from '@kerbside/match';
import { Catalogue } from './catalogue.ts';
import { certifyReads, certifyReport } from './certificate/certify-run.ts';
import { whyNothingIsDecoded } from './content/why-nothing-is-decoded.ts';
import { CONTROLS_ABSENT, type ControlResult } from './controls/control-result.ts';
import { askSets } from './known-sets.ts';
import type { Journal } from './journal.ts';
import { keepManifest, MANIFEST_DIGESTS, type ManifestKeeper } from './manifest/keep-manifest.ts';
import { JOURNAL_NAME, prepareOutFolder } from './out-folder.ts';
import { NO_CONTEXT } from './ranking/search-context.ts';
import { createProblemLog } from './problem-log.ts';
import { stagesOf, type Profile } from './profile.ts';
import { buildReport } from './report.ts';
import { reportOfFailedControls } from './report-of-failed-controls.ts';
import type { Report, ReportCertificate } from './report-types.ts';
import { startClock } from './run-clock.ts';
import { addHits, startProgress, type RunContext } from './run-context.ts';
import { identityOf, NO_EDGES, readEdges, refuseTwice, type Edges } from './run-identity.ts';
import { runStages, type StagesOutcome } from './run-stages.ts';
import { lookAgain, NO_SECOND_LOOK } from './second-look.ts';
import { DEFAULT_TARGET, type SurveyTarget } from './survey/parse-until.ts';
import { TOOL_VERSION } from './tool-version.ts';
import type { VerdictInput } from './verdict.ts';
import { VERDICT_EXIT_CODES } from './verdict-exit-codes.ts';
import type { RunResult, TriageOptions } from './triage-options.ts';
import type { TriageDoors } from './triage-doors.ts';
import type { WorkerPoolOptions } from './worker-pool.ts';
import { writeReport } from './write-report.ts';

export type { RunResult, TriageOptions } from './triage-options.ts';

/**
 * One triage run over one source: controls, metadata, then what the profile says (profile.ts).
 * Ends with report.json and a journal in the out folder; the same call again takes the run up where it stopped.
 *
 * @throws RefusedError when the source, a set or the out folder is refused; anything found on the
 *   evidence is a problem in the report instead
 */
export async function runTriageWith(doors: TriageDoors, options: TriageOptions): Promise<RunResult> {
  const sets: KnownSet[] = [];
  const blockSets = new Map<number, BlockSet>();
  let opened: OpenedSource | null = null;
  let journal: Journal | null = null;
  try {
    for (const path of options.setPaths) openOne(doors, path, options, sets, blockSets);
    refuseTwice(sets);
    const controls = (await options.controls?.({ whyNothingIsDecoded: whyNotDecoding(doors, options, sets, blockSets) })) ?? CONTROLS_ABSENT;
    if (controls.state !== 'absent') options.onEvent?.({ type: 'controls', controls });
    const outFolder = prepareOutFolder(options.outFolder, options.sourcePath);
    const journalPath = join(outFolder, JOURNAL_NAME);
    if (controls.state === 'failed') {
      const report = reportOfFailedControls(options, sets, blockSets, controls);
      return ended(options, report, writeReport(outFolder, report), journalPath, false);
    }
    opened = await doors.openSource(options.sourcePath, options.declaredWriteBlocker === undefined ? {} : { declaredWriteBlocker: options.declaredWriteBlocker });
    refuseSurveyOfFolder(opened, options);
    const plan = planOf(options);
    const edges = opened.form === 'image' ? readEdges(opened.source) : NO_EDGES;
    journal = doors.openJournal(journalPath, identityOf(opened, edges.digest, sets, plan.profile, plan.until, options.manifest !== undefined));
    const { report, reportPath } = await runOn(options, doors, { opened, sets, blockSets, journal, edges, outFolder, controls, ...plan });
    return ended(options, report, reportPath, journalPath, journal.resumed);
  } finally {
    journal?.close();
    for (const set of sets) set.close();
    for (const set of blockSets.values()) set.close();
    await opened?.close();
  }
}

/** Before the device is read, as its answer is for the controls; what the run decodes is decided by the same rule. */
function whyNotDecoding({ haveNearHashes }: TriageDoors, { profile = 'known', decodesMedia }: TriageOptions, sets: readonly KnownSet[], blockSets: ReadonlyMap<number, BlockSet>): string | null {
  const paths = sets.filter((_, index) => !blockSets.has(index)).map(({ facts }) => facts.path);
  return whyNothingIsDecoded({ profile, mayDecode: decodesMedia !== false, hasNearHashes: haveNearHashes?.(paths) === true });
}

function openOne(doors: TriageDoors, path: string, options: TriageOptions, sets: KnownSet[], blockSets: Map<number, BlockSet>): void {
  const blockSet = doors.openBlockSet?.(path, options.setKeys ?? [], options.setsUsedAt ?? (options.now ?? (() => new Date()))()) ?? null;
  if (blockSet === null) sets.push(doors.openSet(path));
  else {
    blockSets.set(sets.length, blockSet);
    sets.push(blockSet.wholeFiles);
  }
}

/** A screen has a target always: it is what makes it one. */
function planOf({ profile = 'known', until }: TriageOptions): { readonly profile: Profile; readonly until: SurveyTarget | null } {
  return { profile, until: until ?? (profile === 'screen' ? DEFAULT_TARGET : null) };
}

/** A folder has no free space and no blocks: a screen of it would read nothing, or not be one. */
function refuseSurveyOfFolder({ form, facts }: OpenedSource, { profile, until }: TriageOptions): void {
  if (form !== 'folder' || (profile !== 'screen' && until === undefined)) return;
  throw new RefusedError('folder-not-surveyed', `${facts.path} is a folder, and a survey needs a device or an image. Leave out --until and --profile screen: of a folder every file that a set may hold is read.`, { path: facts.path });
}

function ended(options: TriageOptions, report: Report, reportPath: string, journalPath: string, resumed: boolean): RunResult {
  const exitCode = VERDICT_EXIT_CODES[report.verdict];
  options.onEvent?.({ type: 'finished', report, exitCode });
  return { exitCode, report, reportPath, journalPath, resumed };
}

interface RunParts {
  readonly opened: OpenedSource;
  readonly sets: readonly KnownSet[];
  readonly blockSets: ReadonlyMap<number, BlockSet>;
  readonly journal: Journal;
  readonly edges: Edges;
  readonly outFolder: string;
  readonly controls: ControlResult;
  readonly profile: Profile;
  readonly until: SurveyTarget | null;
}

async function runOn(options: TriageOptions, doors: TriageDoors, parts: RunParts): Promise<{ report: Report; reportPath: string }> {
  const { opened, journal, sets, profile } = parts;
  const now = options.now ?? (() => new Date());
  const clock = startClock(journal, now);
  const poolOptions: WorkerPoolOptions = { locator: opened.form === 'image' ? opened.locator : null };
  const pool = doors.createPool(options.workers === undefined ? poolOptions : { ...poolOptions, workers: options.workers });
  const signal = stopSignal(options);
  const stopPool = (): void => pool.stop();
  signal.addEventListener('abort', stopPool);
  const manifest = manifestOf(options, parts, clock.startedAt);
  const context: RunContext = {
    catalogue: new Catalogue(),
    sets,
    blockSets: parts.blockSets,
    questions: askSets(sets, manifest === null ? 0 : MANIFEST_DIGESTS),
    manifest,
    journal,
    pool,
    signal,
    sourcePath: options.sourcePath,
    sourceBytes: opened.form === 'image' ? opened.facts.sizeBytes : Number.MAX_SAFE_INTEGER,
    walkProblems: createProblemLog(),
    hits: new Map(),
    unlistedHits: journal.unlistedHits(),
    plans: new Map(),
    carved: [],
    stages: [],
    elapsedMs: clock.elapsedMs,
    emit: options.onEvent ?? (() => undefined),
    firstHitMs: clock.firstHitMs,
    contentPlan: null,
    replay: options.replay ?? null,
    progress: startProgress('catalogue'),
  };
  try {
    context.emit({ type: 'source', source: opened.facts, resumed: journal.resumed });
    addHits(context, journal.hits());
    const outcome = await runStages(context, doors, opened, profile, { passwords: options.passwords ?? [], mayDecode: options.decodesMedia !== false, mayDecodeVideo: options.decodesVideo !== false, modelFolder: options.modelFolder ?? null, countsFaces: options.countsFaces === true }, { blockSets: [...parts.blockSets.values()], until: parts.until, seed: options.surveySeed ?? null, manifestKeys: manifest?.codeKeys ?? [], fixedPlan: options.surveyPlan ?? null });
    const secondLook = opened.form === 'image' ? lookAgain(context, opened.locator, parts.edges, outcome.survey) : NO_SECOND_LOOK;
    const finishedAt = now();
    const totalMs = Math.round(context.elapsedMs());
    const stopped = signal.aborted || options.replay?.stopped === true;
    journal.commit([], { elapsedMs: String(totalMs), firstHitMs: JSON.stringify(context.firstHitMs), state: stopped ? 'stopped' : 'finished' });
    const certified = certifierOf(options, parts, context, outcome);
    const { report, verdictInput } = buildReport(context, {
      facts: opened.facts,
      edgeDigest: parts.edges.digest,
      secondLook,
      ...outcome,
      sourceUnreadable: opened.form === 'image' ? opened.unreadableRanges() : [],
      profile,
      plannedStages: stagesOf(profile, opened.form),
      controls: parts.controls,
      certificate: certified?.facts ?? null,
      searchContext: options.searchContext ?? NO_CONTEXT,
      toolVersion: TOOL_VERSION,
      stopped,
      timings: { startedAt: clock.startedAt, finishedAt: finishedAt.toISOString(), firstHitMs: context.firstHitMs, totalMs, resumed: clock.resumed },
    });
    const reportPath = writeReport(parts.outFolder, report);
    certified?.sign(report, verdictInput);
    manifest?.finish(context.catalogue, sawAll(report, verdictInput));
    options.onKept?.({ context, survey: outcome.survey });
    return { report, reportPath };
  } catch (error) {
    pool.stop();
    throw error;
  } finally {
    manifest?.abandon();
    signal.removeEventListener('abort', stopPool);
    await pool.close();
  }
}

/** Writes the leaves at once, as the report states their roots, and signs when the report is there. */
function certifierOf(options: TriageOptions, parts: RunParts, context: RunContext, { survey, layout }: StagesOutcome): { readonly facts: ReportCertificate; sign(report: Report, verdictInput: VerdictInput): void } | null {
  if (options.signer === undefined) return null;
  const { until } = parts;
  const configuration = {
    until: until === null ? null : { bytes: until.scatteredBytes, probability: until.probability },
    minutes: options.minutes ?? null,
    writeBlocker: options.declaredWriteBlocker ?? null,
  };
  const run = { context, survey, layout, outFolder: parts.outFolder, keys: options.signer, configuration };
  const reads = certifyReads(run);
  return { facts: reads.facts, sign: (report, verdictInput) => certifyReport(run, reads, report, verdictInput) };
}

/** @throws RefusedError `manifest-key-unfit` without a signer */
function manifestOf({ manifest, signer }: TriageOptions, { opened, journal, outFolder, blockSets }: RunParts, startedAt: string): ManifestKeeper | null {
  if (manifest === undefined) return null;
  if (signer === undefined) throw new RefusedError('manifest-key-unfit', 'A manifest is made and signed under the unit\'s own keys: give the run a signer.');
  const setCodeKeys = [...blockSets.values()].map(({ shared }) => shared.codeKey);
  return keepManifest(manifest, { outFolder, source: opened.facts, journal, unit: signer, setCodeKeys, toolVersion: TOOL_VERSION, startedAt });
}

/** Whether a manifest holds everything that was on the source, as far as this program can see. */
function sawAll(report: Report, { state, unfinishedStages }: VerdictInput): boolean {
  return state === 'finished' && unfinishedStages.length === 0 && report.plan.profile !== 'screen' && report.volumes.every((volume) => volume.state === 'file-system');
}

/** The caller's own signal, and the clock's where minutes are given. */
function stopSignal({ signal, minutes }: TriageOptions): AbortSignal {
  const signals = [...(signal === undefined ? [] : [signal]), ...(minutes === undefined ? [] : [AbortSignal.timeout(minutes * 60_000)])];
  return signals.length === 0 ? new AbortController().signal : AbortSignal.any(signals);
}
