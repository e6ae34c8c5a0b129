import { RefusedError } from '@kerbside/bytes';
import { openSource, verifyImage, type ImageVerification } from '@kerbside/evidence';
import { formatBytes, formatCount } from '@kerbside/triage';
import { parseArguments, textOption } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import { printJson, printLine } from '../output.ts';

/** `kerbside verify-image`: every checksum of an image, and its stored digests against its bytes. */
export async function runVerifyImageCommand(argv: readonly string[]): Promise<number> {
  const parsed = parseArguments(argv, { json: { type: 'boolean' }, 'write-blocker': { type: 'string' } }, 'kerbside verify-image IMAGE [--json] [--write-blocker TEXT]', [1, 1]);
  const declaredWriteBlocker = textOption(parsed, 'write-blocker');
  const image = await openSource(parsed.positionals[0]!, { expect: 'image', ...(declaredWriteBlocker === undefined ? {} : { declaredWriteBlocker }) });
  if (image.form !== 'image') throw new RefusedError('source-is-folder', 'A folder has no digests of its own: name an image.');
  try {
    const result = await verifyImage(image, showShare());
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
    if (parsed.values['json'] === true) printJson({ path: image.facts.path, kind: image.facts.kind, ...result });
    else printResult(image.facts.path, result);
    return result.outcome === 'mismatch' || result.unreadable.length > 0 ? EXIT.needsExamination : EXIT.done;
  } finally {
    await image.close();
  }
}

function printResult(path: string, result: ImageVerification): void {
  const words = { match: 'Agrees with its stored digests', mismatch: 'DOES NOT agree with what it states', 'none-stored': 'States no digests; computed ones are below' } as const;
  printLine(`${path}: ${words[result.outcome]}`);
  printLine(`  Size     ${formatCount(result.sizeBytes)} bytes (${formatBytes(result.sizeBytes)})`);
  if (result.chunks > 0) printLine(`  Chunks   ${formatCount(result.chunks)}, ${result.chunksBad === 0 ? 'every checksum right' : `${formatCount(result.chunksBad)} DAMAGED`}`);
  for (const name of ['md5', 'sha1', 'sha256'] as const) {
    const stored = name === 'sha256' ? null : result.stored[name];
    const verdict = stored === null ? '' : stored === result.computed[name] ? '  as stored' : `  stored: ${stored}`;
    printLine(`  ${name.toUpperCase().padEnd(8)} ${result.computed[name]}${verdict}`);
  }
  for (const range of result.unreadable) printLine(`  Unread   ${formatCount(range.length)} bytes at ${formatCount(range.offset)}`);
  for (const problem of result.problems) printLine(`  ! ${problem.message} (${problem.code})`);
}

/** Draws the share done over itself where a person watches. */
function showShare(): (doneBytes: number, totalBytes: number) => void {
  let last = -1;
  return (doneBytes, totalBytes) => {
    const percent = totalBytes === 0 ? 100 : Math.floor((doneBytes / totalBytes) * 100);
    if (percent === last || !process.stderr.isTTY) return;
    last = percent;
    process.stderr.write(`\rverifying ${percent} %`);
  };
}
