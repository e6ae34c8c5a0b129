/** Every error code that the source raises in `new XError('code', …)` or in a problem literal `code: 'code'`, with a file that does. */
export function findRaisedCodes(files: ReadonlyMap<string, string>): Map<string, string> {
  const raised = new Map<string, string>();
  for (const [file, text] of files) {
    if (file.endsWith('.test.ts')) continue;
    for (const match of text.matchAll(/(?:new (?:Malformed|Limit|Unsupported|Medium|Refused|Internal)Error\(\s*|\bcode: )'([a-z][a-z0-9]*(?:-[a-z0-9]+)+)'/g)) {
      if (!raised.has(match[1]!)) raised.set(match[1]!, file);
    }
  }
  return raised;
}

/** Every kebab-case text literal of the source: a code that goes through a function of a reader's own is one of these. */
export function findLiterals(files: ReadonlyMap<string, string>): Set<string> {
  const literals = new Set<string>();
  for (const [file, text] of files) {
    if (file.endsWith('.test.ts')) continue;
    for (const match of text.matchAll(/'([a-z][a-z0-9]*(?:-[a-z0-9]+)+)'/g)) literals.add(match[1]!);
  }
  return literals;
}

/** Every code that docs/reference/errors.md explains: the first cell of its table rows. */
export function findDocumentedCodes(text: string): string[] {
  return [...text.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map((match) => match[1]!);
}
