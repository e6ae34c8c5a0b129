import { ByteView, RefusedError, type ByteRange, type Problem } from '@kerbside/bytes';
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { EvidenceFiles } from '../evidence-files.ts';
import { adler32 } from './adler32.ts';
import { parseHeader, type StatedText } from './ewf-header.ts';
import { parseMedia, type EwfMedia } from './ewf-media.ts';
import { DESCRIPTOR_BYTES, EWF_SIGNATURE, SEGMENT_HEADER_BYTES, parseDescriptor, payloadBytes, type SectionDescriptor } from './ewf-section.ts';
import { TableCollector, type EwfTable } from './ewf-table-list.ts';

/** Sections of one segment; a table holds at least one chunk, and real segments have a few thousand sections at most. */
const MAX_SECTIONS_PER_SEGMENT = 500_000;
/** Bytes of a header, error or session section read into memory. */
const MAX_SMALL_SECTION_BYTES = 16 * 1024 * 1024;

/** Everything about an E01 image but its content: kept small, tables stay on disk. */
export interface EwfIndex {
  readonly media: EwfMedia;
  readonly tables: readonly EwfTable[];
  /** Chunks that the tables can reach; fewer than the media needs when tables are lost. */
  readonly reachableChunks: number;
  /** Ranges that could not be read when the image was made (`error2`). */
  readonly acquisitionErrors: readonly ByteRange[];
  readonly storedMd5: string | null;
  readonly storedSha1: string | null;
  readonly statedTexts: readonly StatedText[];
  readonly problems: readonly Problem[];
}

/**
 * Reads every section descriptor of every segment, checking each checksum on the way.
 *
 * @throws RefusedError when the segments are not one whole image, or no intact volume section exists
 */
export function readEwfIndex(files: EvidenceFiles): EwfIndex {
  const scan = new IndexScan(files);
  files.paths.forEach((_, segment) => scan.scanSegment(segment));
  return scan.finish();
}

class IndexScan {
  readonly #files: EvidenceFiles;
  readonly #problems: Problem[] = [];
  readonly #tables = new TableCollector(this.#problems);
  #media: EwfMedia | null = null;
  #texts: readonly StatedText[] = [];
  #md5: string | null = null;
  #sha1: string | null = null;
  #errors: { start: number; count: number }[] = [];

  constructor(files: EvidenceFiles) {
    this.#files = files;
  }

  scanSegment(segment: number): void {
    const name = basename(this.#files.paths[segment]!);
    const fileBytes = statSync(this.#files.paths[segment]!).size;
    this.#requireSegmentHeader(segment, name, fileBytes);
    const isLastFile = segment === this.#files.paths.length - 1;
    let at = SEGMENT_HEADER_BYTES;
    for (let count = 0; count < MAX_SECTIONS_PER_SEGMENT; count++) {
      if (at + DESCRIPTOR_BYTES > fileBytes) throw truncated(name);
      const section = parseDescriptor(this.#read(segment, at, DESCRIPTOR_BYTES), at);
      if (!section.isSound) this.#report(segment, section, 'ewf-section-damaged', `the descriptor of section "${printable(section.type)}" fails its checksum`);
      if (section.type === 'done' || section.type === 'next') {
        requireRightEnd(section.type, isLastFile, name);
        return;
      }
      // A damaged descriptor that closes the file can only have been its end mark.
      if (!section.isSound && at + DESCRIPTOR_BYTES === fileBytes) return;
      const next = this.#nextOffset(segment, section, fileBytes, name);
      this.#take(segment, { ...section, sizeBytes: next - at });
      at = next;
    }
    throw new RefusedError('ewf-sections-limit', `segment ${name} has more than ${MAX_SECTIONS_PER_SEGMENT} sections: it is not a usable E01`);
  }

  finish(): EwfIndex {
    if (this.#media === null) {
      throw new RefusedError('ewf-volume-damaged', 'no intact volume section in the E01 image says how large it is: make or ask for another copy of the image');
    }
    const media = this.#media;
    const { tables, reachableChunks } = this.#tables.place(media);
    return {
      media,
      tables,
      reachableChunks,
      acquisitionErrors: this.#acquisitionErrors(media),
      storedMd5: this.#md5,
      storedSha1: this.#sha1,
      statedTexts: this.#texts,
      problems: this.#problems,
    };
  }

  #requireSegmentHeader(segment: number, name: string, fileBytes: number): void {
    if (fileBytes < SEGMENT_HEADER_BYTES + DESCRIPTOR_BYTES) throw truncated(name);
    const head = this.#read(segment, 0, SEGMENT_HEADER_BYTES);
    if (!head.bytes.subarray(0, 8).equals(EWF_SIGNATURE)) {
      throw new RefusedError('source-not-e01', `${name} does not begin as an E01 segment does: it is another kind of file, or damaged; if it is a raw image, give it a name without .E01`);
    }
    const number = head.u16(9);
    if (number === segment + 1) return;
    if (number >= 1 && number <= segment) {
      throw new RefusedError('ewf-segment-repeated', `${name} says it is segment ${number}, which was already read: replace it by segment ${segment + 1}`);
    }
    throw new RefusedError('ewf-segment-order', `${name} says it is segment ${number}, but its name says ${segment + 1}: give the segments their right names`);
  }

  /** Where the next section begins, even past a damaged descriptor when its size or its link still leads to a sound one. */
  #nextOffset(segment: number, section: SectionDescriptor, fileBytes: number, name: string): number {
    const candidates = section.isSound ? [section.nextOffset] : [section.nextOffset, section.offset + section.sizeBytes];
    for (const next of candidates) {
      if (!Number.isSafeInteger(next) || next < section.offset + DESCRIPTOR_BYTES) continue;
      if (next + DESCRIPTOR_BYTES > fileBytes) {
        if (section.isSound) throw truncated(name);
        continue;
      }
      if (section.isSound || parseDescriptor(this.#read(segment, next, DESCRIPTOR_BYTES), next).isSound) return next;
    }
    throw new RefusedError('ewf-chain-broken', `the chain of sections in ${name} is broken at byte ${section.offset}: make or ask for another copy of the image`);
  }

  #take(segment: number, section: SectionDescriptor): void {
    switch (section.type) {
      case 'header':
      case 'header2':
        return this.#takeHeader(segment, section);
      case 'volume':
      case 'disk':
      case 'data':
        return this.#takeMedia(segment, section);
      case 'sectors':
        return this.#tables.sectors(section.offset + section.sizeBytes);
      case 'table':
      case 'table2':
        return this.#tables.table(segment, section, this.#read(segment, section.offset + DESCRIPTOR_BYTES, Math.min(24, payloadBytes(section))));
      case 'error2':
        return this.#takeErrors(segment, section);
      case 'session':
        return this.#takeSession(segment, section);
      case 'hash':
      case 'digest':
        return this.#takeDigests(segment, section);
      default:
        // ltree marks a logical image (L01 content under an E01 name); others are vendors' notes.
        if (section.type === 'ltree' || section.type === 'ltypes') {
          throw new RefusedError('ewf-logical-unsupported', 'this is a logical evidence file (L01), not an image of a medium: export its files into a folder and give the folder');
        }
    }
  }

  #takeHeader(segment: number, section: SectionDescriptor): void {
    const texts = parseHeader(this.#small(segment, section).bytes);
    if (texts === null) this.#report(segment, section, 'ewf-header-damaged', `section "${section.type}" (case texts) is damaged`);
    else if (this.#texts.length === 0) this.#texts = texts;
  }

  #takeMedia(segment: number, section: SectionDescriptor): void {
    const media = parseMedia(this.#small(segment, section));
    if (media === null) this.#report(segment, section, 'ewf-media-damaged', `section "${section.type}" (size of the medium) fails its checksum`);
    else this.#media ??= media;
  }

  #takeErrors(segment: number, section: SectionDescriptor): void {
    const view = this.#small(segment, section);
    const count = view.length >= 520 ? view.u32(0) : 0;
    const end = 520 + count * 8;
    if (view.length < 520 || adler32(view.bytes, 0, 516) !== view.u32(516) || end + 4 > view.length || adler32(view.bytes, 520, end) !== view.u32(end)) {
      this.#report(segment, section, 'ewf-errors-damaged', 'the list of sectors that could not be read at acquisition is damaged: some zeros in this image may stand for unread sectors');
      return;
    }
    for (let at = 520; at < end; at += 8) this.#errors.push({ start: view.u32(at), count: view.u32(at + 4) });
  }

  #takeSession(segment: number, section: SectionDescriptor): void {
    const view = this.#small(segment, section);
    if (view.length < 36 || adler32(view.bytes, 0, 32) !== view.u32(32)) {
      this.#report(segment, section, 'ewf-session-damaged', 'the list of optical sessions fails its checksum');
    }
  }

  #takeDigests(segment: number, section: SectionDescriptor): void {
    const view = this.#small(segment, section);
    const summed = section.type === 'hash' ? 32 : 76;
    if (view.length < summed + 4 || adler32(view.bytes, 0, summed) !== view.u32(summed)) {
      this.#report(segment, section, 'ewf-digest-damaged', `section "${section.type}" (digest of the medium) fails its checksum`);
      return;
    }
    const md5 = view.bytes.toString('hex', 0, 16);
    if (!/^0*$/.test(md5)) this.#md5 = md5;
    if (section.type === 'digest') {
      const sha1 = view.bytes.toString('hex', 16, 36);
      if (!/^0*$/.test(sha1)) this.#sha1 = sha1;
    }
  }

  #acquisitionErrors(media: EwfMedia): ByteRange[] {
    const ranges = this.#errors
      .map(({ start, count }) => ({ offset: start * media.sectorSizeBytes, length: count * media.sectorSizeBytes }))
      .filter((range) => range.offset < media.sizeBytes)
      .map((range) => ({ offset: range.offset, length: Math.min(range.length, media.sizeBytes - range.offset) }));
    if (ranges.length > 0) {
      const bytes = ranges.reduce((sum, range) => sum + range.length, 0);
      this.#problems.push({
        kind: 'medium',
        code: 'ewf-acquisition-errors',
        message: `${bytes} bytes in ${ranges.length} places could not be read when the image was made; they count as unread`,
        where: ranges[0]!,
      });
    }
    return ranges;
  }

  #small(segment: number, section: SectionDescriptor): ByteView {
    return this.#read(segment, section.offset + DESCRIPTOR_BYTES, Math.min(payloadBytes(section), MAX_SMALL_SECTION_BYTES));
  }

  #read(segment: number, position: number, length: number): ByteView {
    const bytes = Buffer.alloc(length);
    let count = 0;
    while (count < length) {
      const read = this.#files.readAt(segment, bytes, count, length - count, position + count);
      if (read === 0) break;
      count += read;
    }
    return new ByteView(bytes);
  }

  #report(segment: number, section: SectionDescriptor, code: string, message: string): void {
    if (this.#problems.length > 10_000) return;
    this.#problems.push({ kind: 'malformed', code, message: `${basename(this.#files.paths[segment]!)}: ${message} (byte ${section.offset} of the segment file)`, where: {} });
  }
}

function requireRightEnd(type: string, isLastFile: boolean, name: string): void {
  if (type === 'done' && !isLastFile) {
    throw new RefusedError('ewf-segment-extra', `the image ends in ${name}, but segments after it are in the folder: they belong to another image; move them away`);
  }
  if (type === 'next' && isLastFile) {
    throw new RefusedError('ewf-segment-missing', `the image goes on after ${name}, but the next segment is not in the folder: put all segments into one folder and try again`);
  }
}

function truncated(name: string): RefusedError {
  return new RefusedError('ewf-truncated', `${name} ends before its last section: it was cut short; copy it again, or make the image again`);
}

function printable(type: string): string {
  return type.replace(/[^\x20-\x7e]/g, '?');
}
