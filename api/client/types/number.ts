/** How an account stands with a country (`DE`) or a code that no country has for itself (`+870`). */
export interface Destination {
  place: string;
  state: 'home' | 'approved' | 'denied' | 'waiting';
  /** Faxes that are held for it. */
  waiting: number;
  /** When the first of them fails. */
  until: string | null;
  decided: { at: string; by: string } | null;
}

/** A number as the guard against toll fraud sees it. */
export interface DestinationLook {
  number: string;
  place: string;
  class: 'premium' | 'satellite' | 'revenue_share' | null;
  /** As far as the numbering plan says it. */
  line: 'mobile' | 'landline' | 'voip' | 'unknown';
  /** What a submission would be refused with. */
  refusal: { reason: string; sentence: string } | null;
  /** Whether a fax of the account would wait for an approval; null where no account was named. */
  held: boolean | null;
}

/** Faxes of one account that wait for one country. */
export interface WaitingDestination {
  account: string;
  place: string;
  faxes: number;
  since: string;
  until: string;
}

/** A fax number of the account. */
export interface FaxNumber {
  number: string;
  /** Of a number that is shared: the account receives what is sent to this subaddress. */
  subaddress: string | null;
  label: string;
  createdAt: string;
}

/** A number as administrators see it. */
export interface HeldNumber {
  number: string;
  /** Id of the account that receives what names no subaddress of somebody. */
  account: string;
  label: string;
  createdAt: string;
  /** Calls that name no subaddress of somebody are refused. */
  subaddressOnly: boolean;
  subaddresses: { subaddress: string; account: string; label: string; createdAt: string }[];
}

/** A number that a carrier says we have. */
export interface CarrierNumber {
  number: string;
  label: string;
  /** Id of the account that has it here; null: nobody has. */
  account: string | null;
}

/** What came of an import. */
export interface NumberImport {
  added: FaxNumber[];
  /** Somebody has these already; nothing of theirs was changed. */
  kept: CarrierNumber[];
}
