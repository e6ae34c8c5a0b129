import { lookupDigestText, openSet } from '@kerbside/match';
import { categoryLabel, digestLabel } from '@kerbside/triage';
import { parseArguments, spreadLists, textOption, textOptions, wrongUse } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import { printJson, printText } from '../output.ts';
import { lookUpNear } from './set-lookup-near.ts';

const USAGE = 'kerbside set lookup FILE DIGEST… | --pdq HASH… [--radius BITS] [--json]';

/** `kerbside set lookup`: asks a compiled set for digests in hex, their kind told by their length, or for what is near PDQ hashes. */
export function runSetLookup(argv: readonly string[]): Promise<number> {
  const options = { json: { type: 'boolean' }, pdq: { type: 'string', multiple: true }, radius: { type: 'string' } } as const;
  const parsed = parseArguments(spreadLists(argv, ['--pdq']), options, USAGE, [1, Number.MAX_SAFE_INTEGER]);
  const [path = '', ...digests] = parsed.positionals;
  const hashes = textOptions(parsed, 'pdq');
  const radius = textOption(parsed, 'radius');
  if (hashes.length === 0 && radius !== undefined) throw wrongUse('--radius goes with --pdq.', USAGE);
  if (digests.length + hashes.length === 0) throw wrongUse('Something is missing.', USAGE);
  if (hashes.length > 0) lookUpNear({ path, hashes, radius, json: parsed.values['json'] === true }, USAGE);
  if (digests.length === 0) return Promise.resolve(EXIT.done);
  const set = openSet(path);
  try {
    for (const digest of digests) {
      const found = lookupDigestText(set, digest).flatMap(({ algorithm, rows }) => rows.map((row) => ({ algorithm, ...row })));
      if (parsed.values['json'] === true) {
        printJson({ digest, found: found.length > 0, set: set.facts.name, meaning: set.facts.meaning, rows: found });
        continue;
      }
      if (found.length === 0) printText(`${digest}  not in "${set.facts.name}"`);
      for (const row of found) {
        const category = categoryLabel(row);
        const sizes = row.sizesBytes.length === 0 ? 'length not stated' : `${row.sizesBytes.join(' or ')} bytes`;
        printText(`${digest}  in "${set.facts.name}" [${set.facts.meaning}] as ${digestLabel(row.algorithm)}, ${category}, ${sizes}`);
      }
    }
  } finally {
    set.close();
  }
  return Promise.resolve(EXIT.done);
}
