import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { createFrameDecoder, encodeFrame } from '../src/deliver/frame.ts';

// A LIS that does as little as one can, in a process of its own: [journal] [certificate] [key], `-` for none. With a
// journal, each message is on the disk before it is acknowledged: a line `time MSH-10 SPM-2`, then its bytes.
const [journal = '-', cert = '-', key = '-'] = process.argv.slice(2);
const file = journal === '-' ? null : await open(journal, 'a');

const onConnection = (socket: Socket): void => {
  const decoder = createFrameDecoder(16 * 1024 * 1024);
  let working = Promise.resolve();
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    for (const decoded of decoder.push(chunk)) {
      if (decoded.kind === 'message') working = working.then(() => receive(decoded.bytes, socket));
    }
  });
};

async function receive(bytes: Uint8Array, socket: Socket): Promise<void> {
  const at = new Date().toISOString();
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  const controlId = text.split('|', 10)[9] ?? '';
  if (file !== null) {
    const specimen = /\rSPM\|1\|([^&^|]*)/.exec(text)?.[1] ?? '';
    await file.appendFile(`${at} ${controlId} ${specimen}\n${text}\n`);
    await file.datasync();
  }
  socket.write(
    encodeFrame(Buffer.from(`MSH|^~\\&|LIS|HOSP|||||ACK|A${controlId}|P|2.5.1\rMSA|AA|${controlId}\r`)),
  );
}

const server =
  cert === '-'
    ? createServer({ noDelay: true }, onConnection)
    : createTlsServer({ noDelay: true, cert: readFileSync(cert), key: readFileSync(key) }, onConnection);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? String(address?.port) : ''}\n`);
});
process.once('SIGTERM', () => process.exit(0));
