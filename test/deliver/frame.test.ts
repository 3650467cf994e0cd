import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFrameDecoder, encodeFrame, holdsFramingByte } from '../../src/deliver/frame.ts';
import type { Decoded } from '../../src/deliver/frame.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const message = (text: string): Decoded => ({ kind: 'message', bytes: bytes(text) });
const decode = (text: string, maxBytes = 1000): Decoded[] => createFrameDecoder(maxBytes).push(bytes(text));

describe('a frame', () => {
  test('is VT, the message, FS and CR', () => {
    expect(encodeFrame(bytes('MSH|\r'))).toEqual(bytes('\x0bMSH|\r\x1c\r'));
  });

  test.each(['MSH|\x0b', '\x1cMSH'])('is refused for a message that would fall into two', (text) => {
    expect(holdsFramingByte(bytes(text))).toBe(true);
    expect(() => encodeFrame(bytes(text))).toThrow('MLLP');
  });
});

describe('a stream', () => {
  test('gives back every message, however it is cut', () => {
    const payload = fc.uint8Array({ maxLength: 60 }).filter((one) => !holdsFramingByte(one));
    fc.assert(
      fc.property(
        fc.array(payload, { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
        (all, cuts) => {
          const stream = Buffer.concat(all.map((one) => encodeFrame(one)));
          const decoder = createFrameDecoder(100);
          const decoded: Decoded[] = [];
          let at = 0;
          for (let cut = 0; at < stream.length; cut += 1) {
            const end = at + (cuts[cut % cuts.length] ?? 1);
            decoded.push(...decoder.push(stream.subarray(at, end)));
            at = end;
          }
          expect(decoded).toEqual(all.map((one) => ({ kind: 'message', bytes: one })));
          expect(decoder.pending()).toBe(0);
        },
      ),
    );
  });

  test('of any bytes never throws and never loses a frame that follows', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (junk) => {
        const decoder = createFrameDecoder(50);
        decoder.push(junk);
        expect(decoder.push(bytes('\x0bMSH\x1c\r')).at(-1)).toEqual(message('MSH'));
      }),
    );
  });

  test('needs no CR after the frame, and takes line ends between frames for nothing', () => {
    expect(decode('\x0bA\x1c\x0bB\x1c\r\n\r\x0bC\x1c')).toEqual([message('A'), message('B'), message('C')]);
  });

  test('reports what stands outside frames', () => {
    expect(decode('HTTP\x0bA\x1c\rxy')).toEqual([
      { kind: 'noise', length: 4, reason: 'outside a frame' },
      message('A'),
      { kind: 'noise', length: 2, reason: 'outside a frame' },
    ]);
  });

  test('reports a frame that another one cut short', () => {
    expect(decode('\x0bMSH|half\x0bMSH|whole\x1c\r')).toEqual([
      { kind: 'noise', length: 8, reason: 'in a frame cut short' },
      message('MSH|whole'),
    ]);
  });

  test('reports a frame above the limit, whatever it comes in, and reads on', () => {
    const decoder = createFrameDecoder(10);
    const stream = bytes(`\x0b${'x'.repeat(11)}\x1c\r\x0b${'y'.repeat(10)}\x1c\r`);
    const decoded = [...stream].flatMap((byte) => decoder.push(Uint8Array.of(byte)));
    expect(decoded).toEqual([
      { kind: 'noise', length: 11, reason: 'in a frame too long' },
      message('y'.repeat(10)),
    ]);
  });

  test('tells how much of a frame is there that has not ended', () => {
    const decoder = createFrameDecoder(10);
    expect(decoder.push(bytes('\x0bMSH'))).toEqual([]);
    expect(decoder.pending()).toBe(3);
  });
});
