import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { mutate, writeBplist, type PlistInput } from '@kerbside/corpus';
import { KerbsideError } from '@kerbside/bytes';
import { MAX_PLIST_DEPTH, PlistDate, PlistUid, valueAt } from './plist-value.ts';
import { readPlist } from './read-plist.ts';

function codeOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    assert.ok(error instanceof KerbsideError, String(error));
    return error.code;
  }
  return 'none';
}

const SAMPLE = new Map<string, PlistInput>([
  ['name', 'Match report'], ['city', 'Köln ⚽'], ['goals', 3], ['big', 2 ** 40], ['share', 0.25], ['won', true], ['lost', false],
  ['data', Buffer.from([1, 2, 3])], ['when', new Date('2026-03-01T10:00:00Z')], ['list', [1, 'two', [3]]], ['reference', { uid: 7 }],
]);

test('a binary property list gives its values', () => {
  const value = readPlist(writeBplist(SAMPLE));
  assert.ok(value instanceof Map);
  assert.deepEqual(
    Object.fromEntries(value as Map<string, unknown>),
    {
      name: 'Match report', city: 'Köln ⚽', goals: 3, big: 2 ** 40, share: 0.25, won: true, lost: false,
      data: new Uint8Array([1, 2, 3]), when: new PlistDate(Date.parse('2026-03-01T10:00:00Z') / 1000), list: [1, 'two', [3]], reference: new PlistUid(7),
    },
  );
});

test('an XML property list gives its values; entities do not grow and comments do not count', () => {
  const xml = `<?xml version="1.0"?><!DOCTYPE plist [<!ENTITY a "aaaa">]><plist version="1.0"><dict>
    <key>a &amp; b</key><string>x &lt;&#65;&#x42;&unknown;</string><!-- <key>no</key> --><key>n</key><integer>-12</integer><key>e</key><string/>
    <key>l</key><array><true/><real>1.5</real><data> AQID </data><date>2026-03-01T10:00:00Z</date></array><key>u</key><dict><key>CF$UID</key><integer>4</integer></dict></dict></plist>`;
  const value = readPlist(Buffer.from(xml));
  assert.equal(valueAt(value, 'a & b'), 'x <AB&unknown;');
  assert.equal(valueAt(value, 'n'), -12);
  assert.equal(valueAt(value, 'e'), '');
  assert.deepEqual(valueAt(value, 'l'), [true, 1.5, new Uint8Array([1, 2, 3]), new PlistDate(Date.parse('2026-03-01T10:00:00Z') / 1000)]);
  assert.deepEqual(valueAt(value, 'u'), new PlistUid(4));
});

test('hand-made bytes: a list that holds itself, a reference to nothing, sizes that lie', () => {
  const list = (objects: Buffer, offsets: number[], change: (trailer: Buffer) => void = () => {}): Buffer => {
    const trailer = Buffer.alloc(32);
    trailer[6] = 1;
    trailer[7] = 1;
    trailer[15] = offsets.length;
    trailer[31] = 8 + objects.length;
    change(trailer);
    return Buffer.concat([Buffer.from('bplist00'), objects, Buffer.from(offsets), trailer]);
  };
  const cases: [Buffer, string][] = [
    [list(Buffer.of(0xa1, 0), [8]), 'plist-damaged'],
    [list(Buffer.of(0xa1, 9), [8]), 'plist-damaged'],
    [list(Buffer.of(0xaf, 0x13, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff), [8]), 'plist-damaged'],
    [list(Buffer.of(0x4f, 0x12, 0x7f, 0xff, 0xff, 0xff), [8]), 'plist-damaged'],
    [list(Buffer.of(9), [8], (trailer) => trailer.fill(0xff, 8, 16)), 'plist-damaged'],
    [list(Buffer.of(9), [200]), 'plist-damaged'],
    [list(Buffer.of(0x2a), [8]), 'plist-damaged'],
    [Buffer.from('bplist00'), 'plist-damaged'],
    [Buffer.from('bplist15xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'), 'plist-form-unknown'],
    [Buffer.from('no list'), 'plist-form-unknown'],
    [Buffer.from('<plist><dict><string>x</string></dict></plist>'), 'plist-damaged'],
    [Buffer.from('<plist><array>'), 'plist-damaged'],
    [Buffer.from(`<plist>${'<array>'.repeat(MAX_PLIST_DEPTH + 1)}`), 'plist-depth-limit'],
  ];
  for (const [bytes, code] of cases) assert.equal(codeOf(() => readPlist(bytes)), code, bytes.toString('latin1').slice(0, 60));
  assert.equal(readPlist(list(Buffer.of(9), [8])), true);
});

test('a list whose values stand in each other a billion times ends at a named limit', () => {
  // 20 lists, each holding the next 16 times.
  const objects: Buffer[] = [];
  const offsets: number[] = [];
  let at = 8;
  for (let i = 0; i < 20; i++) {
    const object = i === 19 ? Buffer.of(9) : Buffer.concat([Buffer.of(0xae), Buffer.alloc(14, i + 1)]);
    offsets.push(at);
    at += object.length;
    objects.push(object);
  }
  const trailer = Buffer.alloc(32);
  trailer[6] = 2;
  trailer[7] = 1;
  trailer[15] = 20;
  trailer.writeUInt16BE(at, 30);
  const table = Buffer.alloc(40);
  offsets.forEach((offset, i) => table.writeUInt16BE(offset, i * 2));
  assert.equal(codeOf(() => readPlist(Buffer.concat([Buffer.from('bplist00'), ...objects, table, trailer]))), 'plist-values-limit');
});

test('2,000 damaged lists: a value or a named fault', () => {
  const xml = Buffer.from('<?xml version="1.0"?><plist version="1.0"><dict><key>a</key><array><integer>5</integer><data>AQID</data><date>2026-03-01T10:00:00Z</date></array></dict></plist>');
  const binary = writeBplist(SAMPLE);
  for (let seed = 1; seed <= 2000; seed++) codeOf(() => readPlist(mutate(seed % 2 === 0 ? xml : binary, seed)));
  for (let cut = 0; cut < binary.length; cut++) assert.notEqual(codeOf(() => readPlist(binary.subarray(0, cut))), 'none');
});

test('python reads and writes the same lists', { skip: spawnSync('python3', ['-c', 'import plistlib']).status === 0 ? false : 'python3 not installed' }, () => {
  const script = `import plistlib, sys, datetime
v = {'s': 'Köln', 'i': -5, 'u': 2**63, 'f': 1.5, 'd': b'\\x00\\xff', 't': True, 'l': [1, {'k': 'v'}], 'when': datetime.datetime(2026, 3, 1, 10)}
sys.stdout.buffer.write(plistlib.dumps(v, fmt=plistlib.FMT_BINARY if sys.argv[1] == 'b' else plistlib.FMT_XML))`;
  for (const form of ['b', 'x']) {
    const { stdout } = spawnSync('python3', ['-c', script, form]);
    const value = readPlist(stdout) as Map<string, unknown>;
    assert.deepEqual([value.get('s'), value.get('i'), value.get('f'), value.get('d'), value.get('t')], ['Köln', -5, 1.5, new Uint8Array([0, 255]), true], form);
    assert.deepEqual(value.get('l'), [1, new Map([['k', 'v']])]);
    assert.deepEqual(value.get('when'), new PlistDate(Date.parse('2026-03-01T10:00:00Z') / 1000));
    assert.equal(value.get('u'), 2n ** 63n);
  }
});
