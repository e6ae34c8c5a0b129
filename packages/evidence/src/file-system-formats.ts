import type { FileSystemFormat } from './file-system.ts';

/**
 * Every file system of our own, one line each. The order is the order of detection where two would
 * both say yes on the same basis.
 */
export const FILE_SYSTEM_FORMATS: readonly FileSystemFormat[] = [];
