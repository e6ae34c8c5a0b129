import { attachNearIndex, loadNearIndex, MAX_NEAR_RADIUS, openNearRows, pdqWords, type NearRow } from '@kerbside/match';
import { categoryLabel } from '@kerbside/triage';
import { wrongUse } from '../arguments.ts';
import { printJson, printText } from '../output.ts';

/** Rows of one hash that are shown; the rest are counted. */
const MAX_SHOWN = 20;

export interface NearQuestion {
  readonly path: string;
  /** 64 hex digits each. */
  readonly hashes: readonly string[];
  /** Bits, as typed; 31 when undefined. */
  readonly radius: string | undefined;
  readonly json: boolean;
}

/**
 * Asks a compiled set what lies near the PDQ hashes, in every dialect that it holds: whether a list prints hashes as other programs do, and whether
 * a picture whose hash is known would be found.
 * @throws RefusedError `wrong-use`; as `loadNearIndex`
 */
export function lookUpNear({ path, hashes, radius, json }: NearQuestion, usage: string): void {
  if (radius !== undefined && !(/^\d{1,2}$/.test(radius) && Number(radius) <= MAX_NEAR_RADIUS)) throw wrongUse(`--radius takes 0 to ${MAX_NEAR_RADIUS} bits; "${radius}" is not that.`, usage);
  const bits = radius === undefined ? MAX_NEAR_RADIUS : Number(radius);
  for (const hash of hashes) if (!/^[0-9a-f]{64}$/i.test(hash)) throw wrongUse(`--pdq takes hashes of 64 hex digits; "${hash}" is not that.`, usage);
  const shared = loadNearIndex([path]);
  const [set] = shared.sets;
  if (set === undefined) throw wrongUse(`${path} holds no PDQ hashes: "kerbside set info" says what it holds.`, usage);
  const index = attachNearIndex(shared);
  const rows = openNearRows(path);
  try {
    for (const hash of hashes) {
      const { matches, beyondLimit } = index.query(pdqWords(Buffer.from(hash, 'hex')), bits);
      const shown = matches.slice(0, MAX_SHOWN).map((match) => ({ distance: match.distance, ...rows.row(match.row) }));
      const more = matches.length - shown.length + beyondLimit;
      if (json) {
        printJson({ pdq: hash, radius: bits, found: shown.length > 0, set: set.facts.name, meaning: set.facts.meaning, rows: shown, more });
        continue;
      }
      if (shown.length === 0) printText(`${hash}  nothing within ${bits} bits in "${set.facts.name}"`);
      for (const row of shown) printText(`${hash}  ${row.distance} bits from "${set.facts.name}" [${set.facts.meaning}]: ${rowWords(row)}`);
      if (more > 0) printText(`${hash}  and ${more} more within ${bits} bits`);
    }
  } finally {
    rows.close();
  }
}

function rowWords(row: NearRow): string {
  const what = row.kind === 'picture' ? 'picture' : `frame of a video${row.seconds === null ? '' : ` at ${row.seconds.toFixed(1)} s`}`;
  const dialect = row.dialect === 'unknown' ? 'dialect not stated' : `dialect ${row.dialect}`;
  const content = row.digest === null ? 'no digest stated' : `${row.digest.algorithm} ${row.digest.hex}`;
  return `${what}, ${categoryLabel(row)}, ${dialect}, ${content}`;
}
