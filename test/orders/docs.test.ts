import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { configSchema } from '../../src/config/schema.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createReceiver } from '../../src/orders/receive.ts';
import { NOW, tempStore } from '../store/support.ts';
import { omlO33, oruSil2r } from './messages.ts';

const page = readFileSync(new URL('../../docs/orders.md', import.meta.url), 'utf8');
const { orders, context } = configSchema.parse({ dataDir: 'd', orders: { mllp: { port: 0 } } });

/** The text that goes back, one segment a line. */
function answerTo(text: string): string {
  if (orders === undefined) throw new Error('no section orders');
  const receive = createReceiver({
    ...{ store: tempStore(), log: silentLog, charset: 'UTF-8', clock: { now: () => NOW } },
    rules: { ...orders, ...context, timeZone: 'Asia/Tokyo' },
    ...{ faultOf: () => null, onStored: () => undefined, onStoreFault: () => undefined },
  });
  const reply = receive(new TextEncoder().encode(text));
  if (reply === null) throw new Error('there is no answer');
  return linesOf(new TextDecoder().decode(reply.subarray(1, -2)));
}

const linesOf = (text: string): string => text.trimEnd().replaceAll('\r', '\n');
const bad = oruSil2r('LIS0004', { value: '1,480' });

test.each([
  ['an order', () => linesOf(omlO33('LIS0001'))],
  ['its answer', () => answerTo(omlO33('LIS0001'))],
  ['sIL-2R', () => linesOf(oruSil2r('LIS0002'))],
  ['a cancelled order', () => linesOf(omlO33('LIS0003', { control: 'CA' }))],
  ['a value that cannot be read, and its answer', () => `${linesOf(bad)}\n${answerTo(bad)}`],
])('docs/orders.md shows %s as the program takes or writes it', (_title, text) => {
  expect(page).toContain(`\`\`\`\n${text()}\n\`\`\``);
});

test('docs/orders.md names every default code', () => {
  for (const code of [...Object.values(context.categories).flat(), ...context.sil2rCodes]) {
    expect(page).toContain(code);
  }
});
