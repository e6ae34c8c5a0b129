import type { ByteRange } from '@kerbside/bytes';
import type { Gap, Layout, SourceFacts } from '@kerbside/evidence';
import { FORM, STATUS, type Catalogue } from './catalogue.ts';
import { countItems, RunUnion, type SkipReason } from './coverage.ts';
import { DIGEST_BIT, DIGEST_ORDER } from './digests.ts';
import { VOLUME_PROBLEM_CODES } from './describe-volume.ts';
import { setIndexOfKey } from './hits.ts';
import { createProblemLog, type ProblemLog } from './problem-log.ts';
import { REPORT_FORMAT_VERSION, type Report, type ReportCoverage, type ReportHit, type ReportSet, type ReportTimings, type ReportVolume } from './report-types.ts';
import type { RunContext } from './run-context.ts';
import { computeVerdict, type VerdictGap, type VerdictVolume } from './verdict.ts';

/** Unreadable ranges that are listed; the bytes of all are counted. */
const LISTED_RANGES = 10_000;

/** What the report needs beside the run's context. */
export interface ReportInput {
  readonly facts: SourceFacts;
  readonly edgeDigest: string;
  /** Null for a folder source. */
  readonly layout: Layout | null;
  readonly volumes: readonly ReportVolume[];
  readonly sourceUnreadable: readonly ByteRange[];
  readonly plannedStages: readonly string[];
  readonly toolVersion: string;
  readonly stopped: boolean;
  readonly timings: ReportTimings;
}

/** Puts the run together as one report. The same run gives the same report, whatever order its batches came in. */
export function buildReport(context: RunContext, input: ReportInput): Report {
  const { catalogue, sets } = context;
  const problems = allProblems(context);
  const unreadable = mergeRanges([...input.sourceUnreadable, ...context.journal.unreadable()]);
  const coverage = coverageOf(context, input, unreadable);
  const hits = [...context.hits].sort(([keyA, a], [keyB, b]) => compareHits(a, b) || (keyA < keyB ? -1 : 1)).map(([, hit]) => hit);
  const unfinishedStages = input.plannedStages.filter((name) => !context.stages.some((stage) => stage.name === name && stage.finished));
  const { verdict, reasons } = computeVerdict({
    state: input.stopped ? 'stopped' : 'finished',
    sets: sets.length,
    hits,
    problems: problems.counts().filter(({ code }) => !VOLUME_PROBLEM_CODES.includes(code)),
    items: coverage.items,
    unreadableBytes: coverage.unreadableBytes,
    volumes: input.volumes.map(verdictVolume),
    gaps: verdictGaps(input.layout),
    unfinishedStages,
    controls: 'absent',
  });
  return {
    formatVersion: REPORT_FORMAT_VERSION,
    verdict,
    reasons,
    hits,
    coverage,
    problems: problems.list(),
    volumes: input.volumes.map((volume) => ({ ...volume, items: itemsOn(catalogue, volume.id) })),
    gaps: input.layout?.gaps ?? [],
    source: { ...input.facts, edgeDigest: input.edgeDigest },
    sets: sets.map((set, index) => setReport(context, set.facts, index)),
    plan: planFacts(context),
    controls: 'absent',
    tool: { name: 'kerbside', version: input.toolVersion, node: process.version },
    timings: input.timings,
  };
}

/** Why an item with status `skipped` was skipped. */
export function skipReasonOf(catalogue: Catalogue): (ordinal: number) => SkipReason {
  return (ordinal) => {
    if (catalogue.sizeBytes(ordinal) === 0) return 'empty';
    if (catalogue.form(ordinal) === FORM.extents) return 'nothing-stored';
    return catalogue.state(ordinal) === 'allocated' ? 'not-content' : 'no-runs';
  };
}

/** The walks' problems first, then those of single items in the order of the items. */
function allProblems(context: RunContext): ProblemLog {
  const log = createProblemLog();
  log.addAll(context.walkProblems);
  for (const { problem } of context.journal.itemProblems()) log.add(problem);
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
    items: countItems(catalogue, skipReasonOf(catalogue)),
    stages: context.stages.map((stage) => ({ ...stage })),
    unreadableBytes: unreadable.reduce((sum, range) => sum + range.length, 0),
    unreadableRanges: listed,
    unreadableRangesNotListed: unreadable.length - listed.length,
  };
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
  return { ...facts, hits: listed + notListed, hitsNotListed: notListed };
}

function planFacts(context: RunContext): Report['plan'] {
  const gated = context.sets.filter((set) => set.mayHaveSize !== null).length;
  const mask = context.sets.reduce((sum, set) => set.sufficientDigests.reduce((inner, algorithm) => inner | DIGEST_BIT[algorithm], sum), 0);
  return {
    digests: DIGEST_ORDER.filter((algorithm) => (mask & DIGEST_BIT[algorithm]) !== 0),
    sizeGate: context.sets.length > 0 && gated === context.sets.length ? 'on' : gated === 0 ? 'off' : 'partly',
  };
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
