/** The QuickLook store of macOS, written by SQLite itself. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { MemorySource } from '@kerbside/bytes';
import { makePhotograph, makeRandom, mutate, writeQuickLookStore, type QuickLookOptions, type QuickLookThumbnail } from '@kerbside/corpus';
import { listAll, type Listed } from '../test-list-all.ts';
import { readQuickLook } from './read-quick-look.ts';

const THUMBNAILS: readonly QuickLookThumbnail[] = ([[40, 30], [64, 64], [17, 5]] as const).map(([widthPx, heightPx], i) => ({
  folder: '/Users/sam/Pictures/match',
  name: `Tor ${i}.jpg`,
  widthPx,
  heightPx,
  pixels: makePhotograph(i + 1, widthPx, heightPx).pixels,
}));

function read(files: ReadonlyMap<string, Buffer>): Promise<Listed> {
  return listAll(readQuickLook((names) => {
    const bytes = files.get(names.join('/'));
    return bytes === undefined ? null : new MemorySource(bytes);
  }));
}

const store = (options: QuickLookOptions = {}): Map<string, Buffer> => writeQuickLookStore(THUMBNAILS, options);

/** RGB of a 32-bit bitmap with masks, rows from the top, as its header says. */
function pixelsOf(bmp: Buffer): { readonly widthPx: number; readonly heightPx: number; readonly pixels: Buffer } {
  equal(bmp.toString('latin1', 0, 2), 'BM');
  equal(bmp.readUInt32LE(2), bmp.length);
  const [at, widthPx, heightPx] = [bmp.readUInt32LE(10), bmp.readInt32LE(18), -bmp.readInt32LE(22)];
  const shifts = [54, 58, 62].map((mask) => Math.log2((bmp.readUInt32LE(mask) / 255)));
  const pixels = Buffer.alloc(widthPx * heightPx * 3);
  for (let i = 0; i < widthPx * heightPx; i++) shifts.forEach((shift, colour) => (pixels[i * 3 + colour] = (bmp.readUInt32LE(at + i * 4) >>> shift) & 0xff));
  return { widthPx, heightPx, pixels };
}

for (const options of [{}, { paddingBytes: 12 }, { bitmapInfo: 1 }] as const) {
  test(`each bitmap is a picture of its own with the path of its file: ${JSON.stringify(options)}`, async () => {
    const { contents, codes } = await read(store(options));
    deepEqual(codes, []);
    deepEqual([...contents.keys()], THUMBNAILS.map(({ name, widthPx, heightPx }) => `Users/sam/Pictures/match/${name}/\\[bitmap ${widthPx}x${heightPx}]`));
    [...contents.values()].forEach((content, i) => {
      const { widthPx, heightPx, pixels } = THUMBNAILS[i]!;
      deepEqual(pixelsOf(content as Buffer), { widthPx, heightPx, pixels: Buffer.from(pixels) });
    });
  });
}

test('the layout of macOS 10.15 and 11 has no names: files are called by their numbers', async () => {
  const { contents, codes } = await read(store({ form: 'middle' }));
  deepEqual(codes, []);
  deepEqual([...contents.keys()], ['\\[file 1000]/\\[bitmap 40x30]', '\\[file 1001]/\\[bitmap 64x64]', '\\[file 1002]/\\[bitmap 17x5]']);
});

test('later layouts, a store without its database or its data, and a rollback journal are told by name', async () => {
  const late = await read(store({ form: 'late' }));
  deepEqual([late.codes.slice(0, 1), late.contents.size], [['thumbnails-unsupported'], 0]);
  for (const name of ['index.sqlite', 'thumbnails.data']) {
    const files = store();
    files.delete(name);
    deepEqual((await read(files)).codes, ['thumbnails-unsupported'], name);
  }
  const journal = store();
  journal.set('index.sqlite-journal', Buffer.alloc(512, 1));
  deepEqual((await read(journal)).codes, ['quick-look-journal']);
});

test('rows in the write-ahead log count; a log that is none is told', async () => {
  const { contents, codes } = await read(store({ changeInLog: true, change: 'UPDATE files SET file_name = \'From the log.jpg\' WHERE rowid = 1' }));
  deepEqual(codes, []);
  ok([...contents.keys()][0]!.includes('From the log.jpg'));
  const broken = store();
  broken.set('index.sqlite-wal', Buffer.alloc(5000, 3));
  deepEqual((await read(broken)).codes, ['quick-look-damaged']);
});

test('rows that cannot be, lie outside or are of another form are told one by one, and the others are read', async () => {
  const cases: readonly (readonly [string, string])[] = [
    ['UPDATE thumbnails SET width = 100000 WHERE file_id = 2', 'quick-look-damaged'],
    ['UPDATE thumbnails SET height = 0 WHERE file_id = 2', 'quick-look-damaged'],
    ['UPDATE thumbnails SET bytesperrow = 9007199254740991 WHERE file_id = 2', 'quick-look-damaged'],
    ['UPDATE thumbnails SET bitmapdata_location = 4611686018427387904 WHERE file_id = 2', 'quick-look-damaged'],
    ['UPDATE thumbnails SET bitmapdata_location = -5 WHERE file_id = 2', 'quick-look-damaged'],
    ['UPDATE thumbnails SET bitmapdata_length = 1099511627776 WHERE file_id = 2', 'quick-look-damaged'],
    ['UPDATE thumbnails SET width = \'wide\' WHERE file_id = 2', 'quick-look-damaged'],
    ['UPDATE thumbnails SET bitsperpixel = 16 WHERE file_id = 2', 'thumbnail-unknown'],
    ['UPDATE thumbnails SET bitmapinfo = 8194 + 256 WHERE file_id = 2', 'thumbnail-unknown'],
  ];
  for (const [change, code] of cases) {
    const { contents, codes } = await read(store({ change }));
    equal(codes[0], code, change);
    equal([...contents.values()].filter((content) => typeof content !== 'string').length, 2, change);
    // Its pixels are in nobody's member any more.
    equal(codes.at(-1), 'thumbnails-left-over', change);
  }
});

test('a number of a file that is none keeps nobody from the other rows', async () => {
  for (const fileId of ['1.5', '9e999', "'two'", 'NULL']) {
    const { contents, codes } = await read(store({ change: `UPDATE thumbnails SET file_id = ${fileId} WHERE file_id = 2` }));
    deepEqual([contents.size, codes], [3, []], fileId);
  }
});

test('many rows over the same bytes are a trap and end', async () => {
  const { contents, codes } = await read(store({ change: 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO thumbnails SELECT file_id, size, width, height, 8, 32, bytesperrow, 8194, bitmapdata_location, bitmapdata_length, 0, 0, 1, 0 FROM thumbnails, n' }));
  ok(codes.includes('thumbnails-limit'));
  ok(contents.size < 20, `${contents.size}`);
});

test('bytes that no row names are told, with their number; zeros are not', async () => {
  const { problems } = await read(store({ rest: Buffer.concat([Buffer.alloc(5000), Buffer.from('left')]) }));
  deepEqual(problems.map(({ code, message }) => [code, message.slice(0, 8)]), [['thumbnails-left-over', '4 bytes ']]);
  deepEqual((await read(store({ rest: Buffer.alloc(5000) }))).codes, []);
});

test('cut and mutated stores end in problems, never in a fault', async () => {
  const random = makeRandom(8);
  const sound = [true, false].map((changeInLog) => store({ changeInLog, change: 'UPDATE files SET folder = \'/x\'' }));
  for (let seed = 0; seed < 600; seed++) {
    const files = new Map(sound[seed % 2]!);
    const which = [...files.keys()][random.below(files.size)]!;
    const changed = mutate(files.get(which)!, seed);
    files.set(which, Buffer.from(seed % 3 === 0 ? changed.subarray(0, random.below(changed.length)) : changed));
    const { problems } = await read(files);
    for (const { kind, message } of problems) ok(kind !== 'internal', `${seed}: ${message}`);
  }
});
