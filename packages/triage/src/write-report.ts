import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { RefusedError } from '@kerbside/bytes';
import { renderReportHtml } from './html/report-html.ts';
import { REPORT_NAME, REPORT_PAGE_NAME } from './out-folder.ts';
import type { Report } from './report-types.ts';

/** Characters gathered before they go to the file. */
const PIECE_CHARACTERS = 128 * 1024;

/**
 * Writes report.html and then report.json, each whole or not at all: to a part file first, which then takes the name.
 * @returns the path of report.json
 * @throws RefusedError `out-folder-full`
 */
export function writeReport(outFolder: string, report: Report): string {
  writeWhole(join(outFolder, REPORT_PAGE_NAME), [renderReportHtml(report)]);
  const path = join(outFolder, REPORT_NAME);
  writeWhole(path, reportJson(report));
  return path;
}

/**
 * The report as indented JSON, the same text as `JSON.stringify(report, null, 2)`, in pieces: one
 * with 50,000 hits is 40 MB long, and no more than a row of it is in memory at a time.
 */
export function* reportJson(report: Report): Generator<string, void, undefined> {
  let before = '{';
  for (const [name, value] of Object.entries(report)) {
    yield `${before}\n  ${JSON.stringify(name)}: `;
    before = ',';
    if (Array.isArray(value) && value.length > 0) yield* rows(value);
    else yield indented(value, '  ');
  }
  yield '\n}\n';
}

function* rows(values: readonly unknown[]): Generator<string, void, undefined> {
  let before = '[';
  for (const value of values) {
    yield `${before}\n    ${indented(value, '    ')}`;
    before = ',';
  }
  yield '\n  ]';
}

/** A line break inside JSON text is always layout: one in a string is written as an escape. */
function indented(value: unknown, indent: string): string {
  return JSON.stringify(value, null, 2).replaceAll('\n', `\n${indent}`);
}

function writeWhole(path: string, pieces: Iterable<string>): void {
  try {
    const descriptor = openSync(`${path}.part`, 'w');
    try {
      let text = '';
      for (const piece of pieces) {
        text += piece;
        if (text.length < PIECE_CHARACTERS) continue;
        writeText(descriptor, text);
        text = '';
      }
      writeText(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(`${path}.part`, path);
  } catch (error) {
    throw new RefusedError('out-folder-full', `${path} could not be written. Nothing already recorded is lost: make room and run the same command again.`, {}, error);
  }
}

function writeText(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
}
