import { describe, expect, test } from 'vitest';
import { decode } from '../../src/hl7/charset.ts';
import { readMessage, segmentsOf, textAt, type ReadMessage } from '../../src/hl7/read.ts';
import { createSite } from './site.ts';
import { R4, sample } from './traces.ts';

const ORDER =
  'S25-000123,25010500123,P123,五十嵐 万里子,ｲｶﾞﾗｼ ﾏﾘｺ,1948-07-21,F,smoldering,1480,U/mL,CLEIA,2025-01-04,2025-01-05T09:40';

describe('a destination with the profile jahis that wants the picture', () => {
  test('gets both names in ISO-2022-JP, kana full-width, and the trace as PNG', async () => {
    const site = await createSite({ orders: [ORDER] });
    await site.configure({
      site: { language: 'ja', timeZone: 'Asia/Tokyo' },
      lis: [
        {
          name: 'main',
          mllp: { host: '127.0.0.1', port: site.port },
          profile: 'jahis',
          message: { processingId: 'T', picture: { send: true } },
        },
      ],
    });
    site.start();
    await site.drop(R4, sample(R4));
    await site.sees((store) => store.outbox.list({ states: ['delivered'], limit: 1 })[0]);

    const [received] = await site.lis.messages();
    const message = read(received?.bytes ?? new Uint8Array());
    const [pid] = segmentsOf(message, 'PID');
    expect([1, 2].map((part) => textAt(pid, 5, part))).toEqual(['五十嵐', '万里子']);
    expect([1, 2].map((part) => textAt(pid, 5, part, 1, 2))).toEqual(['イガラシ', 'マリコ']);
    expect(textAt(segmentsOf(message, 'MSH')[0], 18, 1, 1, 2)).toBe('ISO IR87');
    const observed = segmentsOf(message, 'OBX');
    expect(observed.map((obx) => textAt(obx, 3))).toEqual(['CV', 'CVTIER', 'CVRISK', 'CVTRACE']);
    const png = Buffer.from(textAt(observed[3], 5, 5), 'base64');
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect(
      segmentsOf(message, 'NTE')
        .map((nte) => textAt(nte, 3))
        .join(),
    ).toContain('くすぶり型ATL');
  });
});

function read(bytes: Uint8Array): ReadMessage {
  const decoded = decode(bytes, 'ISO-2022-JP');
  if (!decoded.ok) throw new Error(decoded.detail);
  const reading = readMessage(decoded.text);
  if (!reading.ok) throw new Error(reading.detail);
  return reading.message;
}
