/**
 * T.30 machines with far stations that say whatever they like, as long as one likes:
 *
 *     node test/fuzz/sip-t38/t30.fuzz.ts [calls] [first seed]
 */
import { hostileCall } from './t30.ts';

const calls = Number(process.argv[2] ?? 100_000);
const first = Number(process.argv[3] ?? 1);
let whole = 0;
const outcomes = new Map<string, number>();
for (let seed = first; seed < first + calls; seed++) {
  const { outcome, pages } = hostileCall(seed, 150);
  whole += pages;
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
}
for (const [outcome, times] of [...outcomes].sort(([, a], [, b]) => b - a))
  process.stdout.write(`${outcome} ${times}\n`);
process.stdout.write(`${whole} pages\n`);
