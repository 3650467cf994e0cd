import { copyFileSync, cpSync, mkdirSync } from 'node:fs';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createChecker, type Verdict } from '../checker/checker.ts';
import { createJournalReader } from '../checker/journal.ts';
import { expect, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import { createReceiver, type Exchange } from '../framework/receiver.ts';
import type { Site } from '../framework/site.ts';
import { dropTriggers } from '../framework/tamper.ts';
import { until } from '../framework/wait.ts';
import { HARMLESS, PLANTED, findings, type Copy } from './checker-planted.ts';

/** What the cases with nothing to be lost say. */
const NOTHING_AT_STAKE = { lost: null, duplicated: null, recoveredSeconds: null };

async function planted(bench: Bench): Promise<Measured> {
  const site = await bench.site();
  const daemon = site.start();
  await daemon.ready();
  site.drop(3);
  const sound = await site.settled();
  await daemon.stop();
  expect(sound.places.acknowledged === 3, 'three traces acknowledged before anything is planted');

  for (const { what, plant, seenAs } of PLANTED) {
    const verdict = verdictWith(plant, site, bench);
    expect(seenAs(verdict) > 0, `${what} is found: ${JSON.stringify(verdict)}`);
  }
  for (const { what, plant, isRight } of HARMLESS) {
    const verdict = verdictWith(plant, site, bench);
    expect(findings(verdict) === 0 && isRight(verdict), `${what} is no fault: ${JSON.stringify(verdict)}`);
  }
  return {
    injections: PLANTED.length,
    ...NOTHING_AT_STAKE,
    note: `found all of ${PLANTED.length} planted faults, and nothing in ${HARMLESS.length} copies where none was planted`,
  };
}

function verdictWith(plant: (copy: Copy) => void, site: Site, bench: Bench): Verdict {
  const folder = bench.folder();
  const at = (name: string): string => join(folder, name);
  const [file, journal, alarms, incoming] = [
    at('raisingd.db'),
    at('journal.jsonl'),
    at('alerts.json'),
    at('incoming'),
  ];
  copyFileSync(site.lis.journal, journal);
  copyFileSync(site.database, file);
  cpSync(site.incoming, incoming, { recursive: true });
  const database = new DatabaseSync(file, { enableForeignKeyConstraints: false });
  dropTriggers(database);
  plant({ file, database, journal, alarms, incoming });
  if (database.isOpen) database.close();
  mkdirSync(incoming, { recursive: true });
  const checker = createChecker({ folders: [incoming], database: file, alarms, journals: { main: journal } });
  return checker.check({ whole: true });
}

/** Ways to answer, and whether the LIS has then answered. */
const ANSWERS: readonly { readonly what: string; readonly noted: number; act(one: Exchange): void }[] = [
  { what: 'a whole acknowledgement', noted: 1, act: (one) => one.answer() },
  {
    what: 'one byte by byte',
    noted: 1,
    act: (one) => {
      for (const byte of one.acknowledgement()) one.send(Uint8Array.of(byte));
    },
  },
  { what: 'two in one piece', noted: 2, act: (one) => one.send(twice(one.acknowledgement())) },
  { what: 'one that is only made', noted: 0, act: (one) => void one.acknowledgement() },
  { what: 'all but the last byte', noted: 0, act: (one) => one.send(one.acknowledgement().subarray(0, -1)) },
  { what: 'garbage', noted: 0, act: (one) => one.send('\u000bnot an acknowledgement\u001c\r') },
  {
    what: 'one into a connection that is gone',
    noted: 0,
    act: (one) => {
      one.socket.destroy();
      one.answer();
    },
  },
];

const twice = (bytes: Buffer): Buffer => Buffer.concat([bytes, bytes]);

/** The checker believes the journal: it must not say that an answer was given which was not. */
async function notes(bench: Bench): Promise<Measured> {
  for (const { what, noted, act } of ANSWERS) {
    const journal = join(bench.folder(), 'journal.jsonl');
    const lis = await createReceiver(journal);
    bench.onEnd(() => lis.end());
    let done = false;
    lis.behave((one) => {
      act(one);
      done = true;
    });
    const sender = connect(lis.port, lis.host);
    bench.onEnd(() => sender.destroy());
    await once(sender, 'connect');
    sender.write('\u000bMSH|^~\\&|||||||ORU^R01|A1|P|2.5.1\r\u001c\r');
    await until(() => done, { signal: bench.signal, what: `the receiver gets a message: ${what}` });
    const answered = [...createJournalReader(journal)()].filter(({ kind }) => kind === 'answered').length;
    expect(answered === noted, `${what} is noted as ${noted} answers, not ${answered}`);
  }
  return {
    injections: ANSWERS.length,
    ...NOTHING_AT_STAKE,
    note: ANSWERS.map(({ what, noted }) => `${what}: ${noted}`).join(', '),
  };
}

export const checkerCases: readonly FaultCase[] = [
  {
    name: 'checker: planted faults',
    expected: 'the checker finds every planted loss and duplicate, and nothing where nothing is planted',
    run: planted,
  },
  {
    name: 'checker: what the receiver notes',
    expected: 'an answer counts as given where all of it was written to a connection that lives',
    run: notes,
  },
];
