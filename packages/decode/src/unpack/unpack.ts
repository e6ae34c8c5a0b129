import { spawn } from 'node:child_process';
import { LimitError, MalformedError, UnsupportedError } from '@kerbside/bytes';
import type { Handler, HandlerInput } from '../worker/handler.ts';

/** Asked of the parent at once; it goes into the pipe as bsdtar takes it. */
const RANGE_BYTES = 1024 * 1024;
/** What bsdtar says on standard error is read so far and no further. */
const MAX_WORDS_BYTES = 16 * 1024;

/** A name that is no UTF-8 goes into the TAR as its bytes, which is what is wanted. */
const NAME_WARNING = /: Can't translate \w+ '.*' to UTF-8$/;

/**
 * Inside the sandbox: bsdtar (libarchive) reads the archive from a pipe and writes its members as one PAX TAR, which
 * goes to the parent piece by piece. Nothing is extracted and no file is written: bsdtar only turns one archive
 * format into another. Formats that must be read backwards cannot come through a pipe.
 */
export const unpack: Handler = async (_request, input, emit) => {
  const child = spawn('/usr/bin/bsdtar', ['-c', '-f', '-', '--format=pax', '@-'], { stdio: ['pipe', 'pipe', 'pipe'], env: { LC_ALL: 'C.UTF-8' } });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', (error) => reject(new UnsupportedError('program-not-installed', `bsdtar is needed to read this and does not start (${error.message}): apt install libarchive-tools`)));
    child.on('close', (code) => resolve(code));
  });
  let words = '';
  child.stderr.on('data', (piece: Buffer) => {
    if (words.length < MAX_WORDS_BYTES) words += piece.toString('latin1');
  });
  const feeding = feed(input, child.stdin);
  // Whichever fails first is told below; the other then ends by itself.
  feeding.catch(() => child.kill('SIGKILL'));
  let sizeBytes = 0;
  try {
    for await (const piece of child.stdout) {
      sizeBytes += (piece as Buffer).length;
      await emit(piece as Buffer);
    }
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  const code = await ended;
  await feeding;
  const told = words.split('\n').filter((line) => line !== '' && !NAME_WARNING.test(line)).join('\n');
  if (code !== 0 || told !== '') throw readWords(told, code);
  return { json: { sizeBytes } };
};

async function feed(input: HandlerInput, stdin: NodeJS.WritableStream): Promise<void> {
  let isOpen = true;
  // bsdtar may have read all it wants before the end of the file.
  stdin.on('error', () => {
    isOpen = false;
  });
  stdin.on('close', () => {
    isOpen = false;
  });
  for (let offset = 0; offset < input.sizeBytes && isOpen; ) {
    const bytes = await input.readAt(offset, Math.min(RANGE_BYTES, input.sizeBytes - offset));
    if (bytes.length === 0) break;
    offset += bytes.length;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        stdin.removeListener('drain', done);
        stdin.removeListener('close', done);
        stdin.removeListener('error', done);
        resolve();
      };
      stdin.once('close', done);
      stdin.once('error', done);
      // A copy: the bytes of a range are used again for the next.
      if (stdin.write(Buffer.from(bytes))) done();
      else stdin.once('drain', done);
    });
  }
  stdin.end();
}

/** bsdtar's own words, which have no codes. Its names come from the evidence, so they are never repeated. */
function readWords(words: string, code: number | null): Error {
  // Without its locale this version of libarchive has been seen to break on names that are not ASCII.
  if (/Failed to set default locale/.test(words)) return new UnsupportedError('unpack-locale', 'bsdtar does not find the locale C.UTF-8 (Debian package libc-bin), without which it does not read names rightly');
  if (/encrypt|passphrase|password/i.test(words)) return new UnsupportedError('archive-encrypted', 'the archive, or a member of it, is encrypted; what came before it was read');
  if (/unsupported|not supported|multivolume|split/i.test(words)) return new UnsupportedError('unpack-unsupported', 'the archive uses a feature that bsdtar does not read; what came before it was read');
  if (code === null) return new LimitError('unpack-ended', 'bsdtar was ended at a limit before the end of the archive');
  return new MalformedError('unpack-damaged', 'bsdtar met damage in the archive; members may be missing');
}
