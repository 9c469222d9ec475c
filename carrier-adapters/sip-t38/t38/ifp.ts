import type { DataType } from './data-type.ts';
import type { Field } from './field.ts';
import type { Indicator } from './indicator.ts';

/** The two forms of Data-Field: T.38 of 1998 (T38FaxVersion 0 and 1), and that of 2002 with room for further types. */
export type IfpSyntax = '1998' | '2002';

/** An Internet facsimile protocol packet (T.38 §7.2): an indicator, or data of one signal. */
export type Ifp =
  | { readonly kind: 'indicator'; readonly indicator: Indicator }
  | { readonly kind: 'data'; readonly dataType: DataType; readonly fields: readonly Field[] };
