import { hash } from 'node:crypto';

/**
 * A text as a number of 48 bits, so that a column of a million texts is one typed array. From SHA-1: evidence cannot
 * choose texts that fall together by chance more than once in some 10^8 pairs of runs of a million.
 */
export function textKey(text: string): number {
  return hash('sha1', text, 'buffer').readUIntBE(0, 6);
}

/**
 * How a camera is compared: make and model in lower case with single spaces, and without the make that many write
 * at the start of the model too. Null unless both are known.
 */
export function cameraText(make: string | null, model: string | null): string | null {
  const maker = plain(make);
  let name = plain(model);
  if (maker === '' || name === '') return null;
  if (name.startsWith(`${maker} `)) name = name.slice(maker.length + 1);
  return `${maker}\n${name}`;
}

/** A serial as compared; null where there is none or only filling. */
export function serialText(serial: string | null): string | null {
  const text = plain(serial);
  return text === '' || /^0+$/.test(text) ? null : text;
}

function plain(text: string | null): string {
  // oxlint-disable-next-line no-control-regex
  return (text ?? '').replace(/[\u0000-\u0020\u007f]+/g, ' ').trim().toLowerCase();
}
