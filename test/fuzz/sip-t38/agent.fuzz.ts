/**
 * A hostile trunk against the SIP agent, as long as one likes:
 *
 *     node test/fuzz/sip-t38/agent.fuzz.ts [rounds of 1,000 messages] [seed]
 */
import { attack } from './agent.ts';

const rounds = Number(process.argv[2] ?? 100);
const seed = Number(process.argv[3] ?? 1);
const seen = { events: new Set<string>() };
for (let round = 0; round < rounds; round++) {
  attack(1_000, seed + round, seen);
  process.stdout.write(`seed ${seed + round}: every call has ended\n`);
}
