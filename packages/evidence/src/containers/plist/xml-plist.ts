/**
 * XML property list: the elements dict, array, key, string, data, date, integer, real, true, false.
 * A document type is passed over and its entities are never expanded: the five of XML and numbers are
 * all there is, so nothing can be made to grow.
 */
import { LimitError, MalformedError, UnsupportedError } from '@kerbside/bytes';
import { MAX_PLIST_DEPTH, MAX_PLIST_VALUES, PlistDate, PlistUid, type PlistValue } from './plist-value.ts';

/** A comment, CDATA, declaration or instruction; an element's tag; or text up to the next `<`. */
const PIECE = /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<[?!][^>]*>|<(\/?)([A-Za-z][\w.-]*)([^<>]*)>|[^<]+/gy;

interface Open {
  readonly list: Map<string, PlistValue> | PlistValue[];
  key: string | null;
}

/**
 * Reads an XML property list.
 * @throws MalformedError `plist-damaged`; LimitError `plist-depth-limit`, `plist-values-limit`; UnsupportedError `plist-form-unknown`
 */
export function readXmlPlist(bytes: Buffer): PlistValue {
  const text = decodeText(bytes);
  if (!/^\s*<(?:\?xml|!DOCTYPE\s+plist|plist)/.test(text)) throw new UnsupportedError('plist-form-unknown', 'the file is no property list, or of a form that is not read');
  const pieces = new RegExp(PIECE);
  const open: Open[] = [];
  let top: PlistValue | undefined;
  let leaf: string | null = null;
  let content = '';
  let values = 0;
  const place = (value: PlistValue): void => {
    if (++values > MAX_PLIST_VALUES) throw new LimitError('plist-values-limit', `more than ${MAX_PLIST_VALUES} values`);
    const inner = open[open.length - 1];
    if (inner === undefined) top ??= value;
    else if (Array.isArray(inner.list)) inner.list.push(value);
    else if (inner.key === null) throw damaged('a value stands without its key');
    else {
      inner.list.set(inner.key, value);
      inner.key = null;
    }
  };
  for (let at = 0; at < text.length; at = pieces.lastIndex) {
    pieces.lastIndex = at;
    const match = pieces.exec(text);
    if (match === null) throw damaged('a tag of it is not closed');
    const [piece, slash, tag, rest] = match;
    if (tag === undefined) {
      if (leaf !== null) content += piece.startsWith('<![CDATA[') ? piece.slice(9, -3) : piece.startsWith('<') ? '' : unescapeXml(piece);
      continue;
    }
    const selfClosed = rest!.endsWith('/');
    if (tag === 'plist') continue;
    if (tag === 'dict' || tag === 'array') {
      if (leaf !== null) throw damaged(`${tag} stands inside a plain value`);
      if (slash === '/') {
        const closed = open.pop();
        if (closed === undefined || Array.isArray(closed.list) !== (tag === 'array')) throw damaged(`${tag} is closed where it was not opened`);
        place(asUid(closed.list));
      } else if (selfClosed) place(tag === 'dict' ? new Map() : []);
      else if (open.length >= MAX_PLIST_DEPTH) throw new LimitError('plist-depth-limit', `lists in lists more than ${MAX_PLIST_DEPTH} deep`);
      else open.push({ list: tag === 'dict' ? new Map<string, PlistValue>() : [], key: null });
      continue;
    }
    if (slash !== '/') {
      if (leaf !== null) throw damaged(`${tag.slice(0, 20)} stands inside a plain value`);
      leaf = tag;
      content = '';
      if (!selfClosed) continue;
    } else if (leaf !== tag) throw damaged(`${tag.slice(0, 20)} is closed where it was not opened`);
    leaf = null;
    const inner = open[open.length - 1];
    if (tag !== 'key') place(leafValue(tag, content));
    else if (inner === undefined || Array.isArray(inner.list)) throw damaged('a key stands outside a dictionary');
    else inner.key = content;
  }
  if (open.length > 0 || top === undefined) throw damaged('it ends in its middle');
  return top;
}

function decodeText(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString('utf16le', 2);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return Buffer.from(bytes.subarray(2, bytes.length & ~1)).swap16().toString('utf16le');
  return bytes.toString('utf8', bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0);
}

function leafValue(tag: string, content: string): PlistValue {
  switch (tag) {
    case 'string':
      return content;
    case 'true':
    case 'false':
      return tag === 'true';
    case 'data':
      return Uint8Array.from(Buffer.from(content, 'base64'));
    case 'integer':
      return readInteger(content.trim());
    case 'real':
      return Number(content.trim());
    case 'date': {
      const milliseconds = Date.parse(content.trim());
      if (Number.isNaN(milliseconds)) throw damaged('a date in it is none');
      return new PlistDate(milliseconds / 1000);
    }
    default:
      throw damaged(`it holds an element ${tag.slice(0, 20)}`);
  }
}

function readInteger(text: string): number | bigint {
  if (!/^[+-]?(?:\d{1,39}|0[xX][0-9a-fA-F]{1,32})$/.test(text)) throw damaged('an integer in it is none');
  const negative = text.startsWith('-');
  const value = BigInt(text.replace(/^[+-]/, '')) * (negative ? -1n : 1n);
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
}

/** A keyed archive written as XML names a reference as a dictionary of its own. */
function asUid(list: Map<string, PlistValue> | PlistValue[]): PlistValue {
  if (Array.isArray(list) || list.size !== 1) return list;
  const index = list.get('CF$UID');
  return typeof index === 'number' ? new PlistUid(index) : list;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The five entities of XML and numbered characters; any other is left as it stands. */
export function unescapeXml(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|([a-z]{2,4}));/g, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return ENTITIES[name] ?? whole;
    const code = decimal !== undefined ? Number(decimal) : Number.parseInt(hex!, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

function damaged(what: string): MalformedError {
  return new MalformedError('plist-damaged', `a property list cannot be read: ${what}`);
}
