import { decodeOem } from './oem-code-pages.ts';
import type { EvidenceName } from './evidence-name.ts';
import type { DirectoryNode, Item } from './item.ts';

/** Plain ASCII without separators, backslash or controls: by far most names, and shown as they are. */
const PLAIN = /^[ -.0-[\]-~]+$/;

/**
 * What must not reach a screen as it is: separators, backslash, controls, zero-width and
 * bidirectional marks, and lone surrogates (which `u` makes single code points).
 */
const UNSAFE =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u001f/\\\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffd\ud800-\udfff]/gu;

/**
 * The display form of a name: injective per encoding, safe on a terminal, in HTML text and in JSON lines.
 * A backslash becomes `\\`, an unsafe code point `\u{hex}`, a byte that is not valid in the name's encoding `\xhh`.
 * A name that this program gave becomes `\[name]`: a lone backslash before a bracket comes from nothing else.
 * An empty name becomes `\0`, and `.` and `..` become `\.` and `\..`, so that no display path can climb.
 */
export function displayName(name: EvidenceName): string {
  const { bytes, encoding } = name;
  if (encoding === 'given') return `\\[${Buffer.from(bytes).toString('latin1').replace(UNSAFE, escapeCodePoint)}]`;
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text =
    encoding === 'utf-16le'
      ? buffer.toString('utf16le')
      : encoding === 'utf-8' || encoding === 'latin1'
        ? buffer.toString('latin1')
        : decodeOem(buffer, encoding);
  if (PLAIN.test(text)) return text === '.' || text === '..' ? `\\${text}` : text;
  if (text.length === 0) return '\\0';
  if (encoding === 'utf-8') return escapeUtf8(buffer);
  return text.replace(UNSAFE, escapeCodePoint) + (encoding === 'utf-16le' && buffer.length % 2 === 1 ? escapeByte(buffer[buffer.length - 1]!) : '');
}

/** The display path of an item inside its volume, components joined by `/`; `volumeId` becomes the first component unless empty. */
export function displayPath(volumeId: string, item: Item): string {
  const folder = displayFolder(volumeId, item.parent);
  const name = displayName(item.name);
  const path = folder === '' ? name : `${folder}/${name}`;
  return item.streamName === null ? path : `${path}:${displayName(item.streamName)}`;
}

const directoryPaths = new WeakMap<DirectoryNode, { readonly volumeId: string; readonly path: string }>();

/** The display path of a directory; `null` is the root of the volume. */
export function displayFolder(volumeId: string, node: DirectoryNode | null): string {
  if (node === null) return volumeId;
  const known = directoryPaths.get(node);
  if (known !== undefined && known.volumeId === volumeId) return known.path;
  const above = displayFolder(volumeId, node.parent);
  const path = above === '' ? displayName(node.name) : `${above}/${displayName(node.name)}`;
  directoryPaths.set(node, { volumeId, path });
  return path;
}

function escapeCodePoint(character: string): string {
  return character === '\\' ? '\\\\' : `\\u{${character.codePointAt(0)!.toString(16)}}`;
}

function escapeByte(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}

/** Decodes what is valid UTF-8 and escapes the rest byte by byte. */
function escapeUtf8(buffer: Buffer): string {
  let out = '';
  let at = 0;
  while (at < buffer.length) {
    const length = utf8SequenceLength(buffer, at);
    if (length === 0) {
      out += escapeByte(buffer[at]!);
      at += 1;
    } else {
      out += buffer.toString('utf8', at, at + length).replace(UNSAFE, escapeCodePoint);
      at += length;
    }
  }
  return out;
}

/** Length of the well-formed UTF-8 sequence at `at` (Unicode table 3-7), or 0. */
function utf8SequenceLength(buffer: Buffer, at: number): number {
  const first = buffer[at]!;
  if (first < 0x80) return 1;
  const length = first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
  if (length === 0 || at + length > buffer.length) return 0;
  const second = buffer[at + 1]!;
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let i = 2; i < length; i++) {
    const next = buffer[at + i]!;
    if (next < 0x80 || next > 0xbf) return 0;
  }
  return length;
}
