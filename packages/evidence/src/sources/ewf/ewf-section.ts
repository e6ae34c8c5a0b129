import type { ByteView } from '@kerbside/bytes';
import { adler32 } from './adler32.ts';

/**
 * Section descriptor of EWF (libyal/libewf documentation, "Expert Witness Compression Format"):
 *
 * | offset | size | field                                                        |
 * | -----: | ---: | ------------------------------------------------------------ |
 * |      0 |   16 | type, ASCII padded with NUL                                   |
 * |     16 |    8 | offset of the next section in this segment; `next` and `done` point to themselves |
 * |     24 |    8 | size with this descriptor; EnCase writes 0 for `next`, `done` |
 * |     32 |   40 | padding                                                      |
 * |     72 |    4 | Adler-32 of the 72 bytes before                              |
 */
export const DESCRIPTOR_BYTES = 76;

/** Signature, 0x01, u16 segment number, u16 0. */
export const SEGMENT_HEADER_BYTES = 13;
export const EWF_SIGNATURE = Buffer.from([0x45, 0x56, 0x46, 0x09, 0x0d, 0x0a, 0xff, 0x00]);

export interface SectionDescriptor {
  readonly type: string;
  /** Where the descriptor stands in its segment file. */
  readonly offset: number;
  readonly nextOffset: number;
  readonly sizeBytes: number;
  /** False when the Adler-32 does not fit: then nothing else in it can be relied on. */
  readonly isSound: boolean;
}

/** Reads one descriptor from 76 bytes. */
export function parseDescriptor(view: ByteView, offset: number): SectionDescriptor {
  const text = view.bytes.toString('latin1', 0, 16);
  const end = text.indexOf('\0');
  return {
    type: end < 0 ? text : text.slice(0, end),
    offset,
    nextOffset: view.u64(16),
    sizeBytes: view.u64(24),
    isSound: adler32(view.bytes, 0, 72) === view.u32(72),
  };
}

/** Payload length of a section: EnCase leaves `size` 0 where there is none. */
export function payloadBytes(section: SectionDescriptor): number {
  return Math.max(0, section.sizeBytes - DESCRIPTOR_BYTES);
}
