import { verifyImage } from '@kerbside/evidence';
import { formatBytes, formatCount } from '@kerbside/triage';
import { parseArguments } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import { printLine } from '../output.ts';

/** `kerbside verify-image`: every checksum of an image and its stored digests against its bytes. */
export async function runVerifyImageCommand(argv: readonly string[]): Promise<number> {
  const parsed = parseArguments(argv, { json: { type: 'boolean' } }, 'kerbside verify-image IMAGE [--json]', [1, 1]);
  const result = await verifyImage(parsed.positionals[0]!, showShare());
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  void [formatBytes, formatCount];
  printLine(JSON.stringify(result));
  return EXIT.done;
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
