import { isUtf8 } from 'node:buffer';

/** Longest string or number delivered; a longer one (an embedded preview) is passed over unread. */
export const MAX_TOKEN_BYTES = 4096;

/** Nesting followed; VICS needs six. Deeper levels are counted and otherwise ignored. */
export const MAX_JSON_DEPTH = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * What the scanner tells its owner. Tokens are `bytes[start, end)`, valid only during the call:
 * strings without their quotes and with escapes unresolved, so compare or copy at once.
 */
export interface JsonHandler {
  open(kind: 'object' | 'array'): void;
  close(kind: 'object' | 'array'): void;
  key(bytes: Buffer, start: number, end: number): void;
  string(bytes: Buffer, start: number, end: number): void;
  /** A number, `true`, `false`, `null`, or anything else unquoted. */
  bare(bytes: Buffer, start: number, end: number): void;
  /** A string over {@link MAX_TOKEN_BYTES} stood here as a value. */
  longString(): void;
  /** Bytes that are not UTF-8 inside a token, or a bracket that does not fit. */
  fault(what: 'text-not-utf8' | 'record-malformed'): void;
}

/**
 * A push scanner for JSON of any size in bounded memory (RFC 8259 grammar, tolerantly: commas are not
 * enforced). It never builds values; it hands tokens to a handler as byte ranges.
 *
 * @returns `feed` for each piece in order; `end` answers whether every bracket and string was closed
 */
export function createJsonScanner(handler: JsonHandler): { feed(piece: Buffer): void; end(): boolean } {
  const isObject = new Uint8Array(MAX_JSON_DEPTH + 1);
  let depth = 0;
  let seenAnything = false;
  let expectKey = false;
  let carry: Buffer = Buffer.alloc(0);
  let skipping = false;
  let skippedBackslashes = 0;
  let skippedWasKey = false;

  function open(kind: 'object' | 'array'): void {
    depth += 1;
    seenAnything = true;
    if (depth <= MAX_JSON_DEPTH) isObject[depth] = kind === 'object' ? 1 : 0;
    expectKey = kind === 'object';
    handler.open(kind);
  }

  function close(kind: 'object' | 'array'): void {
    if (depth === 0) return handler.fault('record-malformed');
    if (depth <= MAX_JSON_DEPTH && (isObject[depth] === 1) !== (kind === 'object')) handler.fault('record-malformed');
    depth -= 1;
    expectKey = false;
    handler.close(kind);
  }

  /** Passes over the rest of a long string; returns where it goes on, or -1 when the piece ends first. */
  function skipString(bytes: Buffer, from: number): number {
    let at = from;
    for (;;) {
      const quote = bytes.indexOf(QUOTE, at);
      const end = quote < 0 ? bytes.length : quote;
      let backslashes = 0;
      while (end - 1 - backslashes >= from && bytes[end - 1 - backslashes] === BACKSLASH) backslashes += 1;
      if (end - backslashes === from) backslashes += skippedBackslashes;
      if (quote < 0) {
        skippedBackslashes = backslashes;
        return -1;
      }
      if (backslashes % 2 === 0) {
        skipping = false;
        if (!skippedWasKey) handler.longString();
        return quote + 1;
      }
      at = quote + 1;
    }
  }

  function feed(piece: Buffer): void {
    let at = 0;
    if (skipping) {
      at = skipString(piece, 0);
      if (at < 0) return;
    }
    const bytes = carry.length === 0 ? piece : Buffer.concat([carry, at === 0 ? piece : piece.subarray(at)]);
    if (carry.length > 0) at = 0;
    carry = Buffer.alloc(0);
    const suspicious = !isUtf8(wholeCharacters(bytes, at));
    const length = bytes.length;
    while (at < length) {
      const c = bytes[at]!;
      if (c === QUOTE) {
        let end = at + 1;
        while (end < length) {
          const b = bytes[end]!;
          if (b === QUOTE) break;
          end += b === BACKSLASH ? 2 : 1;
        }
        if (end >= length) {
          if (length - at > MAX_TOKEN_BYTES) {
            skipping = true;
            skippedWasKey = expectKey;
            skippedBackslashes = 0;
            skipString(bytes, at + 1);
          } else carry = Buffer.from(bytes.subarray(at));
          return;
        }
        if (suspicious && !isUtf8(bytes.subarray(at + 1, end))) handler.fault('text-not-utf8');
        if (end - at > MAX_TOKEN_BYTES) {
          if (!expectKey) handler.longString();
        } else if (expectKey) handler.key(bytes, at + 1, end);
        else handler.string(bytes, at + 1, end);
        at = end + 1;
        continue;
      }
      at += 1;
      if (c <= 0x20) continue;
      if (c === 0x2c) expectKey = depth > 0 && depth <= MAX_JSON_DEPTH && isObject[depth] === 1;
      else if (c === 0x3a) expectKey = false;
      else if (c === 0x7b) open('object');
      else if (c === 0x5b) open('array');
      else if (c === 0x7d) close('object');
      else if (c === 0x5d) close('array');
      else {
        let end = at;
        while (end < length && !endsBare(bytes[end]!)) end += 1;
        if (end >= length && length - at < MAX_TOKEN_BYTES) {
          carry = Buffer.from(bytes.subarray(at - 1));
          return;
        }
        handler.bare(bytes, at - 1, end);
        at = end;
      }
    }
  }

  return { feed, end: () => seenAnything && depth === 0 && !skipping && carry.length === 0 };
}

function endsBare(byte: number): boolean {
  return byte <= 0x20 || byte === 0x2c || byte === 0x7d || byte === 0x5d || byte === 0x3a || byte === QUOTE;
}

/** The bytes from `start`, less an unfinished UTF-8 character at the end (the rest of it is in the next piece). */
function wholeCharacters(bytes: Buffer, start: number): Buffer {
  let end = bytes.length;
  for (let back = 1; back <= 3 && end - back >= start; back++) {
    const b = bytes[bytes.length - back]!;
    if (b < 0x80) break;
    if (b >= 0xc0) {
      const need = b >= 0xf0 ? 4 : b >= 0xe0 ? 3 : 2;
      if (need > back) end = bytes.length - back;
      break;
    }
  }
  // A piece may also begin inside a character only while a long string is being skipped, which ends at a quote.
  return bytes.subarray(start, end);
}
