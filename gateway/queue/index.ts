export type { QueueConnection } from './backend.ts';
export { createJobQueue } from './job-queue.ts';
