/**
 * Mutated SIP messages through parser, framer, digest and transactions, as long as one likes:
 *
 *     node test/fuzz/sip-t38/sip.fuzz.ts [rounds of 10,000] [seed]
 */
import { attack } from './sip.ts';

const rounds = Number(process.argv[2] ?? 100);
const seed = Number(process.argv[3] ?? 1);
for (let round = 0; round < rounds; round++) {
  process.stdout.write(`seed ${seed + round}: ${attack(10_000, seed + round)} of 10000 could be read\n`);
}
