import { MalformedError, UnsupportedError } from '@kerbside/bytes';
import type { DetectionBasis, FileSystem, FileSystemFormat } from '../file-system.ts';
import type { Volume } from '../volume.ts';
import { openExt } from './ext-file-system.ts';
import { extKind, unsupportedFeatures } from './feature-flags.ts';
import { findSuperblock } from './find-superblock.ts';

/** ext2, ext3 and ext4. */
export const extFormat: FileSystemFormat = {
  name: 'ext',

  detect(volume: Volume): DetectionBasis | null {
    try {
      return findSuperblock(volume.source)?.basis ?? null;
    } catch {
      // a medium that fails here gives no answer, and the survey says that the volume is not recognised
      return null;
    }
  },

  open(volume: Volume): FileSystem {
    const found = findSuperblock(volume.source);
    if (found === null) {
      throw new MalformedError('ext-no-superblock', 'no superblock or backup of one was found', { volume: volume.id, offset: volume.startOffset });
    }
    const { compatible, incompatible, readOnlyCompatible } = found.superblock;
    const unsupported = unsupportedFeatures(incompatible);
    if (unsupported.length > 0) {
      throw new UnsupportedError('ext-unsupported-feature', `the volume uses ext features that are not read here: ${unsupported.join(', ')}`, { volume: volume.id, offset: volume.startOffset });
    }
    return openExt(volume, found, extKind(compatible, incompatible, readOnlyCompatible));
  },
};
