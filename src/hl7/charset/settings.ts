import type { Config, Destination } from '../../config/schema.ts';
import { canWrite } from '../charset.ts';
import { messageOptions } from '../profiles.ts';

/** A setting of a destination that its own character set cannot write. */
export interface UnwritableSetting {
  /** Below the destination, such as `message.codes.CV.text`. */
  readonly path: string;
  readonly value: string;
  readonly charset: string;
}

/** What a site has set that none of its messages could say: each would be held for it. */
export function unwritableSettings(
  destination: Destination,
  site: Pick<Config['site'], 'facility'>,
): readonly UnwritableSetting[] {
  const options = messageOptions(destination);
  const { charset } = options;
  const codes = Object.entries(options.codes).flatMap(([ours, { code, text, system }]) =>
    Object.entries({ code, text, system }).map(([key, value]) => [`codes.${ours}.${key}`, value] as const),
  );
  const said: readonly (readonly [key: string, value: string | undefined])[] = [
    ['mark', options.mark],
    ...[...options.substitutes.values()].map((by, index) => [`substitutes[${index}]`, by] as const),
    ['sendingApplication', options.sendingApplication],
    ['sendingFacility', options.sendingFacility ?? site.facility],
    ['receivingApplication', options.receivingApplication],
    ['receivingFacility', options.receivingFacility],
    ['patientAuthority', options.patientAuthority.join('')],
    ['patientIdType', options.patientIdType],
    ...Object.entries(options.flags).map(([key, letters]) => [`flags.${key}`, letters] as const),
    ...codes,
  ];
  return said.flatMap(([key, value]) =>
    value === undefined || canWrite(value, charset) ? [] : [{ path: `message.${key}`, value, charset }],
  );
}
