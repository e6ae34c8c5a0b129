/** A place on Earth in decimal degrees. */
export interface GeoPoint {
  readonly latitude: number;
  readonly longitude: number;
}

/**
 * Reads ISO 6709 as QuickTime and Android write it: `+51.5074-000.1278/`, `+51.5074-000.1278+011.0/`, also in
 * degrees and minutes (`+5130.44-00007.67/`) and degrees, minutes and seconds (`+513026.6-0000740.1/`).
 *
 * @returns null when the text is not of that form or lies outside the Earth
 */
export function parseIso6709(text: string): GeoPoint | null {
  const match = /^([+-])(\d{2}|\d{4}|\d{6})(\.\d+)?([+-])(\d{3}|\d{5}|\d{7})(\.\d+)?(?:[+-]\d+(?:\.\d+)?)?(?:CRS[\w.]{1,20})?\/?$/.exec(text);
  if (match === null) return null;
  const latitude = degrees(match[1]!, match[2]!, match[3] ?? '', 2);
  const longitude = degrees(match[4]!, match[5]!, match[6] ?? '', 3);
  if (latitude === null || longitude === null || Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return null;
  return { latitude, longitude };
}

/** The whole digits are degrees, then two of minutes and two of seconds; the fraction belongs to the last of them. */
function degrees(sign: string, whole: string, fraction: string, degreeDigits: number): number | null {
  let value = 0;
  let unit = 1;
  for (let at = 0; at < whole.length; ) {
    const next = at === 0 ? degreeDigits : at + 2;
    const last = next >= whole.length;
    const part = Number(whole.slice(at, next) + (last ? fraction : ''));
    if (at > 0 && part >= 60) return null;
    value += part * unit;
    unit /= 60;
    at = next;
  }
  return sign === '-' && value !== 0 ? -value : value;
}
