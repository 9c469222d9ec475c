// The transactions of SIP: read `contract.ts` first, then `layer.ts`.

export type { TransactionInput, TransactionOptions, TransactionOutput } from './contract.ts';
export { defaultPort, type Hop, isReliable, type Transport } from './hop.ts';
export { TransactionLayer } from './layer.ts';
export { T1, T2, T4, TRANSACTION_TIMEOUT } from './timers.ts';
