/**
 * Feature bits of the superblock (docs.kernel.org/filesystems/ext4/globals.html#super-block).
 * An incompatible bit that is not known here means the layout cannot be trusted: such a volume is
 * refused as unsupported, with the bits named.
 */

export const COMPAT = { hasJournal: 0x4, sparseSuper2: 0x200 } as const;

export const INCOMPAT = {
  compression: 0x1,
  fileType: 0x2,
  recover: 0x4,
  journalDevice: 0x8,
  metaBg: 0x10,
  extents: 0x40,
  bits64: 0x80,
  multipleMount: 0x100,
  flexBg: 0x200,
  eaInode: 0x400,
  dirData: 0x1000,
  checksumSeed: 0x2000,
  largeDirectory: 0x4000,
  inlineData: 0x8000,
  encrypt: 0x1_0000,
  casefold: 0x2_0000,
} as const;

export const RO_COMPAT = {
  sparseSuper: 0x1,
  hugeFile: 0x8,
  gdtChecksum: 0x10,
  dirNlink: 0x20,
  extraIsize: 0x40,
  bigalloc: 0x200,
  metadataChecksum: 0x400,
} as const;

/** Incompatible features that change where things are in a way we do not read. */
const REFUSED: readonly (readonly [number, string])[] = [
  [INCOMPAT.compression, 'compression'],
  [INCOMPAT.journalDevice, 'external journal device'],
  [INCOMPAT.dirData, 'dirdata'],
];

const KNOWN = Object.values(INCOMPAT).reduce((all, bit) => all | bit, 0);

/** Any of these marks the volume as ext4; ext3 is ext2 with a journal. */
const EXT4_INCOMPAT =
  INCOMPAT.extents | INCOMPAT.bits64 | INCOMPAT.multipleMount | INCOMPAT.flexBg | INCOMPAT.eaInode |
  INCOMPAT.checksumSeed | INCOMPAT.largeDirectory | INCOMPAT.inlineData | INCOMPAT.encrypt | INCOMPAT.casefold;
const EXT4_RO_COMPAT =
  RO_COMPAT.hugeFile | RO_COMPAT.gdtChecksum | RO_COMPAT.dirNlink | RO_COMPAT.extraIsize |
  RO_COMPAT.bigalloc | RO_COMPAT.metadataChecksum;

/** Names of the incompatible features that forbid reading; empty when the volume can be read. */
export function unsupportedFeatures(incompatible: number): string[] {
  const names = REFUSED.filter(([bit]) => (incompatible & bit) !== 0).map(([, name]) => name);
  const unknown = (incompatible & ~KNOWN) >>> 0;
  if (unknown !== 0) names.push(`unknown feature bits 0x${unknown.toString(16)}`);
  return names;
}

/** The exact kind as `list` shows it. */
export function extKind(compatible: number, incompatible: number, readOnlyCompatible: number): 'ext2' | 'ext3' | 'ext4' {
  if ((incompatible & EXT4_INCOMPAT) !== 0 || (readOnlyCompatible & EXT4_RO_COMPAT) !== 0) return 'ext4';
  return (compatible & COMPAT.hasJournal) !== 0 ? 'ext3' : 'ext2';
}
