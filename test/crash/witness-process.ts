// The telephone network of the crash tests as a process of its own: node witness-process.ts SOCKET LOG [SPEED] [PACE]
//
// It outlives every gateway. Unlike telephone.ts it writes down the lines themselves, calls that ring through to the
// gateway's own numbers included, and lets the phases of a call pass in a part of their time, so that kills find
// calls in every one of them. It tells its parent of each line and ends with the channel to it.

import { NO_PAPER } from '../../carrier-adapters/loopback/network/paper.ts';
import { serveExchange } from '../../carrier-adapters/loopback/wire/server.ts';
import { openLineLog } from './line-log.ts';
import { fastClock, WitnessExchange } from './witness.ts';

/** SPEED in bit/s, PACE as the part of its time that a phase takes: a call of three pages takes about a second and a half. */
const [socket, path, speed = '14400', pace = '0.04'] = process.argv.slice(2);
if (socket === undefined || path === undefined) throw new Error('usage: node witness-process.ts SOCKET LOG');
const log = openLineLog(path, (what) => process.send?.(what));
const settings = { clock: fastClock(Number(pace)), speed: Number(speed), rules: [], paper: NO_PAPER, outlives: true };
await serveExchange(new WitnessExchange(settings, log), socket);
process.send?.('ready');
process.on('disconnect', () => process.exit(0));
