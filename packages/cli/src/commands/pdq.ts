import { availableParallelism } from 'node:os';
import { KerbsideError, problemFrom } from '@kerbside/bytes';
import { DIALECTS, hashPictureFile, hashToText, MIN_QUALITY, ORIENTATIONS, startDecoders, type Dialect, type DialectHashes, type HashedPicture } from '@kerbside/decode';
import { parseArguments, textOption, wrongUse } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import { printJson, printNotice, printText } from '../output.ts';

const USAGE = 'kerbside pdq FILE… [--dialect 512nn|full] [--fast] [--all-orientations] [--json]';

/** More workers than this would only fill the memory: one holds up to 1 GiB. */
const MAX_WORKERS = 8;

/** `kerbside pdq`: the perceptual hash of picture files. What cannot be hashed is said and the rest goes on. */
export async function runPdqCommand(argv: readonly string[]): Promise<number> {
  const parsed = parseArguments(
    argv,
    { dialect: { type: 'string' }, fast: { type: 'boolean' }, 'all-orientations': { type: 'boolean' }, json: { type: 'boolean' } },
    USAGE,
    [1, Number.MAX_SAFE_INTEGER],
  );
  const dialect = dialectOption(textOption(parsed, 'dialect'));
  const json = parsed.values['json'] === true;
  const options = { fast: parsed.values['fast'] === true, orientations: parsed.values['all-orientations'] === true };
  const workers = Math.min(availableParallelism(), parsed.positionals.length, MAX_WORKERS);
  const decoders = await startDecoders({ workers, profile: 'picture' });
  let failed = 0;
  try {
    // As many files on their way as there are workers; answers come out in the order of the names.
    const ahead: Promise<HashedPicture | Error>[] = [];
    const start = (path: string): Promise<HashedPicture | Error> => hashPictureFile(decoders, path, options).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
    for (const [index, path] of parsed.positionals.entries()) {
      while (ahead.length < workers && index + ahead.length < parsed.positionals.length) ahead.push(start(parsed.positionals[index + ahead.length]!));
      const result = await ahead.shift()!;
      if (result instanceof Error) {
        failed += 1;
        tellFailure(path, result, json);
      } else if (json) {
        printJson(jsonOf(path, result, dialect));
      } else {
        printHashes(path, result, dialect ?? '512nn');
      }
    }
  } finally {
    await decoders.close();
  }
  return failed === 0 ? EXIT.done : EXIT.needsExamination;
}

function dialectOption(text: string | undefined): Dialect | null {
  if (text === undefined) return null;
  const dialect = DIALECTS.find((one) => one === text);
  if (dialect === undefined) throw wrongUse(`There is no dialect "${text}".`, USAGE);
  return dialect;
}

/** Without a sandbox nothing can be decoded at all, and a fault of ours is no fault of the file: both end the command. */
function tellFailure(path: string, error: Error, json: boolean): void {
  if (!(error instanceof KerbsideError) || error.kind === 'internal' || error.code === 'sandbox-unsound') throw error;
  const { kind, code, message } = problemFrom(error);
  if (json) printJson({ file: path, problem: { kind, code, message } });
  printNotice(`kerbside: ${path}: ${message}\n  (${code})`);
}

/** As the reference tool prints: hash, quality, name. */
function printHashes(path: string, { hashes: { dialects, orientations }, damaged, lowTrust }: HashedPicture, dialect: Dialect): void {
  if (orientations === undefined) {
    printText(`${hashToText(dialects[dialect].hash)},${dialects[dialect].quality},${path}`);
  } else {
    for (const orientation of ORIENTATIONS) {
      const { hash, quality } = orientations[orientation][dialect];
      printText(`${hashToText(hash)},${quality},${path},${orientation}`);
    }
  }
  if (damaged) printNotice(`kerbside: ${path}: damaged or cut short; the hash is of what is left.`);
  if (lowTrust) printNotice(`kerbside: ${path}: more than 8 bits a channel; other programs may hash it differently.`);
  if (dialects[dialect].quality < MIN_QUALITY) printNotice(`kerbside: ${path}: quality below ${MIN_QUALITY}; the hash is not comparable.`);
}

function jsonOf(path: string, { hashes, ...facts }: HashedPicture, dialect: Dialect | null): object {
  const chosen = DIALECTS.filter((one) => dialect === null || one === dialect);
  const textsOf = (dialects: DialectHashes): object =>
    Object.fromEntries(chosen.map((one) => [one, { hash: hashToText(dialects[one].hash), quality: dialects[one].quality, comparable: dialects[one].quality >= MIN_QUALITY }]));
  const { dialects, orientations } = hashes;
  return {
    file: path,
    ...facts,
    pdq: textsOf(dialects),
    ...(orientations === undefined ? {} : { orientations: Object.fromEntries(ORIENTATIONS.map((one) => [one, textsOf(orientations[one])])) }),
  };
}
