/** Controls that could steer a terminal, and marks that turn, hide or join text. Line breaks and tabs stand. */
// oxlint-disable-next-line no-control-regex
const HARMFUL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/**
 * Text for a person's terminal with controls and unseen marks written out as `\u{hex}`. Names from
 * evidence come escaped already; names of sets, hosts and lists may hold anything.
 */
export function harmlessText(text: string): string {
  return text.replace(HARMFUL, (character) => `\\u{${character.charCodeAt(0).toString(16)}}`);
}
