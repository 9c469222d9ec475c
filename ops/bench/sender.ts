// A load generator: sends the same one-page TIFF-F over and over, each sealed, in a process of its own. Its order comes
// as JSON in its only argument; what it saw goes to standard output as JSON.

import { readFileSync } from 'node:fs';
import { connect } from '../../api/client/index.ts';

/** What to send and where. */
export interface SendOrder {
  /** Connection strings of the gateways; lanes are spread over them. */
  readonly connections: readonly string[];
  readonly secret: string;
  /** Path of the document. */
  readonly document: string;
  /** Requests under way at once, over all connections. */
  readonly lanes: number;
  readonly seconds: number;
  /** First sent and not counted, in seconds: until code is optimised and connections stand. */
  readonly warmUp: number;
  /** RFC 3339; in the future, so that no call competes. */
  readonly scheduledAt: string;
}

/** What came of it. */
export interface SendResult {
  /** Answers 202 within the counted time. */
  readonly accepted: number;
  /** Counted time in seconds. */
  readonly seconds: number;
  /** Milliseconds from request to answer, ascending. */
  readonly latencies: readonly number[];
  /** Answers 202 in all, warming up included, and what this process spent on them, in seconds of processor time. */
  readonly all: number;
  readonly cpu: number;
}

/** Sends as `order` says. */
export async function send(order: SendOrder): Promise<SendResult> {
  const document = readFileSync(order.document);
  const clients = order.connections.map((connection) => connect(connection, order.secret));
  const begin = performance.now() + order.warmUp * 1_000;
  const end = begin + order.seconds * 1_000;
  const latencies: number[] = [];
  let all = 0;
  const lane = async (index: number): Promise<void> => {
    const client = clients[index % clients.length];
    while (client !== undefined) {
      const started = performance.now();
      if (started >= end) return;
      await client.faxes.send({ to: '+15550100001', documents: [document], scheduledAt: order.scheduledAt });
      const now = performance.now();
      all++;
      if (started >= begin && now <= end) latencies.push(now - started);
    }
  };
  await Promise.all(Array.from({ length: order.lanes }, (_, index) => lane(index)));
  const { user, system } = process.cpuUsage();
  await Promise.all(clients.map((client) => client.close()));
  latencies.sort((a, b) => a - b);
  return { accepted: latencies.length, seconds: order.seconds, latencies, all, cpu: (user + system) / 1e6 };
}

if (import.meta.main) {
  const order: SendOrder = JSON.parse(process.argv[2] ?? '{}');
  process.stdout.write(JSON.stringify(await send(order)));
}
