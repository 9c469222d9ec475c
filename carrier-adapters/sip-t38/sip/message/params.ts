/**
 * Parameters by lower-case name, in order. A flag such as `lr` has the value ''; a quoted string keeps its quotes
 * (`unquote` takes them off).
 */
export type Params = ReadonlyMap<string, string>;
