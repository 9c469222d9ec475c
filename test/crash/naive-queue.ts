/** The queue of the negative control. */
export const NAIVE_QUEUE = 'naive';

/** A fax as its job carries it. */
export interface NaiveJob {
  readonly fax: number;
  readonly to: string;
  readonly pages: number;
}
