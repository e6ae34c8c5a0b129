/** What a VICS context string says of the file. */
export interface VicsContext {
  readonly version: string;
  /** `UK`, `US`, `Default`, …; empty before 2.0, which has none. */
  readonly locale: string;
  readonly entity: 'Cases' | 'Media';
}

/**
 * Parses `odata.metadata` (1.x) or `@odata.context` (2.0) of a Project VIC file:
 * `…/DataModels/1.3.xml#Media`, `…/DataModels/2.0.xml/UK/$metadata#Cases`.
 * @returns null when the text is not of that form
 */
export function parseVicsContext(text: string): VicsContext | null {
  const match = /\/DataModels\/(\d+\.\d+)\.xml(?:\/([^/#]+)\/\$metadata)?\/?#(Cases|Media)$/i.exec(text.trim());
  if (match === null) return null;
  return { version: match[1]!, locale: match[2] ?? '', entity: match[3]!.toLowerCase() === 'cases' ? 'Cases' : 'Media' };
}

/** A sentence for the person who builds the set when the context is unknown; null when it is well known. */
export function contextWarning(context: VicsContext): string | null {
  if (!['1.2', '1.3', '2.0'].includes(context.version)) {
    return `the file says it is VICS ${context.version}; known are 1.2, 1.3 and 2.0, read in the same way`;
  }
  const locales = context.version === '2.0' ? ['UK', 'US', 'Default', 'CUSTOM'] : [''];
  return locales.includes(context.locale) ? null : `the file names a locale not seen before: "${context.locale}"`;
}
