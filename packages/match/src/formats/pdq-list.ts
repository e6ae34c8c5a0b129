/**
 * Plain lists of PDQ hashes, one a line:
 *
 *     HASH,QUALITY      64 hex digits and 0 to 100; also with `;` or a tab between
 *     HASH              only when the format is named: 64 digits alone may as well be a SHA-256
 *
 * Blank lines and `#` lines are skipped. Further columns are not: such a list is a CSV, which needs a header row.
 */
import { firstLines, readLines } from './lines.ts';
import { putPdqValue } from './pdq-fields.ts';
import type { SetFormat } from './set-format.ts';

const HASH_SIGN = 0x23;
const ROW = /^\s*[0-9a-f]{64}\s*[,;\t]\s*\d{1,3}\s*$/i;

/** Share of the first lines that must look like rows. */
const RECOGNISED_SHARE = 0.5;

export const pdqList: SetFormat = {
  name: 'pdq-list',
  placeUnit: 'line',

  sniff(head) {
    const rows = firstLines(head, 60).filter((line) => line.trim() !== '' && !line.startsWith('#'));
    const fitting = rows.filter((line) => ROW.test(line)).length;
    return fitting > 0 && fitting >= rows.length * RECOGNISED_SHARE;
  },

  read(source, sink) {
    readLines(
      source.utf8Chunks(),
      (bytes, start, end, line) => {
        let at = start;
        while (at < end && bytes[at]! <= 0x20) at++;
        if (at === end || bytes[at] === HASH_SIGN) return;
        putPdqValue(sink, bytes, at, end, line);
        sink.endRow(line);
      },
      (line) => sink.rejectRow(line, 'row-too-long'),
    );
    return {};
  },
};
