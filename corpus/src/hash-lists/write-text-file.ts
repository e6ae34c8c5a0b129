import { closeSync, openSync, writeSync } from 'node:fs';

const HELD_CHARACTERS = 1 << 20;

/** How a text file's bytes look. */
export interface TextForm {
  /** `utf16le` always starts with a byte-order mark; `utf8` has one only with `mark`. */
  readonly encoding?: 'utf8' | 'utf16le';
  readonly mark?: boolean;
}

/** Writes pieces of text to a new file, holding about a megabyte at a time. */
export function writeTextFile(path: string, pieces: Iterable<string>, form: TextForm = {}): void {
  const encoding = form.encoding ?? 'utf8';
  const file = openSync(path, 'w');
  try {
    const flush = (text: string): void => {
      const bytes = Buffer.from(text, encoding);
      for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
    };
    let held = form.mark === true || encoding === 'utf16le' ? '\ufeff' : '';
    for (const piece of pieces) {
      held += piece;
      if (held.length < HELD_CHARACTERS) continue;
      flush(held);
      held = '';
    }
    flush(held);
  } finally {
    closeSync(file);
  }
}
