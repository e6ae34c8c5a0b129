import type { EvidenceName } from '../../evidence-name.ts';
import { MAX_MAIL_NAME_BYTES } from './mail-limits.ts';

const ENCODED_WORD = /=\?([^?*\s]{1,40})(?:\*[^?]{0,20})?\?([bqBQ])\?([^?]*)\?=/g;

/**
 * A file name from a header value (bytes as latin-1 text): encoded words of RFC 2047 are decoded also inside
 * quotes, where the standard does not allow them and every program writes them. Text without any is kept byte for byte.
 */
export function nameFromHeader(value: string): EvidenceName | null {
  if (value === '') return null;
  if (!value.includes('=?')) return cut(Buffer.from(value, 'latin1'));
  // White space between two encoded words is no part of the name.
  const joined = value.replace(/(\?=)[ \t]+(?==\?)/g, '$1');
  const decoded = joined.replace(ENCODED_WORD, (_, charset: string, encoding: string, text: string) => decodeCharset(encoding.toLowerCase() === 'b' ? Buffer.from(text, 'base64') : decodeQ(text), charset));
  return cut(Buffer.from(decoded, 'utf8'));
}

/** A name given in the percent form of RFC 2231: its character set if it names one, its bytes as latin-1 text. */
export function nameFromExtended(bytes: Buffer, charset: string): EvidenceName | null {
  return bytes.length === 0 ? null : cut(charset === '' ? bytes : Buffer.from(decodeCharset(bytes, charset), 'utf8'));
}

/** Bytes in a named character set as text; a set that this runtime does not know leaves them as UTF-8 or, failing that, latin-1. */
export function decodeCharset(bytes: Uint8Array, charset: string): string {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    const buffer = Buffer.from(bytes);
    const text = buffer.toString('utf8');
    return text.includes('\ufffd') ? buffer.toString('latin1') : text;
  }
}

function decodeQ(text: string): Buffer {
  return Buffer.from(text.replaceAll('_', ' ').replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))), 'latin1');
}

function cut(bytes: Buffer): EvidenceName {
  return { bytes: bytes.subarray(0, MAX_MAIL_NAME_BYTES), encoding: 'utf-8' };
}
