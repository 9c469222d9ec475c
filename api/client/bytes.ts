import { ClientError } from './errors.ts';

/** All bytes of `source`; more than `limit` are an `answer_rejected`. */
export async function collect(source: AsyncIterable<Uint8Array>, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of source) {
    length += chunk.length;
    if (length > limit) throw new ClientError('answer_rejected', `the answer is larger than ${limit} bytes`);
    chunks.push(chunk.slice()); // the source zeroes its buffer when the next chunk is asked for
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
