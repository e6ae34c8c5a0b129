import type { EvidenceName } from '../../evidence-name.ts';
import type { Timestamp } from '../../item.ts';
import { nameFromExtended, nameFromHeader } from './decode-words.ts';
import { parseMailDate } from './mail-date.ts';
import { MAX_PARAMETERS } from './mail-limits.ts';

/** What a header says that matters for the parts below it. */
export interface MailHeader {
  /** Lower case, e.g. `multipart/mixed`; null when the header names none. */
  readonly type: string | null;
  /** As latin-1 text of its bytes; null for none. */
  readonly boundary: string | null;
  /** Lower case, `7bit` when none is named. */
  readonly encoding: string;
  readonly isAttachment: boolean;
  readonly fileName: EvidenceName | null;
  readonly date: Timestamp | null;
  /** What the sender's mail program says of the attached file itself. */
  readonly fileCreated: Timestamp | null;
  readonly fileModified: Timestamp | null;
  /** S/MIME: what `application/pkcs7-mime` holds. */
  readonly smimeType: string | null;
}

/** Reads the fields of one header. Anything missing or misspelt is simply not there: mail is like that. */
export function parseMailHeader(bytes: Buffer): MailHeader {
  const fields = readFields(bytes);
  const type = readParameters(fields.get('content-type') ?? '');
  const disposition = readParameters(fields.get('content-disposition') ?? '');
  const isType = /^[\w!#$&^.+-]{1,80}\/[\w!#$&^.+-]{1,80}$/.test(type.value);
  return {
    type: isType ? type.value.toLowerCase() : null,
    boundary: type.parameters.get('boundary')?.trimEnd() || null,
    encoding: /^[\w-]*/.exec((fields.get('content-transfer-encoding') ?? '').replace(/^"/, '').toLowerCase())![0] || '7bit',
    isAttachment: disposition.value.toLowerCase() === 'attachment',
    fileName: nameOf(disposition.parameters, 'filename') ?? nameOf(type.parameters, 'name'),
    date: parseMailDate(fields.get('date') ?? ''),
    fileCreated: parseMailDate(disposition.parameters.get('creation-date') ?? ''),
    fileModified: parseMailDate(disposition.parameters.get('modification-date') ?? ''),
    smimeType: type.parameters.get('smime-type')?.toLowerCase() ?? null,
  };
}

/** True for a line that begins a header field: a name of printable characters and a colon. */
export function isFieldLine(line: Buffer): boolean {
  const colon = line.indexOf(0x3a);
  if (colon < 1 || colon > 100) return false;
  for (let at = 0; at < colon; at++) {
    const byte = line[at]!;
    if (byte <= 0x20 || byte >= 0x7f) return false;
  }
  return true;
}

/** Field name in lower case → its value, unfolded. The first of several counts, as for mail programs. */
function readFields(bytes: Buffer): Map<string, string> {
  const fields = new Map<string, string>();
  const text = bytes.toString('latin1').replace(/\r?\n[ \t]+/g, ' ');
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    if (!fields.has(name)) fields.set(name, line.slice(colon + 1).trim());
  }
  return fields;
}

interface Parameters {
  readonly value: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** One `; name = value`, the value quoted or not. An open quote runs to the end. */
const PARAMETER = /;\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\[\s\S])*)"?|([^;]*))/g;

function readParameters(field: string): Parameters {
  const value = /^[^;\s]*/.exec(field)![0];
  const parameters = new Map<string, string>();
  for (const [, name, quoted, plain] of field.matchAll(PARAMETER)) {
    if (parameters.size >= MAX_PARAMETERS) break;
    const key = name!.toLowerCase();
    // A backslash in a quoted name is as often a Windows path as an escape: only quote and backslash are taken as escaped.
    if (!parameters.has(key)) parameters.set(key, quoted === undefined ? plain!.trim() : quoted.replace(/\\(["\\])/g, '$1'));
  }
  return { value, parameters };
}

/** The parameter in any of its forms: RFC 2231 whole (`name*`), in pieces (`name*0`, `name*1*`), or plain. */
function nameOf(parameters: ReadonlyMap<string, string>, name: string): EvidenceName | null {
  const whole = parameters.get(`${name}*`);
  if (whole !== undefined) return extendedName([{ text: whole, isExtended: true }]);
  const pieces: { text: string; isExtended: boolean }[] = [];
  for (let i = 0; i < MAX_PARAMETERS; i++) {
    const extended = parameters.get(`${name}*${i}*`);
    const text = extended ?? parameters.get(`${name}*${i}`);
    if (text === undefined) break;
    pieces.push({ text, isExtended: extended !== undefined });
  }
  if (pieces.length > 0) return extendedName(pieces);
  return nameFromHeader(parameters.get(name) ?? '');
}

function extendedName(pieces: readonly { text: string; isExtended: boolean }[]): EvidenceName | null {
  const first = pieces[0]!;
  const named = first.isExtended ? /^([^']{0,40})'[^']{0,40}'([\s\S]*)$/.exec(first.text) : null;
  const bytes = pieces.map(({ text, isExtended }, i) => {
    const value = i === 0 && named !== null ? named[2]! : text;
    return isExtended ? value.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))) : value;
  });
  return nameFromExtended(Buffer.from(bytes.join(''), 'latin1'), named?.[1] ?? '');
}
