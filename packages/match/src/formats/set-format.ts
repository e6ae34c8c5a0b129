import type { ColumnMap } from './column-map.ts';
import type { RowSink } from './row-sink.ts';
import type { SourceFile } from './source-file.ts';

/** What an officer may have to say about a source because its bytes do not. */
export interface FormatOptions {
  /** Name of the format; without it the format is recognised from the file's first bytes. */
  readonly format?: string;
  /** Which CSV column holds what, by header name; without it known header names are recognised. */
  readonly columns?: ColumnMap;
  /** Takes a file that was cut off in its middle as far as it goes; without it such a file is refused. */
  readonly acceptCutOff?: boolean;
  /** Confirms that a plain list holds digests of several lengths (several kinds). */
  readonly mixedDigestKinds?: boolean;
}

/** Facts a format reader found about the source as a whole, kept in the set's header. */
export interface FormatFacts {
  /** Version the source states of its own format or release, e.g. `2.0 UK #Media` or `2022.03.1`. */
  readonly version?: string;
  /** Sentences for the person who builds the set, e.g. an envelope nobody knows. */
  readonly warnings?: readonly string[];
}

/** One format of hash lists. Adding one: a file or folder here and one line in `set-formats.ts`. */
export interface SetFormat {
  /** Stable kebab-case name, used in `--format`, in set headers and reports. */
  readonly name: string;
  /** What the `place` numbers of its rows are. */
  readonly placeUnit: 'line' | 'record' | 'byte';
  /** True when a file beginning with `head` (up to 64 KiB) and called `fileName` is of this format. Decides by content first. */
  sniff(head: Buffer, fileName: string): boolean;
  /**
   * Reads all rows into the sink. A broken row is `rejectRow`, never a throw.
   *
   * @throws RefusedError when the file as a whole cannot be read as this format
   */
  read(source: SourceFile, sink: RowSink, options: FormatOptions): FormatFacts | Promise<FormatFacts>;
}
