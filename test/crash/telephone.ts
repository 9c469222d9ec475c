// The telephone network of the crash tests: a process of its own, which outlives the gateways that it judges.
//
//   node test/crash/telephone.ts SOCKET PAPER_LOG [SPEED] [RULES]
//
// SPEED is `instant` or bit/s (default 33600), RULES a JSON list as in carrier-adapters/loopback/README.md. It prints
// `ready` when gateways may connect, and ends with its standard input or on SIGTERM.
import { rmSync } from 'node:fs';
import { loopbackConfigSchema } from '../../carrier-adapters/loopback/config.ts';
import { Exchange } from '../../carrier-adapters/loopback/network/exchange.ts';
import { serveExchange } from '../../carrier-adapters/loopback/wire/server.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import { fsyncingPaper } from './paper-log.ts';

const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

const [socket, paperLog, speed = '33600', rules = '[]'] = process.argv.slice(2);
if (socket === undefined || paperLog === undefined) {
  process.stderr.write('usage: telephone.ts SOCKET PAPER_LOG [SPEED] [RULES]\n');
  process.exit(2);
}

const config = loopbackConfigSchema.parse({
  kind: 'loopback',
  speed: speed === 'instant' ? speed : Number(speed),
  rules: JSON.parse(rules),
});
rmSync(socket, { force: true });
const exchange = new Exchange({
  clock,
  speed: config.speed,
  rules: config.rules,
  paper: fsyncingPaper(paperLog),
  outlives: true,
});
await serveExchange(exchange, socket);
process.stdout.write('ready\n');

const end = () => {
  rmSync(socket, { force: true });
  process.exit(0);
};
process.on('SIGTERM', end);
process.stdin.on('end', end).resume();
