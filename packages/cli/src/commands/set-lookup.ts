import { lookupDigestText, openSet } from '@kerbside/match';
import { categoryLabel, digestLabel } from '@kerbside/triage';
import { parseArguments } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import { printJson, printText } from '../output.ts';

/** `kerbside set lookup`: asks a compiled set for digests in hex, their kind told by their length. */
export function runSetLookup(argv: readonly string[]): Promise<number> {
  const parsed = parseArguments(argv, { json: { type: 'boolean' } }, 'kerbside set lookup FILE DIGEST… [--json]', [2, Number.MAX_SAFE_INTEGER]);
  const [path = '', ...digests] = parsed.positionals;
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
