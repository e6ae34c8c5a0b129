export type { Certificate } from './certificate/certificate-types.ts';
export { signCertificate, formatCertificate } from './certificate/certificate-text.ts';
export { digestOfProgram } from './certificate/build-digest.ts';
export { certifyReads } from './certificate/certify-run.ts';
export type { Finding } from './certificate/check-certificate.ts';
export { leafOfItem } from './certificate/item-leaf.ts';
export { leafOfRead } from './certificate/read-leaf.ts';
export type { ReplayRun } from './certificate/replay-run.ts';
export { replayCertificate } from './certificate/replay-door.ts';
export { digestOfThisBuild, verifyCertificateFiles } from './certificate/verify-door.ts';
export type { NeighbourState, VerifiedFiles } from './certificate/verify-files.ts';
export type { ItemCounts, SkipReason } from './coverage.ts';
export { CONTROLS_ABSENT, type ControlMarker, type ControlResult } from './controls/control-result.ts';
export type { ControlLane, ControlSet, ControlSpecimen, PreparedControls } from './controls/control-specimen.ts';
export { lookAtControls, prepareControls, runControls } from './controls/controls-door.ts';
export type { ControlMakers, ControlSetMaker } from './controls/prepare-controls.ts';
export type { ControlRunner } from './controls/run-controls.ts';
export { sealOf } from './controls/seal.ts';
export type { OnRunEvent, Progress, RunEvent, StageName } from './events.ts';
export { formatBytes, formatCount, formatDuration, formatShare, formatUtc } from './html/figures.ts';
export { categoryLabel, digestLabel, groupHitsByItem, strengthLabel, stateLabel, tallyHits, tallyWords, type HitItem, type SetTally } from './hit-words.ts';
export { loadReportPage } from './html/report-html-door.ts';
export { listItems, type ListDigest, type ListOptions, type ListSummary } from './list-items.ts';
export { JOURNAL_NAME, MANIFEST_NAME, REPORT_NAME, REPORT_PAGE_NAME } from './out-folder.ts';
export type { AskableSet } from './manifest/askable-set.ts';
export { countCandidates } from './manifest/count-candidates.ts';
export type { Destroyer } from './manifest/destroy-manifest.ts';
export type { ManifestItem } from './manifest/item-record.ts';
export type { ManifestAnswer, SetAnswer } from './manifest/rematch-manifests.ts';
export type { RematchOutcome } from './manifest/rematch-outcome.ts';
export { loadRetroHunt } from './manifest/retro-hunt-door.ts';
export { parseRetention } from './manifest/retention-date.ts';
export type {
  CoveragePart,
  CoverageState,
  Report,
  ReportCertificate,
  ReportCoverage,
  ReportHit,
  ReportProblem,
  ReportSet,
  ReportStage,
  ReportTimings,
  ReportVolume,
} from './report-types.ts';
export { parseSearchFacts } from './content/search-facts.ts';
export { lookedIntoWords, nearWords } from './content-words.ts';
export type { NearHit } from './content/near-hit.ts';
export { runTriage } from './run-triage.ts';
export { PROFILES, type Profile } from './profile.ts';
export type { ControlledRun, RunResult, TriageOptions } from './triage-options.ts';
export {
  blockHitCountWords,
  blockPlaceWords,
  CONTENT_WORDS,
  controlWords,
  notTriedWords,
  triedMarkers,
  countBlockHits,
  disagreementWords,
  meterSentences,
  meterWords,
  ruleWords,
  shareWords,
} from './survey-words.ts';
export type { BlockHit } from './survey/block-hit.ts';
export { CONTENT_CLASSES, type ContentClass, type LaneDisagreement, type Thermometer } from './survey/thermometer-facts.ts';
export { TOOL_VERSION } from './tool-version.ts';
export { VERDICT_EXIT_CODES } from './verdict-exit-codes.ts';
export { computeVerdict, type Verdict, type VerdictAnswer, type VerdictInput, type VerdictReason } from './verdict.ts';
export { VERDICT_SHAPES, VERDICT_WORDS } from './verdict-words.ts';
export type { Meter } from './survey/meter-facts.ts';
export { DEFAULT_TARGET, parseUntil, type SurveyTarget } from './survey/parse-until.ts';
export type { FoundRun } from './survey/survey-job.ts';
export { loadSurveyParts } from './survey/survey-parts-door.ts';
export type { SurveyPlan } from './survey/survey-plan.ts';
export { rankMedia } from './ranking/rank-media.ts';
export type { BandCount, RankedItem, Ranking, RankingColumn } from './ranking/ranking.ts';
export type { RankReason, ReasonColumn } from './ranking/reasons.ts';
export { judgedSentence, upperShare, type LowBandSample } from './ranking/sample-low-band.ts';
export { NO_CONTEXT, type Premises, type RankingModel, type SearchCamera, type SearchContext } from './ranking/search-context.ts';
export type { GeoPlace, MediaStanding, ModelScore, SeenMedia } from './ranking/seen-media.ts';
export type { Band } from './ranking/weights.ts';
export { createContainerDoors, type ContainerDoors } from './content/container-doors.ts';
export { openReviewItem, type OpenReviewItemOptions } from './stills/open-review-item.ts';
export type { OpenReviewItem, ReviewItem, ReviewItemName } from './stills/review-item.ts';
export { readRunReport } from './stills/read-run-report.ts';
export { showStill, type ShowStillOptions, type ShownStill } from './stills/show-still.ts';
export { readShowings, SHOWINGS_NAME, type Showing, type Showings } from './stills/showings-log.ts';
export { openStillStore, STILL_STORE_NAME, type StillStore } from './stills/still-store.ts';
export { rankingSection } from './html/ranking-section.ts';
export { reportRanking, type ReportRanking } from './ranking/report-ranking.ts';
