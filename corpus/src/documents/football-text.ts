import { makeRandom, type Random } from '../random.ts';

const SIDES = ['Northgate Rovers', 'Harbour Town', 'Millbrook United', 'Castle Park', 'Riverside Athletic', 'Old Quarry', 'Station Road', 'Heath Wanderers'] as const;
const PARTS = ['from a corner', 'after a long throw', 'with a header', 'from the halfway line', 'after a quick counter-attack', 'from a free kick', 'with the last touch of the half'] as const;
const CROWD = ['The crowd sang on.', 'Rain fell on the far stand.', 'The pitch held up well.', 'Both benches were on their feet.', 'The flag stayed down.', 'Tea was served at half time.'] as const;

/** One sentence of a match report. */
export function footballSentence(random: Random): string {
  const home = random.pick(SIDES);
  const away = random.pick(SIDES);
  switch (random.below(3)) {
    case 0:
      return `In minute ${1 + random.below(90)} ${home} scored ${random.pick(PARTS)}.`;
    case 1:
      return `${home} drew ${random.below(4)}–${random.below(4)} with ${away} before ${200 + random.below(4000)} people.`;
    default:
      return random.pick(CROWD);
  }
}

/** Match reports of about the given length; never shorter than one sentence. */
export function footballText(seed: number, sizeBytes: number): string {
  const random = makeRandom(seed);
  const sentences: string[] = [];
  for (let length = 0; length < sizeBytes; ) {
    const sentence = footballSentence(random);
    sentences.push(sentence);
    length += sentence.length + 1;
  }
  return sentences.join(' ');
}

/** One row of a results table. */
export function footballResult(random: Random): readonly [home: string, away: string, homeGoals: number, awayGoals: number, attendance: number] {
  return [random.pick(SIDES), random.pick(SIDES), random.below(6), random.below(6), 200 + random.below(4000)];
}
