import { memberPath } from '../member-names.ts';
import type { Member } from '../container.ts';

/** What a ZIP is, by what stands in it. Office and e-book files are read as the ZIPs they are, and told as what they are. */
export type ZipKind = 'zip' | 'office-open-xml' | 'open-document' | 'epub' | 'android-app' | 'java-archive' | 'ios-app' | 'cellebrite-report';

const SIGNS: readonly (readonly [ZipKind, RegExp])[] = [
  ['office-open-xml', /^\[Content_Types\]\.xml$/],
  ['android-app', /^AndroidManifest\.xml$/],
  ['cellebrite-report', /^report\.xml$/],
  ['epub', /^META-INF\/container\.xml$/],
  ['open-document', /^META-INF\/manifest\.xml$/],
  ['java-archive', /^META-INF\/MANIFEST\.MF$/i],
  ['ios-app', /^Payload\/[^/]+\.app\/Info\.plist$/],
];

/** Names the kind by its members, the surest sign first. A report of Cellebrite is one only with its `files` beside it. */
export function zipKindOf(members: Iterable<Pick<Member, 'names'>>): ZipKind {
  const found = new Set<ZipKind>();
  let hasFiles = false;
  for (const { names } of members) {
    const path = memberPath(names);
    hasFiles ||= path.startsWith('files/');
    for (const [kind, sign] of SIGNS) if (sign.test(path)) found.add(kind);
  }
  if (!hasFiles) found.delete('cellebrite-report');
  return SIGNS.find(([kind]) => found.has(kind))?.[0] ?? 'zip';
}
