import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { CAMERA_RAW_KINDS, makeCameraRaw, makeMedia, makePicture, mutate, writeCompoundFile } from '@kerbside/corpus';
import { sniffContent } from './sniff-content.ts';

const text = (value: string): Buffer => Buffer.from(value, 'latin1');
const ftyp = (brands: string): Buffer => Buffer.concat([Buffer.from([0, 0, 0, 8 + brands.length + 4]), text(`ftyp${brands.slice(0, 4)}\0\0\0\0${brands.slice(4)}`), text('\0\0\0\x08free')]);
const jpeg = makePicture({ kind: 'jpeg', seed: 1, widthPx: 64, heightPx: 48 });

function oldTar(): Buffer {
  const header = Buffer.alloc(1024);
  header.write('spielplan.txt', 0);
  header.write('0000644\0', 100);
  header.write('        ', 148);
  header.write(`${header.subarray(0, 512).reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

const KINDS: readonly (readonly [string, Buffer, ReturnType<typeof sniffContent>])[] = [
  ['jpeg', jpeg, 'picture/jpeg'],
  ['png', makePicture({ kind: 'png', seed: 1, widthPx: 8, heightPx: 8 }), 'picture/png'],
  ['gif', makePicture({ kind: 'gif', seed: 1, widthPx: 8, heightPx: 8 }), 'picture/gif'],
  ['bmp', makePicture({ kind: 'bmp', seed: 1, widthPx: 8, heightPx: 8 }), 'picture/bmp'],
  ['text that begins with BM', text('BMW und andere Wagen vor dem Stadion'), null],
  ['webp', makeMedia({ kind: 'webp', seed: 1, widthPx: 64, heightPx: 48 }), 'picture/webp'],
  ['heic', makeMedia({ kind: 'heic', seed: 1, widthPx: 64, heightPx: 48 }), 'picture/heic'],
  ['avif', makeMedia({ kind: 'avif', seed: 1, widthPx: 64, heightPx: 48 }), 'picture/avif'],
  ['a HEIF that says mif1 first', ftyp('mif1heicmiaf'), 'picture/heic'],
  ['an AVIF that says mif1 first', ftyp('mif1avifmiaf'), 'picture/avif'],
  ['a film with a picture brand beside', ftyp('isomheicmp42'), 'video/mp4'],
  ['mp4', makeMedia({ kind: 'mp4', seed: 1, widthPx: 64, heightPx: 48 }), 'video/mp4'],
  ['mov', makeMedia({ kind: 'mov', seed: 1, widthPx: 64, heightPx: 48 }), 'video/mov'],
  ['3gp', ftyp('3gp4isom'), 'video/3gp'],
  ['avi', makeMedia({ kind: 'avi', seed: 1, widthPx: 64, heightPx: 48 }), 'video/avi'],
  ['webm', text('\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm'), 'video/webm'],
  ['matroska', text('\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x88matroska'), 'video/matroska'],
  ['asf', Buffer.from('3026b2758e66cf11a6d900aa0062ce6c00', 'hex'), 'video/asf'],
  ['flv', text('FLV\x01\x05\0\0\0\x09'), 'video/flv'],
  ['mpeg program stream', Buffer.from('000001ba44', 'hex'), 'video/mpeg-ps'],
  ['mpeg transport stream', Buffer.alloc(188 * 6, Buffer.concat([text('G'), Buffer.alloc(187)])), 'video/mpeg-ts'],
  ['zip', text('PK\x03\x04\x14\0'), 'archive/zip'],
  ['7z', text('7z\xbc\xaf\x27\x1c\0\x04'), 'archive/7z'],
  ['rar 4', text('Rar!\x1a\x07\0'), 'archive/rar4'],
  ['rar 5', text('Rar!\x1a\x07\x01\0'), 'archive/rar5'],
  ['gzip', gzipSync('Tor'), 'archive/gzip'],
  ['bzip2', text('BZh91AY&SY'), 'archive/bzip2'],
  ['text that begins with BZh', text('BZhandelskammer'), null],
  ['xz', text('\xfd7zXZ\0\0\x04'), 'archive/xz'],
  ['tar', Buffer.concat([Buffer.alloc(257, 'a'), text('ustar\0'), Buffer.alloc(249)]), 'archive/tar'],
  ['tar before POSIX', oldTar(), 'archive/tar'],
  ['mbox', text('From tor@example.org Fri May  3 14:07:09 2024\nFrom: a\n\nTor'), 'mail/mbox'],
  ['mail', text('Received: by x\r\nFrom: a@example.org\r\nSubject: Spiel\r\n\r\nTor'), 'mail/eml'],
  ['settings with colons', text('Name: a\nSize: 5\nColour: red\n'), null],
  ['pst', text('!BDN\0\0'), 'mail/pst'],
  ['android backup', text('ANDROID BACKUP\n5\n1\nnone\n'), 'backup/android'],
  ['an old office file', writeCompoundFile([{ name: 'WordDocument', content: Buffer.alloc(5000) }]), null],
  ['another database', Buffer.concat([text('SQLite format 3\0'), Buffer.alloc(500)]), null],
  ['noise', deflateRawSync(jpeg), null],
  ['nothing', Buffer.alloc(0), null],
  ['zeros', Buffer.alloc(65_536), null],
];

for (const [name, bytes, kind] of KINDS) test(`by content: ${name}`, () => equal(sniffContent(bytes), kind));

test('camera raw: what the head tells apart, the rest as TIFF', () => {
  const told = CAMERA_RAW_KINDS.map((kind) => sniffContent(makeCameraRaw({ kind, preview: jpeg, widthPx: 60, heightPx: 40 })));
  equal(told.join(' '), 'picture/raw-cr2 picture/raw-cr3 picture/tiff picture/tiff picture/tiff picture/raw-orf picture/raw-rw2 picture/raw-raf');
});

test('no content makes it throw', () => {
  for (const [, bytes] of KINDS) {
    if (bytes.length === 0) continue;
    for (let seed = 0; seed < 20; seed++) sniffContent(mutate(bytes.subarray(0, 4096), seed));
    for (let length = 0; length < Math.min(64, bytes.length); length++) sniffContent(bytes.subarray(0, length));
  }
});
