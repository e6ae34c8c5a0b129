import { dirname, posix } from 'node:path';

/** npm packages with native or foreign decoders: they run inside the sandbox only. */
export const DECODER_PACKAGES: ReadonlySet<string> = new Set(['sharp', 'libheif-js', 'onnxruntime-node', '@cwasm/jpeg-turbo', '@canvas/image']);

/**
 * Files that load a decoder when a room's door is opened: those that static imports lead to. What is loaded on
 * demand (`import()`) is not followed.
 *
 * @param door path of the first file
 * @param files path from the repository root → text
 * @returns the file and the package it imports, in the order they were met
 */
export function findLoadedDecoders(door: string, files: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  const seen = new Set([door]);
  for (const file of seen) {
    const text = files.get(file);
    if (text === undefined) throw new Error(`${file} is imported and is not there`);
    for (const [, words, imported] of text.matchAll(/^(?:import|export)\s([^;]*?)from\s+'([^']+)'/gm)) {
      if (words!.startsWith('type ')) continue;
      if (DECODER_PACKAGES.has(imported!)) found.push(`${file}: ${imported!}`);
      else if (imported!.startsWith('.')) seen.add(posix.join(dirname(file), imported!));
    }
  }
  return found;
}
