import { makeRandom } from '../random.ts';
import { footballResult, footballText } from './football-text.ts';

export type DocumentKind = 'text' | 'csv' | 'rtf' | 'html';

/** Makes a seeded document about football of about the given size. The same arguments give the same bytes. */
export function makeDocument(kind: DocumentKind, seed: number, sizeBytes: number): Buffer {
  switch (kind) {
    case 'text':
      return Buffer.from(`${footballText(seed, sizeBytes)}\n`);
    case 'csv':
      return Buffer.from(resultsTable(seed, sizeBytes));
    case 'rtf':
      // RTF is ASCII; the dash in a score is the only other character the text has.
      return Buffer.from(`{\\rtf1\\ansi\\deff0{\\fonttbl{\\f0 Arial;}}\\f0\\fs22 ${footballText(seed, sizeBytes).replaceAll('–', "\\'96")}\\par}\n`, 'latin1');
    case 'html':
      return Buffer.from(`<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Match report ${seed}</title></head>\n<body><p>${footballText(seed, sizeBytes)}</p></body></html>\n`);
  }
}

function resultsTable(seed: number, sizeBytes: number): string {
  const random = makeRandom(seed);
  const rows = ['home,away,home goals,away goals,attendance'];
  for (let length = 0; length < sizeBytes; ) {
    const row = footballResult(random).join(',');
    rows.push(row);
    length += row.length + 2;
  }
  return `${rows.join('\r\n')}\r\n`;
}
