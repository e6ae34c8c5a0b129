/** The word for a container in a path, from its kind: `zip` of `archive/zip`. */
export function containerOf(kind: string): string {
  return kind.slice(kind.indexOf('/') + 1);
}

/**
 * The step of a path that leads into a container. `\[…]` is given by this program, and no name from evidence is
 * ever shown so (display-name.ts): a path through a container cannot be taken for one of a folder.
 */
export function containerStep(kind: string): string {
  return `\\[${containerOf(kind)}]`;
}

/** A folder that is a phone backup (iTunes, Finder), which no first bytes tell: by its manifest. */
export const PHONE_BACKUP = 'backup/ios';

/** The store of thumbnails of macOS, which lies in several files: its index stands for it. */
export const QUICK_LOOK = 'thumbnails/quicklook';
