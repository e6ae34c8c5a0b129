import { columnsOf } from './fit-to-width.ts';
import { harmlessText } from './harmless-text.ts';

/** Lines of a plain table: a heading, then rows; every column as wide as its widest cell. @param rightAligned places of columns of numbers */
export function tableLines(heading: readonly string[], rows: readonly (readonly string[])[], rightAligned: readonly number[] = []): string[] {
  const cells = [heading, ...rows].map((row) => row.map(harmlessText));
  const widths = heading.map((_, column) => Math.max(...cells.map((row) => columnsOf(row[column] ?? ''))));
  return cells.map((row) => row.map((cell, column) => {
    const room = ' '.repeat(widths[column]! - columnsOf(cell));
    return rightAligned.includes(column) ? room + cell : cell + room;
  }).join('  ').trimEnd());
}
