import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { MemorySource, type ByteRange, type RandomAccessSource } from '@kerbside/bytes';
import { makePicture, makeRandom, mutate, writeCompoundFile, writeThumbcache, writeThumbdata, writeThumbsDb, type StoredThumbnail } from '@kerbside/corpus';
import type { ContainerEvent, Member } from '../container.ts';
import { sniffContent } from '../sniff-content.ts';
import { readThumbnailStore, type ThumbnailStoreKind } from './read-thumbnail-store.ts';

const SIZES = [[40, 30], [160, 120], [256, 192], [96, 96]] as const;
const THUMBNAILS: readonly StoredThumbnail[] = SIZES.map(([widthPx, heightPx], i) => ({
  name: `Spielplan ${i}.jpg`,
  picture: makePicture({ kind: i === 2 ? 'png' : 'jpeg', seed: i, widthPx, heightPx, grain: 0.5 }),
}));

function events(bytes: Uint8Array, kind: ThumbnailStoreKind): ContainerEvent[] {
  return [...readThumbnailStore(new MemorySource(bytes), kind)];
}

function members(found: readonly ContainerEvent[]): Member[] {
  return found.flatMap((event) => (event.type === 'member' ? [event.member] : []));
}

function codes(found: readonly ContainerEvent[]): string[] {
  return found.flatMap((event) => (event.type === 'problem' ? [event.problem.code] : []));
}

function contentOf(member: Member): Buffer {
  return Buffer.concat([...(member.content() as Iterable<Uint8Array>)]);
}

/** What the extents say, read from the store itself. */
function contentInPlace(store: Buffer, member: Member): Buffer {
  return Buffer.concat(member.extents!.map(({ sourceOffset, length }) => store.subarray(sourceOffset, sourceOffset + length)));
}

function nameOf(member: Member): string {
  return Buffer.from(member.names[0]!.bytes).toString(member.names[0]!.encoding === 'utf-16le' ? 'utf16le' : 'latin1');
}

function checkContents(store: Buffer, found: readonly ContainerEvent[], expected: readonly Uint8Array[]): void {
  deepEqual(codes(found), []);
  equal(members(found).length, expected.length);
  members(found).forEach((member, i) => {
    ok(contentOf(member).equals(expected[i]!), `content of ${nameOf(member)}`);
    ok(contentInPlace(store, member).equals(expected[i]!), `place of ${nameOf(member)}`);
    equal(member.sizeBytes, expected[i]!.length);
  });
}

for (const interleave of [false, true]) {
  test(`Thumbs.db of Windows XP gives its thumbnails in place with names and times${interleave ? ', also in pieces' : ''}`, () => {
    const store = writeThumbsDb(THUMBNAILS, { form: 'xp', interleave });
    equal(sniffContent(store), 'thumbnails/thumbs-db');
    const found = events(store, 'thumbnails/thumbs-db');
    checkContents(store, found, THUMBNAILS.map(({ picture }) => picture));
    deepEqual(members(found).map(nameOf), THUMBNAILS.map(({ name }) => name));
    deepEqual(members(found)[0]!.times.modified, { seconds: 1_714_737_600, nanoseconds: 0, zone: 'utc' });
    if (interleave) ok(members(found).some(({ extents }) => extents!.length > 3));
  });
}

test('Thumbs.db of Windows Vista has no catalogue: members are called by size and id', () => {
  const store = writeThumbsDb(THUMBNAILS, { form: 'vista' });
  equal(sniffContent(store), 'thumbnails/thumbs-db');
  const found = events(store, 'thumbnails/thumbs-db');
  checkContents(store, found, THUMBNAILS.map(({ picture }) => picture));
  equal(nameOf(members(found)[0]!), '256_1234567890abcdef');
});

test('a thumbnail of Windows 2000, without its tables, is a member that cannot be read, with its reason', () => {
  const old = Buffer.concat([Buffer.from([16, 0, 0, 0]), Buffer.alloc(300, 7)]);
  const found = events(writeCompoundFile([{ name: '1', content: old }]), 'thumbnails/thumbs-db');
  equal(members(found)[0]!.state, 'unsupported');
  deepEqual(codes(found), ['thumbnail-unknown']);
});

for (const version of [20, 21, 30, 31, 32] as const) {
  test(`thumbcache version ${version} gives its pictures in place, called by their ids`, () => {
    const store = writeThumbcache([...THUMBNAILS, { name: 'only noted', picture: Buffer.alloc(0) }], version);
    equal(sniffContent(store), 'thumbnails/thumbcache');
    const found = events(store, 'thumbnails/thumbcache');
    checkContents(store, found, THUMBNAILS.map(({ picture }) => picture));
    deepEqual(members(found).map(nameOf), THUMBNAILS.map(({ name }) => name));
  });
}

test('after a damaged entry of a thumbcache the next ones are found, and the damage is told once', () => {
  const store = writeThumbcache(THUMBNAILS, 32);
  const second = store.indexOf('CMMM', 40);
  store.writeUInt32LE(0xfffffff0, second + 4);
  const found = events(store, 'thumbnails/thumbcache');
  deepEqual(codes(found), ['thumbcache-damaged']);
  deepEqual(members(found).map(nameOf), ['Spielplan 0.jpg', 'Spielplan 2.jpg', 'Spielplan 3.jpg']);
});

test('a thumbcache full of signatures is read a bounded number of times', () => {
  const store = Buffer.alloc(1024 * 1024, 'CMMM----');
  store.writeUInt32LE(32, 4);
  let readBytes = 0;
  const counting: RandomAccessSource = {
    sizeBytes: store.length,
    originOffset: 0,
    readInto: (target, offset): readonly ByteRange[] => {
      readBytes += target.byteLength;
      target.set(store.subarray(offset, offset + target.byteLength));
      return [];
    },
    close: () => undefined,
  };
  const found = [...readThumbnailStore(counting, 'thumbnails/thumbcache')];
  equal(members(found).length, 0);
  ok(readBytes < 16 * store.length, `${readBytes} bytes were read`);
});

test('thumbdata gives the slots that are filled, called by the pictures\' ids', () => {
  const pictures = new Map([[2, makePicture({ kind: 'jpeg', seed: 1, widthPx: 96, heightPx: 96 })], [1500, makePicture({ kind: 'jpeg', seed: 2, widthPx: 96, heightPx: 96 })]]);
  const store = writeThumbdata(pictures);
  equal(sniffContent(store), 'thumbnails/thumbdata');
  const found = events(store, 'thumbnails/thumbdata');
  checkContents(store, found, [...pictures.values()]);
  deepEqual(members(found).map(nameOf), ['2', '1500']);
});

test('thumbdata of another form gives the JPEGs that lie in it whole, at any byte, and tells what else there is', () => {
  const pictures = [1, 2, 3].map((seed) => makePicture({ kind: 'jpeg', seed, widthPx: 96, heightPx: 96 }));
  const store = Buffer.concat([Buffer.alloc(777, 3), ...pictures.flatMap((one) => [one, Buffer.alloc(100)]), pictures[0]!.subarray(0, 700)]);
  const found = events(store, 'thumbnails/thumbdata');
  deepEqual(members(found).map(contentOf), pictures);
  deepEqual(members(found).map(nameOf).slice(0, 2), ['at 777', `at ${777 + pictures[0]!.length + 100}`]);
  const [told] = found.flatMap((event) => (event.type === 'problem' ? [event.problem] : []));
  equal(told?.code, 'thumbnails-left-over');
  equal(told?.where.offset, 0);
  const busy = pictures[0]!.subarray(0, 700).filter((byte) => byte !== 0).length;
  ok(told?.message.startsWith(`${777 + busy} bytes`), told?.message);
});

test('every byte of thumbdata is in a member, zero, or told: in slots, behind them and between', () => {
  const picture = makePicture({ kind: 'jpeg', seed: 1, widthPx: 96, heightPx: 96 });
  const store = writeThumbdata(new Map([[2, picture]]));
  deepEqual(codes(events(store, 'thumbnails/thumbdata')), []);
  // An empty slot that still holds what was there: its JPEG is whole and comes out.
  const given = Buffer.concat([store, Buffer.alloc(10_000)]);
  given.set(picture, 30_013);
  given[30_000] = 0;
  const found = events(given, 'thumbnails/thumbdata');
  deepEqual(members(found).map(nameOf), ['2', 'at 30013']);
  deepEqual(codes(found), []);
  // The end of a longer one behind a shorter one is no picture.
  const slack = Buffer.from(store);
  slack.fill(7, 29_990);
  deepEqual(codes(events(slack, 'thumbnails/thumbdata')), ['thumbnails-left-over']);
});

test('thumbdata with long stretches of zeros gives what lies behind them too', () => {
  const pictures = [1, 2, 3].map((seed) => makePicture({ kind: 'jpeg', seed, widthPx: 96, heightPx: 96 }));
  for (const gapBytes of [70_000, 1 << 20, 40 << 20]) {
    const store = Buffer.concat([pictures[0]!, Buffer.alloc(gapBytes), pictures[1]!, Buffer.alloc(gapBytes + 11), pictures[2]!]);
    const found = events(store, 'thumbnails/thumbdata');
    deepEqual(codes(found), [], `${gapBytes}`);
    deepEqual(members(found).map(contentOf), pictures, `${gapBytes}`);
  }
});

test('a bad place in thumbdata costs what lies on it and no more', () => {
  const picture = makePicture({ kind: 'jpeg', seed: 1, widthPx: 96, heightPx: 96 });
  const store = writeThumbdata(new Map([[2, picture], [5, picture], [1500, picture]]));
  const bad: ByteRange = { offset: 50_512, length: 512 };
  const memory = new MemorySource(store);
  const failing: RandomAccessSource = {
    sizeBytes: store.length,
    originOffset: 0,
    readInto(target, offset) {
      memory.readInto(target, offset);
      const [start, end] = [Math.max(bad.offset, offset), Math.min(bad.offset + bad.length, offset + target.byteLength)];
      if (end <= start) return [];
      target.fill(0, start - offset, end - offset);
      return [{ offset: start, length: end - start }];
    },
    close: () => undefined,
  };
  const found = [...readThumbnailStore(failing, 'thumbnails/thumbdata')];
  deepEqual(members(found).map(nameOf), ['2', '1500']);
  deepEqual(codes(found), ['unreadable-bytes', 'thumbnails-left-over']);
});

test('a file full of beginnings of JPEGs is given up in bounded time, and that is told', () => {
  // Each leads on for 60,000 bytes before it breaks.
  const planted = Buffer.alloc(6_000_000);
  const beginning = Buffer.from('ffd8ffe0ea60', 'hex');
  for (let at = 0; at + 6 <= planted.length; at += 6) planted.set(beginning, at);
  deepEqual(codes(events(planted, 'thumbnails/thumbdata')), ['thumbnails-limit', 'thumbnails-left-over']);
});

test('stores that are not read are told by name', () => {
  const index = Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(200), Buffer.from('CREATE TABLE thumbnails (file_id, bitmapdata_location)')]);
  equal(sniffContent(index), 'thumbnails/quicklook-index');
  for (const kind of ['thumbnails/quicklook-index', 'thumbnails/quicklook-data', 'thumbnails/ithmb'] as const) deepEqual(codes(events(index, kind)), ['thumbnails-unsupported']);
});

test('damaged and cut stores end in problems, never in a fault, and give nothing outside themselves', () => {
  const stores = [
    [writeThumbsDb(THUMBNAILS, { form: 'xp', interleave: true }), 'thumbnails/thumbs-db'],
    [writeThumbcache(THUMBNAILS, 32), 'thumbnails/thumbcache'],
    [writeThumbdata(new Map([[0, THUMBNAILS[0]!.picture], [3, THUMBNAILS[3]!.picture]])), 'thumbnails/thumbdata'],
  ] as const;
  const random = makeRandom(4);
  for (const [store, kind] of stores) {
    for (let seed = 0; seed < 400; seed++) {
      const changed = mutate(store, seed);
      const bytes = seed % 3 === 0 ? changed.subarray(0, random.below(changed.length)) : changed;
      for (const event of events(bytes, kind)) {
        if (event.type === 'problem') ok(event.problem.kind !== 'internal', `${kind} ${seed}: ${event.problem.message}`);
        else for (const { sourceOffset, length } of event.member.extents!) ok(sourceOffset >= 0 && sourceOffset + length <= bytes.length);
      }
    }
  }
});

test('a chain of sectors in a circle ends', () => {
  const store = writeThumbsDb(THUMBNAILS, { form: 'xp' });
  // A large stream's second sector leads back to its first.
  const table = (store.readUInt32LE(0x4c) + 1) * 512;
  for (let n = 0; n < 126; n++) if (store.readUInt32LE(table + 4 * n) === n + 1 && store.readUInt32LE(table + 4 * n + 4) === n + 2) store.writeUInt32LE(n, table + 4 * n + 4);
  const found = events(store, 'thumbnails/thumbs-db');
  ok(codes(found).includes('cfb-damaged'));
});
