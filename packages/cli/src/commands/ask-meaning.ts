import { createInterface } from 'node:readline/promises';
import type { SetMeaning } from '@kerbside/match';
import { RefusedError } from '@kerbside/bytes';

const QUESTION = `What does a hit in this set mean? The list itself does not say, and it is never guessed.
  1  alert       known material: a hit is a lead, shown at once
  2  ignorable   known software and the like: counted, and never called harmless
  3  reference   a list of unknown or other standing: noted with its source, changes nothing
Answer 1, 2 or 3: `;

const ANSWERS: Readonly<Record<string, SetMeaning>> = {
  '1': 'alert',
  alert: 'alert',
  '2': 'ignorable',
  ignorable: 'ignorable',
  '3': 'reference',
  reference: 'reference',
};

/**
 * Asks the officer what a hit means, until there is an answer.
 * @throws RefusedError `set-meaning-needed` where nobody can be asked
 */
export async function askMeaning(): Promise<SetMeaning> {
  if (!process.stdin.isTTY) {
    throw new RefusedError('set-meaning-needed', 'What a hit in this set means is never guessed: give --meaning alert, --meaning ignorable or --meaning reference.');
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    for (;;) {
      const answer = ANSWERS[(await lines.question(QUESTION)).trim().toLowerCase()];
      if (answer !== undefined) return answer;
    }
  } finally {
    lines.close();
  }
}
