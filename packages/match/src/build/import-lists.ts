import { setImmediate as nextTurn } from 'node:timers/promises';
import { RefusedError } from '@kerbside/bytes';
import type { SetSource } from '../compiled/layout.ts';
import { setFormats } from '../formats/set-formats.ts';
import type { FormatOptions, SetFormat } from '../formats/set-format.ts';
import { openSourceFile, type SourceFile } from '../formats/source-file.ts';
import type { RowCollector } from './row-collector.ts';

/** Facts of all lists read. */
export interface ImportedLists {
  readonly sources: readonly SetSource[];
  readonly warnings: readonly string[];
}

/**
 * Reads all lists into the collector, each in the format asked for or recognised.
 *
 * @throws RefusedError `list-format-unknown`, `list-format-not-recognised` and what the readers refuse
 */
export async function importLists(
  paths: readonly string[],
  collector: RowCollector,
  options: FormatOptions,
  onProgress: (share: number) => void,
): Promise<ImportedLists> {
  const sources: SetSource[] = [];
  const warnings: string[] = [];
  for (const [i, path] of paths.entries()) {
    const source = openSourceFile(path);
    try {
      const format = chooseFormat(source, options);
      const before = rowsOf(collector);
      collector.startFile(source.fileName);
      const facts = await format.read(source, collector, options);
      const rows = rowsOf(collector) - before;
      if (rows === 0) warnings.push(`${source.fileName} was read as ${format.name} and holds no rows`);
      for (const warning of facts.warnings ?? []) warnings.push(`${source.fileName}: ${warning}`);
      sources.push({
        file: source.fileName,
        format: format.name,
        ...(facts.version === undefined ? {} : { version: facts.version }),
        sha256: source.finishDigest(),
        sizeBytes: source.sizeBytes,
        rows,
        placeUnit: format.placeUnit,
      });
    } finally {
      source.close();
    }
    onProgress((i + 1) / paths.length);
    await nextTurn();
  }
  return { sources, warnings };
}

/** Rows met so far, whatever became of them. */
function rowsOf({ rowsTaken, rowsRejected, rowsNearOnly }: RowCollector): number {
  return rowsTaken + rowsRejected + rowsNearOnly;
}

function chooseFormat(source: SourceFile, options: FormatOptions): SetFormat {
  if (options.format !== undefined) {
    const named = setFormats.find((format) => format.name === options.format);
    if (named !== undefined) return named;
    throw new RefusedError(
      'list-format-unknown',
      `there is no list format "${options.format}": known are ${setFormats.map((format) => format.name).join(', ')}`,
    );
  }
  const recognised = setFormats.find((format) => format.sniff(source.head, source.fileName));
  if (recognised !== undefined) return recognised;
  throw new RefusedError(
    'list-format-not-recognised',
    `the format of ${source.path} was not recognised: name it with --format (${setFormats.map((format) => format.name).join(', ')}); a CSV needs a header row`,
  );
}
