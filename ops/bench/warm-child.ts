/** What a job costs in a rendering child that has warmed up, as a gateway keeps them. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { RenderJob } from '../../gateway/ports/renderer.ts';
import type { CodeCache } from '../../gateway/rendering/code-cache.ts';
import { cpuSeconds } from '../../gateway/rendering/cpu-time.ts';
import { FrameSplitter } from '../../gateway/rendering/frame-splitter.ts';
import { encodeJson, type FrameKind, frameHeader, pieces } from '../../gateway/rendering/frames.ts';
import { DEFAULT_LIMITS } from '../../gateway/rendering/index.ts';
import { renderOrder } from '../../gateway/rendering/order.ts';
import { childCommand } from '../../gateway/rendering/sandbox.ts';
import { WARM_UPS } from '../../gateway/rendering/warm-up-kind.ts';
import { childrenCpu } from './child-usage.ts';

/** Milliseconds without work after which a child has warmed up, also where it shares its core. */
const REST = 600;

/**
 * Milliseconds of processor time that `job` takes in a warm child of its own, from its key to its end, with the code
 * cache in `folder`. Without a sandbox, because bubblewrap's processes end without telling what theirs have used; a
 * sandbox costs nothing once it stands. No other child may end meanwhile.
 */
export async function warmJobCpu(job: RenderJob, folder: string): Promise<number> {
  const endedBefore = childrenCpu();
  const child = startUnconfined({ folder, fill: false });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const [stdin, , , said] = child.stdio;
  if (stdin == null || said == null || child.pid === undefined) throw new TypeError('the child has its pipes');
  const frames = framesOf(said as Readable);
  await frames.next();
  send(stdin, 'warm', Uint8Array.of(WARM_UPS.indexOf('pdf')));
  const warm = await restingCpu(child.pid);
  await sendJob(stdin, job);
  let last: FrameKind | undefined;
  for await (const kind of frames) last = kind;
  await ended;
  if (last !== 'done') throw new TypeError(`the child ended with ${last}`);
  return childrenCpu() - endedBefore - warm;
}

/** Fills `folder`, the code cache of a gateway, as a gateway does: compiled modules, then optimised machine code. */
export async function fillCodeCache(folder: string): Promise<void> {
  const child = startUnconfined({ folder, fill: true });
  const [stdin, , , said] = child.stdio;
  if (stdin == null || said == null) throw new TypeError('the child has its pipes');
  (said as Readable).resume();
  for (const index of WARM_UPS.keys()) send(stdin, 'warm', Uint8Array.of(index));
  send(stdin, 'keep', new Uint8Array(0));
  stdin.end();
  await new Promise((resolve) => child.once('close', resolve));
}

/** A child with all that bubblewrap would confine, and no bubblewrap. */
function startUnconfined(cache: CodeCache): ChildProcess {
  const { file, args, env } = childCommand('bubblewrap', DEFAULT_LIMITS, undefined, cache);
  const confinement = args.indexOf('bwrap');
  const program = args.slice(args.indexOf('--', confinement) + 1);
  const stdio = ['pipe', 'ignore', 'ignore', 'pipe'] as const;
  return spawn(file, [...args.slice(0, confinement), ...program], { env, cwd: '/', stdio: [...stdio] });
}

async function* framesOf(output: Readable): AsyncGenerator<FrameKind> {
  const splitter = new FrameSplitter();
  for await (const chunk of output as AsyncIterable<Buffer>) {
    for (const { kind } of splitter.push(chunk)) yield kind;
  }
}

function send(input: Writable, kind: FrameKind, payload: Uint8Array): void {
  input.write(frameHeader(kind, payload.length));
  input.write(payload);
}

async function sendJob(input: Writable, job: RenderJob): Promise<void> {
  send(input, 'key', job.dek);
  send(input, 'job', encodeJson(renderOrder(job, DEFAULT_LIMITS.documentBytes)));
  for (const { sealed } of job.documents) {
    for await (const record of sealed) for (const piece of pieces(record)) send(input, 'chunk', piece);
    send(input, 'end', new Uint8Array(0));
  }
}

/** Milliseconds of processor time of process `pid` when it has done nothing for a while. */
async function restingCpu(pid: number): Promise<number> {
  for (let before = 0; ; ) {
    await new Promise((resolve) => setTimeout(resolve, REST));
    const now = cpuSeconds(pid) * 1000;
    if (now === before) return now;
    before = now;
  }
}
