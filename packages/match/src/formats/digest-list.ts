/**
 * Lists of one digest a line, as md5sum, sha1sum and sha256sum (GNU and BSD form), OpenSSL and many
 * tools write them:
 *
 *     900150983cd24fb0d6963f7d28e17f72  name          GNU text mode
 *     900150983cd24fb0d6963f7d28e17f72 *name          GNU binary mode
 *     \900150983cd24fb0d6963f7d28e17f72  na\nme       GNU, name with escapes
 *     MD5 (name) = 900150983cd24fb0d6963f7d28e17f72   BSD
 *     MD5(name)= 900150983cd24fb0d6963f7d28e17f72     OpenSSL
 *     900150983cd24fb0d6963f7d28e17f72                digest alone
 *
 * Blank lines, `#` lines and a heading such as `MD5` before the first row are skipped. Names are
 * not kept: a set needs none, and they may be as revealing as the material.
 */
import { RefusedError } from '@kerbside/bytes';
import type { DigestAlgorithm } from '../known-set.ts';
import { DIGEST_BYTES } from '../digest-kinds.ts';
import { countHexDigits } from '../hex.ts';
import { isBlank, kindOfHexLength, putDigestField } from './fields.ts';
import { firstLines, readLines } from './lines.ts';
import type { RowSink } from './row-sink.ts';
import type { SetFormat } from './set-format.ts';

const BACKSLASH = 0x5c;
const HASH_SIGN = 0x23;
/** Longest hex run looked at: a SHA-512 is a digest of a kind unknown to us, not a broken line. */
const MAX_HEX_DIGITS = 128;
const BSD_LINE = /^([A-Za-z0-9-]+) ?\((.*)\) ?= ?([0-9A-Fa-f]*)\s*$/s;
const HEADING = /^["']?(md5|sha-?1|sha-?256|hash(es)?|digest|checksum)(sum|hash)?["']?$/i;
const BSD_KINDS: Readonly<Record<string, DigestAlgorithm>> = {
  md5: 'md5', sha1: 'sha1', 'sha-1': 'sha1', sha256: 'sha256', 'sha2-256': 'sha256', 'sha-256': 'sha256', ed2k: 'ed2k',
};

/** Share of the first lines that must look like rows for the format to be recognised; low, as a damaged list is still one and no other format has such lines. */
const RECOGNISED_SHARE = 0.2;

export const digestList: SetFormat = {
  name: 'digest-list',
  placeUnit: 'line',

  sniff(head) {
    const rows = firstLines(head, 60).filter((line) => line.trim() !== '' && !line.startsWith('#') && !HEADING.test(line.trim()));
    const fitting = rows.filter((line) => BSD_LINE.test(line) || /^\s*\\?([0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})(\s|$)/i.test(line));
    return fitting.length > 0 && fitting.length >= rows.length * RECOGNISED_SHARE;
  },

  read(source, sink, options) {
    let listKind: DigestAlgorithm | null = null;
    let listDigits = 0;
    let anyRow = false;

    const requireOneKind = (kind: DigestAlgorithm, line: number): void => {
      if (listKind === null) {
        listKind = kind;
        listDigits = DIGEST_BYTES[kind] * 2;
      }
      if (kind === listKind || options.mixedDigestKinds === true) return;
      throw new RefusedError(
        'list-mixed-digests',
        `${source.path} holds digests of several lengths (${listKind} first, ${kind} in line ${line}): check that it is one list, then confirm with --mixed-digests`,
      );
    };

    readLines(
      source.utf8Chunks(),
      (bytes, start, end, line) => {
        let at = start;
        while (at < end && isBlank(bytes[at]!)) at++;
        if (at === end || bytes[at] === HASH_SIGN) return;
        if (bytes[at] === BACKSLASH) at++;
        // Nearly every line holds the list's one kind: decode it without counting first.
        const expected = at + listDigits;
        if (listKind !== null && (expected === end || (expected < end && isBlank(bytes[expected]!))) && sink.setDigestHex(listKind, bytes, at)) {
          sink.endRow(line);
          return;
        }
        const digits = countHexDigits(bytes, at, Math.min(end, at + MAX_HEX_DIGITS + 1));
        const kind = kindOfHexLength(digits);
        if (kind !== null && (at + digits === end || isBlank(bytes[at + digits]!))) {
          requireOneKind(kind, line);
          sink.setDigestHex(kind, bytes, at);
          anyRow = true;
          sink.endRow(line);
          return;
        }
        const text = bytes.toString('latin1', start, end);
        if (readBsdLine(text, sink, line)) {
          anyRow = true;
        } else if (anyRow || !HEADING.test(text.trim())) {
          sink.rejectRow(line, digits >= 16 && (at + digits === end || isBlank(bytes[at + digits]!)) ? 'digest-wrong-length' : 'digest-not-hex');
        }
      },
      (line) => sink.rejectRow(line, 'row-too-long'),
    );
    return {};
  },
};

/** Reads a BSD or OpenSSL line; false when it is none. */
function readBsdLine(text: string, sink: RowSink, line: number): boolean {
  const match = BSD_LINE.exec(text.startsWith('\\') ? text.slice(1) : text);
  if (match === null) return false;
  const kind = BSD_KINDS[match[1]!.toLowerCase()];
  if (kind === undefined) {
    sink.rejectRow(line, 'digest-kind-unknown');
    return true;
  }
  const hex = Buffer.from(match[3]!, 'latin1');
  const fault = putDigestField(sink, kind, hex, 0, hex.length);
  if (fault !== null) sink.rejectRow(line, fault);
  else sink.endRow(line);
  return true;
}
