import type { SeenMedia } from './seen-media.ts';

/** Where an item is kept out of sight. The words say what is there, and nothing of why. */
export interface HiddenPlace {
  readonly level: 'vault' | 'hidden';
  readonly sentence: string;
}

/*
 * Package names and folders of Android apps that lock pictures away. They have lawful uses, and the list is short
 * on purpose: names that forensic parsers know. Compared in lower case with whole components of the path.
 */
const VAULT_COMPONENTS: ReadonlyMap<string, string> = new Map([
  ['com.thinkyeah.galleryvault', 'GalleryVault'],
  ['.galleryvault_donotdelete', 'GalleryVault'],
  ['com.calculator.lock.hide.photo.video', 'Calculator Lock'],
  ['com.flatfish.cal.privacy', 'HideX'],
  ['com.netqin.ps', 'NQ Vault'],
  ['com.theronrogers.vaultyfree', 'Vaulty'],
  ['com.domobile.applock', 'AppLock'],
  ['com.domobile.applockwatcher', 'AppLock'],
  ['com.samsung.knox.securefolder', 'Samsung Secure Folder'],
]);

/** A GalleryVault folder bears a number of its own at its end. */
const GALLERY_VAULT = /^\.galleryvault_donotdelete_\d+$/;

/** `Name.{GUID}`: Windows Explorer opens something else in its place. */
const SHELL_CLASS = /\.\{[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}$/;

/** Android user 150 is where Samsung keeps its Secure Folder. */
const SECURE_FOLDER_USER = /(?:^|\/)(?:media|storage\/emulated|data\/user)\/150(?:\/|$)/;

const WINDOWS_SYSTEM = new Set(['system volume information', '$extend']);

/**
 * The rule by which an item's place is out of sight, the strongest first; null where none applies or nothing is known.
 * Paths are display paths: components between slashes.
 */
export function findHiddenPlace(media: Pick<SeenMedia, 'path' | 'hiddenAttribute' | 'underNoMedia'>): HiddenPlace | null {
  const lower = media.path.toLowerCase();
  const components = lower.split('/');
  for (const component of components) {
    const app = VAULT_COMPONENTS.get(component) ?? (GALLERY_VAULT.test(component) ? 'GalleryVault' : undefined);
    if (app !== undefined) return { level: 'vault', sentence: `In the storage of an app that locks pictures away (${app}).` };
    if (SHELL_CLASS.test(component)) return { level: 'vault', sentence: 'In a folder whose name makes Windows open something else instead.' };
  }
  if (SECURE_FOLDER_USER.test(lower)) return { level: 'vault', sentence: 'In the storage of an app that locks pictures away (Samsung Secure Folder).' };
  if (media.underNoMedia === true) return { level: 'hidden', sentence: 'In a folder that a .nomedia file keeps out of galleries.' };
  if (media.hiddenAttribute === true) return { level: 'hidden', sentence: 'The file or a folder above it has the hidden or system attribute.' };
  if (components.some((component) => WINDOWS_SYSTEM.has(component))) return { level: 'hidden', sentence: 'In a folder of Windows that its Explorer does not show.' };
  if (components.some((component) => component.length > 1 && component.startsWith('.') && component !== '..')) {
    return { level: 'hidden', sentence: 'In a folder, or under a name, that begins with a dot and is not shown as a rule.' };
  }
  return null;
}
