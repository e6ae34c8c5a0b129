import type { RandomAccessSource } from '@kerbside/bytes';
import { matchSignature, type Signature } from './signature-table.ts';

/**
 * Volumes that are known and that no reader of ours reads, by the signs of their own public
 * specifications (offsets in bytes, from the end where negative).
 */
const SIGNATURES: readonly Signature[] = [
  { name: 'APFS', signs: [{ offset: 32, bytes: 'NXSB' }] },
  { name: 'HFS+', signs: [{ offset: 1_024, bytes: 'H+\x00\x04' }] },
  { name: 'HFSX', signs: [{ offset: 1_024, bytes: 'HX\x00\x05' }] },
  { name: 'HFS', signs: [{ offset: 1_024, bytes: 'BD' }, { offset: 1_034, bytes: '\x00\x03' }] },
  { name: 'btrfs', signs: [{ offset: 65_600, bytes: '_BHRfS_M' }] },
  { name: 'XFS', signs: [{ offset: 0, bytes: 'XFSB' }] },
  { name: 'F2FS', signs: [{ offset: 1_024, bytes: '\x10\x20\xf5\xf2' }] },
  { name: 'ReFS', signs: [{ offset: 3, bytes: 'ReFS\x00' }] },
  { name: 'LVM2', signs: [{ offset: 536, bytes: 'LVM2 001' }] },
  { name: 'LVM2', signs: [{ offset: 24, bytes: 'LVM2 001' }] },
  { name: 'Linux RAID', signs: [{ offset: 4_096, bytes: '\xfc\x4e\x2b\xa9' }] },
  { name: 'Linux RAID', signs: [{ offset: 0, bytes: '\xfc\x4e\x2b\xa9' }] },
  { name: 'ZFS', signs: [{ offset: 131_072, bytes: '\x0c\xb1\xba\x00\x00\x00\x00\x00' }] },
  { name: 'ZFS', signs: [{ offset: 131_072, bytes: '\x00\x00\x00\x00\x00\xba\xb1\x0c' }] },
  { name: 'Windows dynamic disk', signs: [{ offset: 3_072, bytes: 'PRIVHEAD' }] },
  { name: 'Windows storage space', signs: [{ offset: 0, bytes: 'SPACEDB ' }] },
  { name: 'UDF', signs: [{ offset: 32_768, until: 43_008, bytes: 'BEA01' }, { offset: 32_768, until: 43_008, bytes: 'NSR0' }] },
  { name: 'ISO 9660', signs: [{ offset: 32_769, bytes: 'CD001' }] },
  { name: 'UFS', signs: [{ offset: 65_536 + 1_372, bytes: '\x19\x01\x54\x19' }] },
  { name: 'UFS', signs: [{ offset: 8_192 + 1_372, bytes: '\x54\x19\x01\x00' }] },
  { name: 'Linux swap', signs: [{ offset: 4_086, bytes: 'SWAPSPACE2' }] },
  { name: 'Linux swap', signs: [{ offset: 4_086, bytes: 'SWAP-SPACE' }] },
  { name: 'Linux swap (hibernated system)', signs: [{ offset: 4_086, bytes: 'S1SUSPEND' }] },
  { name: 'SquashFS', signs: [{ offset: 0, bytes: 'hsqs' }] },
  { name: 'EROFS', signs: [{ offset: 1_024, bytes: '\xe2\xe1\xf5\xe0' }] },
  { name: 'JFS', signs: [{ offset: 32_768, bytes: 'JFS1' }] },
  { name: 'ReiserFS', signs: [{ offset: 65_588, bytes: 'ReIsEr' }] },
  { name: 'NILFS2', signs: [{ offset: 1_030, bytes: '\x34\x34' }, { offset: 1_024, bytes: '\x02\x00\x00\x00' }] },
  { name: 'VMFS', signs: [{ offset: 1_048_576, bytes: '\x0d\xd0\x01\xc0' }] },
];

/** RAID superblocks of version 0.90 and 1.0 stand near the end, at places that follow from the size. */
function endSignatures(sizeBytes: number): Signature[] {
  const blockBytes = 65_536;
  const version090 = Math.floor(sizeBytes / blockBytes) * blockBytes - blockBytes;
  const version10 = Math.floor((sizeBytes - 8_192) / 4_096) * 4_096;
  return [
    { name: 'Linux RAID', signs: [{ offset: version090, bytes: '\xfc\x4e\x2b\xa9' }] },
    { name: 'Linux RAID', signs: [{ offset: version10, bytes: '\xfc\x4e\x2b\xa9' }] },
  ].filter((signature) => signature.signs[0]!.offset > 0);
}

/** The name of a known kind of volume that is not read here, or null. Never throws on evidence. */
export function recogniseUnsupported(source: RandomAccessSource): string | null {
  return matchSignature(source, SIGNATURES);
}

/** A member of a RAID by the signs at its end; asked last, as a mirror's half also holds a readable file system. */
export function recogniseRaidMember(source: RandomAccessSource): string | null {
  return matchSignature(source, endSignatures(source.sizeBytes));
}
