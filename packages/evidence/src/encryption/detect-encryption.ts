import type { RandomAccessSource } from '@kerbside/bytes';
import type { EncryptionFinding } from '../source-contract.ts';
import { readQuietly } from '../volumes/read-quietly.ts';
import { matchSignature, type Signature } from './signature-table.ts';

/**
 * Signs of encryption, read before anything else of a volume. Origins: libyal/libbde, libluksde and
 * libfvde documentation, Apple File System Reference, and the list of The Sleuth Kit
 * (`tsk/util/detect_encryption.c`) for the vendors' programs.
 */

/** BitLocker's identifiers 4967d63b-2e29-4ad8-8399-f6a339e3d001 and, used space only, 92a84d3b-dd80-4d0e-9e4e-b1e3284eaed8. */
const FVE_GUID = '\x3b\xd6\x67\x49\x29\x2e\xd8\x4a\x83\x99\xf6\xa3\x39\xe3\xd0\x01';
const FVE_USED_SPACE_GUID = '\x3b\x4d\xa8\x92\x80\xdd\x0e\x4d\x9e\x4e\xb1\xe3\x28\x4e\xae\xd8';

const SIGNATURES: readonly Signature[] = [
  { name: 'BitLocker', signs: [{ offset: 3, bytes: '-FVE-FS-' }] },
  { name: 'BitLocker To Go', signs: [{ offset: 3, bytes: 'MSWIN4.1' }, { offset: 424, bytes: FVE_GUID }] },
  { name: 'BitLocker', signs: [{ offset: 160, bytes: FVE_GUID }] },
  { name: 'BitLocker', signs: [{ offset: 160, bytes: FVE_USED_SPACE_GUID }] },
  { name: 'LUKS1', signs: [{ offset: 0, bytes: 'LUKS\xba\xbe\x00\x01' }] },
  { name: 'LUKS2', signs: [{ offset: 0, bytes: 'LUKS\xba\xbe\x00\x02' }] },
  { name: 'LUKS, unknown version', signs: [{ offset: 0, bytes: 'LUKS\xba\xbe' }] },
  // LUKS2 keeps a second header; its place follows from the size of the first.
  ...[0x4000, 0x8000, 0x10000, 0x20000, 0x40000, 0x80000, 0x100000, 0x200000, 0x400000].map(
    (offset): Signature => ({ name: 'LUKS2', signs: [{ offset, bytes: 'SKUL\xba\xbe\x00\x02' }] }),
  ),
  { name: 'FileVault 2 (CoreStorage)', signs: [{ offset: 8, bytes: '\x01\x00\x10\x00' }, { offset: 88, bytes: 'CS' }] },
  { name: 'FileVault (encrypted disk image)', signs: [{ offset: 0, bytes: 'encrcdsa' }] },
  { name: 'FileVault (encrypted disk image)', signs: [{ offset: 0, bytes: 'encrdsa' }] },
  { name: 'Symantec PGP', signs: [{ offset: 0, until: 32, bytes: '\xeb\x48\x90PGPGUARD' }] },
  { name: 'McAfee SafeBoot', signs: [{ offset: 0, until: 32, bytes: 'SafeBoot' }] },
  { name: 'McAfee SafeBoot', signs: [{ offset: 0, until: 32, bytes: 'Safeboot' }] },
  { name: 'Sophos SafeGuard', signs: [{ offset: 110, until: 150, bytes: 'SGM400' }] },
  { name: 'Sophos SafeGuard', signs: [{ offset: 110, until: 150, bytes: 'SGE400' }] },
  { name: 'GuardianEdge', signs: [{ offset: 0, until: 32, bytes: 'PCGM' }] },
  { name: 'Check Point', signs: [{ offset: 80, until: 100, bytes: 'Protect' }] },
  { name: 'WinMagic SecureDoc', signs: [{ offset: 236, until: 256, bytes: 'WMSD' }] },
];

/** Offset of the key locker's block count in an APFS container superblock; it is 0 where nothing is encrypted. */
const APFS_KEY_LOCKER_COUNT = 1_304;

/** What a volume's first bytes say of encryption; null when nothing. Never throws on evidence. */
export function detectEncryption(source: RandomAccessSource): EncryptionFinding | null {
  const name = matchSignature(source, SIGNATURES) ?? apfsEncryption(source);
  return name === null ? null : { name, basis: 'signature' };
}

/** Names of whole-disk encryption whose sign stands in the first sector of a disk, beside a partition table. */
export function detectDiskEncryption(source: RandomAccessSource): EncryptionFinding | null {
  const name = matchSignature(source, SIGNATURES.slice(SIGNATURES.findIndex((each) => each.name === 'Symantec PGP')));
  return name === null ? null : { name, basis: 'signature' };
}

function apfsEncryption(source: RandomAccessSource): string | null {
  const view = readQuietly(source, 0, 4_096);
  if (view === null || !view.hasAscii(32, 'NXSB')) return null;
  return view.u64(APFS_KEY_LOCKER_COUNT) > 0 ? 'APFS (encrypted)' : null;
}
