import { columnsOf } from './fit-to-width.ts';

/**
 * Breaks a line at spaces so that no part is wider than the terminal; what follows is indented. A
 * single word that is wider stays whole, since a path must stay whole for copying.
 *
 * @param columns width, or Infinity for no folding
 */
export function foldLine(line: string, columns: number, indent: string): string[] {
  if (columnsOf(line) <= columns) return [line];
  const lead = /^ */.exec(line)![0];
  const folded: string[] = [];
  let current = '';
  for (const word of line.slice(lead.length).split(' ')) {
    const start = folded.length === 0 ? lead : indent;
    if (current === '') current = start + word;
    else if (columnsOf(current) + 1 + columnsOf(word) <= columns) current += ` ${word}`;
    else {
      folded.push(current);
      current = indent + word;
    }
  }
  return [...folded, current];
}
