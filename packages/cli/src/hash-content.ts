import { closeSync, openSync, readSync } from 'node:fs';
import { KerbsideError } from '@kerbside/bytes';
import { hashEveryFrame, hashPictureFile, MAX_PRUNE_BITS, startDecoders, type DecodeContent, type Decoders, type DialectHashes } from '@kerbside/decode';
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
      const kind = tellKind(head);
      if (kind === 'video') {
        videos ??= await startDecoders({ profile: 'tools', workers: 1 });
        return hashVideo(videos, path, sizeBytes, pruneBits);
      }
      try {
        const { hashes } = await hashPictureFile(pictures, path);
        return { kind: 'picture', hashes: bothDialects(hashes.dialects, null) };
      } catch (error) {
        if (kind === 'unknown' && error instanceof KerbsideError && error.code === 'picture-undecodable') return { kind: 'other', hashes: [] };
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

/** Brands of ISO media files (`ftyp`) that are still pictures. */
const PICTURE_BRANDS = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'mif1', 'msf1', 'avif', 'avis', 'crx ']);

/** Beginnings of video files. */
const VIDEO_STARTS: readonly (readonly number[])[] = [
  [0x1a, 0x45, 0xdf, 0xa3],
  [0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11],
  [0x00, 0x00, 0x01, 0xba],
  [0x00, 0x00, 0x01, 0xb3],
  [0x46, 0x4c, 0x56, 0x01],
];
const PICTURE_STARTS: readonly (readonly number[])[] = [
  [0xff, 0xd8, 0xff],
  [0x89, 0x50, 0x4e, 0x47],
  [0x47, 0x49, 0x46, 0x38],
  [0x42, 0x4d],
  [0x49, 0x49, 0x2a, 0x00],
  [0x4d, 0x4d, 0x00, 0x2a],
];

/** What a file is by its first bytes; names are not asked. */
function tellKind(head: Uint8Array): 'picture' | 'video' | 'unknown' {
  const text = Buffer.from(head.subarray(0, 16)).toString('latin1');
  const starts = (list: readonly (readonly number[])[]): boolean => list.some((start) => start.every((byte, i) => head[i] === byte));
  if (text.slice(4, 8) === 'ftyp') return PICTURE_BRANDS.has(text.slice(8, 12)) ? 'picture' : 'video';
  if (['moov', 'mdat', 'wide', 'skip'].includes(text.slice(4, 8)) || starts(VIDEO_STARTS)) return 'video';
  if (text.startsWith('RIFF')) return text.slice(8, 12) === 'AVI ' ? 'video' : text.slice(8, 12) === 'WEBP' ? 'picture' : 'unknown';
  if (head[0] === 0x47 && head[188] === 0x47 && head[376] === 0x47) return 'video';
  return starts(PICTURE_STARTS) ? 'picture' : 'unknown';
}
