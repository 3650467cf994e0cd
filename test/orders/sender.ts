import { once } from 'node:events';
import { connect } from 'node:net';
import { createFrameDecoder, encodeFrame } from '../../src/deliver/frame.ts';

/** What the answer to a message says; null where the connection was closed without one. */
export interface Answer {
  readonly code: string;
  readonly controlId: string;
  readonly text: string;
}

/** Sends messages over one MLLP connection, each after the answer to the one before. */
export async function send(port: number, ...messages: (string | Uint8Array)[]): Promise<(Answer | null)[]> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  const decoder = createFrameDecoder(65_536);
  const answers: (Answer | null)[] = [];
  const closed = new Promise<null>((resolve) => socket.once('close', () => resolve(null)));
  for (const message of messages) {
    const answered = new Promise<Answer>((resolve) => {
      socket.once('data', (chunk: Buffer) => {
        for (const decoded of decoder.push(chunk)) {
          if (decoded.kind === 'message') resolve(toAnswer(new TextDecoder().decode(decoded.bytes)));
        }
      });
    });
    socket.write(encodeFrame(typeof message === 'string' ? new TextEncoder().encode(message) : message));
    answers.push(await Promise.race([answered, closed]));
  }
  socket.destroy();
  return answers;
}

export function toAnswer(text: string): Answer {
  const msa = text.split('\r').find((line) => line.startsWith('MSA')) ?? '';
  const [, code = '', controlId = ''] = msa.split('|');
  return { code, controlId, text };
}
