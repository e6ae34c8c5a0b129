import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, it } from 'node:test';
import { demoCategoryMap } from './category-map.ts';
import { inventedRecords, recordOfContent } from './known-record.ts';
import { writeNsrlDatabase } from './nsrl.ts';
import { csvLines, hashdeepLines, icseLines, sumLines } from './plain-lists.ts';
import { vics13Media, vics2Case, vics2Media } from './vics.ts';
import { writeTextFile } from './write-text-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'corpus-lists-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const RECORDS = [...inventedRecords(1, 50)];

describe('records', () => {
  it('are seeded and distinct', () => {
    assert.deepEqual([...inventedRecords(1, 50)], RECORDS);
    assert.equal(new Set([...inventedRecords(2, 9000)].flatMap((record) => [record.md5, record.sha1, record.sha256])).size, 27_000);
  });

  it('of a content hold its digests', () => {
    const content = Buffer.from('full time');
    const record = recordOfContent([content.subarray(0, 4), content.subarray(4)], 'a.txt', 2);
    assert.equal(record.sha256, createHash('sha256').update(content).digest('hex'));
    assert.equal(record.sizeBytes, 9);
  });
});

describe('list writers', () => {
  it('write JSON that parses to the records', () => {
    for (const pieces of [vics2Media(RECORDS), vics13Media(RECORDS)]) {
      const parsed = JSON.parse([...pieces].join('')) as { value: { MD5: string; MediaSize: number | string; Category: number }[] };
      assert.deepEqual(
        parsed.value.map((media) => [media.MD5.toLowerCase(), Number(media.MediaSize), media.Category]),
        RECORDS.map((record) => [record.md5, record.sizeBytes, record.categoryCode]),
      );
    }
    const cases = JSON.parse([...vics2Case(RECORDS)].join('')) as { value: { Media: unknown[] }[] };
    assert.equal(cases.value[0]?.Media.length, RECORDS.length);
    assert.ok(!([...vics2Media(RECORDS, { withSizes: false })].join('').includes('MediaSize')));
  });

  it('write plain lists of one line a record', () => {
    assert.equal([...sumLines(RECORDS, 'sha1')][3], `${RECORDS[3]?.sha1}  picture 3.jpg\n`);
    assert.equal([...hashdeepLines(RECORDS)].length, RECORDS.length + 1);
    assert.equal([...csvLines(RECORDS, ';')].length, RECORDS.length + 1);
    assert.ok([...icseLines(RECORDS)].every((line) => line.split(';').length === 12));
  });

  it('write files with and without marks', () => {
    const path = join(folder, 'list.txt');
    writeTextFile(path, ['a', 'é'], { mark: true });
    assert.equal(readFileSync(path).toString('hex'), 'efbbbf61c3a9');
    writeTextFile(path, ['a'], { encoding: 'utf16le' });
    assert.equal(readFileSync(path).toString('hex'), 'fffe6100');
  });

  it('write both builds of an NSRL database', () => {
    for (const build of ['minimal', 'full'] as const) {
      const path = join(folder, `${build}.db`);
      writeNsrlDatabase(path, RECORDS, build);
      const database = new DatabaseSync(path, { readOnly: true });
      assert.deepEqual({ ...database.prepare('SELECT count(*) AS files, min(length(sha1)) AS digits FROM FILE').get() }, { files: RECORDS.length, digits: 40 });
      database.close();
    }
  });

  it('write a category map that names two people', () => {
    const map = JSON.parse(demoCategoryMap()) as { importedBy: string; confirmedBy: string };
    assert.notEqual(map.importedBy, map.confirmedBy);
  });
});
