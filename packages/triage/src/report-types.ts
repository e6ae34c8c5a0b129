import type { ByteRange, Problem } from '@kerbside/bytes';
import type { Appearance, Gap, ItemState, Recovery, SourceFacts } from '@kerbside/evidence';
import type { BlockSetFacts, DigestAlgorithm, SetFacts, SetMeaning } from '@kerbside/match';
import type { ContentCounts } from './content/content-job.ts';
import type { NotLookedInto } from './content/content-plan.ts';
import type { NearHit } from './content/near-hit.ts';
import type { ReportRanking } from './ranking/report-ranking.ts';
import type { ControlResult } from './controls/control-result.ts';
import type { ItemCounts } from './coverage.ts';
import type { Profile } from './profile.ts';
import type { SurveyPlanFacts } from './survey/survey-options.ts';
import type { BlockHit } from './survey/block-hit.ts';
import type { Meter } from './survey/meter-facts.ts';
import type { Thermometer } from './survey/thermometer-facts.ts';
import type { HitStrength, Verdict, VerdictReason } from './verdict.ts';

/** Version of the report's shape; raised when a field changes its meaning. */
export const REPORT_FORMAT_VERSION = 2;

/** An item found in a set, as facts. */
export interface ReportHit {
  readonly path: string;
  readonly size: number;
  readonly allocated: boolean;
  readonly state: ItemState;
  /** Inode, record or entry offset; of a carved item its offset on the source. */
  readonly id: string;
  readonly set: string;
  readonly meaning: SetMeaning;
  readonly category: string;
  readonly categoryBasis: string;
  /** The code as the set's source wrote it, or null. */
  readonly rawCategory: string | null;
  /** The strongest digest on which item and row agree, and its value. */
  readonly algorithm: DigestAlgorithm;
  readonly digest: string;
  /** First stored byte on the source, -1 where there is none (folder source, all hole). */
  readonly offset: number;
  /** All digests of the item. */
  readonly digests: Readonly<Record<string, string>>;
  /** Digests that the row states and that agree; MD5 or ED2K alone is a weak match. */
  readonly confirmedBy: readonly DigestAlgorithm[];
  readonly contradictedBy: readonly DigestAlgorithm[];
  readonly strength: HitStrength;
  /** `system` as the owner saw it, `raw` the stored bytes past the valid length. */
  readonly view: 'system' | 'raw';
  /** How sure the content of a deleted item is; null for allocated ones. */
  readonly recovery: Recovery | null;
  /** False when the set states other lengths for these digests. */
  readonly sizeAgrees: boolean;
}

/** A problem, or a counted group of equal ones. */
export interface ReportProblem extends Problem {
  /** 1, or how many more of the same code were met and are not listed one by one. */
  readonly count: number;
}

export interface ReportVolume {
  readonly id: string;
  readonly startOffset: number;
  readonly sizeBytes: number;
  readonly scheme: string;
  readonly declaredType: string;
  readonly state: 'file-system' | 'encrypted' | 'unsupported' | 'unrecognised';
  /** File system kind, encryption or format name. */
  readonly name: string;
  readonly label: string;
  readonly basis: 'primary' | 'backup' | null;
  readonly appears: Appearance | null;
  readonly items: number;
}

/** One stage of the plan and how far it came. */
export interface ReportStage {
  readonly name: string;
  readonly finished: boolean;
  readonly items: number;
}

/** What the search of free space came to: whole files by kind, and beginnings that are not whole. */
export interface ReportCarving {
  readonly bytesSearched: number;
  readonly found: Readonly<Record<string, number>>;
  readonly incomplete: Readonly<Record<string, number>>;
}

/** Pictures, video, containers and their members; and items that were not looked into, by why. */
export interface ReportContent extends ContentCounts {
  readonly itemsLookedInto: number;
  readonly itemsNotLookedInto: Readonly<Record<NotLookedInto, number>>;
}

export interface ReportCoverage {
  readonly sourceBytes: number;
  /** Distinct bytes of the source whose content was read and hashed. */
  readonly bytesRead: number;
  /** Bytes of the items read, where two items may share bytes of the source. */
  readonly itemBytesRead: number;
  /** Bytes of the items that the size gate spared. */
  readonly bytesGated: number;
  readonly items: ItemCounts;
  /** Null where free space was not searched for files. */
  readonly carving: ReportCarving | null;
  /** What was looked into; null where the content lane was not planned or did not begin. */
  readonly content: ReportContent | null;
  readonly stages: readonly ReportStage[];
  readonly unreadableBytes: number;
  readonly unreadableRanges: readonly ByteRange[];
  /** Ranges past the listed ones. */
  readonly unreadableRangesNotListed: number;
}

/** What the run planned. */
export interface ReportPlan {
  readonly profile: Profile;
  readonly digests: readonly DigestAlgorithm[];
  readonly sizeGate: 'on' | 'off' | 'partly';
  /** Null where no survey was planned. The seed makes every place that was read: the same seed repeats them. */
  readonly survey: (SurveyPlanFacts & { readonly spacingBytes: number; readonly passes: readonly { readonly kind: string; readonly reads: number }[] }) | null;
}

export interface ReportSet extends SetFacts {
  /** Facts of a block set; null for a compiled set. */
  readonly blocks: BlockSetFacts | null;
  readonly hits: number;
  /** Hits of an ignorable or reference set past the listed ones. */
  readonly hitsNotListed: number;
}

/** The signed record of the run, which stands in a file beside the report. */
export interface ReportCertificate {
  /** Its name in the out folder. */
  readonly file: string;
  /** First 8 bytes, hex, of the SHA-256 of the signer's public key. */
  readonly signerId: string;
  readonly owner: string;
  /** Merkle roots over what was read, one a lane, and how many reads each covers. */
  readonly roots: readonly { readonly lane: string; readonly count: number; readonly root: string }[];
}

/**
 * What became of a part of the source. `read`: its bytes were read and looked up; `hit`: known material
 * stands there; `gated`: content of a length in no set; `in-part`: some of its bytes were read or gated (a sample of the
 * survey, small files); `not-read`: nobody looked.
 */
export type CoverageState = 'read' | 'hit' | 'unreadable' | 'encrypted' | 'gated' | 'in-part' | 'not-read';

/** A part of the source with one state, bytes. */
export interface CoveragePart {
  readonly offset: number;
  readonly length: number;
  readonly state: CoverageState;
}

/** The source, and what was read of it twice. */
export interface ReportSource extends SourceFacts {
  /** SHA-256 over the first and last MiB when the run began, hex; empty for a folder. */
  readonly edgeDigest: string;
  /** The same when it ended; empty for a folder, and where they could not be read. */
  readonly edgeDigestAfter: string;
  /** Reads of the survey that were made once more at the end and compared. */
  readonly readsRepeated: number;
}

/** What report.json holds. Key order is fixed, so equal runs give equal bytes but for `timings` and `run`. */
export interface Report {
  readonly formatVersion: number;
  readonly verdict: Verdict;
  readonly reasons: readonly VerdictReason[];
  readonly hits: readonly ReportHit[];
  /** Known blocks met by the survey, in order of place. */
  readonly blockHits: readonly BlockHit[];
  /** What looks like known material, nearest first; never counted as a hit. */
  readonly nearHits: readonly NearHit[];
  /** Decoded pictures and videos that no set knows, in the order in which to look; never a verdict. Null where nothing was decoded. */
  readonly ranking: ReportRanking | null;
  /** What the survey can promise; null where none was made. */
  readonly meter: Meter | null;
  /** What kind of content the source holds; null where no sample was taken. */
  readonly thermometer: Thermometer | null;
  readonly coverage: ReportCoverage;
  /** The source by what became of it: ascending, not overlapping; empty where it was not recorded. */
  readonly coverageMap: readonly CoveragePart[];
  readonly problems: readonly ReportProblem[];
  readonly volumes: readonly ReportVolume[];
  readonly gaps: readonly Gap[];
  readonly source: ReportSource;
  readonly sets: readonly ReportSet[];
  readonly plan: ReportPlan;
  readonly controls: ControlResult;
  /** Null where no certificate was made. */
  readonly certificate: ReportCertificate | null;
  /** Manifest for later sets, by its name in the out folder, and until when it may be kept; null where none is left. */
  readonly manifest: { readonly file: string; readonly expiresAt: string } | null;
  readonly tool: { readonly name: string; readonly version: string; readonly node: string };
  readonly timings: ReportTimings;
}

export interface ReportTimings {
  readonly startedAt: string;
  readonly finishedAt: string;
  /** From the start to the first hit, null when there was none. */
  readonly firstHitMs: number | null;
  readonly totalMs: number;
  /** How often the run was taken up again. */
  readonly resumed: number;
}
