import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseFlsLine, parseIstat } from './apfs-text.ts';

const HEAD = `INode Number: 17
Allocated

Type:\tRegular File
Mode:\trrw-r--r--
Size:\t10000
owner / group: 0 / 0
Number of Links: 1

Filename:\tline-up.txt
BSD flags:\t0x00000000

Times:
Created:\t\t2024-01-02 03:04:05.678901234 (UTC)
Content Modified:\t2024-01-02 03:04:06.000000001 (UTC)
Attributes Modified:\t0000-00-00 00:00:00 (UTC)
Accessed:\t\t2024-01-02 03:04:07 (UTC)

Attributes: 
`;
const DATA = 'Type: DATA (4352-0)   Name: N/A   Non-Resident   size: 10000  init_size: 10000\n';
const RUNS = '  Starting address: X, length: 1  Sparse\n  Starting address: 300, length: 2  \n';

test('an answer of istat gives size, times and runs', () => {
  assert.deepEqual(parseIstat(HEAD + DATA + RUNS), {
    sizeBytes: 10_000,
    times: {
      created: { seconds: 1_704_164_645, nanoseconds: 678_901_234, zone: 'utc' },
      modified: { seconds: 1_704_164_646, nanoseconds: 1, zone: 'utc' },
      changed: null,
      accessed: { seconds: 1_704_164_647, nanoseconds: 0, zone: 'utc' },
    },
    data: { form: 'runs', runs: [{ startBlock: -1, blocks: 1 }, { startBlock: 300, blocks: 2 }] },
  });
});

test('compressed and encrypted files are told, also where only a flag says so', () => {
  const compressed = `${HEAD}Type: CMPF (4355-1)   Name: com.apple.decmpfs   Resident   size: 22\nType: DATA (4352-0)   Name: DECOMP   Resident   size: 5\n`;
  assert.deepEqual([parseIstat(compressed)?.data.form, parseIstat(compressed)?.sizeBytes], ['compressed', 5]);
  const inFork = `${HEAD}Type: CMPF (4355-1)   Name: com.apple.decmpfs   Resident   size: 16\nType: RSRC (4354-2)   Name: com.apple.ResourceFork   Non-Resident   size: 900  init_size: 900\n  Starting address: 9, length: 1  \nType: DATA (4352-0)   Name: DECOMP   Non-Resident, Compressed   size: 70000  init_size: 70000\n  Starting address: 9, length: 1  \n`;
  assert.deepEqual([parseIstat(inFork)?.data.form, parseIstat(inFork)?.sizeBytes], ['compressed', 70_000]);
  assert.equal(parseIstat(HEAD.replace('0x00000000', '0x00000020'))?.data.form, 'compressed');
  assert.equal(parseIstat(`${HEAD}${DATA}  Starting address: 300, length: 3  Encrypted\n`)?.data.form, 'encrypted');
  assert.equal(parseIstat(HEAD)?.data.form, 'none');
});

test('a name that imitates the answer makes it unusable, not believed', () => {
  const forged = HEAD.replace('line-up.txt', `x\nAttributes: \n${DATA}  Starting address: 1, length: 3`);
  assert.equal(parseIstat(forged + DATA + RUNS), null);
  assert.equal(parseIstat(`${HEAD + DATA + RUNS}Type: ExATTR (4354-1)   Name: a\n${DATA}  Starting address: 1, length: 3   Resident   size: 1\n`), null);
  assert.equal(parseIstat(`${HEAD + DATA}  Starting address: 1, length: 3  Strange\n`), null);
  assert.equal(parseIstat(HEAD.replace('Regular File', 'Directory') + DATA + RUNS), null);
  for (const text of ['', 'Size:\t1', '\0'.repeat(1_000), HEAD.slice(0, 80)]) assert.equal(parseIstat(text), null);
});

test('a line of fls, and what is none', () => {
  assert.deepEqual(parseFlsLine('r/r 17:\tfixtures/week: one.txt'), { nameType: 'r', metaType: 'r', isDeleted: false, inode: '17', path: 'fixtures/week: one.txt' });
  assert.deepEqual(parseFlsLine('r/- * 9(realloc):\tgone'), { nameType: 'r', metaType: '-', isDeleted: true, inode: '9', path: 'gone' });
  for (const line of ['', 'Error: no', 'r/r x:\ta', 'r/r 17:\t', `r/r ${'9'.repeat(40)}:\ta`]) assert.equal(parseFlsLine(line), null);
});

test('no text makes a reader throw or linger', () => {
  const start = performance.now();
  const piece = fc.oneof(fc.constantFrom('Attributes: \n', DATA, RUNS, HEAD, '\n', '  Starting address: 9, length: 99999999999999999999  Sparse\n', 'Size:\t9999999999999999999\n'), fc.string());
  fc.assert(fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
    parseIstat(pieces.join(''));
    parseFlsLine(pieces.join(''));
  }), { numRuns: 500 });
  parseIstat(`${HEAD + DATA}  Starting address: 1, length: 1${' '.repeat(2_000_000)}x\n`);
  parseIstat(`${HEAD}Type: DATA (1-1)   Name: ${'   '.repeat(300_000)}\n`);
  assert.ok(performance.now() - start < 10_000);
});
