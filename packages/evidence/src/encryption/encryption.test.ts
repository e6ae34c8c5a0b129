import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemorySource } from '@kerbside/bytes';
import { makeRandom, mutate } from '@kerbside/corpus';
import { detectDiskEncryption, detectEncryption } from './detect-encryption.ts';
import { recogniseRaidMember, recogniseUnsupported } from './recognise-unsupported.ts';

const SIZE = 2 * 1024 * 1024;

/** A volume that is empty but for these texts. */
function volume(signs: Readonly<Record<number, string>>, size = SIZE): MemorySource {
  const bytes = Buffer.alloc(size);
  for (const [offset, text] of Object.entries(signs)) bytes.write(text, Number(offset), 'latin1');
  return new MemorySource(bytes);
}

const GUID = Buffer.from('3bd667492 92ed84a8399f6a339e3d001'.replace(' ', ''), 'hex').toString('latin1');
const USED_SPACE_GUID = Buffer.from('3b4da89280dd0e4d9e4eb1e3284eaed8', 'hex').toString('latin1');

const ENCRYPTED: readonly (readonly [string, Readonly<Record<number, string>>])[] = [
  ['BitLocker', { 0: '\xeb\x58\x90-FVE-FS-' }],
  ['BitLocker', { 3: 'NTFS    ', 160: USED_SPACE_GUID }],
  ['BitLocker To Go', { 0: '\xeb\x58\x90MSWIN4.1', 424: GUID }],
  ['LUKS1', { 0: 'LUKS\xba\xbe\x00\x01' }],
  ['LUKS2', { 0: 'LUKS\xba\xbe\x00\x02' }],
  ['LUKS2', { 0x4000: 'SKUL\xba\xbe\x00\x02' }],
  ['FileVault 2 (CoreStorage)', { 8: '\x01\x00\x10\x00', 88: 'CS' }],
  ['FileVault (encrypted disk image)', { 0: 'encrcdsa' }],
  ['APFS (encrypted)', { 32: 'NXSB', 1304: '\x01' }],
  ['Symantec PGP', { 0: '\xeb\x48\x90PGPGUARD' }],
];

for (const [name, signs] of ENCRYPTED) {
  test(`recognised as encrypted: ${name}`, () => assert.deepEqual(detectEncryption(volume(signs)), { name, basis: 'signature' }));
}

const KNOWN: readonly (readonly [string, Readonly<Record<number, string>>])[] = [
  ['APFS', { 32: 'NXSB' }],
  ['HFS+', { 1024: 'H+\x00\x04' }],
  ['HFSX', { 1024: 'HX\x00\x05' }],
  ['btrfs', { 65600: '_BHRfS_M' }],
  ['XFS', { 0: 'XFSB' }],
  ['F2FS', { 1024: '\x10\x20\xf5\xf2' }],
  ['ReFS', { 3: 'ReFS\x00' }],
  ['LVM2', { 512: 'LABELONE', 536: 'LVM2 001' }],
  ['Linux RAID', { 4096: '\xfc\x4e\x2b\xa9' }],
  ['ZFS', { 131072: '\x0c\xb1\xba\x00\x00\x00\x00\x00' }],
  ['ISO 9660', { 32769: 'CD001' }],
  ['UDF', { 32769: 'BEA01', 34817: 'NSR02', 36865: 'TEA01' }],
  ['UDF', { 32769: 'CD001', 34817: 'BEA01', 36865: 'NSR03' }],
  ['Linux swap', { 4086: 'SWAPSPACE2' }],
  ['Windows dynamic disk', { 3072: 'PRIVHEAD' }],
];

for (const [name, signs] of KNOWN) {
  test(`recognised and not read: ${name}`, () => {
    assert.equal(recogniseUnsupported(volume(signs)), name);
    assert.equal(detectEncryption(volume(signs)), null);
  });
}

test('a RAID member by the sign near its end', () => {
  assert.equal(recogniseRaidMember(volume({ [SIZE - 65_536]: '\xfc\x4e\x2b\xa9' })), 'Linux RAID');
  assert.equal(recogniseRaidMember(volume({ [SIZE - 8_192]: '\xfc\x4e\x2b\xa9' })), 'Linux RAID');
  assert.equal(recogniseRaidMember(volume({})), null);
});

test('an APFS container without a key locker is not called encrypted; an ordinary disk neither', () => {
  assert.equal(detectEncryption(volume({ 32: 'NXSB' })), null);
  assert.equal(detectDiskEncryption(volume({ 510: '\x55\xaa' })), null);
  assert.deepEqual(detectDiskEncryption(volume({ 3: 'SafeBoot' })), { name: 'McAfee SafeBoot', basis: 'signature' });
});

test('volumes of any length, and damaged ones, never make detection fail', () => {
  for (const size of [1, 3, 511, 512, 513, 1023, 4095, 4096, 32_768, 65_537, 131_072]) {
    const source = volume({}, size);
    assert.equal(detectEncryption(source) ?? recogniseUnsupported(source) ?? recogniseRaidMember(source), null);
  }
  const bytes = Buffer.alloc(70_000);
  makeRandom(1).fill(bytes);
  for (let seed = 0; seed < 300; seed++) {
    const source = new MemorySource(mutate(bytes, seed));
    detectEncryption(source);
    recogniseUnsupported(source);
  }
});
