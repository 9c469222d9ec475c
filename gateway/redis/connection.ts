import { Cluster } from 'ioredis';
import { hex, sha1 } from '../../crypto/index.ts';
import type { Log } from '../ports/log.ts';
import { answered, connectTo, parseRedisAddress, type RedisClient } from './address.ts';
import { asRedisError, isUnknownScript } from './errors.ts';

/** An answer: bulk strings and status as octets. */
export type Reply = Buffer | number | null | readonly Reply[];
/** What a command may be given. */
export type Word = string | number | Uint8Array;

/** The Redis that the gateways of a cluster share. Every method answers within seconds. */
export interface Redis {
  /** First part of every key and channel, braces included. */
  readonly prefix: string;
  /** `{prefix}:a:b` */
  key(...parts: readonly string[]): string;
  /** One command. @throws RedisError */
  ask(command: string, ...words: readonly Word[]): Promise<Reply>;
  /** A Lua script over `keys`: atomic. @throws RedisError */
  run(script: string, keys: readonly string[], ...words: readonly Word[]): Promise<Reply>;
  /** One command on every node, where there are several. @throws RedisError */
  askEach(command: string, ...words: readonly Word[]): Promise<Reply[]>;
  /**
   * Hears what is published on `channel`. `again` is called whenever messages may have been missed: after the first
   * subscription, and after each that follows a lost connection. Answers what ends it.
   */
  listen(channel: string, hear: (text: string) => void, again: () => void): () => void;
  /** @throws RedisError when it does not answer */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** A command that is not answered in this time in ms has failed. */
const ANSWER_WITHIN = 3_000;

/** Connects; what is asked before the connection stands waits for it. @throws RedisError address */
export function connectRedis(options: { readonly url: string; readonly options?: unknown; readonly log: Log }): Redis {
  const { log } = options;
  const address = parseRedisAddress(options.url, options.options);
  const client = connectTo(address, { commandTimeout: ANSWER_WITHIN, maxRetriesPerRequest: 1 });
  const subscriber = connectTo(address, { maxRetriesPerRequest: null });
  for (const one of [client, subscriber]) one.on('error', complain(log));
  const ears = new Ears(subscriber);
  const call = (command: string, words: readonly Word[]) => callOn(client, command, words);
  const nodes = () => (client instanceof Cluster ? client.nodes('all') : [client]);
  return {
    prefix: address.prefix,
    key: (...parts) => [address.prefix, ...parts].join(':'),
    ask: (command, ...words) => call(command, words),
    run: (script, keys, ...words) => runScript(client, script, [keys.length, ...keys, ...words]),
    askEach: (command, ...words) => Promise.all(nodes().map((node) => callOn(node, command, words))),
    listen: (channel, hear, again) => ears.listen(`${address.prefix}:${channel}`, hear, again),
    check: async () => {
      await call('PING', []);
    },
    close: async () => {
      for (const one of [client, subscriber]) one.disconnect();
    },
  };
}

const digests = new Map<string, string>();

/** By the script's digest; Redis is sent the script itself when it does not know it, as after its start. */
async function runScript(client: RedisClient, script: string, words: readonly Word[]): Promise<Reply> {
  const digest = digests.get(script) ?? hex(sha1(new TextEncoder().encode(script)));
  digests.set(script, digest);
  try {
    return await callOn(client, 'EVALSHA', [digest, ...words]);
  } catch (error) {
    if (!isUnknownScript(error)) throw error;
    return await callOn(client, 'EVAL', [script, ...words]);
  }
}

async function callOn(client: RedisClient, command: string, words: readonly Word[]): Promise<Reply> {
  try {
    // The client's own limit does not hold while it looks for the nodes of a cluster.
    return await answered(ANSWER_WITHIN, client.callBuffer(command, words.map(asArgument)) as Promise<Reply>);
  } catch (error) {
    throw asRedisError(error);
  }
}

/** One line for each loss of the connection, not one for each attempt. */
function complain(log: Log): (error: Error) => void {
  let last = '';
  return ({ message }) => {
    if (message !== last) log.warn({ reason: message }, 'Redis does not answer');
    last = message;
  };
}

/** The client takes octets as Buffer only. */
function asArgument(word: Word): string | number | Buffer {
  if (!(word instanceof Uint8Array)) return word;
  return Buffer.from(word.buffer, word.byteOffset, word.byteLength);
}

interface Ear {
  readonly hear: (text: string) => void;
  readonly again: () => void;
}

/** Who listens to which channel of one connection. */
class Ears {
  readonly #client: RedisClient;
  readonly #channels = new Map<string, Set<Ear>>();

  constructor(client: RedisClient) {
    this.#client = client;
    client.on('message', (channel: string, text: string) => {
      for (const ear of this.#channels.get(channel) ?? []) ear.hear(text);
    });
    client.on('ready', () => {
      for (const channel of this.#channels.keys()) this.#subscribe(channel);
    });
  }

  listen(channel: string, hear: (text: string) => void, again: () => void): () => void {
    const ear = { hear, again };
    const ears = this.#channels.get(channel) ?? new Set<Ear>();
    this.#channels.set(channel, ears.add(ear));
    this.#subscribe(channel);
    return () => void ears.delete(ear);
  }

  /** Subscribing again is harmless, and its answer tells that from now on nothing is missed. */
  #subscribe(channel: string): void {
    this.#client.subscribe(channel).then(
      () => {
        for (const ear of this.#channels.get(channel) ?? []) ear.again();
      },
      () => undefined,
    );
  }
}
