import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ACK_CODES, buildAck, readAck } from '../../src/hl7/ack.ts';
import { buildReport } from '../../src/hl7/build.ts';
import { readMessage, textAt } from '../../src/hl7/read.ts';
import { envelope, example, options, site } from './example.ts';
import { hostileText } from './hostile.ts';

const ID = 'RD25112210301500123';
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('an answer is read by MSA-1 and MSA-2 alone', () => {
  test.each([
    ['in full', `MSH|^~\\&|LIS|HOSP|RAISINGD|SEQROOM|20250101||ACK^R01^ACK|9|P|2.5.1\rMSA|AA|${ID}\r`],
    ['without the last CR', `MSH|^~\\&|LIS|HOSP|||20250101||ACK|9|P|2.5.1\rMSA|AA|${ID}`],
    ['as ACK^R01^ACK_R01', `MSH|^~\\&|LIS|HOSP|||20250101||ACK^R01^ACK_R01|9|P|2.5.1\rMSA|AA|${ID}\r`],
    ['as HL7 2.3 with MSH-10 ACK', `MSH|^~\\&|LIS|HOSP|||20250101||ACK|ACK|P|2.3\rMSA|AA|${ID}\r`],
    ['with empty MSH-3 and MSH-11', `MSH|^~\\&|||||20250101||ACK|9||2.3\rMSA|AA|${ID}\r`],
    ['with line feeds', `MSH|^~\\&|LIS\nMSA|AA|${ID}\n`],
    ['with its own separators', `MSH$!~\\&$LIS\rMSA$AA$${ID}$$\r`],
    ['with spaces', `MSH|^~\\&|LIS\rMSA| AA |${ID} |\r`],
    ['with further segments', `MSH|^~\\&|LIS\rSFT|x\rMSA|AA|${ID}\rZZZ|1\r`],
  ])('%s', (_what, text) => {
    expect(readAck(bytes(text))).toEqual({ kind: 'ack', code: 'AA', controlId: ID, text: '', errors: [] });
  });

  test.each(ACK_CODES)('%s', (code) => {
    expect(readAck(bytes(`MSH|^~\\&|LIS\rMSA|${code}|${ID}|why`))).toMatchObject({ code, text: 'why' });
  });

  test('with an error text in another character set, over several lines', () => {
    const answer = [...bytes(`MSH|^~\\&|LIS\rMSA|AE|${ID}|`), 0x8e, 0x52, 0x0a, 0x93, 0x63, 0x0d];
    expect(readAck(Uint8Array.from(answer))).toMatchObject({ kind: 'ack', code: 'AE', controlId: ID });
  });
});

describe('what the receiver says is wrong', () => {
  test.each([
    [
      'ERR-3 and ERR-8',
      'ERR||PID^1^5|207^Internal^HL70357|E|||diagnosis|words',
      { code: '207', text: 'words' },
    ],
    ['ERR-3 and ERR-7', 'ERR||PID^1^5|101|E|||diagnosis', { code: '101', text: 'diagnosis' }],
    [
      'ERR-3 with its text',
      'ERR|||103^Table value not found^HL70357',
      { code: '103', text: 'Table value not found' },
    ],
    ['ERR-1 of HL7 2.4', 'ERR|PID^1^5^206&Locked&HL70357', { code: '206', text: 'Locked' }],
    ['ERR-3 that is no code', 'ERR|||No such patient', { code: '', text: 'No such patient' }],
    ['nothing', 'ERR|', { code: '', text: '' }],
  ])('is taken from %s', (_what, segment, error) => {
    expect(readAck(bytes(`MSH|^~\\&|LIS\rMSA|AE|${ID}\r${segment}\r`))).toMatchObject({ errors: [error] });
  });

  test('is taken from MSA-6 of HL7 2.3', () => {
    expect(readAck(bytes(`MSH|^~\\&|LIS\rMSA|AE|${ID}||||207^Internal\r`))).toMatchObject({
      errors: [{ code: '207', text: 'Internal' }],
    });
  });
});

describe('what is no answer', () => {
  test.each([
    ['nothing', '', 'the text does not begin with MSH'],
    ['HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'the text does not begin with MSH'],
    ['a message without MSA', 'MSH|^~\\&|LIS\rPID|1', 'there is no MSA segment'],
    ['two MSA', `MSH|^~\\&|LIS\rMSA|AE|${ID}\rMSA|AA|${ID}`, 'there is more than one MSA segment'],
    [
      'two answers in one',
      `MSH|^~\\&|LIS\rMSA|AA|${ID}\rMSH|^~\\&|LIS\rMSA|AA|2`,
      'line 3 begins a second message',
    ],
    ['an unknown code', `MSH|^~\\&|LIS\rMSA|OK|${ID}`, 'MSA-1 is none of AA, AE, AR, CA, CE, CR'],
    ['a code in small letters', `MSH|^~\\&|LIS\rMSA|aa|${ID}`, 'MSA-1 is none of AA, AE, AR, CA, CE, CR'],
    ['no control id', 'MSH|^~\\&|LIS\rMSA|AA', 'MSA-2 is empty'],
  ])('is garbled: %s', (_what, text, detail) => {
    expect(readAck(bytes(text))).toEqual({ kind: 'garbled', detail });
  });

  test('never throws, and is never taken for AA by chance', () => {
    const part = fc.oneof(
      hostileText,
      fc.constantFrom('MSH|^~\\&|LIS\r', '\rMSA|AE|', '\rMSA|AA|', ID, 'AA'),
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const text = parts.join('');
        const reading = readAck(bytes(text));
        if (reading.kind === 'ack') expect(reading.code === 'AA').toBe(/^MSA.\s*AA/mu.test(text));
      }),
    );
  });
});

describe('an answer of our own', () => {
  const reading = readMessage(buildReport(example, envelope, options({ processingId: 'T' }), site));
  if (!reading.ok) throw new Error(reading.detail);
  const received = reading.message;
  const about = { controlId: 'LIS0001', at: new Date('2025-11-22T01:30:16Z'), timeZone: 'Asia/Tokyo' };

  test('goes back to the sender, with the control id of what it answers', () => {
    expect(buildAck(received, { ...about, code: 'AA' })).toBe(
      'MSH|^~\\&|LIS|HOSP|RAISINGD|SEQROOM|20251122103016+0900||ACK^R01^ACK|LIS0001|T|2.5.1||||||UNICODE UTF-8\r' +
        `MSA|AA|${ID}\r`,
    );
  });

  test('says what is wrong, and is read as it was meant', () => {
    const error = { code: '101', text: 'PID-3 | missing' };
    const text = buildAck(received, { ...about, code: 'AE', text: 'no\rpatient', error });
    expect(textAt(received.segments[0], 10)).toBe(ID);
    expect(readAck(bytes(text))).toEqual({
      kind: 'ack',
      code: 'AE',
      controlId: ID,
      text: 'no\rpatient',
      errors: [error],
    });
  });
});
