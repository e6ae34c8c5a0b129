import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentSizeBytes } from '@kerbside/corpus';
import { cachedFolder } from './image-cache.ts';
import { mixedFiles } from './mixed-files.ts';
import { writeVolumeImage } from './volume-images.ts';

/** An NTFS volume that is nearly full of pictures, documents, media, archives and video: 3 GB of files. */
export async function mixedVolume(quick: boolean): Promise<{ image: string; contentBytes: number; sizeBytes: number }> {
  const contentBytes = quick ? 60_000_000 : 3_000_000_000;
  const sizeBytes = Math.ceil((contentBytes * 1.12) / 4096) * 4096;
  const folder = await cachedFolder({ name: 'mixed-NTFS', contentBytes, seed: 71 }, sizeBytes, (into) => {
    const files = [...mixedFiles(71, contentBytes)];
    writeVolumeImage(join(into, 'volume.img'), 'NTFS', sizeBytes, 71, files);
    writeFileSync(join(into, 'content-bytes'), String(files.reduce((sum, { content }) => sum + contentSizeBytes(content), 0)));
  });
  return { image: join(folder, 'volume.img'), contentBytes: Number(readFileSync(join(folder, 'content-bytes'), 'utf8')), sizeBytes };
}
