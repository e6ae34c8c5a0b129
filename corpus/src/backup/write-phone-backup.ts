import { createCipheriv, createHash, pbkdf2Sync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makeRandom } from '../random.ts';
import { writeBplist, type PlistInput } from './write-bplist.ts';

export interface PhoneFile {
  readonly domain: string;
  readonly relativePath: string;
  /** Null makes a folder. */
  readonly content: Uint8Array | null;
  /** Unix seconds. */
  readonly modifiedSeconds?: number;
}

export interface PhoneBackupOptions {
  readonly files: readonly PhoneFile[];
  /** Encrypts the backup. */
  readonly password?: string;
  /** `old` writes Manifest.mbdb and puts content straight into the folder. */
  readonly form?: 'database' | 'old';
}

/** Far fewer rounds than Apple's ten million, so that tests are quick. */
const FIRST_ROUNDS = 50;
const SECOND_ROUNDS = 20;
const CLASS_NUMBER = 3;

/** Writes an iTunes / Finder backup as the files of its folder by their path. */
export function writePhoneBackup(options: PhoneBackupOptions): Map<string, Buffer> {
  const folder = new Map<string, Buffer>();
  const lock = options.password === undefined ? null : makeLock(options.password);
  const old = options.form === 'old';
  const entries = options.files.map((file) => {
    const fileId = createHash('sha1').update(`${file.domain}-${file.relativePath}`).digest('hex');
    const key = lock === null || file.content === null ? null : seeded(`file ${fileId}`, 32);
    if (file.content !== null) folder.set(old ? fileId : `${fileId.slice(0, 2)}/${fileId}`, key === null ? Buffer.from(file.content) : encrypt(key, file.content, true));
    return { file, fileId, lockedKey: key === null ? null : lockKey(lock!.classKey, key) };
  });
  const manifest = new Map<string, PlistInput>([['IsEncrypted', lock !== null], ['Version', '10.0'], ['Date', new Date('2026-03-01T10:00:00Z')]]);
  if (old) folder.set('Manifest.mbdb', writeMbdb(entries));
  else {
    const database = writeManifestDb(entries);
    const key = seeded('manifest', 32);
    folder.set('Manifest.db', lock === null ? database : encrypt(key, database, false));
    if (lock !== null) manifest.set('ManifestKey', lockKey(lock.classKey, key));
  }
  if (lock !== null) manifest.set('BackupKeyBag', lock.keyBag);
  folder.set('Manifest.plist', writeBplist(manifest));
  folder.set('Info.plist', writeInfo());
  folder.set('Status.plist', writeBplist(new Map<string, PlistInput>([['IsFullBackup', true], ['SnapshotState', 'finished']])));
  return folder;
}

type Entry = { readonly file: PhoneFile; readonly fileId: string; readonly lockedKey: Buffer | null };

function makeLock(password: string): { keyBag: Buffer; classKey: Buffer } {
  const salts = [seeded('first salt', 20), seeded('second salt', 20)] as const;
  const secret = pbkdf2Sync(pbkdf2Sync(password, salts[0], FIRST_ROUNDS, 32, 'sha256'), salts[1], SECOND_ROUNDS, 32, 'sha1');
  const classKey = seeded('class', 32);
  const keyBag = Buffer.concat([
    tag('VERS', u32(5)), tag('TYPE', u32(1)), tag('UUID', seeded('bag', 16)), tag('HMCK', seeded('hmck', 40)), tag('WRAP', u32(0)),
    tag('SALT', salts[1]), tag('ITER', u32(SECOND_ROUNDS)), tag('DPWT', u32(0)), tag('DPIC', u32(FIRST_ROUNDS)), tag('DPSL', salts[0]),
    tag('UUID', seeded('device class', 16)), tag('CLAS', u32(11)), tag('WRAP', u32(1)), tag('KTYP', u32(0)), tag('WPKY', seeded('device', 40)),
    tag('UUID', seeded('password class', 16)), tag('CLAS', u32(CLASS_NUMBER)), tag('WRAP', u32(2)), tag('KTYP', u32(0)), tag('WPKY', wrap(secret, classKey)),
  ]);
  return { keyBag, classKey };
}

function writeManifestDb(entries: readonly Entry[]): Buffer {
  const place = mkdtempSync(join(tmpdir(), 'kerbside-manifest-'));
  try {
    const path = join(place, 'Manifest.db');
    const database = new DatabaseSync(path);
    database.exec('CREATE TABLE Files (fileID TEXT PRIMARY KEY, domain TEXT, relativePath TEXT, flags INTEGER, file BLOB); CREATE TABLE Properties (key TEXT PRIMARY KEY, value BLOB); BEGIN');
    const insert = database.prepare('INSERT INTO Files VALUES (?, ?, ?, ?, ?)');
    for (const { file, fileId, lockedKey } of entries) insert.run(fileId, file.domain, file.relativePath, file.content === null ? 2 : 1, writeMbFile(file, lockedKey));
    database.exec('COMMIT');
    database.close();
    return readFileSync(path);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

function writeMbFile(file: PhoneFile, lockedKey: Buffer | null): Buffer {
  const seconds = file.modifiedSeconds ?? 1_770_000_000;
  const root = new Map<string, PlistInput>([
    ['$class', { uid: 2 }], ['Birth', seconds - 60], ['LastModified', seconds], ['LastStatusChange', seconds + 5], ['Size', file.content?.length ?? 0],
    ['Mode', file.content === null ? 0o40755 : 0o100644], ['RelativePath', { uid: 3 }], ['ProtectionClass', lockedKey === null ? 0 : CLASS_NUMBER],
  ]);
  const objects: PlistInput[] = ['$null', root, new Map<string, PlistInput>([['$classname', 'MBFile']]), file.relativePath];
  if (lockedKey !== null) {
    root.set('EncryptionKey', { uid: 4 });
    objects.push(new Map<string, PlistInput>([['NS.data', lockedKey]]));
  }
  return writeBplist(new Map<string, PlistInput>([['$version', 100_000], ['$archiver', 'NSKeyedArchiver'], ['$top', new Map([['root', { uid: 1 }]])], ['$objects', objects]]));
}

function writeMbdb(entries: readonly Entry[]): Buffer {
  const parts: Buffer[] = [Buffer.from('mbdb\x05\x00', 'latin1')];
  for (const { file, lockedKey } of entries) {
    const seconds = file.modifiedSeconds ?? 1_300_000_000;
    const numbers = Buffer.alloc(40);
    numbers.writeUInt16BE(file.content === null ? 0o40755 : 0o100644, 0);
    [seconds, seconds + 1, seconds + 5].forEach((value, i) => numbers.writeUInt32BE(value, 18 + i * 4));
    numbers.writeBigUInt64BE(BigInt(file.content?.length ?? 0), 30);
    numbers[38] = lockedKey === null ? 0 : CLASS_NUMBER;
    numbers[39] = 1;
    parts.push(mbdbText(file.domain), mbdbText(file.relativePath), mbdbText(null), mbdbText(null), mbdbText(lockedKey), numbers, mbdbText('kind'), mbdbText('test'));
  }
  return Buffer.concat(parts);
}

function writeInfo(): Buffer {
  return Buffer.from(
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n<plist version="1.0"><dict><key>Product Name</key><string>Test phone</string></dict></plist>\n',
  );
}

function mbdbText(value: string | Buffer | null): Buffer {
  if (value === null) return Buffer.of(0xff, 0xff);
  const bytes = Buffer.from(value as string);
  return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes]);
}

function lockKey(classKey: Buffer, key: Buffer): Buffer {
  const number = Buffer.alloc(4);
  number.writeUInt32LE(CLASS_NUMBER);
  return Buffer.concat([number, wrap(classKey, key)]);
}

function wrap(key: Buffer, plain: Buffer): Buffer {
  const cipher = createCipheriv('id-aes256-wrap', key, Buffer.alloc(8, 0xa6));
  return Buffer.concat([cipher.update(plain), cipher.final()]);
}

function encrypt(key: Buffer, plain: Uint8Array, padded: boolean): Buffer {
  const cipher = createCipheriv('aes-256-cbc', key, Buffer.alloc(16)).setAutoPadding(padded);
  return Buffer.concat([cipher.update(plain), cipher.final()]);
}

function tag(name: string, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from(name, 'latin1'), u32(value.length), value]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function seeded(name: string, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  makeRandom(createHash('sha256').update(name).digest().readUInt32BE(0)).fill(bytes);
  return bytes;
}
