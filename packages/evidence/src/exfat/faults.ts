import type { ErrorKind } from '@kerbside/bytes';

/** Something wrong with a part of the volume, without its place. */
export interface Fault {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly message: string;
}

type FaultCode = Pick<Fault, 'kind' | 'code'>;

/** Every fault this reader tells of. docs/reference/errors.md explains each code. */
export const FAULT = {
  mainBootDamaged: { kind: 'malformed', code: 'exfat-main-boot-damaged' },
  bootChecksum: { kind: 'malformed', code: 'exfat-boot-checksum' },
  volumeTruncated: { kind: 'malformed', code: 'exfat-volume-truncated' },
  noBitmap: { kind: 'malformed', code: 'exfat-no-bitmap' },
  bitmapShort: { kind: 'malformed', code: 'exfat-bitmap-short' },
  bitmapUnreadable: { kind: 'medium', code: 'exfat-bitmap-unreadable' },
  chainShort: { kind: 'malformed', code: 'exfat-chain-short' },
  chainBroken: { kind: 'malformed', code: 'exfat-chain-broken' },
  chainCycle: { kind: 'malformed', code: 'exfat-chain-cycle' },
  chainUnreadable: { kind: 'medium', code: 'exfat-chain-unreadable' },
  chainLimit: { kind: 'limit', code: 'exfat-chain-limit' },
  firstCluster: { kind: 'malformed', code: 'exfat-first-cluster' },
  runOutside: { kind: 'malformed', code: 'exfat-run-outside' },
  sizeImpossible: { kind: 'malformed', code: 'exfat-size-impossible' },
  validLength: { kind: 'malformed', code: 'exfat-valid-length' },
  contentOutside: { kind: 'malformed', code: 'exfat-content-outside' },
  crossLinked: { kind: 'malformed', code: 'exfat-cross-linked' },
  entryLost: { kind: 'malformed', code: 'exfat-entry-lost' },
  entryDamaged: { kind: 'malformed', code: 'exfat-entry-damaged' },
  entryChecksum: { kind: 'malformed', code: 'exfat-entry-checksum' },
  entriesPastEnd: { kind: 'malformed', code: 'exfat-entries-past-end' },
  directoryShared: { kind: 'malformed', code: 'exfat-directory-shared' },
  directoryUnreadable: { kind: 'medium', code: 'exfat-directory-unreadable' },
  directoryLimit: { kind: 'limit', code: 'exfat-directory-limit' },
  depthLimit: { kind: 'limit', code: 'exfat-depth-limit' },
  entriesLimit: { kind: 'limit', code: 'exfat-entries-limit' },
  lostDirectoryLimit: { kind: 'limit', code: 'exfat-lost-directory-limit' },
  orphanUnreadable: { kind: 'medium', code: 'exfat-orphan-unreadable' },
  orphanLimit: { kind: 'limit', code: 'exfat-orphan-limit' },
  orphanBytesLimit: { kind: 'limit', code: 'exfat-orphan-bytes-limit' },
  lostClusters: { kind: 'malformed', code: 'exfat-lost-clusters' },
  reservedData: { kind: 'malformed', code: 'exfat-reserved-data' },
  moreProblems: { kind: 'limit', code: 'exfat-more-problems' },
} as const satisfies Record<string, FaultCode>;

export function fault(what: FaultCode, message: string): Fault {
  return { ...what, message };
}
