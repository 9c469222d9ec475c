export { type ApprovalStage, createApprovals } from './approvals.ts';
export { createDestinationGuard, type DestinationSettings } from './guard.ts';
export { destinationOf } from './numbering.ts';
