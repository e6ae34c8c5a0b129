import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { after } from 'node:test';
import { readView } from '@kerbside/bytes';
import { contentChunks, createMemoryImage, makePicture, makePseudoVideo, writeE01, writeFatVolume, writePhoneBackup, writeTar, writeZip, type CorpusFile } from '@kerbside/corpus';
import { findLayout, openSource } from '@kerbside/evidence';
import { DIGEST_BIT, toHex } from '../digests.ts';
import { createContainerDoors } from '../content/container-doors.ts';
import { openReviewItem } from './open-review-item.ts';
import type { ReviewItem } from './review-item.ts';

const SECTOR = 512;
const SIZE_BYTES = 16 * 1024 * 1024;
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'kerbside-items-')));
after(() => rmSync(folder, { recursive: true, force: true }));

const PICTURE = makePicture({ kind: 'png', seed: 41, widthPx: 120, heightPx: 90 });
const OTHER = makePicture({ kind: 'jpeg', seed: 42, widthPx: 120, heightPx: 90 });
const PASSWORD = 'away goals';
const doors = createContainerDoors([PASSWORD], () => Promise.reject(new Error('no tools here')));
const noPassword = createContainerDoors([], () => Promise.reject(new Error('no tools here')));

const open = (path: string, name: string, { id = null, through = doors }: { id?: string | null; through?: typeof doors } = {}): Promise<ReviewItem> =>
  openReviewItem(path, { path: name, id }, DIGEST_BIT.sha256, { doors: through });

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const digestOf = ({ digests }: ReviewItem): string => toHex(digests[0]!.bytes);

/** An image of a FAT volume, and the name of the volume in paths. */
async function makeImage(name: string, tree: readonly CorpusFile[]): Promise<{ path: string; bytes: Buffer; volume: string }> {
  const image = createMemoryImage(SIZE_BYTES);
  writeFatVolume({ fatBits: 16, sizeBytes: SIZE_BYTES, clusterSizeBytes: 2048, seed: 5, tree, sink: image });
  const bytes = Buffer.from(image.bytes);
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const opened = await openSource(path);
  try {
    assert.equal(opened.form, 'image');
    return { path, bytes, volume: opened.form === 'image' ? (await findLayout(opened)).volumes[0]!.volume.id : '' };
  } finally {
    await opened.close();
  }
}

test('part of an item that the medium did not give is zeros and told; a member in it is refused', async () => {
  const archive = writeTar([{ name: 'whole.jpg', content: OTHER }, { name: 'hole.png', content: PICTURE }]);
  const { bytes, volume } = await makeImage('sound.img', [{ path: 'a.tar', content: archive }, { path: 'b.png', content: PICTURE }]);
  const places = [bytes.indexOf(PICTURE), bytes.lastIndexOf(PICTURE)];
  assert.ok(places[0]! > 0 && places[0] !== places[1]);
  const unreadSectors = places.map((at) => ({ startSector: Math.ceil(at / SECTOR) + 1, sectors: 1 }));
  const { segmentPaths: [path] } = writeE01({ source: [bytes], sizeBytes: bytes.length, outBasePath: join(folder, 'unread'), unreadSectors });

  await assert.rejects(open(path!, `${volume}/a.tar/\\[tar]/hole.png`), { code: 'still-item-unreadable', message: /512 bytes of .*hole\.png.* could not be read/ });
  {
    await using whole = await open(path!, `${volume}/a.tar/\\[tar]/whole.jpg`);
    assert.deepEqual([digestOf(whole), whole.isWhole, whole.kind], [sha256(OTHER), true, 'picture']);
  }
  await using item = await open(path!, `${volume}/b.png`);
  const at = Math.ceil(bytes.lastIndexOf(PICTURE) / SECTOR) * SECTOR + SECTOR - bytes.lastIndexOf(PICTURE);
  const holed = Buffer.from(PICTURE).fill(0, at, at + SECTOR);
  assert.deepEqual([item.isWhole, digestOf(item)], [false, sha256(holed)]);
});

test('files of a phone backup open by the names they had on the phone, in a folder and in an image', async () => {
  const made = writePhoneBackup({ files: [{ domain: 'CameraRollDomain', relativePath: 'Media/DCIM/IMG_0001.JPG', content: OTHER }], password: PASSWORD });
  const inside = 'Manifest.plist/\\[ios]/CameraRollDomain/Media/DCIM/IMG_0001.JPG';
  const phone = join(folder, 'phone');
  for (const [name, content] of made) {
    mkdirSync(dirname(join(phone, name)), { recursive: true });
    writeFileSync(join(phone, name), content);
  }
  const { path, volume } = await makeImage('phone.img', [...made].map(([name, content]) => ({ path: `Backup/0a1b/${name}`, content })));
  for (const [source, item] of [[phone, inside], [path, `${volume}/Backup/0a1b/${inside}`]] as const) {
    await using opened = await open(source, item);
    assert.equal(digestOf(opened), sha256(OTHER), item);
    await assert.rejects(open(source, item, { through: noPassword }), { code: 'still-item-unreadable', message: /--password-file/ });
  }
});

test('a carved file is found again where its path says, and nowhere else', async () => {
  const { path, bytes, volume } = await makeImage('carved.img', [{ path: 'a.png', content: PICTURE }]);
  const start = SIZE_BYTES / 2;
  OTHER.copy(bytes, start);
  writeFileSync(path, bytes);
  const named = (at: number): string => `${volume}/\\[carved]/${String(at).padStart(13, '0')}.jpg`;
  await using item = await open(path, named(start));
  assert.equal(digestOf(item), sha256(OTHER));
  for (const wrong of [named(start - 2048), named(start + 2048), named(bytes.indexOf(PICTURE)), `${volume}/\\[carved]/0000000000512.png`]) await assert.rejects(open(path, wrong), { code: 'still-item-not-found' }, wrong);
});

test('a video stays open for its decoder, at any place; in a ZIP too', async () => {
  const video = Buffer.concat([...contentChunks(makePseudoVideo(7, 300_000))]);
  const { path, volume } = await makeImage('video.img', [{ path: 'V.ZIP', content: writeZip([{ name: 'a/v.mp4', content: video, method: 0 }]) }, { path: 'V.MP4', content: video }]);
  for (const name of [`${volume}/V.MP4`, `${volume}/V.ZIP/\\[zip]/a/v.mp4`]) {
    await using item = await open(path, name);
    assert.deepEqual([item.kind, item.source.sizeBytes, Buffer.from(readView(item.source, 200_000, 1000).bytes)], ['video', video.length, video.subarray(200_000, 201_000)], name);
  }
});

test('what is no single picture is told in words that say what to do', async () => {
  const { path, volume } = await makeImage('odd.img', [{ path: 'a.zip', content: writeZip([{ name: 'p.png', content: PICTURE }]) }, { path: 'EMPTY.JPG', content: Buffer.alloc(0) }, { path: 'TWO.JPG', content: OTHER, deleted: true }]);
  await assert.rejects(open(path, `${volume}/a.zip`), { code: 'still-item-container', message: /holds other files \(zip\)/ });
  await assert.rejects(open(path, `${volume}/EMPTY.JPG`), { code: 'still-item-unreadable', message: /is empty/ });
  await assert.rejects(open(path, `${volume}/none.jpg`), { code: 'still-item-not-found' });
  await assert.rejects(open(path, `${volume}/EMPTY.JPG`, { id: 'x' }), { code: 'still-item-not-found', message: /with the id x/ });
  await assert.rejects(open(join(folder, 'gone.img'), `${volume}/a.zip`), { kind: 'refused' });
});
