const LETTERS = 26;

/** File extension of a segment, counted from 1: E01 to E99, then EAA to EZZ, FAA to ZZZ. */
export function segmentExtension(number: number): string {
  if (number < 1) throw new RangeError(`segment ${number}`);
  if (number <= 99) return `E${String(number).padStart(2, '0')}`;
  const past = number - 100;
  const first = 'E'.charCodeAt(0) + Math.floor(past / (LETTERS * LETTERS));
  if (first > 'Z'.charCodeAt(0)) throw new RangeError(`segment ${number}: no name past ZZZ`);
  const letter = (value: number): string => String.fromCharCode('A'.charCodeAt(0) + value);
  return String.fromCharCode(first) + letter(Math.floor(past / LETTERS) % LETTERS) + letter(past % LETTERS);
}
