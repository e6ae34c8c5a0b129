/** Longest line taken; names are at most a few KiB, so a longer one is not a list's line. */
export const MAX_LINE_BYTES = 1024 * 1024;

const LF = 10;
const CR = 13;

/** What is done with each line: `bytes` from `start` to `end`, without its line end. Not valid after the call. */
export type OnLine = (bytes: Buffer, start: number, end: number, line: number) => void;

/**
 * Cuts chunks into lines (LF or CRLF; the last one needs neither) without copying any but those
 * that straddle two chunks.
 *
 * @param onTooLong called instead of `onLine` for a line longer than {@link MAX_LINE_BYTES}
 * @returns number of lines
 */
export function readLines(chunks: Iterable<Buffer>, onLine: OnLine, onTooLong: (line: number) => void): number {
  let line = 0;
  let carry: Buffer | null = null;
  let overlong = false;
  const deliver = (bytes: Buffer, start: number, end: number): void => {
    line++;
    if (overlong || end - start > MAX_LINE_BYTES) onTooLong(line);
    else onLine(bytes, start, end > start && bytes[end - 1] === CR ? end - 1 : end, line);
    overlong = false;
  };
  for (const chunk of chunks) {
    let start = 0;
    if (carry !== null) {
      const end = chunk.indexOf(LF);
      const piece = end < 0 ? chunk : chunk.subarray(0, end);
      const joined: Buffer = overlong ? carry : Buffer.concat([carry, piece]);
      if (end < 0) {
        overlong ||= joined.length > MAX_LINE_BYTES;
        carry = overlong ? Buffer.alloc(0) : joined;
        continue;
      }
      deliver(joined, 0, joined.length);
      carry = null;
      start = end + 1;
    }
    const length = chunk.length;
    for (;;) {
      let end = start;
      while (end < length && chunk[end] !== LF) end++;
      if (end === length) break;
      deliver(chunk, start, end);
      start = end + 1;
    }
    if (start < chunk.length) carry = Buffer.from(chunk.subarray(start));
  }
  if (carry !== null) deliver(carry, 0, carry.length);
  return line;
}

/** The first lines of a file's head as text, for recognising formats; the last, perhaps cut, line is left out unless it is the only one. */
export function firstLines(head: Buffer, count: number): string[] {
  const utf16 = head[0] === 0xff && head[1] === 0xfe;
  const utf16be = head[0] === 0xfe && head[1] === 0xff;
  const even = head.subarray(0, head.length - (head.length % 2));
  const text = utf16 ? even.toString('utf16le') : utf16be ? Buffer.from(even).swap16().toString('utf16le') : head.toString('utf8');
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (lines.length > 1) lines.pop();
  return lines.slice(0, count);
}
