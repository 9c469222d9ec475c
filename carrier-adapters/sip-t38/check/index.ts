// Whether a trunk works, without a call to anybody: read `check-trunk.ts` first.

export { type CheckOrder, type CheckSurroundings, checkTrunk } from './check-trunk.ts';
export { type Finding, SEVERITIES, type Severity, type Topic, type TrunkReport } from './finding.ts';
export { hostSurroundings } from './host.ts';
