import type { ByteRange } from '@kerbside/bytes';
import type { Certificate, CertificateBody } from './certificate-types.ts';
import type { LeafStages } from './leaf-stages.ts';

/** What a replay is given beside certificate and source. */
export interface ReplayOptions {
  /** The sets that the certificate names, compiled ones and block sets. */
  readonly setPaths: readonly string[];
  /** Key files that open the block sets. */
  readonly keyPaths: readonly string[];
  readonly declaredWriteBlocker?: string;
  readonly signal?: AbortSignal;
}

/** What a replay read and found. */
export interface ReplayedRun {
  readonly certificate: CertificateBody;
  readonly leaves: LeafStages;
  /**
   * Where on the source the content of a leaf stands. Asked only for leaves that differ.
   * @param stage place of the stage in `leaves.stages`
   */
  rangesOf(stage: number, leaf: number): readonly ByteRange[];
  close(): void;
}

/**
 * Makes the reads of a certificate again: same seed, start, chunks, order, and no more of each stage than
 * was done; same sets. Reports nothing and signs nothing.
 *
 * @throws RefusedError when the source or a set is refused, or is not one that the certificate names
 */
export type ReplayRun = (certificate: Certificate, sourcePath: string, options: ReplayOptions) => Promise<ReplayedRun>;
