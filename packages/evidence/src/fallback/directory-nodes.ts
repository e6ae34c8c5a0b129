import type { EvidenceName } from '../evidence-name.ts';
import type { DirectoryNode } from '../item.ts';

/** The directory at a path of names, made once for each path in `known`; null for the root. */
export function directoryOf(parts: readonly string[], known: Map<string, DirectoryNode>, nameOf: (text: string) => EvidenceName): DirectoryNode | null {
  if (parts.length === 0) return null;
  const path = parts.join('/');
  const found = known.get(path);
  if (found !== undefined) return found;
  const node: DirectoryNode = { parent: directoryOf(parts.slice(0, -1), known, nameOf), name: nameOf(parts.at(-1)!), depth: parts.length - 1 };
  known.set(path, node);
  return node;
}
