import { closeSync, openSync, readSync } from 'node:fs';
import { KerbsideError } from '@kerbside/bytes';
import { hashEveryFrame, hashPictureFile, MAX_PRUNE_BITS, startDecoders, type DecodeContent, type Decoders, type DialectHashes } from '@kerbside/decode';
import { sniffContent } from '@kerbside/evidence';
import type { ContentHash, HashContent, HashedContent } from '@kerbside/match';

/** Hashes the files of a folder in the sandbox, in both dialects. */
export interface ContentHasher {
  readonly hash: HashContent;
  close(): Promise<void>;
}

/**
 * Starts the sandboxes of a build from folders: one for pictures, and one for videos when the first is met.
 *
 * @param pruneBits a video's frames within this many bits of the one kept before are left out
 * @throws UnsupportedError `sandbox-unsound`, `program-not-installed`: nothing is decoded without a sound sandbox
 */
export async function startContentHasher(pruneBits = MAX_PRUNE_BITS): Promise<ContentHasher> {
  const pictures = await startDecoders({ profile: 'picture', workers: 1 });
  let videos: (Decoders & { close(): Promise<void> }) | null = null;
  return {
    async hash({ path, head, sizeBytes }) {
      const kind = sniffContent(head);
      if (kind?.startsWith('video/') === true) {
        videos ??= await startDecoders({ profile: 'tools', workers: 1 });
        return hashVideo(videos, path, sizeBytes, pruneBits);
      }
      try {
        const { hashes } = await hashPictureFile(pictures, path);
        return { kind: 'picture', hashes: bothDialects(hashes.dialects, null) };
      } catch (error) {
        if (kind === null && error instanceof KerbsideError && error.code === 'picture-undecodable') return { kind: 'other', hashes: [] };
        throw error;
      }
    },
    async close() {
      await pictures.close();
      await videos?.close();
    },
  };
}

async function hashVideo(decoders: Decoders, path: string, sizeBytes: number, pruneBits: number): Promise<HashedContent> {
  const fd = openSync(path, 'r');
  try {
    const content: DecodeContent = {
      sizeBytes,
      readAt(offset, length) {
        const bytes = Buffer.alloc(length);
        return bytes.subarray(0, readSync(fd, bytes, 0, length, offset));
      },
    };
    const { frames, counts, pruneBits: prunedWithin } = await hashEveryFrame(decoders, content, { pruneBits });
    return { kind: 'video', prunedWithin, prunedFrames: counts.pruned, notComparableFrames: counts.lowQuality, hashes: frames.flatMap(({ hashes, seconds }) => bothDialects(hashes, seconds)) };
  } finally {
    closeSync(fd);
  }
}

function bothDialects(dialects: DialectHashes, seconds: number | null): ContentHash[] {
  return (['512nn', 'full'] as const).map((dialect) => ({ dialect, hash: dialects[dialect].hash, quality: dialects[dialect].quality, seconds }));
}
