// A load generator: sends the same one-page TIFF-F over and over, each sealed, in a process of its own. Its order comes
// as JSON in its only argument; an empty line on standard output says that counting begins, then what it saw follows as JSON.

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
  /** What this process spent in the counted time, in seconds of processor time. */
  readonly cpu: number;
}

/** Sends as `order` says; `begun` is called when the counted time begins. */
export async function send(order: SendOrder, begun: () => void = () => undefined): Promise<SendResult> {
  const document = readFileSync(order.document);
  const clients = order.connections.map((connection) => connect(connection, order.secret));
  const begin = performance.now() + order.warmUp * 1_000;
  const end = begin + order.seconds * 1_000;
  const latencies: number[] = [];
  let spent = process.cpuUsage();
  const lane = async (index: number): Promise<void> => {
    const client = clients[index % clients.length];
    while (client !== undefined) {
      const started = performance.now();
      if (started >= end) return;
      await client.faxes.send({ to: '+15550100001', documents: [document], scheduledAt: order.scheduledAt });
      const now = performance.now();
      if (started >= begin && now <= end) latencies.push(now - started);
    }
  };
  const warm = setTimeout(() => {
    spent = process.cpuUsage();
    begun();
  }, order.warmUp * 1_000);
  await Promise.all(Array.from({ length: order.lanes }, (_, index) => lane(index)));
  clearTimeout(warm);
  const { user, system } = process.cpuUsage(spent);
  await Promise.all(clients.map((client) => client.close()));
  latencies.sort((a, b) => a - b);
  return { accepted: latencies.length, seconds: order.seconds, latencies, cpu: (user + system) / 1e6 };
}

if (import.meta.main) {
  const order: SendOrder = JSON.parse(process.argv[2] ?? '{}');
  process.stdout.write(JSON.stringify(await send(order, () => process.stdout.write('\n'))));
}
