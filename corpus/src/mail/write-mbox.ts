/** How lines `From ` inside messages are kept apart from those between them. */
export type MboxForm = 'mboxo' | 'mboxrd' | 'mboxcl2';

/** Writes messages one after another as an mbox, with LF line ends as mail programs on Unix keep them. */
export function writeMbox(messages: readonly Buffer[], form: MboxForm): Buffer {
  const parts: Buffer[] = [];
  for (const message of messages) {
    let text = message.toString('latin1').replaceAll('\r\n', '\n');
    if (form === 'mboxo') text = text.replace(/^From /gm, '>From ');
    if (form === 'mboxrd') text = text.replace(/^(>*From )/gm, '>$1');
    const bodyAt = text.indexOf('\n\n') + 2;
    if (form === 'mboxcl2') text = `${text.slice(0, bodyAt - 1)}Content-Length: ${text.length - bodyAt}\n\n${text.slice(bodyAt)}`;
    parts.push(Buffer.from(`From referee@example.org Sun Mar  1 15:30:00 2026\n${text}\n\n`, 'latin1'));
  }
  return Buffer.concat(parts);
}
