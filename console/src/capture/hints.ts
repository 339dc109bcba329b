// From measures to the one hint a person sees. A hint advises: the shutter works whatever it says.
import type { Rect } from './geometry';
import { glare, movement, sharpness, sides, spread, structure, type Grey } from './grey';

export const PROBLEMS = ['dark', 'closer', 'moving', 'blurred', 'glare'] as const;
export type Problem = (typeof PROBLEMS)[number];
export type Hint = Problem | 'good';

/** Looked at a few times a second: the frame with a little around it, and a finer piece of its middle. */
export interface Look {
  frame: Grey;
  /** Where the frame lies in that copy. */
  inner: Rect;
  detail: Grey;
}

export interface Measures {
  /** Mean, 0–255. */
  light: number;
  glare: number;
  sharpness: number | null;
  movement: number;
  filled: number;
  reach: number;
  sides: number;
}

export function measure(look: Look, before: Look | null): Measures {
  return {
    light: spread(look.frame, look.inner).mean,
    glare: glare(look.frame, look.inner),
    sharpness: sharpness(look.detail),
    movement: movement(look.frame, before?.frame ?? null),
    sides: sides(look.frame, look.inner),
    ...structure(look.frame, look.inner),
  };
}

/** Limits of the measures; the server refuses a mean below 40, so we speak somewhat earlier. */
const LIGHT_MIN = 60;
const GLARE_MAX = 0.008;
const SHARPNESS_MIN = 0.035;
const MOVEMENT_MAX = 0.3;
const FILLED_MIN = 0.3;
const REACH_MIN = 0.8;
const SIDES_MIN = 2;

/** Having complained, a measure has to be this much better before we stop: no flicker at a limit. */
const SLACK = 1.2;

/** The first thing to mend. `shown` is what the person reads now; `wanted` leaves out what a purpose does not need. */
export function judge(m: Measures, shown: Hint | null, wanted: readonly Problem[] = PROBLEMS): Hint {
  const slack = (problem: Problem) => (shown === problem ? SLACK : 1);
  const is: Record<Problem, boolean> = {
    dark: m.light < LIGHT_MIN * slack('dark'),
    closer: m.filled < FILLED_MIN * slack('closer') || (m.sides < SIDES_MIN && m.reach < REACH_MIN),
    moving: m.movement > MOVEMENT_MAX / slack('moving'),
    blurred: m.sharpness !== null && m.sharpness < SHARPNESS_MIN * slack('blurred'),
    glare: m.glare > GLARE_MAX / slack('glare'),
  };
  return wanted.find((problem) => is[problem]) ?? 'good';
}

/** What is shown, and what would like to be shown next. */
export interface Settled {
  shown: Hint | null;
  next: Hint | null;
  /** How often in a row `next` was found. */
  found: number;
}

export const UNSETTLED: Settled = { shown: null, next: null, found: 0 };

/** At four looks a second a new hint has to hold for three quarters of a second. */
const LOOKS_MIN = 3;

export function settle(state: Settled, hint: Hint): Settled {
  if (hint === state.shown) return { shown: hint, next: null, found: 0 };
  const found = hint === state.next ? state.found + 1 : 1;
  return found >= LOOKS_MIN ? { shown: hint, next: null, found: 0 } : { shown: state.shown, next: hint, found };
}
