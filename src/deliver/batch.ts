/** FHS and BHS before, BTS and FTS after (HL7 v2.5.1, 2.10.3). */
export interface BatchFacts {
  /** When the batch is made, as HL7 writes it: not before any MSH-7 in it, which some receivers check. */
  readonly at: string;
  /** BHS-11 and FHS-11. */
  readonly controlId: string;
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** One batch of messages, their bytes as they are; sender and receiver are those of the first. */
export function buildBatch(messages: readonly Uint8Array[], { at, controlId }: BatchFacts): Uint8Array {
  const parties = partiesOf(messages[0] ?? new Uint8Array());
  const header = (id: string): string => `${id}|^~\\&|${parties.join('|')}|${at}||||${controlId}\r`;
  return Buffer.concat([
    encode(header('FHS') + header('BHS')),
    ...messages,
    encode(`BTS|${messages.length}\rFTS|1\r`),
  ]);
}

/** MSH-3 to MSH-6 where they are plain ASCII, as the names of programs are; else empty: the messages tell. */
function partiesOf(message: Uint8Array): readonly string[] {
  const line = Buffer.from(message).toString('latin1').split('\r', 1)[0] ?? '';
  const parties = line.split('|').slice(2, 6);
  return parties.length === 4 && parties.every((party) => /^[\x20-\x7e]*$/.test(party))
    ? parties
    : ['', '', '', ''];
}
