import type { ByteRange, Problem } from '@kerbside/bytes';
import type { Appearance, Gap, Recovery, SourceFacts } from '@kerbside/evidence';
import type { DigestAlgorithm, SetFacts, SetMeaning } from '@kerbside/match';
import type { ItemCounts } from './coverage.ts';
import type { HitStrength, Verdict, VerdictReason } from './verdict.ts';

/** Version of the report's shape; raised when a field changes its meaning. */
export const REPORT_FORMAT_VERSION = 1;

/** An item found in a set, as facts. */
export interface ReportHit {
  readonly path: string;
  readonly size: number;
  readonly allocated: boolean;
  readonly state: 'allocated' | 'deleted' | 'orphan';
  /** Inode, record or entry offset. */
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

export interface ReportCoverage {
  readonly sourceBytes: number;
  /** Distinct bytes of the source whose content was read and hashed. */
  readonly bytesRead: number;
  /** Bytes of the items read, where two items may share bytes of the source. */
  readonly itemBytesRead: number;
  /** Bytes of the items that the size gate spared. */
  readonly bytesGated: number;
  readonly items: ItemCounts;
  readonly stages: readonly ReportStage[];
  readonly unreadableBytes: number;
  readonly unreadableRanges: readonly ByteRange[];
  /** Ranges past the listed ones. */
  readonly unreadableRangesNotListed: number;
}

export interface ReportSet extends SetFacts {
  readonly hits: number;
  /** Hits of an ignorable or reference set past the listed ones. */
  readonly hitsNotListed: number;
}

/** What report.json holds. Key order is fixed, so equal runs give equal bytes but for `timings` and `run`. */
export interface Report {
  readonly formatVersion: number;
  readonly verdict: Verdict;
  readonly reasons: readonly VerdictReason[];
  readonly hits: readonly ReportHit[];
  readonly coverage: ReportCoverage;
  readonly problems: readonly ReportProblem[];
  readonly volumes: readonly ReportVolume[];
  readonly gaps: readonly Gap[];
  readonly source: SourceFacts & { readonly edgeDigest: string };
  readonly sets: readonly ReportSet[];
  readonly plan: { readonly digests: readonly DigestAlgorithm[]; readonly sizeGate: 'on' | 'off' | 'partly' };
  readonly controls: 'absent';
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
