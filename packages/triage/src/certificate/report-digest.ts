import { createHash } from 'node:crypto';
import { canonicalJson, type JsonValue } from '@kerbside/ledger';
import type { BlockHit } from '../survey/block-hit.ts';
import type { ReportHit } from '../report-types.ts';
import type { CertificateHits } from './certificate-types.ts';

/** Fields of a report that differ between equal runs. */
const NOT_DIGESTED = 'timings';

/**
 * SHA-256 of a report's canonical JSON (RFC 8785) without `timings`, hex. A list is digested row by
 * row: a report with 50,000 hits is 40 MB long.
 *
 * @param report as written, or as read from report.json
 */
export function digestOfReport(report: object): string {
  const digest = createHash('sha256');
  let before = '{';
  const fields = report as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(fields).sort()) {
    const value = fields[name];
    if (name === NOT_DIGESTED || value === undefined) continue;
    digest.update(`${before}${canonicalJson(name)}:`);
    before = ',';
    if (!Array.isArray(value)) digest.update(canonicalJson(value as JsonValue));
    else {
      for (const [index, row] of value.entries()) digest.update(`${index === 0 ? '[' : ','}${canonicalJson(row as JsonValue)}`);
      digest.update(value.length === 0 ? '[]' : ']');
    }
  }
  digest.update(before === '{' ? '{}' : '}');
  return digest.digest('hex');
}

/** SHA-256 over the rows of a list, each as canonical JSON and a line feed, hex. */
export function digestOfRows(rows: Iterable<object>): string {
  const digest = createHash('sha256');
  for (const row of rows) digest.update(`${canonicalJson(row as JsonValue)}\n`);
  return digest.digest('hex');
}

/** The hits of a report as the certificate states them. */
export function hitsFacts(hits: readonly ReportHit[]): CertificateHits {
  const groups = Map.groupBy(hits, (hit) => `${hit.meaning} ${hit.strength}`);
  const counts = [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => ({ meaning: group[0]!.meaning, strength: group[0]!.strength, count: group.length }));
  return { count: hits.length, digest: digestOfRows(hits), counts };
}

export function blockHitsFacts(hits: readonly BlockHit[]): { count: number; digest: string } {
  return { count: hits.length, digest: digestOfRows(hits) };
}
