import { LimitError, MalformedError, problemFrom, UnsupportedError, type Problem, type RandomAccessSource } from '@kerbside/bytes';
import { displayName } from '../../display-name.ts';
import { decodeRecord, type SqliteValue } from './decode-record.ts';
import { openPages, type PageSource } from './page-source.ts';
import { parseCreateTable, type TableShape } from './parse-create-table.ts';
import { MAX_SQLITE_TABLES } from './sqlite-format.ts';
import { walkTable } from './walk-table.ts';

export interface SqliteTable extends TableShape {
  readonly name: string;
  /** 0 for a virtual table, which has no pages of its own. */
  readonly rootPage: number;
}

/** One row with its values by column name as the table's own text spells it; columns without a name are left out. */
export interface SqliteRow {
  readonly rowid: number | bigint;
  readonly values: ReadonlyMap<string, SqliteValue>;
}

export type SqliteEvent = { readonly type: 'row'; readonly row: SqliteRow } | { readonly type: 'problem'; readonly problem: Problem };

/**
 * A database file read by our own code, from bytes of the evidence: nothing is opened by SQLite, so
 * nothing is replayed, locked or written beside it, and no native code meets a hostile file.
 */
export interface SqliteDatabase {
  readonly tables: readonly SqliteTable[];
  /** What was wrong with the list of tables. */
  readonly problems: readonly Problem[];
  /** The rows of a table in order of their number. A broken page or row is one problem. */
  rows(table: SqliteTable): Iterable<SqliteEvent>;
}

export interface SqliteOptions {
  /** The write-ahead log beside the database; its complete changes are part of the database. */
  readonly log?: RandomAccessSource | null;
}

/**
 * Opens a database and reads its list of tables.
 * @throws MalformedError `sqlite-not-a-database`; UnsupportedError `sqlite-encoding-unknown`; MediumError
 */
export function openSqlite(source: RandomAccessSource, options: SqliteOptions = {}): SqliteDatabase {
  const pages = openPages(source, options.log ?? null);
  const problems: Problem[] = [];
  const tables: SqliteTable[] = [];
  for (const event of decodeRows(pages, { name: 'sqlite_master', rootPage: 1, ...MASTER })) {
    if (event.type === 'problem') {
      problems.push(event.problem);
      continue;
    }
    const { values } = event.row;
    const [type, name, rootPage, sql] = ['type', 'name', 'rootpage', 'sql'].map((column) => values.get(column));
    if (type !== 'table' || typeof name !== 'string') continue;
    if (tables.length >= MAX_SQLITE_TABLES) {
      problems.push(problemFrom(new LimitError('sqlite-table-limit', `the database lists more than ${MAX_SQLITE_TABLES} tables; the others were not read`)));
      break;
    }
    tables.push({ name, rootPage: typeof rootPage === 'number' ? rootPage : 0, ...parseCreateTable(typeof sql === 'string' ? sql : '') });
  }
  return { tables, problems, rows: (table) => decodeRows(pages, table) };
}

const MASTER: TableShape = { columns: ['type', 'name', 'tbl_name', 'rootpage', 'sql'].map((name) => ({ name, missing: null })), rowidColumn: -1, withoutRowid: false };

function* decodeRows(pages: PageSource, table: SqliteTable): Iterable<SqliteEvent> {
  const reason = unreadable(table);
  if (reason !== null) {
    yield { type: 'problem', problem: problemFrom(reason) };
    return;
  }
  for (const event of walkTable(pages, table.rootPage)) {
    if (event.type === 'problem') {
      yield { type: 'problem', problem: naming(event.problem, table) };
      continue;
    }
    let stored: SqliteValue[];
    try {
      stored = decodeRecord(event.payload, pages.header.encoding);
    } catch (error) {
      yield { type: 'problem', problem: naming(problemFrom(error), table) };
      continue;
    }
    const rowid = event.rowid >= -9007199254740991n && event.rowid <= 9007199254740991n ? Number(event.rowid) : event.rowid;
    const values = new Map(table.columns.map(({ name, missing }, at) => [name, at === table.rowidColumn ? rowid : at < stored.length ? stored[at]! : missing]));
    yield { type: 'row', row: { rowid, values } };
  }
}

function unreadable(table: SqliteTable): Error | null {
  if (table.withoutRowid) return new UnsupportedError('sqlite-without-rowid', `table ${shown(table)} is stored without row numbers (WITHOUT ROWID) and was not read`);
  if (table.rootPage === 0) return new UnsupportedError('sqlite-virtual-table', `table ${shown(table)} is made by an extension of SQLite and was not read`);
  if (table.rootPage < 0) return new MalformedError('sqlite-page-outside', `table ${shown(table)} begins on page ${table.rootPage}`);
  return null;
}

function naming(problem: Problem, table: SqliteTable): Problem {
  return { ...problem, message: `table ${shown(table)}: ${problem.message}` };
}

/** A table's name comes from the evidence and reaches a screen. */
function shown(table: SqliteTable): string {
  return displayName({ bytes: Buffer.from(table.name.slice(0, 100)), encoding: 'utf-8' });
}
