/**
 * `report.xml` of a Cellebrite Reader archive (UFDR): a ZIP with the extracted files under names of its own
 * and, in this report, what each was called on the phone. Only these parts are looked at:
 *
 *     <file fs="…" path="/private/var/…/IMG_0001.HEIC" size="…" …>
 *       <accessInfo><timestamp name="CreationTime">2026-03-01T10:00:00+00:00</timestamp> …
 *       <metadata …><item name="Local Path"><![CDATA[files\Image\IMG_0001.HEIC]]></item> …
 *     </file>
 */
import { StringDecoder } from 'node:string_decoder';
import { LimitError, problemFrom, type Problem } from '@kerbside/bytes';
import { unescapeXml } from '../plist/xml-plist.ts';

/** Files of one report that are renamed. Each takes about 300 bytes of memory; a large phone has 300,000. */
export const MAX_REPORT_FILES = 400_000;

/** Characters of one file's entry; with all its metadata it has some thousand. */
export const MAX_REPORT_ENTRY = 256 * 1024;

/** Bytes of a report. It also holds every message of the phone, so that gigabytes are normal. */
export const MAX_REPORT_BYTES = 64 * 1024 ** 3;

/** What a report says of one file. */
export interface ReportFile {
  /** Its path inside the ZIP, with slashes. */
  readonly localPath: string;
  /** Its path on the phone. */
  readonly path: string;
  readonly createdSeconds: number | null;
  readonly modifiedSeconds: number | null;
  readonly accessedSeconds: number | null;
}

export type ReportEvent = { readonly type: 'file'; readonly file: ReportFile } | { readonly type: 'problem'; readonly problem: Problem };

const START = '<file ';
const END = '</file>';

/**
 * Goes through a report piece by piece, holding no more than one entry. Entries that are too long are told once.
 * @throws what the pieces throw
 */
export function* scanReport(pieces: Iterable<Uint8Array>): Iterable<ReportEvent> {
  const decoder = new StringDecoder('utf8');
  let text = '';
  let bytes = 0;
  let files = 0;
  let tooLong = 0;
  for (const piece of pieces) {
    bytes += piece.length;
    text += decoder.write(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
    let done = 0;
    for (let start = text.indexOf(START); start >= 0; start = text.indexOf(START, done)) {
      const end = findEnd(text, start);
      if (end < 0) {
        done = start;
        break;
      }
      done = end;
      const file = parseFile(text.slice(start, end));
      if (file === null) continue;
      if (++files > MAX_REPORT_FILES) {
        yield limit(`the report names more than ${MAX_REPORT_FILES} files; the others keep the names they have in the archive`);
        return;
      }
      yield { type: 'file', file };
    }
    // What may still become a beginning is kept.
    text = text.slice(Math.max(done, text.startsWith(START, done) ? done : text.length - START.length));
    while (text.length > MAX_REPORT_ENTRY) {
      if (tooLong++ === 0) yield limit(`the report has an entry of more than ${MAX_REPORT_ENTRY} characters; its file keeps the name it has in the archive`);
      const next = text.indexOf(START, START.length);
      text = text.slice(next < 0 ? -START.length : next);
    }
    if (bytes > MAX_REPORT_BYTES) {
      yield limit(`the report is longer than ${MAX_REPORT_BYTES} bytes; the rest was not read`);
      return;
    }
  }
}

/** Place after the end of an entry; -1 when it is not there yet. */
function findEnd(text: string, start: number): number {
  const tagEnd = text.indexOf('>', start);
  if (tagEnd < 0) return -1;
  if (text[tagEnd - 1] === '/') return tagEnd + 1;
  const end = text.indexOf(END, tagEnd);
  return end < 0 ? -1 : end + END.length;
}

function parseFile(entry: string): ReportFile | null {
  const tag = entry.slice(0, entry.indexOf('>') + 1);
  const path = /\spath="([^"]*)"/.exec(tag)?.[1];
  const localPath = elementValue(entry, '<item ', 'Local Path', '</item>');
  if (path === undefined || path === '' || localPath === null) return null;
  const time = (name: string): number | null => {
    const text = elementValue(entry, '<timestamp ', name, '</timestamp>');
    // A time without a zone would be read in this machine's own.
    const milliseconds = text !== null && /(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
    return Number.isNaN(milliseconds) ? null : milliseconds / 1000;
  };
  return {
    localPath: ownText(localPath.replaceAll('\\', '/').replace(/^\/+/, '')),
    path: ownText(unescapeXml(path)),
    createdSeconds: time('CreationTime'),
    modifiedSeconds: time('ModifyTime'),
    accessedSeconds: time('AccessTime'),
  };
}

/** A text of its own: a part of a longer text keeps all of that in memory. */
function ownText(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

/** The content of the first element of this kind with this `name`, CDATA or plain. */
function elementValue(entry: string, start: string, name: string, end: string): string | null {
  for (let at = entry.indexOf(start); at >= 0; at = entry.indexOf(start, at + start.length)) {
    const tagEnd = entry.indexOf('>', at);
    if (tagEnd < 0) return null;
    if (!entry.slice(at, tagEnd).includes(` name="${name}"`)) continue;
    const close = entry.indexOf(end, tagEnd);
    if (close < 0) return null;
    const content = entry.slice(tagEnd + 1, close).trim();
    return content.startsWith('<![CDATA[') && content.endsWith(']]>') ? content.slice(9, -3) : unescapeXml(content);
  }
  return null;
}

function limit(message: string): ReportEvent {
  return { type: 'problem', problem: problemFrom(new LimitError('ufdr-report-limit', message)) };
}
