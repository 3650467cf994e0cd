/** What receivers.test.ts uses of simple-hl7 3.3.0, which has no types of its own. */
declare module 'simple-hl7' {
  interface Segment {
    /** Numbers begin at 1. */
    getField(field: number, repetition?: number): string;
    getComponent(field: number, component: number): string;
  }
  interface Message {
    getSegment(id: string): Segment | undefined;
    getSegments(id: string): Segment[];
  }
  interface TcpServer {
    start(port: number, encoding?: string): void;
    stop(): void;
  }
  type Handler = (error: Error | null, request: { msg: Message }, response: { end(): void }) => void;

  const hl7: { Server: { createTcpServer(handler: Handler): TcpServer } };
  export = hl7;
}
