import type { CallClaim } from '../ports/fax-records.ts';
import { FAX_COLUMNS, type FaxRow, faxOf, WORK_COLUMNS } from './fax-row.ts';
import { NO_CARRIER, PLAN_COLUMNS, type PlanRow, planAccountOf } from './line.ts';

/** A claimed fax as the database answers it. */
export interface ClaimRow extends FaxRow, PlanRow {
  readonly account: FaxRow['account'];
  readonly carrier: string;
}

/** Selects a `ClaimRow` of the fax `f` and its account `a`. */
export const CLAIM_COLUMNS = `${FAX_COLUMNS}, ${WORK_COLUMNS}, ${PLAN_COLUMNS}, f.carrier`;

export function claimOf({ carrier, accountName, carrierTags, pullMedia, ...row }: ClaimRow): CallClaim {
  return {
    fax: faxOf(row),
    fence: row.fence,
    carrier: carrier === NO_CARRIER ? null : carrier,
    account: planAccountOf({ account: row.account, accountName, carrierTags, pullMedia }),
  };
}
