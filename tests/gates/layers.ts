/** An import that ARCHITECTURE.md does not allow. */
export interface LayerViolation {
  readonly file: string;
  readonly imported: string;
  readonly why: string;
}

/**
 * Reads the table of rooms in ARCHITECTURE.md: package → packages it may import.
 * @param architecture text of ARCHITECTURE.md
 */
export function readAllowedImports(architecture: string): Map<string, Set<string>> {
  const allowed = new Map<string, Set<string>>();
  for (const line of architecture.split('\n')) {
    const cells = line.split('|').map((cell) => cell.trim());
    const room = /^`([a-z]+)`$/.exec(cells[1] ?? '')?.[1];
    if (room === undefined || cells.length < 5) continue;
    allowed.set(room, new Set([...(cells[3] ?? '').matchAll(/`([a-z]+)`/g)].map((match) => match[1]!)));
  }
  return allowed;
}

/**
 * Compares each import of each file with the table.
 * @param files path from the repository root (`packages/x/src/y.ts`, `corpus/src/z.ts`) → text
 */
export function findLayerViolations(files: ReadonlyMap<string, string>, allowed: Map<string, Set<string>>): LayerViolation[] {
  const violations: LayerViolation[] = [];
  for (const [file, text] of files) {
    const room = /^(?:packages\/([^/]+)|(corpus))\//.exec(file);
    const name = room?.[1] ?? room?.[2];
    if (name === undefined) continue;
    // Tests of a package may use the generators; the product may not.
    const mayUse = new Set([...(allowed.get(name) ?? []), ...(file.endsWith('.test.ts') ? ['corpus', 'evidence', 'match', 'bytes'] : [])]);
    for (const match of text.matchAll(/(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)) {
      const imported = match[1]!;
      if (imported.startsWith('@kerbside/')) {
        const target = imported.slice('@kerbside/'.length);
        if (target.includes('/')) violations.push({ file, imported, why: 'a package has one door, its index' });
        else if (target !== name && !mayUse.has(target)) violations.push({ file, imported, why: `${name} may not import ${target}` });
      } else if (imported.startsWith('..') && leavesPackage(file, imported)) {
        violations.push({ file, imported, why: 'a relative import leaves the package' });
      }
    }
  }
  return violations;
}

function leavesPackage(file: string, imported: string): boolean {
  const folders = file.split('/').slice(0, -1);
  const roots = file.startsWith('packages/') ? 2 : 1;
  const ups = imported.split('/').filter((part) => part === '..').length;
  return folders.length - ups < roots;
}
