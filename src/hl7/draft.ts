import type { MessageOptions } from './profiles.ts';
import type { Envelope, Report } from './report.ts';
import type { Stamps } from './time.ts';

/** What the segments of one message are written from. */
export interface Draft {
  readonly report: Report;
  readonly envelope: Envelope;
  readonly options: MessageOptions;
  /** MSH-4. */
  readonly facility: string;
  readonly stamps: Stamps;
}
