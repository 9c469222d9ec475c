import { fileURLToPath } from 'node:url';

/** Ports of the laboratory on 127.0.0.1. */
export interface LabPorts {
  readonly carrierSip: number;
  readonly carrierAmi: number;
  readonly farSip: number;
  readonly farAmi: number;
  readonly iax: number;
  /** This and the next one. */
  readonly iaxmodem: number;
  readonly hfaxd: number;
  /** First of 1,000 ports each. */
  readonly carrierRtp: number;
  readonly carrierUdptl: number;
  readonly farRtp: number;
  readonly farUdptl: number;
}

/** What a laboratory uses unless it is told otherwise: far from the standard ports of what it runs. */
export const LAB_PORTS: LabPorts = {
  carrierSip: 15_060,
  carrierAmi: 15_038,
  farSip: 15_070,
  farAmi: 15_039,
  iax: 14_569,
  iaxmodem: 14_570,
  hfaxd: 14_559,
  carrierRtp: 20_000,
  carrierUdptl: 22_000,
  farRtp: 24_000,
  farUdptl: 26_000,
};

/** Members beside the carrier. */
export interface LabMembers {
  /** The second Asterisk: only for calls from Asterisk to Asterisk. */
  readonly far: boolean;
  readonly hylafax: boolean;
}

/** Where one running laboratory lives. */
export interface LabLayout {
  /** Root file system that all members see; HylaFAX's spool is in it. */
  readonly root: string;
  /** Configuration, logs, pages and results; the same path inside and outside. */
  readonly state: string;
  readonly ports: LabPorts;
  readonly members: LabMembers;
}

/** This folder. */
export const HERE = fileURLToPath(new URL('.', import.meta.url));

/** The release that the members come from: `bullseye` (Asterisk 16) or `sid` (Asterisk 22). */
export const SUITE = process.env.SEALFAX_LAB_SUITE ?? 'bullseye';

/** Unpacked root file systems, kept from one run to the next; `npm ci` clears them away. */
export const CACHE = fileURLToPath(new URL('../../../node_modules/.cache/sealfax-lab/', import.meta.url));
