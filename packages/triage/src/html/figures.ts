import { html, type Markup } from './markup.ts';

/** `1,234,567` */
export function formatCount(value: number): string {
  return value.toLocaleString('en-GB');
}

/** `1.2 GB`, decimal units as on the device's own label; exact below 1 kB. */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return unit === 0 ? `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}` : `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${units[unit]!}`;
}

/** `41,943,040 bytes (41.9 MB)` */
export function formatExactBytes(bytes: number): string {
  return bytes < 1000 ? formatBytes(bytes) : `${formatCount(bytes)} bytes (${formatBytes(bytes)})`;
}

/** `2.4 s`, `1 min 05 s`, `2 h 07 min`. */
export function formatDuration(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** `37 %`; never 100 % for a part that is not whole, never 0 % for one that is not nothing. */
export function formatShare(part: number, whole: number): string {
  if (whole <= 0) return '–';
  const percent = (part / whole) * 100;
  if (part > 0 && percent < 0.1) return 'under 0.1 %';
  if (part < whole && percent > 99.9) return 'over 99.9 %';
  return `${percent < 10 ? percent.toFixed(1) : percent.toFixed(0)} %`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `23 Nov 2026, 19:59:26 UTC` from an ISO time; other text stays as it is. */
export function formatUtc(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  return `${time.getUTCDate()} ${MONTHS[time.getUTCMonth()]!} ${time.getUTCFullYear()}, ${time.toISOString().slice(11, 19)} UTC`;
}

/** A digest in hex that breaks, where it must, after every 32 digits; copied text is whole. */
export function digestMarkup(hex: string): Markup {
  return html`${(hex.match(/.{1,32}/gsu) ?? []).map((part, index) => (index === 0 ? html`${part}` : html`<wbr>${part}`))}`;
}
