import { createInterface } from 'node:readline/promises';
import type { SetMeaning } from '@kerbside/match';
import { RefusedError } from '@kerbside/bytes';

const QUESTION = `What does a hit in this set mean? The list does not say; it is never guessed.
  1  alert       known material: a hit is a lead, shown at once
  2  ignorable   known software and the like: counted, never called harmless
  3  reference   any other list: a hit is noted with its source, changes nothing
`;
const PROMPT = 'Answer 1, 2 or 3: ';

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
 * @throws RefusedError `set-meaning-needed` where nobody can be asked, or the question is left with Ctrl-C or Ctrl-D
 */
export async function askMeaning(): Promise<SetMeaning> {
  if (!process.stdin.isTTY) throw meaningNeeded();
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  let answered = false;
  const left = new Promise<never>((_, reject) => {
    const leave = (): void => {
      if (!answered) process.stderr.write('\n');
      reject(meaningNeeded());
    };
    lines.once('SIGINT', leave);
    lines.once('close', leave);
  });
  // The question may be answered first; then nobody waits for this any more.
  left.catch(() => undefined);
  process.stderr.write(QUESTION);
  try {
    for (;;) {
      const answer = ANSWERS[(await Promise.race([lines.question(PROMPT), left])).trim().toLowerCase()];
      answered = answer !== undefined;
      if (answer !== undefined) return answer;
    }
  } finally {
    lines.close();
  }
}

function meaningNeeded(): RefusedError {
  return new RefusedError('set-meaning-needed', 'What a hit in this set means is never guessed: give --meaning alert, --meaning ignorable or --meaning reference.');
}
