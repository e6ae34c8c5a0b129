/** Markup that is already safe to put into a page. */
export interface Markup {
  readonly markup: string;
}

type Part = string | number | Markup | readonly Markup[] | null;

/**
 * Template tag for HTML: every value put in is escaped unless it is markup itself, so a name from
 * evidence can never become an element, an attribute or a script.
 */
export function html(texts: TemplateStringsArray, ...values: readonly Part[]): Markup {
  let markup = texts[0]!;
  for (const [index, value] of values.entries()) markup += render(value) + texts[index + 1]!;
  return { markup };
}

function render(value: Part): string {
  if (value === null) return '';
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return String(value);
  return 'markup' in value ? value.markup : value.map((part) => part.markup).join('');
}

/** Marks that turn, hide or join text: a name must not look like another one. Evidence escapes them already; names of sets and hosts may hold them. */
const UNSEEN = /[\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** Escapes text for element content and quoted attributes; controls that HTML forbids become U+FFFD, unseen marks are written out. */
export function escapeHtml(text: string): string {
  return text
    .replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(UNSEEN, (character) => `\\u{${character.charCodeAt(0).toString(16)}}`)
    // oxlint-disable-next-line no-control-regex
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, '\ufffd');
}
