// Times of a call in milliseconds that are no protocol's own; those of SIP, T.38 and T.30 stand in their folders.

/** T1 of T.30 §5.4.3.1 as it runs in audio: 35 ± 5 s from the answer until a fax must have been heard. */
export const NO_FAX = 35_000;

/** For DCN to leave after a wish to end: its wait, preamble and frame (1.5 s) behind an image that has to be broken off. */
export const FAREWELL = 8_000;

/** Between the last packet of T.38 and BYE: its redundancy is in it already, the far side's own BYE may come first. */
export const LINGER = 300;

/** After a switch to T.38, in which stragglers of the audio may come on the same port. */
export const STRAGGLERS = 2_000;

/** RTP that is late by more than this is left out instead of sent in a burst. */
export const MOST_LATE = 200;

/** For our BYE or CANCEL to be answered; the agent goes on with it for longer, but what came of the call is known. */
export const GOODBYE = 2_000;
