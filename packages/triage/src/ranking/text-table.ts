/** Distinct texts kept: cameras, formats and programs of one exhibit are dozens; evidence that makes up more loses only their display. */
const MOST_TEXTS = 20_000;

/** Longest text kept, in characters: a camera's name has under 80. */
const MOST_CHARACTERS = 200;

/** Texts that many items share, each kept once under a number; 0 is no text. Bounded: what comes past it is number 0. */
export class TextTable {
  readonly #numbers = new Map<string, number>();
  readonly #texts: string[] = [''];

  number(text: string | null): number {
    if (text === null || text === '') return 0;
    const kept = text.slice(0, MOST_CHARACTERS);
    const known = this.#numbers.get(kept);
    if (known !== undefined) return known;
    if (this.#texts.length > MOST_TEXTS) return 0;
    this.#numbers.set(kept, this.#texts.length);
    return this.#texts.push(kept) - 1;
  }

  text(number: number): string | null {
    return number === 0 ? null : this.#texts[number]!;
  }
}
