import type { SqliteValue } from './decode-record.ts';

/** One column that is stored in the rows. */
export interface SqliteColumn {
  readonly name: string;
  /** What a row that was written before the column was added holds in it. */
  readonly missing: SqliteValue;
}

/** What the rows of a table mean, from its CREATE TABLE text. */
export interface TableShape {
  readonly columns: readonly SqliteColumn[];
  /** The column whose value is the row's number and is stored as null; -1 when there is none. */
  readonly rowidColumn: number;
  readonly withoutRowid: boolean;
}

interface Token {
  readonly text: string;
  readonly quoted: boolean;
}

const CONSTRAINTS = new Set(['constraint', 'primary', 'unique', 'check', 'foreign']);

/** A token: comment, space, quoted name or text, word or number, any other sign. */
const TOKEN = /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|\s+|"(?:[^"]|"")*"?|'(?:[^']|'')*'?|`(?:[^`]|``)*`?|\[[^\]]*\]?|[\p{L}\p{N}_$.\u0080-\uffff]+|[\s\S]/gu;

/** Reads the columns of a CREATE TABLE text; text that is not one gives no columns, and the rows are then read without names. */
export function parseCreateTable(sql: string): TableShape {
  const tokens = tokenise(sql);
  const open = tokens.findIndex((token) => is(token, '('));
  if (open < 0) return { columns: [], rowidColumn: -1, withoutRowid: false };
  const { parts, end } = splitParts(tokens, open + 1);
  const columns: SqliteColumn[] = [];
  const types: string[] = [];
  let rowidColumn = -1;
  for (const part of parts) {
    const first = part[0];
    if (first === undefined) continue;
    if (!first.quoted && CONSTRAINTS.has(first.text.toLowerCase())) {
      const named = primaryKeyColumns(part);
      const index = named.length === 1 ? columns.findIndex(({ name }) => name.toLowerCase() === named[0]) : -1;
      if (index >= 0 && types[index] === 'integer') rowidColumn = index;
      continue;
    }
    if (isComputed(part)) continue;
    const type = part[1] !== undefined && !part[1].quoted ? part[1].text.toLowerCase() : '';
    const oneWord = part[2] === undefined || !is(part[2], '(');
    const primary = findPair(part, 'primary', 'key');
    // SQLite's own oddity: INTEGER PRIMARY KEY DESC is no name of the row number.
    if (type === 'integer' && oneWord && primary > 0 && !(part[primary + 2] !== undefined && is(part[primary + 2]!, 'desc'))) rowidColumn = columns.length;
    columns.push({ name: first.text, missing: defaultOf(part) });
    types.push(type);
  }
  return { columns, rowidColumn, withoutRowid: findPair(tokens.slice(end), 'without', 'rowid') >= 0 };
}

function tokenise(sql: string): Token[] {
  const tokens: Token[] = [];
  for (const [text] of sql.matchAll(TOKEN)) {
    if (text.startsWith('--') || text.startsWith('/*') || text.trim() === '') continue;
    const quote = text[0]!;
    if (quote === '"' || quote === "'" || quote === '`') tokens.push({ text: text.slice(1, text.length > 1 ? -1 : 1).replaceAll(quote + quote, quote), quoted: true });
    else if (quote === '[') tokens.push({ text: text.slice(1, -1), quoted: true });
    else tokens.push({ text, quoted: false });
  }
  return tokens;
}

/** The parts between commas up to the bracket that closes the list. */
function splitParts(tokens: readonly Token[], from: number): { parts: Token[][]; end: number } {
  const parts: Token[][] = [[]];
  let depth = 0;
  let at = from;
  for (; at < tokens.length; at++) {
    const token = tokens[at]!;
    if (is(token, '(')) depth += 1;
    else if (is(token, ')') && depth-- === 0) break;
    if (is(token, ',') && depth === 0) parts.push([]);
    else parts[parts.length - 1]!.push(token);
  }
  return { parts, end: at + 1 };
}

function primaryKeyColumns(part: readonly Token[]): string[] {
  const at = findPair(part, 'primary', 'key');
  if (at < 0 || part[at + 2] === undefined || !is(part[at + 2]!, '(')) return [];
  return splitParts(part, at + 3).parts.map((tokens) => tokens[0]?.text.toLowerCase() ?? '');
}

/** A column that is computed when it is read stands in no row. */
function isComputed(part: readonly Token[]): boolean {
  const as = part.findIndex((token, at) => at > 0 && is(token, 'as') && part[at + 1] !== undefined && is(part[at + 1]!, '('));
  return as >= 0 && !part.slice(as).some((token) => is(token, 'stored'));
}

function defaultOf(part: readonly Token[]): SqliteValue {
  const at = part.findIndex((token, index) => index > 0 && is(token, 'default'));
  if (at < 0) return null;
  const minus = part[at + 1] !== undefined && is(part[at + 1]!, '-');
  const token = part[at + (minus ? 2 : 1)];
  if (token === undefined) return null;
  if (token.quoted) return token.text;
  const number = Number(token.text);
  return Number.isNaN(number) ? null : minus ? -number : number;
}

function findPair(tokens: readonly Token[], first: string, second: string): number {
  return tokens.findIndex((token, at) => is(token, first) && tokens[at + 1] !== undefined && is(tokens[at + 1]!, second));
}

function is(token: Token, word: string): boolean {
  return !token.quoted && token.text.toLowerCase() === word;
}
