/** Rounds of key stretching that a backup may ask for. Apple asks for 10,000,000 + 10,000, adb for 10,000; a hostile file could ask for days. */
export const MAX_PBKDF2_ROUNDS = 20_000_000;

/** Bytes of a key bag; real ones have under 4 KiB. */
export const MAX_KEY_BAG_BYTES = 1024 * 1024;

/** Files of one backup; a full 1 TB phone has about a million. */
export const MAX_BACKUP_FILES = 2_000_000;

/** Components of a path in a backup, as everywhere (MAX_PATH_DEPTH). */
export { MAX_PATH_DEPTH } from '@kerbside/bytes';
