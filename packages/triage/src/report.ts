import type { ByteRange } from '@kerbside/bytes';
import type { CarveSummary, Gap, Layout, SourceFacts } from '@kerbside/evidence';
import { FORM, STATUS, type Catalogue } from './catalogue.ts';
import { addCounts, noCounts } from './content/content-counts.ts';
import { rankSeen } from './content/rank-seen.ts';
import type { ReportRanking } from './ranking/report-ranking.ts';
import type { SearchContext } from './ranking/search-context.ts';
import { compareNearHits, type NearHit } from './content/near-hit.ts';
import { isFailed, type ControlResult } from './controls/control-result.ts';
import { mapCoverage } from './coverage-cells.ts';
import { countItems, RunUnion, type SkipReason } from './coverage.ts';
import { DIGEST_BIT, DIGEST_ORDER } from './digests.ts';
import { VOLUME_PROBLEM_CODES } from './describe-volume.ts';
import { setIndexOfKey } from './hits.ts';
import { MANIFEST_NAME } from './out-folder.ts';
import { createProblemLog, type ProblemLog } from './problem-log.ts';
import type { Profile } from './profile.ts';
import { REPORT_FORMAT_VERSION, type CoveragePart, type Report, type ReportCarving, type ReportCertificate, type ReportContent, type ReportCoverage, type ReportHit, type ReportPlan, type ReportSet, type ReportTimings, type ReportVolume } from './report-types.ts';
import type { RunContext } from './run-context.ts';
import type { SecondLook } from './second-look.ts';
import type { BlockHit } from './survey/block-hit.ts';
import type { Survey } from './survey/survey.ts';
import { computeVerdict, type VerdictGap, type VerdictInput, type VerdictVolume } from './verdict.ts';

/** Unreadable ranges that are listed; the bytes of all are counted. */
const LISTED_RANGES = 10_000;

/** What the report needs beside the run's context. */
export interface ReportInput {
  readonly facts: SourceFacts;
  readonly edgeDigest: string;
  readonly secondLook: SecondLook;
  /** Null for a folder source. */
  readonly layout: Layout | null;
  readonly volumes: readonly ReportVolume[];
  readonly sourceUnreadable: readonly ByteRange[];
  readonly profile: Profile;
  readonly plannedStages: readonly string[];
  /** Null where nothing was surveyed. */
  readonly survey: Survey | null;
  readonly controls: ControlResult;
  /** Null where the run leaves no certificate. */
  readonly certificate: ReportCertificate | null;
  /** What the search knows beside the exhibit, for the ranking. */
  readonly searchContext: SearchContext;
  readonly toolVersion: string;
  readonly stopped: boolean;
  readonly timings: ReportTimings;
}

/**
 * Puts the run together as one report, with what its verdict rests on. The same run gives the same report,
 * whatever order its batches came in.
 */
export function buildReport(context: RunContext, input: ReportInput): { readonly report: Report; readonly verdictInput: VerdictInput } {
  const { catalogue, sets } = context;
  const problems = allProblems(context);
  const unreadable = mergeRanges([...input.sourceUnreadable, ...context.journal.unreadable()]);
  const coverage = coverageOf(context, input, unreadable);
  const hits = [...context.hits].sort(([keyA, a], [keyB, b]) => compareHits(a, b) || (keyA < keyB ? -1 : 1)).map(([, hit]) => hit);
  const blockHits = input.survey?.blockHits() ?? [];
  const nearHits = nearHitsOf(context);
  const meter = input.survey?.meter() ?? null;
  const thermometer = input.survey?.thermometer() ?? null;
  const unfinishedStages = input.plannedStages.filter((name) => !context.stages.some((stage) => stage.name === name && stage.finished));
  const verdictInput: VerdictInput = {
    state: input.stopped ? 'stopped' : 'finished',
    sets: sets.length,
    isScreen: input.profile === 'screen' && input.layout !== null,
    leftWithoutBlocks: isLeftByProfile(input) ? countWithoutBlocks(context) : 0,
    hits,
    problems: problems.counts().filter(({ code }) => !VOLUME_PROBLEM_CODES.includes(code)),
    items: coverage.items,
    unreadableBytes: coverage.unreadableBytes,
    volumes: input.volumes.map(verdictVolume),
    gaps: verdictGaps(input.layout),
    unfinishedStages,
    controls: { state: input.controls.state, failedMarkers: failedMarkersOf(input.controls) },
    blockHits: blockHits.filter(({ isOfWholeHit }) => !isOfWholeHit).map(({ rule }) => ({ rule })),
    disagreements: thermometer?.unexplained ?? [],
    similar: nearHits.filter(({ meaning }) => meaning === 'alert').length,
    content: coverage.content,
    meter: meter === null ? null : { ...(meter.longFiles === undefined ? {} : { longFiles: meter.longFiles }), unbrokenBytes: meter.unbrokenBytes, indexedShare: meter.indexedShare, filesChecked: meter.filesChecked, filesTotal: meter.filesTotal, scattered: meter.scattered.find(({ bytes }) => bytes === input.survey?.plan.options.target.scatteredBytes) ?? null },
  };
  const { verdict, reasons } = computeVerdict(verdictInput);
  const report: Report = {
    formatVersion: REPORT_FORMAT_VERSION,
    verdict,
    reasons,
    hits,
    blockHits,
    nearHits,
    ranking: rankingOf(context, input, nearHits),
    meter,
    thermometer,
    coverage,
    coverageMap: coverageMapOf(context, input, unreadable, blockHits),
    problems: problems.list(),
    volumes: input.volumes.map((volume) => ({ ...volume, items: itemsOn(catalogue, volume.id) })),
    gaps: input.layout?.gaps ?? [],
    source: { ...input.facts, edgeDigest: input.edgeDigest, edgeDigestAfter: input.secondLook.edgeDigest, readsRepeated: input.secondLook.reads },
    sets: sets.map((set, index) => setReport(context, set.facts, index)),
    plan: planFacts(context, input),
    controls: input.controls,
    certificate: input.certificate,
    manifest: context.manifest === null ? null : { file: MANIFEST_NAME, expiresAt: context.manifest.expiresAt },
    tool: { name: 'kerbside', version: input.toolVersion, node: process.version },
    timings: input.timings,
  };
  return { report, verdictInput };
}

/** What the controls got wrong, in words: `live on FAT: missed`. */
export function failedMarkersOf({ markers }: ControlResult): string[] {
  return markers.filter(isFailed).map(({ name, outcome }) => `${name}: ${outcome === 'missed' ? 'missed' : 'false hit'}`);
}

/** Why an item with status `skipped` was skipped. */
export function skipReasonOf(catalogue: Catalogue): (ordinal: number) => SkipReason {
  return (ordinal) => {
    if (catalogue.sizeBytes(ordinal) === 0) return 'empty';
    if (catalogue.form(ordinal) === FORM.extents) return 'nothing-stored';
    return catalogue.state(ordinal) === 'allocated' ? 'not-content' : 'no-runs';
  };
}

/** The walks' problems first, then those of single items in the order of the items, then those met inside items. */
function allProblems(context: RunContext): ProblemLog {
  const log = createProblemLog();
  log.addAll(context.walkProblems);
  for (const { problem } of context.journal.itemProblems()) log.add(problem);
  for (const problem of context.journal.content.problems()) log.add(problem);
  return log;
}

function coverageOf(context: RunContext, input: ReportInput, unreadable: readonly ByteRange[]): ReportCoverage {
  const { catalogue } = context;
  const union = new RunUnion();
  let itemBytesRead = 0;
  let bytesGated = 0;
  let allItemBytes = 0;
  for (let ordinal = 0; ordinal < catalogue.length; ordinal++) {
    const status = catalogue.status(ordinal);
    if (status === STATUS.directory || status === STATUS.other) continue;
    const size = catalogue.sizeBytes(ordinal);
    allItemBytes += size;
    if (status === STATUS.gated) bytesGated += size;
    if (status !== STATUS.read) continue;
    itemBytesRead += size;
    addRuns(catalogue, ordinal, union);
  }
  const isFolder = input.layout === null;
  const listed = unreadable.slice(0, LISTED_RANGES);
  return {
    sourceBytes: isFolder ? allItemBytes : input.facts.sizeBytes,
    bytesRead: isFolder ? itemBytesRead : union.coveredBytes(),
    itemBytesRead,
    bytesGated,
    items: countItems(catalogue, skipReasonOf(catalogue), isLeftByProfile(input) ? 'left-by-profile' : 'not-reached'),
    carving: carvingOf(context.carved),
    content: contentOf(context),
    stages: context.stages.map((stage) => ({ ...stage })),
    unreadableBytes: unreadable.reduce((sum, range) => sum + range.length, 0),
    unreadableRanges: listed,
    unreadableRangesNotListed: unreadable.length - listed.length,
  };
}

/** Whether what is still pending was left so by the profile. */
function isLeftByProfile({ profile, stopped }: ReportInput): boolean {
  return profile === 'screen' && !stopped;
}

/** Pending items of a length that an alert set holds for a file without blocks: only reading them whole could tell. */
function countWithoutBlocks({ catalogue, sets, blockSets }: RunContext): number {
  const mayBeOf = sets.flatMap((set, index) => (set.facts.meaning === 'alert' ? [blockSets.get(index)?.mayHoldWithoutBlocks ?? set.mayHaveSize ?? ANY_SIZE] : []));
  let count = 0;
  for (let ordinal = 0; ordinal < catalogue.length; ordinal++) {
    if (catalogue.status(ordinal) === STATUS.pending && mayBeOf.some((mayBe) => mayBe(catalogue.sizeBytes(ordinal)))) count += 1;
  }
  return count;
}

const ANY_SIZE = (): boolean => true;

function contentOf({ contentPlan, journal }: RunContext): ReportContent | null {
  if (contentPlan === null) return null;
  const sum = noCounts();
  for (const counts of journal.content.counts()) addCounts(sum, counts);
  const { batchStarts, notLookedInto } = contentPlan;
  let itemsLookedInto = 0;
  for (const batch of journal.content.doneBatches()) itemsLookedInto += (batchStarts[batch + 1] ?? 0) - (batchStarts[batch] ?? 0);
  return { ...sum, itemsLookedInto, itemsNotLookedInto: notLookedInto };
}

/** Null where the run decoded nothing. */
function rankingOf({ catalogue, journal, hits }: RunContext, { searchContext, edgeDigest }: ReportInput, nearHits: readonly NearHit[]): ReportRanking | null {
  const { content } = journal;
  if (!content.hasMedia()) return null;
  return rankSeen({ catalogue, media: content.media(), hits: [...hits.values()], nearHits, context: searchContext, seed: edgeDigest });
}

/** Nearest first; not those of what is a hit itself, in the same set. */
function nearHitsOf({ journal, hits }: RunContext): NearHit[] {
  const known = new Set<string>();
  for (const { path, set, strength } of hits.values()) if (strength !== 'contradicted') known.add(`${set}\n${path}`);
  return journal.content
    .nearHits()
    .filter(({ hit }) => !known.has(`${hit.set}\n${hit.path}`))
    .map(({ hit }) => hit)
    .sort(compareNearHits);
}

function carvingOf(parts: readonly CarveSummary[]): ReportCarving | null {
  if (parts.length === 0) return null;
  const sum = (of: (part: CarveSummary) => Readonly<Record<string, number>>): Record<string, number> => {
    const total: Record<string, number> = {};
    for (const part of parts) for (const [kind, count] of Object.entries(of(part))) total[kind] = (total[kind] ?? 0) + count;
    return total;
  };
  return { bytesSearched: parts.reduce((all, part) => all + part.bytesSearched, 0), found: sum((part) => part.found), incomplete: sum((part) => part.incomplete) };
}

function addRuns(catalogue: Catalogue, ordinal: number, union: RunUnion): void {
  if (catalogue.form(ordinal) === FORM.hostFile) return;
  for (const extent of catalogue.extents(ordinal)) {
    if (extent.kind === 'compressed-unit') for (const run of extent.stored) union.add(run.sourceOffset, run.length);
    else if (extent.kind !== 'hole') union.add(extent.sourceOffset, extent.length);
  }
}

/** By path, then place, then set and digest: bytewise, so that no locale can change it. */
function compareHits(a: ReportHit, b: ReportHit): number {
  return compareText(a.path, b.path) || a.offset - b.offset || compareText(a.view, b.view) || compareText(a.set, b.set) || compareText(a.digest, b.digest);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function setReport(context: RunContext, facts: RunContext['sets'][number]['facts'], index: number): ReportSet {
  let listed = 0;
  for (const key of context.hits.keys()) if (setIndexOfKey(key) === index) listed += 1;
  const notListed = context.unlistedHits.get(index) ?? 0;
  return { ...facts, blocks: context.blockSets.get(index)?.facts ?? null, hits: listed + notListed, hitsNotListed: notListed };
}

function planFacts(context: RunContext, { profile, survey }: ReportInput): ReportPlan {
  const gated = context.sets.filter((set) => set.mayHaveSize !== null).length;
  const mask = context.sets.reduce((sum, set) => set.sufficientDigests.reduce((inner, algorithm) => inner | DIGEST_BIT[algorithm], sum), 0);
  return {
    profile,
    digests: DIGEST_ORDER.filter((algorithm) => (mask & DIGEST_BIT[algorithm]) !== 0),
    sizeGate: context.sets.length > 0 && gated === context.sets.length ? 'on' : gated === 0 ? 'off' : 'partly',
    survey: survey === null ? null : { ...survey.facts, spacingBytes: survey.plan.spacingBytes, passes: survey.plan.passes.map(({ kind, reads }) => ({ kind, reads })) },
  };
}

function coverageMapOf(context: RunContext, input: ReportInput, unreadable: readonly ByteRange[], blockHits: readonly BlockHit[]): readonly CoveragePart[] {
  if (input.layout === null) return [];
  const items = [...context.hits.values()].filter(({ meaning, offset }) => meaning === 'alert' && offset >= 0).map(({ offset, size }) => ({ offset, length: Math.max(1, size) }));
  return mapCoverage({
    sourceBytes: input.facts.sizeBytes,
    catalogue: context.catalogue,
    layout: input.layout,
    unreadable,
    hits: [...items, ...blockHits.flatMap(({ ranges }) => ranges)],
    surveyReads: input.survey?.readsDone() ?? [],
  });
}

function itemsOn(catalogue: Catalogue, volumeId: string): number {
  let count = 0;
  for (let ordinal = 0; ordinal < catalogue.length; ordinal++) {
    const status = catalogue.status(ordinal);
    if (status !== STATUS.directory && status !== STATUS.other && catalogue.volumeOf(ordinal) === volumeId) count += 1;
  }
  return count;
}

function verdictVolume(volume: ReportVolume): VerdictVolume {
  return { id: volume.id, state: volume.state, name: volume.name, intact: volume.basis !== 'backup', appears: volume.appears ?? 'data' };
}

function verdictGaps(layout: Layout | null): VerdictGap[] {
  return (layout?.gaps ?? []).map((gap: Gap) => ({ lengthBytes: gap.range.length, appears: gap.appears }));
}

/** Sorted, overlapping and touching ranges joined. */
export function mergeRanges(ranges: readonly ByteRange[]): ByteRange[] {
  const merged: { offset: number; length: number }[] = [];
  for (const range of [...ranges].sort((a, b) => a.offset - b.offset || a.length - b.length)) {
    const last = merged.at(-1);
    if (last !== undefined && range.offset <= last.offset + last.length) last.length = Math.max(last.length, range.offset + range.length - last.offset);
    else merged.push({ offset: range.offset, length: range.length });
  }
  return merged;
}
