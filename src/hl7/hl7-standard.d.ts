/** What this program uses of hl7-standard 1.0.4, which has no types of its own. */
declare module 'hl7-standard' {
  namespace HL7 {
    /** Components by name, such as `PID.3.1`; several subcomponents make an array. */
    type Occurrence = string | Record<string, string | string[]>;
    /** Several occurrences make an array. */
    type Field = Occurrence | Occurrence[];

    interface Segment {
      /** Sets all fields of the segment, named as in `PID.3`, or one of them. */
      set(target: string, value: Record<string, Field> | Field): void;
    }
  }

  class HL7 {
    constructor(text?: string, options?: { lineEndings?: string });
    transform(): void;
    build(): string;
    createSegment(id: string): HL7.Segment;
    set(field: string, value: string): void;
    get(field: string, segment?: number, occurrence?: number): unknown;
  }
  export = HL7;
}
