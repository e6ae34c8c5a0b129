/** Every error code that the source raises: in `new XError('code', …)` and in problem literals `code: 'code'`. */
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

/** Every code that docs/reference/errors.md explains: the first cell of its table rows. */
export function findDocumentedCodes(text: string): string[] {
  return [...text.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map((match) => match[1]!);
}
