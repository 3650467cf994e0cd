import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Hl7Message } from '@medplum/core';
import { Hl7Client } from '@medplum/hl7';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { configSchema } from '../../src/config/schema.ts';
import { encodeFrame } from '../../src/deliver/frame.ts';
import { encode } from '../../src/hl7/charset.ts';
import { createListener } from '../../src/orders/listener.ts';
import { createReceiver } from '../../src/orders/receive.ts';
import { sqliteFault } from '../../src/store/failure.ts';
import type { Store } from '../../src/store/store.ts';
import { createAuthority, hasOpenssl } from '../deliver/support/certificates.ts';
import { createRecordLog } from '../deliver/support/record-log.ts';
import { NOW, tempFolder, tempStore } from '../store/support.ts';
import { message, omlO33, oruSil2r, PID } from './messages.ts';
import { send, toAnswer } from './sender.ts';

interface Options {
  readonly mllp?: Readonly<Record<string, unknown>>;
  readonly tests?: readonly string[];
  readonly store?: Store;
}

/** A listener on a store of its own. */
async function createDesk({ mllp = {}, tests = [], store = tempStore() }: Options = {}) {
  const { orders, context } = configSchema.parse({
    dataDir: 'd',
    orders: { tests, mllp: { port: 0, ...mllp } },
  });
  if (orders === undefined) throw new Error('no section orders');
  const log = createRecordLog();
  const [stored, faults, fatal] = [vi.fn(), vi.fn(), vi.fn()];
  const receive = createReceiver({
    ...{ store, log, charset: orders.mllp.charset, clock: { now: () => NOW } },
    rules: { ...orders, ...context, sil2rCodes: context.sil2rCodes, timeZone: 'Asia/Tokyo' },
    ...{ faultOf: sqliteFault, onStored: stored, onStoreFault: faults },
  });
  const listener = createListener({ settings: orders.mllp, receive, log, onFatal: fatal });
  const { port } = await listener.listen();
  onTestFinished(() => listener.close());
  return { store, log, receive, port, stored, faults, fatal };
}

const said = (store: Store, accession = 'S25-000123') =>
  store.orders.about(accession).map(({ kind }) => kind);
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('a message', () => {
  test('is in the store, with an audit row, when it is acknowledged', async () => {
    const desk = await createDesk();
    const [answer] = await send(desk.port, omlO33('M1'));
    expect(answer).toMatchObject({ code: 'AA', controlId: 'M1' });
    expect(answer?.text).toContain('ACK^O33^ACK');
    expect(said(desk.store)).toEqual(['order']);
    expect(desk.store.orders.stirred(10)).toEqual(['S25-000123']);
    expect(desk.stored).toHaveBeenCalledTimes(1);
    expect(desk.store.audit.verify()).toMatchObject({ ok: true, rows: 1 });
  });

  test('has one effect however often it comes, also with a new MSH-7', async () => {
    const desk = await createDesk();
    const later = omlO33('M1').replace('20251120100000', '20251120100500');
    const answers = await send(desk.port, omlO33('M1'), omlO33('M1'), later);
    expect(answers.map((answer) => answer?.code)).toEqual(['AA', 'AA', 'AA']);
    expect(said(desk.store)).toEqual(['order']);
    expect(desk.stored).toHaveBeenCalledTimes(1);
  });

  test('of which nothing could be used is used when it comes again after the configuration was mended', async () => {
    const before = await createDesk({ tests: ['ANOTHER'] });
    expect(await send(before.port, omlO33('M1'))).toMatchObject([{ code: 'AA' }]);
    expect(said(before.store)).toEqual([]);
    const after = await createDesk({ store: before.store });
    await send(after.port, omlO33('M1'), omlO33('M1'));
    expect(said(after.store)).toEqual(['order']);
    expect(after.stored).toHaveBeenCalledTimes(1);
  });

  test('that comes again does not speak over what was said since', async () => {
    const desk = await createDesk();
    await send(desk.port, omlO33('M1'), omlO33('M2', { diagnosis: 'acute' }), omlO33('M1'));
    expect(desk.store.orders.about('S25-000123').map(({ origin }) => origin)).toEqual([
      'message M1 from LIS^HOSP',
      'message M2 from LIS^HOSP',
    ]);
  });

  test('with a used control id and other content is another message', async () => {
    const desk = await createDesk();
    await send(desk.port, omlO33('1'), omlO33('1', { control: 'CA' }));
    expect(said(desk.store)).toEqual(['order', 'cancelled']);
  });

  test('that is refused says where, is listed, and is taken once it is mended or the config is', async () => {
    const desk = await createDesk();
    const bad = oruSil2r('M2', { value: 'many' });
    const [first, second] = await send(desk.port, bad, bad);
    expect(first).toMatchObject({ code: 'AE', controlId: 'M2' });
    expect(first?.text).toMatch(/\rERR\|\|OBX\^1\^5\|102\^is not a number above 0/);
    expect(second?.code).toBe('AE');
    expect(desk.store.inbox.refused(10)).toMatchObject([
      {
        controlId: 'M2',
        sender: 'LIS^HOSP',
        answer: 'AE',
        times: 2,
        problem: { code: '102', place: 'OBX-5' },
      },
    ]);
    expect(desk.store.audit.verify()).toMatchObject({ rows: 1 });
    const test = message('ORM^O01', 'M3', [PID, 'ORC|NW|1|S1', 'OBR|1'], { processingId: 'T' });
    expect(await send(desk.port, test)).toMatchObject([{ code: 'AR' }]);
    const mended = await createDesk({ store: desk.store });
    expect(await send(mended.port, test.replace('|T|2.5.1', '|P|2.5.1'))).toMatchObject([{ code: 'AA' }]);
    expect(desk.store.inbox.refused(10).map(({ controlId }) => controlId)).toEqual(['M2']);
  });

  test('that cannot be stored gets AR, and nothing of it is known', async () => {
    const store = tempStore();
    const full = Object.assign(new Error('database or disk is full'), {
      code: 'ERR_SQLITE_ERROR',
      errcode: 13,
    });
    const desk = await createDesk({
      store: {
        ...store,
        transaction: () => {
          throw full;
        },
      },
    });
    const [answer] = await send(desk.port, omlO33('M1'));
    expect(answer).toMatchObject({ code: 'AR', controlId: 'M1' });
    expect(answer?.text).toContain('|207^');
    expect(desk.faults).toHaveBeenCalledWith('full');
    expect(said(store)).toEqual([]);
  });

  test('is not answered where the store is damaged: the service is told', async () => {
    const store = tempStore();
    const desk = await createDesk({
      store: {
        ...store,
        transaction: () => {
          throw new Error('damaged');
        },
      },
    });
    expect(await send(desk.port, omlO33('M1'))).toEqual([null]);
    expect(desk.fatal).toHaveBeenCalledTimes(1);
  });

  test('in ISO-2022-JP or Shift_JIS is read as MSH-18 says, and bytes of another set are refused', async () => {
    const desk = await createDesk();
    const written = (id: string, accession: string, name: string, charset: 'ISO-2022-JP' | 'Shift_JIS') => {
      const pid = PID.replace('見本^一郎', '五万^京子');
      const encoded = encode(
        message('ORM^O01', id, [pid, `ORC|NW|${id}|${accession}`, 'OBR|1'], { charset: name }),
        charset,
      );
      if (!encoded.ok) throw new Error(encoded.detail);
      return encoded.bytes;
    };
    const jis = written('J1', 'S1', '~ISO IR87', 'ISO-2022-JP');
    const sjis = written('J2', 'S2', 'SHIFT_JIS', 'Shift_JIS');
    const wrong = written('J3', 'S3', 'UNICODE UTF-8', 'Shift_JIS');
    const answers = await send(desk.port, jis, sjis, wrong);
    expect(answers.map((answer) => answer?.code)).toEqual(['AA', 'AA', 'AE']);
    expect(answers[2]?.text).toContain('ERR||MSH^1^18|');
    for (const accession of ['S1', 'S2']) {
      expect(desk.store.orders.about(accession)[0]?.said.patient?.name).toBe('五万^京子');
    }
  });

  test('is taken from a client by others', async () => {
    const desk = await createDesk();
    const client = new Hl7Client({ host: '127.0.0.1', port: desk.port });
    const answer = await client.sendAndWait(Hl7Message.parse(omlO33('M7')));
    await client.close();
    expect(answer.getSegment('MSA')?.getField(1).toString()).toBe('AA');
    expect(said(desk.store)).toEqual(['order']);
  });
});

describe('a connection', () => {
  test.skipIf(!hasOpenssl())(
    'by TLS is taken from a sender with a certificate, and from none without',
    async () => {
      const folder = tempFolder();
      const authority = createAuthority(folder, 'authority');
      const { ca } = authority;
      const desk = await createDesk({ mllp: { tls: { ...authority.sign('raisingd'), ca } } });
      const client = authority.sign('lis');
      const answerOver = async (own: object): Promise<string | null> => {
        const socket = connectTls({ port: desk.port, host: '127.0.0.1', ca: readFileSync(ca), ...own });
        socket.on('error', () => undefined);
        const closed = new Promise<null>((resolve) => socket.once('close', () => resolve(null)));
        const answered = new Promise<string>((resolve) =>
          socket.once('data', (chunk: Buffer) => resolve(toAnswer(chunk.toString()).code)),
        );
        socket.write(encodeFrame(bytesOf(omlO33('M1'))));
        const first = await Promise.race([answered, closed]);
        socket.destroy();
        return first;
      };
      expect(await answerOver({})).toBeNull();
      expect(said(desk.store)).toEqual([]);
      expect(await answerOver({ cert: readFileSync(client.cert), key: readFileSync(client.key) })).toBe('AA');
      // Clear text on the same port is no way in.
      expect(await send(desk.port, omlO33('M2'))).toEqual([null]);
      expect(desk.log.lines.some(({ message: text }) => text === 'A TLS connection failed')).toBe(true);
    },
  );

  test('from an address that is not allowed is turned away', async () => {
    const desk = await createDesk({ mllp: { allow: ['10.0.0.0/8'] } });
    const socket = connect({ port: desk.port, host: '127.0.0.1' });
    socket.on('error', () => undefined);
    await once(socket, 'close');
    expect(desk.log.lines).toMatchObject([{ level: 'warn', fields: { address: '127.0.0.1' } }]);
  });

  test('that says nothing for too long is closed, and one with a message that is too long too', async () => {
    const desk = await createDesk({ mllp: { idleSeconds: 0.1, maxMessageKiB: 1 } });
    const socket = connect({ port: desk.port, host: '127.0.0.1' });
    await once(socket, 'close');
    expect(await send(desk.port, omlO33('M1', { diagnosis: 'x'.repeat(2000) }))).toEqual([null]);
    expect(await send(desk.port, omlO33('M2'))).toMatchObject([{ code: 'AA' }]);
  });

  test('beyond the limit is closed, and the others go on', async () => {
    const desk = await createDesk({ mllp: { maxConnections: 1 } });
    const first = connect({ port: desk.port, host: '127.0.0.1' });
    await once(first, 'connect');
    const second = connect({ port: desk.port, host: '127.0.0.1' });
    second.on('error', () => undefined);
    await once(second, 'close');
    first.write(encodeFrame(bytesOf(omlO33('M1'))));
    const [chunk] = (await once(first, 'data')) as [Buffer];
    expect(toAnswer(chunk.toString()).code).toBe('AA');
    first.destroy();
  });
});

test('any bytes are answered or hung up on, and leave the store sound', async () => {
  const desk = await createDesk();
  const valid = bytesOf(omlO33('M1'));
  const damaged = fc
    .array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { minLength: 1, maxLength: 12 })
    .map((changes) => {
      const copy = Uint8Array.from(valid);
      for (const [at, byte] of changes) copy[at] = byte;
      return copy;
    });
  fc.assert(
    fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 400 })), (bytes) => {
      const reply = desk.receive(bytes);
      if (reply === null) return;
      expect(['AA', 'AE', 'AR']).toContain(toAnswer(new TextDecoder('latin1').decode(reply)).code);
    }),
    { numRuns: 1500 },
  );
  expect(desk.store.audit.verify()).toMatchObject({ ok: true });
});
