/*
 * What the lane lists inside a container must open under the very path that it gives, and be the same bytes: one container of each
 * kind that the lane opens, generated, with the same picture in it.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { MemorySource, readView } from '@kerbside/bytes';
import { makePhotograph, makePicture, writeAndroidBackup, writeCompoundFile, writeMbox, writeMessage, writePhoneBackup, writeQuickLookStore, writeRar4, writeRar5, writeStoredZip, writeTar, writeThumbcache, writeThumbdata, writeThumbsDb, writeZip } from '@kerbside/corpus';
import { startDecoders, type Decoders } from '@kerbside/decode';
import { sniffContent, type BackupFolder } from '@kerbside/evidence';
import { DIGEST_BIT } from '../digests.ts';
import { createContainerDoors } from './container-doors.ts';
import type { ContentTools } from './content-tools.ts';
import type { NamedKind } from './content-by-name.ts';
import { examineItem, type ItemByName } from './examine-item.ts';
import { openMember } from './open-member.ts';

const PASSWORD = 'cup final 1966';
const PICTURE = makePicture({ kind: 'jpeg', seed: 31, widthPx: 96, heightPx: 72 });
const THUMBNAIL = makePicture({ kind: 'jpeg', seed: 32, widthPx: 32, heightPx: 24 });

/** An item that is a container, and the folder around it where it is the manifest of a phone backup. */
interface MadeContainer {
  readonly kind: string;
  /** Contents by their name in the item's folder; the item is the first. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** Why it is not made here, or null. */
  readonly missing: string | null;
  /** The picture that is in it; null where it holds something else. */
  readonly picture: Buffer | null;
  /** What it is by its name, where its bytes alone do not say. */
  readonly byName: NamedKind | null;
}

/** Nobody writes mailboxes of Outlook to test with; a development package brings one. */
const MAILBOX = join(import.meta.dirname, '../../../../node_modules/pst-extractor/example/testdata/pstextractortest@outlook.com.ost');

const NAME = 'holiday/bridge.jpg';

function makeContainers(): MadeContainer[] {
  const zip = writeZip([{ name: NAME, content: PICTURE, method: 0 }]);
  const tar = writeTar([{ name: NAME, content: PICTURE }]);
  const letter = writeMessage({ subject: 'a bridge', date: 'Mon, 6 May 2024 10:00:00 +0100', body: { kind: 'group', parts: [{ kind: 'text', text: 'See the match.' }, { kind: 'file', name: 'bridge.jpg', content: PICTURE }] } });
  const one = (kind: string, bytes: Buffer | null, picture: Buffer | null = PICTURE, byName: NamedKind | null = null): MadeContainer => ({ kind, files: new Map([['item', bytes ?? Buffer.alloc(0)]]), missing: bytes === null ? 'what makes it is not installed' : null, picture, byName });
  const phone = (kind: string, options: object): MadeContainer => {
    const made = writePhoneBackup({ files: [{ domain: 'CameraRollDomain', relativePath: `Media/${NAME}`, content: PICTURE }], ...options });
    return { kind, files: new Map([['Manifest.plist', made.get('Manifest.plist')!], ...made]), missing: null, picture: PICTURE, byName: 'backup/ios' };
  };
  return [
    one('ZIP, stored', zip),
    one('ZIP, packed', writeZip([{ name: NAME, content: PICTURE, method: 8, packed: deflateRawSync(PICTURE) }])),
    one('ZIP in a packed ZIP', writeZip([{ name: 'a/inner.zip', content: zip }])),
    one('directory and file of one name', writeZip([{ name: `${NAME}/`, content: Buffer.alloc(0), method: 0 }, { name: NAME, content: PICTURE }])),
    one('TAR', tar),
    one('TAR in gzip', gzipSync(tar)),
    one('ZIP in TAR in gzip', gzipSync(writeTar([{ name: 'a/inner.zip', content: zip }]))),
    one('zstd', zstdCompressSync(PICTURE)),
    one('bzip2', pack('bzip2', PICTURE)),
    one('xz', pack('xz', PICTURE)),
    one('LZMA', pack('lzma', PICTURE)),
    one('7z', sevenZip()),
    one('RAR 4', isInstalled('bsdtar') ? writeRar4([{ name: NAME, content: PICTURE }]) : null),
    one('RAR 5', isInstalled('bsdtar') ? writeRar5([{ name: NAME, content: PICTURE }]) : null),
    one('ZIP in RAR 5', isInstalled('bsdtar') ? writeRar5([{ name: 'inner.zip', content: zip }]) : null),
    one('RAR in RAR', isInstalled('bsdtar') ? writeRar5([{ name: 'inner.rar', content: writeRar4([{ name: NAME, content: PICTURE }]) }]) : null),
    one('mail', Buffer.from(letter)),
    one('mailbox', writeMbox([letter], 'mboxrd')),
    one('mail of Apple', Buffer.concat([Buffer.from(`${letter.length}      \n`), letter, Buffer.from('<?xml version="1.0"?><plist version="1.0"><dict/></plist>')])),
    one('mail of Outlook', writeCompoundFile([{ name: '__substg1.0_0037001F', content: Buffer.from('A bridge', 'utf16le') }, { name: '__substg1.0_37010102', content: PICTURE }, { name: '__substg1.0_3707001F', content: Buffer.from('bridge.jpg', 'utf16le') }], true)),
    one('winmail.dat', tnef()),
    one('Outlook mailbox', existsSync(MAILBOX) ? readFileSync(MAILBOX) : null, null),
    one('Thumbs.db', writeThumbsDb([{ name: 'bridge.jpg', picture: THUMBNAIL }], { form: 'xp' }), THUMBNAIL),
    one('thumbcache', writeThumbcache([{ name: 'bridge', picture: THUMBNAIL }], 32), THUMBNAIL),
    one('thumbdata', writeThumbdata(new Map([[0, THUMBNAIL], [2, THUMBNAIL]])), THUMBNAIL),
    one('thumbdata that begins with a deleted one', writeThumbdata(new Map([[1, THUMBNAIL]])), THUMBNAIL, 'thumbnails/thumbdata'),
    one('program with a ZIP behind it', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(900, 1), zip]), PICTURE, 'archive/zip'),
    quickLook(),
    one('report of a phone', phoneReport()),
    one('Android backup', writeAndroidBackup({ tar, isPacked: true })),
    one('Android backup with a password', writeAndroidBackup({ tar, isPacked: true, password: PASSWORD })),
    phone('phone backup', {}),
    phone('phone backup with a password', { password: PASSWORD }),
    phone('old phone backup', { form: 'old' }),
  ];
}

/** Thumbnails of macOS: an index, its log and the bitmaps, read together. */
function quickLook(): MadeContainer {
  const { pixels } = makePhotograph(33, 40, 30);
  const store = writeQuickLookStore([{ folder: '/Users/sam/Desktop', name: 'bridge.jpg', widthPx: 40, heightPx: 30, pixels }]);
  return { kind: 'QuickLook', files: new Map([['index.sqlite', store.get('index.sqlite')!], ...store]), missing: null, picture: null, byName: 'thumbnails/quicklook' };
}

function isInstalled(program: string): boolean {
  return spawnSync('which', [program]).status === 0;
}

function pack(program: string, bytes: Buffer): Buffer | null {
  return isInstalled(program) ? execFileSync(program, ['-c'], { input: bytes }) : null;
}

function sevenZip(): Buffer | null {
  if (!isInstalled('bsdtar')) return null;
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-7z-'));
  try {
    mkdirSync(join(folder, dirname(NAME)));
    writeFileSync(join(folder, NAME), PICTURE);
    execFileSync('bsdtar', ['--format=7zip', '-cf', join(folder, 'made.7z'), '-C', folder, 'holiday']);
    return readFileSync(join(folder, 'made.7z'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A UFDR: a ZIP whose report says what its files were called on the phone. */
function phoneReport(): Buffer {
  const report = `<?xml version="1.0" encoding="utf-8"?><project id="1" xmlns="http://pa.cellebrite.com/report/2.0"><taggedFiles><file fs="data" id="1" path="/media/0/${NAME}" size="${PICTURE.length}"><metadata section="File"><item name="Local Path"><![CDATA[files\\Image\\1.JPG]]></item></metadata></file></taggedFiles></project>`;
  return writeStoredZip([{ name: 'files/Image/1.JPG', content: PICTURE }, { name: 'report.xml', content: Buffer.from(report) }], 4);
}

/** A TNEF of one attachment: signature, key; attributes of level, id, length, value and checksum. */
function tnef(): Buffer {
  const attribute = (level: number, id: number, value: Buffer): Buffer => {
    const head = Buffer.alloc(9);
    head[0] = level;
    head.writeUInt32LE(id, 1);
    head.writeUInt32LE(value.length, 5);
    const sum = Buffer.alloc(2);
    sum.writeUInt16LE(value.reduce((total, byte) => (total + byte) & 0xffff, 0));
    return Buffer.concat([head, value, sum]);
  };
  return Buffer.concat([Buffer.of(0x78, 0x9f, 0x3e, 0x22, 1, 0), attribute(1, 0x00089006, Buffer.of(0, 0, 1, 0)), attribute(2, 0x00069002, Buffer.alloc(14)), attribute(2, 0x00018010, Buffer.from('BRIDGE.JPG\0')), attribute(2, 0x0006800f, PICTURE)]);
}

after(async () => {
  for (const pool of Object.values(depths)) await (await pool).close();
});
const depths: Promise<Decoders>[] = [];
/** A worker for each depth, as the lane has. */
const unpackers = (depth: number): Promise<Decoders> => (depths[depth] ??= startDecoders({ workers: 1, profile: 'tools' }));
const doors = createContainerDoors(['league cup', PASSWORD], unpackers);

const laneTools: ContentTools = { ...doors, sniff: sniffContent, decodePicture: () => Promise.reject(new Error('not asked')), glanceAtPicture: () => Promise.reject(new Error('not asked')), decodeVideo: () => Promise.reject(new Error('not asked')), close: async () => undefined };

function byNameOf({ files, byName }: MadeContainer): ItemByName | null {
  if (byName === null) return null;
  const folder: BackupFolder = (names) => {
    const bytes = files.get(names.join('/'));
    return bytes === undefined ? null : new MemorySource(bytes);
  };
  return { kind: byName, folder: files.size > 1 ? folder : null };
}

async function readMember(bytes: Uint8Array, path: string, folder: BackupFolder | null): Promise<Uint8Array> {
  const source = await openMember(new MemorySource(bytes), path, doors, folder);
  try {
    return readView(source, 0, source.sizeBytes).bytes;
  } finally {
    source.close();
  }
}

const sha1 = (bytes: Uint8Array): string => createHash('sha1').update(bytes).digest('hex');

describe('every member that the lane lists opens by its path, and is the same content', () => {
  for (const made of makeContainers()) {
    const needsSandbox = made.kind.includes('RAR') && !existsSync('/usr/bin/bwrap');
    it(made.kind, { skip: made.missing ?? (needsSandbox ? 'bubblewrap is not installed' : false) }, async () => {
      const [bytes] = made.files.values();
      const byName = byNameOf(made);
      const unit = await examineItem(0, () => new MemorySource(bytes!), { tools: laneTools, decodesMedia: false, decodesVideo: false, maskOf: () => DIGEST_BIT.sha1, isStopped: () => false }, byName);
      assert.deepEqual(unit.problems, []);
      const digests = unit.members.map(({ digests: packed }) => Buffer.from(packed).toString('hex'));
      assert.ok(made.picture === null ? digests.length > 0 : digests.includes(sha1(made.picture)), `the picture in ${unit.members.map(({ member }) => member).join(', ')}`);
      for (const [index, { member }] of unit.members.entries()) assert.equal(sha1(await readMember(bytes!, member, byName?.folder ?? null)), digests[index], member);
    });
  }
});
