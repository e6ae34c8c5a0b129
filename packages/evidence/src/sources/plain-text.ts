/** Longest text from outside (an image's case notes, a device's name) shown in one place. */
const MAX_VALUE_CHARACTERS = 500;

/** Controls and direction marks out, length bounded: it goes to a screen. */
export function asPlainText(value: string): string {
  const shown = value.slice(0, MAX_VALUE_CHARACTERS);
  // oxlint-disable-next-line no-control-regex
  return shown.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ud800-\udfff]/g, '?');
}
