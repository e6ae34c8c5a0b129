import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { LimitError, MalformedError, MemorySource, problemFrom, type RandomAccessSource } from '@kerbside/bytes';
import type { ContainerEvent, Member } from '@kerbside/evidence';
import { DIGEST_BIT } from '../digests.ts';
import { contentAddsUp } from './content-counts.ts';
import type { ContentTools, Decoded } from './content-tools.ts';
import { Stopped } from './examination.ts';
import { examineItem, type ExamineOptions } from './examine-item.ts';

/*
 * A made-up container for these tests: text `BOX`, then a JSON line a member with its name and content. It shows what
 * the lane makes of members, whatever reads them.
 */
interface Boxed {
  readonly name: string;
  readonly content?: string;
  readonly kind?: Member['kind'];
  readonly state?: Member['state'];
  readonly fails?: boolean;
  /** Stored at this place of the container, in place of content of its own. */
  readonly at?: readonly [number, number];
}

function box(...members: readonly (Boxed | 'fault' | 'end')[]): Buffer {
  return Buffer.from(`BOX${JSON.stringify(members)}`);
}

function* openBox(source: RandomAccessSource): Generator<ContainerEvent> {
  const bytes = Buffer.alloc(source.sizeBytes);
  source.readInto(bytes, 0);
  for (const member of JSON.parse(bytes.toString('utf8', 3)) as (Boxed | 'fault' | 'end')[]) {
    if (member === 'end') throw new MalformedError('box-cut', 'the box ends early');
    if (member === 'fault') yield { type: 'problem', problem: problemFrom(new MalformedError('box-fault', 'a member makes no sense')) };
    else yield { type: 'member', member: memberOf(member) };
  }
}

const NO_TIMES = { created: null, modified: null, accessed: null, changed: null };

function memberOf({ name, content = '', kind = 'file', state = 'readable', fails = false, at }: Boxed): Member {
  return {
    names: name.split('/').map((part) => ({ bytes: Buffer.from(part), encoding: 'utf-8' })),
    kind,
    sizeBytes: at === undefined ? Buffer.byteLength(content) : at[1],
    times: NO_TIMES,
    state,
    extents: at === undefined ? null : [{ kind: 'data', sourceOffset: at[0], length: at[1] }],
    *content() {
      const bytes = Buffer.from(content);
      for (let from = 0; from < bytes.length; from += 1000) {
        if (fails && from > 0) throw new MalformedError('box-checksum', 'the member is not what it says');
        yield bytes.subarray(from, from + 1000);
      }
      if (fails) throw new MalformedError('box-checksum', 'the member is not what it says');
    },
  };
}

function decoded(format: string, change: Partial<Decoded> = {}): Decoded {
  return {
    facts: { kind: 'picture', format, width: 4, height: 3, frames: 1, seconds: null, damaged: null, takenAt: null, latitude: null, longitude: null, make: null, model: null, serial: null, software: null, hash: null, quality: 80, thumbnailDiffers: false, faces: null, scores: [] },
    near: [],
    problems: [],
    isComparable: true,
    ...change,
  };
}

const tools: ContentTools = {
  sniff(head) {
    const text = Buffer.from(head).toString('latin1');
    return text.startsWith('BOX') ? 'archive/box' : text.startsWith('PIC') ? 'picture/test' : text.startsWith('MOV') ? 'video/test' : null;
  },
  async decodePicture(bytes) {
    const text = Buffer.from(bytes).toString('latin1');
    if (text.includes('broken')) throw new MalformedError('picture-malformed', 'no picture');
    return decoded('test', { isComparable: !text.includes('flat') });
  },
  glanceAtPicture: async () => null,
  decodeVideo: async () => decoded('film'),
  openFolder: () => [],
  openContainer: (_kind, content) => openBox(content.source),
  openTarStream: async function* () {
    yield* [];
  },
  close: async () => undefined,
};

const options = (change: Partial<ExamineOptions> = {}): ExamineOptions => ({ tools, decodesMedia: true, decodesVideo: true, maskOf: (sizeBytes) => (sizeBytes === 5 ? 0 : DIGEST_BIT.sha1), isStopped: () => false, ...change });

const look = (bytes: Uint8Array, change: Partial<ExamineOptions> = {}): ReturnType<typeof examineItem> => examineItem(7, () => new MemorySource(bytes), options(change));

test('members are named through their container, hashed where a set may hold them, and looked at as items are', async () => {
  const long = `PIC ${'x'.repeat(9000)}`;
  const unit = await look(box({ name: 'a.txt', content: 'some text' }, { name: 'b', content: '12345' }, { name: 'sub/c.pic', content: long }, { name: 'd', kind: 'directory' }, { name: 'e', content: '' }, { name: 'f', kind: 'link', content: 'a.txt' }));
  assert.equal(unit.kind, 'archive/box');
  assert.deepEqual(
    unit.members.map(({ member, sizeBytes, digests }) => [member, sizeBytes, Buffer.from(digests).toString('hex')]),
    [
      ['\\[box]/a.txt', 9, createHash('sha1').update('some text').digest('hex')],
      ['\\[box]/sub/c.pic', long.length, createHash('sha1').update(long).digest('hex')],
    ],
  );
  assert.deepEqual(unit.counts.members, { seen: 5, read: 2, gated: 1, skipped: 2, problems: 0, directories: 1 });
  assert.deepEqual(unit.media.map(({ member, sizeBytes }) => [member, sizeBytes]), [['\\[box]/sub/c.pic', long.length]]);
  assert.deepEqual([unit.counts.pictures.compared, unit.counts.containers], [1, { seen: 1, opened: 1, problems: 0 }]);
  assert.ok(contentAddsUp(unit.counts));
});

test('a fault stays with its member or its container, and everything is still counted', async () => {
  const inner = box({ name: 'x', content: 'inside' }, 'end').toString();
  const unit = await look(box({ name: 'bad', content: 'y'.repeat(3000), fails: true }, 'fault', { name: 'locked', content: 'z', state: 'encrypted' }, { name: 'inner', content: inner }, { name: 'p', content: 'PIC broken' }, { name: 'last', content: 'fine all the same' }));
  assert.deepEqual(unit.problems.map(({ code, where }) => [code, where.path ?? '']), [
    ['box-checksum', '\\[box]/bad'],
    ['box-fault', ''],
    ['box-cut', '\\[box]/inner'],
    ['picture-malformed', '\\[box]/p'],
  ]);
  assert.deepEqual(unit.members.map(({ member }) => member), ['\\[box]/inner/\\[box]/x', '\\[box]/inner', '\\[box]/p', '\\[box]/last'].sort((a, b) => unit.members.findIndex((m) => m.member === a) - unit.members.findIndex((m) => m.member === b)));
  assert.deepEqual(unit.counts.members, { seen: 6, read: 4, gated: 0, skipped: 0, problems: 2, directories: 0 });
  assert.deepEqual(unit.counts.containers, { seen: 2, opened: 1, problems: 1 });
  assert.deepEqual(unit.counts.pictures, { seen: 1, compared: 0, notComparable: 0, notAsked: 0, problems: 1 });
  assert.ok(contentAddsUp(unit.counts));
});

test('two members of one name are two, and hostile names climb nowhere', async () => {
  const unit = await look(box({ name: 'same', content: 'one' }, { name: 'same', content: 'two' }, { name: '../../etc/passwd', content: 'the third' }, { name: '/abs', content: 'four' }));
  assert.deepEqual(unit.members.map(({ member }) => member), ['\\[box]/same', '\\[box]/same\\[2]', '\\[box]/\\../\\../etc/passwd', '\\[box]/\\0/abs']);
});

test('containers in containers end at the depth limit, which is told', async () => {
  let nested = box({ name: 'deep', content: 'at the end' });
  for (let depth = 0; depth < 9; depth++) nested = box({ name: 'n', content: nested.toString() });
  const unit = await look(nested);
  assert.deepEqual(unit.problems.map(({ code }) => code), ['container-depth-limit']);
  assert.equal(unit.counts.containers.seen, 8);
  assert.ok(contentAddsUp(unit.counts));
});

test('a member stored in place is read where it lies', async () => {
  const plain = Buffer.concat([box({ name: 'x', at: [3, 10] })]);
  const unit = await look(plain);
  assert.equal(Buffer.from(unit.members[0]!.digests).toString('hex'), createHash('sha1').update(plain.subarray(3, 13)).digest('hex'));
});

test('without a wish for media, pictures are counted and not decoded', async () => {
  const unit = await look(box({ name: 'p', content: 'PIC broken' }, { name: 'v', content: 'MOV' }), { decodesMedia: false, decodesVideo: false });
  assert.deepEqual([unit.counts.pictures.notAsked, unit.counts.videos.notAsked, unit.problems.length], [1, 1, 0]);
  assert.ok(contentAddsUp(unit.counts));
});

test('an item that cannot be opened or read is a problem of its own', async () => {
  const unit = await examineItem(0, () => { throw new LimitError('host-file-changed', 'gone'); }, options());
  assert.deepEqual(unit.problems.map(({ code }) => code), ['host-file-changed']);
  const failing: RandomAccessSource = { ...new MemorySource(Buffer.from('PIC')), sizeBytes: 3, originOffset: 0, readInto: (target) => { target.set(Buffer.from('PIC').subarray(0, target.length)); return [{ offset: 0, length: 1 }]; }, close: () => undefined };
  const unread = await examineItem(0, () => failing, options());
  assert.deepEqual([unread.problems.map(({ code }) => code), unread.counts.pictures.problems], [['unreadable-bytes'], 1]);
});

test('what of a picture or video was not seen is told, though the rest was compared', async () => {
  const cut = { ...tools, decodeVideo: async () => decoded('film', { problems: [problemFrom(new LimitError('video-limit-frames', 'the rest was not seen'))] }) };
  const unit = await look(box({ name: 'v', content: 'MOV' }), { tools: cut });
  assert.deepEqual([unit.counts.videos.compared, unit.problems.map(({ code, where }) => [code, where.path])], [1, [['video-limit-frames', '\\[box]/v']]]);
});

test('a stop comes through everything', async () => {
  let asked = 0;
  await assert.rejects(look(box({ name: 'a', content: 'x'.repeat(20_000) }, { name: 'b', content: 'y' }), { isStopped: () => ++asked > 6 }), Stopped);
});
