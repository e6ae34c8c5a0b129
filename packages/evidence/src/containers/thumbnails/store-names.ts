/* Names of stores that their first bytes do not tell; apart from their readers, which load when they are needed. */

/** Names by which Android keeps such files; an empty beginning tells nothing, so the content alone cannot. */
export function isThumbdataName(name: string): boolean {
  return /^\.?thumbdata\d/i.test(name);
}

/** Files of a QuickLook folder of macOS that are read, by name. */
export const QUICK_LOOK_FILES = { index: 'index.sqlite', log: 'index.sqlite-wal', journal: 'index.sqlite-journal', data: 'thumbnails.data' } as const;
