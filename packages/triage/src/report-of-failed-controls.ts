import type { BlockSet, KnownSet } from '@kerbside/match';
import type { ControlResult } from './controls/control-result.ts';
import type { ItemCounts } from './coverage.ts';
import { stagesOf } from './profile.ts';
import { failedMarkersOf } from './report.ts';
import { REPORT_FORMAT_VERSION, type Report } from './report-types.ts';
import { TOOL_VERSION } from './tool-version.ts';
import type { TriageOptions } from './triage-options.ts';
import { computeVerdict } from './verdict.ts';

const NO_ITEMS: ItemCounts = {
  seen: 0,
  read: 0,
  gated: 0,
  skippedByPlan: 0,
  problems: 0,
  skipped: { 'no-runs': 0, empty: 0, 'not-content': 0, 'nothing-stored': 0, 'left-by-profile': 0, 'not-reached': 0 },
  directories: 0,
  others: 0,
};

/** The report of a run that read no device because its controls failed: it says which markers, and nothing else. */
export function reportOfFailedControls(options: TriageOptions, sets: readonly KnownSet[], blockSets: ReadonlyMap<number, BlockSet>, controls: ControlResult): Report {
  const now = (options.now ?? (() => new Date()))().toISOString();
  const profile = options.profile ?? 'known';
  const { verdict, reasons } = computeVerdict({
    state: 'stopped',
    sets: sets.length,
    isScreen: false,
    leftWithoutBlocks: 0,
    hits: [],
    problems: [],
    items: NO_ITEMS,
    unreadableBytes: 0,
    volumes: [],
    gaps: [],
    unfinishedStages: stagesOf(profile, 'image'),
    controls: { state: controls.state, failedMarkers: failedMarkersOf(controls) },
    blockHits: [],
    disagreements: [],
    similar: 0,
    content: null,
    meter: null,
  });
  return {
    formatVersion: REPORT_FORMAT_VERSION,
    verdict,
    reasons,
    hits: [],
    blockHits: [],
    nearHits: [],
    ranking: null,
    meter: null,
    thermometer: null,
    coverage: { sourceBytes: 0, bytesRead: 0, itemBytesRead: 0, bytesGated: 0, items: NO_ITEMS, carving: null,
      content: null, stages: [], unreadableBytes: 0, unreadableRanges: [], unreadableRangesNotListed: 0 },
    coverageMap: [],
    problems: [],
    volumes: [],
    gaps: [],
    source: { kind: 'not-opened', path: options.sourcePath, sizeBytes: 0, sectorSizeBytes: 0, details: [], edgeDigest: '', edgeDigestAfter: '', readsRepeated: 0 },
    sets: sets.map(({ facts }, index) => ({ ...facts, blocks: blockSets.get(index)?.facts ?? null, hits: 0, hitsNotListed: 0 })),
    plan: { profile, digests: [], sizeGate: 'off', survey: null },
    controls,
    certificate: null,
    manifest: null,
    tool: { name: 'kerbside', version: TOOL_VERSION, node: process.version },
    timings: { startedAt: now, finishedAt: now, firstHitMs: null, totalMs: controls.elapsedMs, resumed: 0 },
  };
}
