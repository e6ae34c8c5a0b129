/**
 * A file with the box structure of an MP4 (ISO/IEC 14496-12) and noise where the video would be:
 * `ftyp`, `moov` with `mvhd`, and one `mdat` to the end. Each box: length u32 (1: a u64 follows the
 * type), type, content; big-endian. It plays nowhere; it stands for a large file that has to be read.
 */
import type { GeneratedContent } from '../corpus-file.ts';
import { generatedBytes } from './generated-bytes.ts';

const MDAT_HEAD_BYTES = 16;

/** @param sizeBytes whole file, at least 256 */
export function makePseudoVideo(seed: number, sizeBytes: number): GeneratedContent {
  const start = Buffer.concat([box('ftyp', Buffer.from('isom\0\0\x02\0isomiso2avc1mp41', 'latin1')), box('moov', box('mvhd', movieHeader(seed, sizeBytes)))]);
  const mediaHead = Buffer.alloc(MDAT_HEAD_BYTES);
  mediaHead.writeUInt32BE(1, 0);
  mediaHead.write('mdat', 4, 'latin1');
  mediaHead.writeBigUInt64BE(BigInt(sizeBytes - start.length), 8);
  return generatedBytes(seed, sizeBytes, Buffer.concat([start, mediaHead]));
}

function movieHeader(seed: number, sizeBytes: number): Buffer {
  const header = Buffer.alloc(100);
  // Seconds since 1904, as the format counts; one of some days in 2021.
  header.writeUInt32BE(3_705_350_400 + (seed % 1_000_000), 4);
  header.writeUInt32BE(3_705_350_400 + (seed % 1_000_000), 8);
  header.writeUInt32BE(1000, 12);
  header.writeUInt32BE(Math.floor(sizeBytes / 250) >>> 0, 16);
  header.writeUInt32BE(0x0001_0000, 20);
  header.writeUInt16BE(0x0100, 24);
  for (const [at, value] of [[36, 0x1_0000], [52, 0x1_0000], [68, 0x4000_0000]] as const) header.writeUInt32BE(value, at);
  header.writeUInt32BE(2, 96);
  return header;
}

function box(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + content.length, 0);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, content]);
}
