import type { ByteRange } from '@kerbside/bytes';
import type { JsonObject } from '@kerbside/ledger';
import type { ControlResult } from '../controls/control-result.ts';
import type { ItemCounts } from '../coverage.ts';
import type { Meter } from '../survey/meter-facts.ts';
import type { HitStrength, Verdict, VerdictInput, VerdictReason } from '../verdict.ts';

/*
 * What certificate.json holds; docs/reference/certificate.md explains every field. Plain values only:
 * numbers are finite, bytes are hex or base64, times are ISO 8601 in UTC.
 */

/** Raised when a field changes its meaning. */
export const CERTIFICATE_FORMAT_VERSION = 1;

export const CERTIFICATE_KIND = 'kerbside-certificate';

/** The program that ran. */
export interface CertificateTool {
  readonly name: string;
  readonly version: string;
  /** SHA-256 over the source files that run (build-digest.ts), hex. */
  readonly buildDigest: string;
  readonly node: string;
}

/** What was asked for. Any further plain fields may stand beside these. */
export interface CertificateConfiguration extends JsonObject {
  /** `screen`, `known` or `everything`. */
  readonly profile: string;
  /** `--until`, or null. */
  readonly until: { readonly bytes: number; readonly probability: number } | null;
  /** `--minutes`, or null. */
  readonly minutes: number | null;
  readonly planVersion: number;
  /** The hardware write blocker that was declared, or null. */
  readonly writeBlocker: string | null;
}

/** The source as the run saw it. */
export interface CertificateSource {
  readonly kind: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly sectorSizeBytes: number;
  readonly details: readonly { readonly name: string; readonly value: string }[];
  /** SHA-256 over the first and last MiB, hex; empty for a folder. */
  readonly edgeDigest: string;
}

/** A set that was asked. */
export interface CertificateSet {
  readonly name: string;
  readonly kind: 'compiled' | 'blocks';
  readonly meaning: string;
  /** Names the exact set, hex. */
  readonly digest: string;
  /** The last four are null for a set without a signature. */
  readonly owner: string | null;
  readonly signerId: string | null;
  readonly signature: string | null;
  readonly expiresAt: string | null;
}

/** How the reads are made, so that they can be made again. */
export interface CertificatePlan {
  /** Null where the survey lane did not run. */
  readonly survey: {
    /** Name and version of the order that the generator follows. */
    readonly order: string;
    /** Hex; makes the secret start and every jitter. */
    readonly seed: string;
    readonly startOffset: number;
    readonly chunkBytes: number;
    /** Distance of reads of the finest systematic pass that was completed; null before the first. */
    readonly spacingBytes: number | null;
    /** Whatever else the generator needs. */
    readonly parameters: JsonObject;
  } | null;
  readonly file: {
    readonly planVersion: number;
    readonly digests: readonly string[];
    readonly sizeGate: string;
  } | null;
}

/** Consecutive numbers of reads or batches, from `first` on. */
export interface NumberRun {
  readonly first: number;
  readonly count: number;
}

/** What one stage of one lane read. */
export interface CertificateReads {
  readonly lane: 'survey' | 'file' | 'content';
  /** The stage, unique in the certificate: `systematic-0`, `jittered-3`, `content-1` … */
  readonly name: string;
  /** Says which reads these are: the name of an order of the plan, or the fingerprint of a list. */
  readonly generator: string;
  /** What `planned` and `done` count. */
  readonly unit: 'reads' | 'batches';
  readonly planned: number;
  /** Which of them were done, ascending and apart: replayed in this order. */
  readonly done: readonly NumberRun[];
  /** Leaves of the tree: one a read in the survey lane, one an item and view in the file lane. */
  readonly count: number;
  /** RFC 6962 root over the leaves, hex. */
  readonly merkleRoot: string;
}

/** reads.bin, which lies beside the certificate (leaves-file.ts). */
export interface CertificateReadsFile {
  readonly sizeBytes: number;
  /** SHA-256, hex. */
  readonly digest: string;
}

/** What was not read, and why. */
export interface CertificateGaps {
  readonly unreadableBytes: number;
  /** Ascending and apart. */
  readonly unreadableRanges: readonly ByteRange[];
  readonly unreadableRangesNotListed: number;
  readonly encryptedVolumes: readonly { readonly id: string; readonly name: string; readonly startOffset: number; readonly sizeBytes: number }[];
  readonly items: ItemCounts;
  readonly bytesGated: number;
  readonly problems: readonly { readonly code: string; readonly count: number }[];
}

/** The answer, as facts. */
export interface CertificateResult {
  readonly verdict: Verdict;
  readonly reasons: readonly VerdictReason[];
  readonly meter: Meter;
  readonly hits: CertificateHits;
  readonly blockHits: { readonly count: number; readonly digest: string };
}

/** Hits counted by what they mean and how sure they are, and a digest of the list in report.json. */
export interface CertificateHits {
  readonly count: number;
  readonly digest: string;
  readonly counts: readonly { readonly meaning: VerdictInput['hits'][number]['meaning']; readonly strength: HitStrength; readonly count: number }[];
}

/** Everything the verdict rests on but the hits, which `result.hits.counts` gives: who checks computes the verdict again. */
export type CertificateVerdictInput = Omit<VerdictInput, 'hits'>;

export interface CertificateTimes {
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly totalMs: number;
  readonly resumed: number;
}

/** What the run puts in. */
export interface CertificateInput {
  readonly tool: CertificateTool;
  readonly configuration: CertificateConfiguration;
  readonly source: CertificateSource;
  readonly sets: readonly CertificateSet[];
  readonly plan: CertificatePlan;
  readonly reads: readonly CertificateReads[];
  readonly readsFile: CertificateReadsFile;
  readonly gaps: CertificateGaps;
  readonly controls: ControlResult;
  readonly result: CertificateResult;
  readonly verdictInput: CertificateVerdictInput;
  /** SHA-256 of report.json's content without `timings` (report-digest.ts), hex. */
  readonly reportDigest: string;
  readonly times: CertificateTimes;
}

/** What is signed: the input, and what follows from it. */
export interface CertificateBody extends CertificateInput {
  readonly kind: typeof CERTIFICATE_KIND;
  readonly formatVersion: typeof CERTIFICATE_FORMAT_VERSION;
  /** SHA-256 of the configuration as canonical JSON, hex. */
  readonly configurationDigest: string;
  /** One root over all stages (reads-root.ts), hex. */
  readonly readsRoot: string;
}

export interface CertificateSigner {
  readonly algorithm: 'Ed25519';
  readonly owner: string;
  /** Raw, 32 bytes in base64. */
  readonly publicKey: string;
  readonly signerId: string;
}

export interface Certificate extends CertificateBody {
  readonly signature: CertificateSigner & {
    /** 64 bytes in base64. */
    readonly value: string;
  };
}
