import { exfatFormat } from './exfat/exfat-format.ts';
import { extFormat } from './ext/ext-format.ts';
import { fatFormat } from './fat/fat-format.ts';
import type { FileSystemFormat } from './file-system.ts';
import { ntfsFormat } from './ntfs/ntfs-format.ts';

/**
 * Every file system of our own, one line each. The order is the order of detection where two would
 * both say yes on the same basis.
 */
export const FILE_SYSTEM_FORMATS: readonly FileSystemFormat[] = [
  ntfsFormat,
  exfatFormat,
  extFormat,
  fatFormat,
];
