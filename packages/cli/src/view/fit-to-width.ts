/** Characters that take two columns on a terminal: CJK, Hangul, kana, full-width forms, emoji (Unicode TR 11, W and F). */
const WIDE = /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** Terminal columns that a text takes. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += WIDE.test(character) ? 2 : 1;
  return columns;
}

/**
 * Cuts text to a number of terminal columns, keeping its end (which tells files apart) when `keep` is `end`.
 * @param columns at least 1
 */
export function fitToWidth(text: string, columns: number, keep: 'start' | 'end' = 'start'): string {
  let width = columnsOf(text);
  if (width <= columns) return text;
  const characters = [...text];
  while (characters.length > 0 && width > columns - 1) {
    const dropped = keep === 'start' ? characters.pop()! : characters.shift()!;
    width -= WIDE.test(dropped) ? 2 : 1;
  }
  return keep === 'start' ? `${characters.join('')}…` : `…${characters.join('')}`;
}
