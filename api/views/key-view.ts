import type { z } from 'zod';
import { type GatewayKey, ROTATED_KEYS } from '../../gateway/ports/key-desk.ts';
import type { KeyView } from '../schemas/index.ts';
import { isoTimeOrNull } from '../schemas/shape.ts';

const ROTATED: readonly string[] = ROTATED_KEYS;

/** A key as administrators see it. */
export function keyView({ since, until, ...key }: GatewayKey): z.infer<typeof KeyView> {
  const rotates = key.state === 'current' && ROTATED.includes(key.use);
  return { ...key, since: isoTimeOrNull(since), until: isoTimeOrNull(until), rotates };
}
