export type { ItemCounts, SkipReason } from './coverage.ts';
export type { OnRunEvent, Progress, RunEvent, StageName } from './events.ts';
export { formatBytes, formatCount, formatDuration, formatShare, formatUtc } from './html/figures.ts';
export { categoryLabel, digestLabel, groupHitsByItem, strengthLabel, stateLabel, tallyHits, tallyWords, type HitItem, type SetTally } from './hit-words.ts';
export { renderReportHtml } from './html/report-html.ts';
export { listItems, type ListDigest, type ListOptions, type ListSummary } from './list-items.ts';
export { JOURNAL_NAME, REPORT_NAME, REPORT_PAGE_NAME } from './out-folder.ts';
export type {
  Report,
  ReportCoverage,
  ReportHit,
  ReportProblem,
  ReportSet,
  ReportStage,
  ReportTimings,
  ReportVolume,
} from './report-types.ts';
export { runTriage } from './run-triage.ts';
export type { RunResult, TriageOptions } from './run-with-doors.ts';
export { TOOL_VERSION } from './tool-version.ts';
export { VERDICT_EXIT_CODES } from './verdict-exit-codes.ts';
export { computeVerdict, type Verdict, type VerdictAnswer, type VerdictInput, type VerdictReason } from './verdict.ts';
export { VERDICT_SHAPES, VERDICT_WORDS } from './verdict-words.ts';
