import { writeSync } from 'node:fs';
import { harmlessText } from './view/harmless-text.ts';

const out: string[] = [];
let pending = 0;

/** Characters gathered before they are written: one system call for hundreds of lines. */
const FLUSH_CHARACTERS = 64 * 1024;

/** Adds a line to standard output. Buffered: call {@link flushOutput} at the end and before long silences. */
export function printLine(line: string): void {
  out.push(line);
  pending += line.length + 1;
  if (pending >= FLUSH_CHARACTERS) flushOutput();
}

/** Adds a line for a person to standard output: names in it cannot steer the terminal. */
export function printText(line: string): void {
  printLine(harmlessText(line));
}

/** Controls past ASCII and marks that turn, hide or join text: legal inside JSON strings, and harmful on a terminal. */
const UNSEEN = /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** Adds a value as one JSON line; unseen marks are written as escapes, which a parser reads as the same text. */
export function printJson(value: unknown): void {
  printLine(JSON.stringify(value).replace(UNSEEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`));
}

/** Writes what is buffered, waiting where the reader is slow. */
export function flushOutput(): void {
  if (out.length === 0) return;
  const bytes = Buffer.from(`${out.join('\n')}\n`);
  out.length = 0;
  pending = 0;
  writeWhole(bytes);
}

/** Writes bytes to standard output, after what is buffered. */
export function printBytes(bytes: Uint8Array): void {
  flushOutput();
  writeWhole(bytes);
}

/** A reader that has gone away (`| head`) ends the program quietly. */
function writeWhole(bytes: Uint8Array): void {
  let at = 0;
  while (at < bytes.length) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EPIPE') process.exit(0);
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

/** Writes a line for a person to standard error at once; names in it cannot steer the terminal. */
export function printNotice(line: string): void {
  writeSync(2, `${harmlessText(line)}\n`);
}
