import type {IntentState} from './store.ts';

/** Intents that hold their amount: everything that moved money, may have, or is about to. */
export const HOLDING: readonly IntentState[] = ['intended', 'sent', 'unknown', 'deferred', 'pending', 'done'];

/** Ends that only a person may revise. */
export const ENDED: readonly IntentState[] = ['done', 'failed', 'refused', 'abandoned'];

/** States in which an intent waits for its end. */
export const OPEN: readonly IntentState[] = ['intended', 'sent', 'unknown', 'deferred', 'pending'];
